# TensorFlow 2.15: gradient penalty: a tape inside a tape, through the gradient's norm
import tensorflow as tf
from tensorflow import keras
import numpy as np

keras.utils.set_random_seed(0)
critic = keras.Sequential([keras.layers.Dense(16, activation='tanh', input_shape=(2,)), keras.layers.Dense(1)])
generator = keras.Sequential([keras.layers.Dense(16, activation='relu', input_shape=(2,)), keras.layers.Dense(2)])
c_opt, g_opt = keras.optimizers.Adam(5e-3, beta_1=0.5), keras.optimizers.Adam(2e-3, beta_1=0.5)


def gradient_penalty(real, fake):
    alpha = tf.random.uniform([tf.shape(real)[0], 1])
    mixed = real + alpha * (fake - real)
    with tf.GradientTape() as gp_tape:
        gp_tape.watch(mixed)
        pred = critic(mixed, training=True)
    grads = gp_tape.gradient(pred, [mixed])[0]
    norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1]) + 1e-12)
    return tf.reduce_mean((norm - 1.0) ** 2)


@tf.function
def train_step(real):
    noise = tf.random.normal([real.shape[0], 2])
    with tf.GradientTape() as tape:
        fake = generator(noise, training=True)
        gp = gradient_penalty(real, fake)
        loss = tf.reduce_mean(critic(fake)) - tf.reduce_mean(critic(real)) + 10.0 * gp
    grads = tape.gradient(loss, critic.trainable_variables)
    c_opt.apply_gradients(zip(grads, critic.trainable_variables))
    with tf.GradientTape() as tape:
        g_loss = -tf.reduce_mean(critic(generator(noise, training=True)))
    g_opt.apply_gradients(zip(tape.gradient(g_loss, generator.trainable_variables), generator.trainable_variables))
    return gp


rng = np.random.RandomState(0)
center = np.array([2.0, -1.0])
before = generator(tf.constant(rng.randn(500, 2).astype('float32'))).numpy().mean(0)
penalties = [float(train_step(tf.constant((center + 0.2 * rng.randn(64, 2)).astype('float32')))) for _ in range(150)]
after = generator(tf.constant(rng.randn(500, 2).astype('float32'))).numpy().mean(0)
assert penalties[-1] < penalties[0], (penalties[0], penalties[-1])
assert np.linalg.norm(after - center) < 0.5 * np.linalg.norm(before - center), (before, after)
