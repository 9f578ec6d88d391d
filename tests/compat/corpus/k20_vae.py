# Keras 2.0: the variational autoencoder of the examples, its loss over tensors of the model
import numpy as np
from keras.layers import Input, Dense, Lambda, Layer
from keras.models import Model
from keras import backend as K
from keras import metrics
from sklearn.datasets import load_digits

np.random.seed(0)
batch_size, original_dim, latent_dim, intermediate_dim, epochs, epsilon_std = 100, 64, 2, 32, 30, 1.0
x_train = (load_digits().data[:1700] / 16.).astype('float32')
x = Input(shape=(original_dim,))
h = Dense(intermediate_dim, activation='relu')(x)
z_mean = Dense(latent_dim)(h)
z_log_var = Dense(latent_dim)(h)


def sampling(args):
    z_mean, z_log_var = args
    epsilon = K.random_normal(shape=(K.shape(z_mean)[0], latent_dim), mean=0., stddev=epsilon_std)
    return z_mean + K.exp(z_log_var / 2) * epsilon


z = Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])
decoder_h = Dense(intermediate_dim, activation='relu')
decoder_mean = Dense(original_dim, activation='sigmoid')
x_decoded_mean = decoder_mean(decoder_h(z))


def vae_loss(x, x_decoded_mean):
    xent_loss = original_dim * metrics.binary_crossentropy(x, x_decoded_mean)
    kl_loss = - 0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
    return K.mean(xent_loss + kl_loss)


vae = Model(x, x_decoded_mean)
vae.compile(optimizer='rmsprop', loss=vae_loss)
hist = vae.fit(x_train, x_train, shuffle=True, epochs=epochs, batch_size=batch_size, verbose=0)
assert hist.history['loss'][-1] < hist.history['loss'][0] - 3, hist.history['loss']
encoder = Model(x, z_mean)
codes = encoder.predict(x_train, batch_size=batch_size, verbose=0)
assert codes.shape == (1700, 2) and codes.std() > 0.1
decoder_input = Input(shape=(latent_dim,))
generator = Model(decoder_input, decoder_mean(decoder_h(decoder_input)))
assert generator.predict(np.array([[0., 0.]]), verbose=0).shape == (1, 64)
# random numbers differ from call to call
a, b = vae.predict(x_train[:5], verbose=0), vae.predict(x_train[:5], verbose=0)
assert not np.allclose(a, b)
