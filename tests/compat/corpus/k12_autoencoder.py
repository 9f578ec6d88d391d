# Keras 1.2: the deep autoencoder of the Keras blog, encoder and decoder apart
import numpy as np
from keras.layers import Input, Dense
from keras.models import Model
from keras import regularizers
from sklearn.datasets import load_digits

np.random.seed(0)
x = (load_digits().data / 16.).astype('float32')
x_train, x_test = x[:1500], x[1500:]
encoding_dim = 16
input_img = Input(shape=(64,))
encoded = Dense(encoding_dim, activation='relu', activity_regularizer=regularizers.activity_l2(1e-7))(input_img)
decoded = Dense(64, activation='sigmoid')(encoded)
autoencoder = Model(input=input_img, output=decoded)
encoder = Model(input=input_img, output=encoded)
encoded_input = Input(shape=(encoding_dim,))
decoder_layer = autoencoder.layers[-1]
decoder = Model(input=encoded_input, output=decoder_layer(encoded_input))
autoencoder.compile(optimizer='adam', loss='binary_crossentropy')
hist = autoencoder.fit(x_train, x_train, nb_epoch=40, batch_size=128, shuffle=True,
                       validation_data=(x_test, x_test), verbose=0)
encoded_imgs = encoder.predict(x_test, verbose=0)
decoded_imgs = decoder.predict(encoded_imgs, verbose=0)
direct = autoencoder.predict(x_test, verbose=0)
assert np.allclose(decoded_imgs, direct, atol=1e-5)
error = np.mean((decoded_imgs - x_test) ** 2)
assert error < np.mean((x_test - x_train.mean(0)) ** 2) * 0.6, error
