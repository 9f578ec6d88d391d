'''A VAE whose last layer adds the loss, with tensors of the encoder (Keras 2).'''
import keras
from keras import layers
from keras import backend as K
from keras.models import Model
import numpy as np
from sklearn.datasets import load_digits

img_shape = (8, 8, 1)
latent_dim = 2
input_img = keras.Input(shape=img_shape)
x = layers.Conv2D(8, 3, padding='same', activation='relu')(input_img)
shape_before_flattening = K.int_shape(x)
x = layers.Flatten()(x)
x = layers.Dense(32, activation='relu')(x)
z_mean = layers.Dense(latent_dim)(x)
z_log_var = layers.Dense(latent_dim)(x)


def sampling(args):
    z_mean, z_log_var = args
    epsilon = K.random_normal(shape=(K.shape(z_mean)[0], latent_dim), mean=0., stddev=1.)
    return z_mean + K.exp(z_log_var) * epsilon


z = layers.Lambda(sampling)([z_mean, z_log_var])
decoder_input = layers.Input(K.int_shape(z)[1:])
x = layers.Dense(np.prod(shape_before_flattening[1:]), activation='relu')(decoder_input)
x = layers.Reshape(shape_before_flattening[1:])(x)
x = layers.Conv2D(1, 3, padding='same', activation='sigmoid')(x)
decoder = Model(decoder_input, x)
z_decoded = decoder(z)


class CustomVariationalLayer(keras.layers.Layer):
    def vae_loss(self, x, z_decoded):
        x = K.flatten(x)
        z_decoded = K.flatten(z_decoded)
        xent_loss = keras.metrics.binary_crossentropy(x, z_decoded)
        kl_loss = -0.5 * K.mean(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
        return K.mean(xent_loss + kl_loss)

    def call(self, inputs):
        self.add_loss(self.vae_loss(inputs[0], inputs[1]), inputs=inputs)
        return inputs[0]


y = CustomVariationalLayer()([input_img, z_decoded])
vae = Model(input_img, y)
vae.compile(optimizer='rmsprop', loss=None)
x_train = load_digits().images[..., None].astype('float32') / 16
history = vae.fit(x=x_train, y=None, shuffle=True, epochs=10, batch_size=32, verbose=0,
                  validation_data=(x_train[:200], None))
losses = history.history['loss']
assert losses[-1] < losses[0] - 0.05, losses
spread = Model(input_img, z_mean).predict(x_train).std()
assert spread < 3, spread  # without the second term of the loss it grows far beyond
assert decoder.predict(np.zeros((1, 2))).shape == (1, 8, 8, 1)
