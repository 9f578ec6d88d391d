# Keras 2.2: a VAE with model.add_loss(tensor) and compile without a loss
import numpy as np
from keras.layers import Lambda, Input, Dense
from keras.models import Model
from keras.losses import mse, binary_crossentropy
from keras import backend as K
from sklearn.datasets import load_digits

np.random.seed(0)


def sampling(args):
    z_mean, z_log_var = args
    batch = K.shape(z_mean)[0]
    dim = K.int_shape(z_mean)[1]
    epsilon = K.random_normal(shape=(batch, dim))
    return z_mean + K.exp(0.5 * z_log_var) * epsilon


x_train = (load_digits().data / 16.).astype('float32')
original_dim = 64
inputs = Input(shape=(original_dim,), name='encoder_input')
x = Dense(32, activation='relu')(inputs)
z_mean = Dense(2, name='z_mean')(x)
z_log_var = Dense(2, name='z_log_var')(x)
z = Lambda(sampling, output_shape=(2,), name='z')([z_mean, z_log_var])
encoder = Model(inputs, [z_mean, z_log_var, z], name='encoder')
latent_inputs = Input(shape=(2,), name='z_sampling')
decoder = Model(latent_inputs, Dense(original_dim, activation='sigmoid')(Dense(32, activation='relu')(latent_inputs)), name='decoder')
outputs = decoder(encoder(inputs)[2])
vae = Model(inputs, outputs, name='vae_mlp')
reconstruction_loss = mse(inputs, outputs)
reconstruction_loss *= original_dim
kl_loss = 1 + z_log_var - K.square(z_mean) - K.exp(z_log_var)
kl_loss = K.sum(kl_loss, axis=-1)
kl_loss *= -0.5
vae_loss = K.mean(reconstruction_loss + kl_loss)
vae.add_loss(vae_loss)
vae.compile(optimizer='adam')
hist = vae.fit(x_train, epochs=25, batch_size=64, verbose=0)
assert hist.history['loss'][-1] < hist.history['loss'][0] * 0.8, hist.history['loss']
assert len(vae.trainable_weights) == 10
codes, _, _ = encoder.predict(x_train[:10], verbose=0)
assert codes.shape == (10, 2)
