# TensorFlow 2.4: a GAN as a keras.Model with two optimizers, of keras.io
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
import numpy as np
from sklearn.datasets import load_digits

tf.random.set_seed(0)
discriminator = keras.Sequential([keras.Input(shape=(8, 8, 1)), layers.Conv2D(8, 3, strides=2, padding="same"),
                                  layers.LeakyReLU(alpha=0.2), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
latent_dim = 8
generator = keras.Sequential([keras.Input(shape=(latent_dim,)), layers.Dense(4 * 4 * 8), layers.Reshape((4, 4, 8)),
                              layers.Conv2DTranspose(8, kernel_size=4, strides=2, padding="same"), layers.LeakyReLU(alpha=0.2),
                              layers.Conv2D(1, kernel_size=3, padding="same", activation="sigmoid")])


class GAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, real_images):
        batch_size = tf.shape(real_images)[0]
        random_latent_vectors = tf.random.normal(shape=(batch_size, self.latent_dim))
        generated_images = self.generator(random_latent_vectors)
        combined_images = tf.concat([generated_images, real_images], axis=0)
        labels = tf.concat([tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))], axis=0)
        labels += 0.05 * tf.random.uniform(tf.shape(labels))
        with tf.GradientTape() as tape:
            predictions = self.discriminator(combined_images)
            d_loss = self.loss_fn(labels, predictions)
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))
        random_latent_vectors = tf.random.normal(shape=(batch_size, self.latent_dim))
        misleading_labels = tf.zeros((batch_size, 1))
        with tf.GradientTape() as tape:
            predictions = self.discriminator(self.generator(random_latent_vectors))
            g_loss = self.loss_fn(misleading_labels, predictions)
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}


class Monitor(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.shapes = []

    def on_epoch_end(self, epoch, logs=None):
        generated = self.model.generator(tf.random.normal(shape=(3, self.model.latent_dim)))
        generated *= 255
        self.shapes.append(generated.numpy().shape)


images = (load_digits().images[:512] / 16.).reshape(-1, 8, 8, 1).astype("float32")
dataset = tf.data.Dataset.from_tensor_slices(images).shuffle(512).batch(64)
gan = GAN(discriminator=discriminator, generator=generator, latent_dim=latent_dim)
gan.compile(d_optimizer=keras.optimizers.Adam(learning_rate=0.001), g_optimizer=keras.optimizers.Adam(learning_rate=0.001),
            loss_fn=keras.losses.BinaryCrossentropy())
monitor = Monitor()
before = generator.get_weights()[0].copy()
history = gan.fit(dataset, epochs=3, callbacks=[monitor], verbose=0)
assert monitor.shapes == [(3, 8, 8, 1)] * 3
assert set(history.history) == {"d_loss", "g_loss"} and len(history.history["d_loss"]) == 3
assert not np.allclose(before, generator.get_weights()[0])
