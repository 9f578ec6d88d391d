# Keras 1.0: nb_filter, nb_row, nb_col, border_mode, Theano's channels first
import numpy as np
from keras.datasets import mnist  # noqa: F401  (imported by habit; the data below are local)
from keras.models import Sequential
from keras.layers import Dense, Dropout, Activation, Flatten
from keras.layers import Convolution2D, MaxPooling2D
from keras.utils import np_utils
from keras import backend as K
from sklearn.datasets import load_digits

np.random.seed(1337)
K.set_image_dim_ordering('th')
assert K.image_dim_ordering() == 'th'
nb_filters, nb_pool, nb_conv = 8, 2, 3
digits = load_digits()
X = (digits.images / 16.0).astype('float32').reshape(-1, 1, 8, 8)
Y = np_utils.to_categorical(digits.target, 10)
model = Sequential()
model.add(Convolution2D(nb_filters, nb_conv, nb_conv, border_mode='valid', input_shape=(1, 8, 8)))
convout1 = Activation('relu')
model.add(convout1)
model.add(Convolution2D(nb_filters, nb_conv, nb_conv, subsample=(1, 1)))
model.add(Activation('relu'))
model.add(MaxPooling2D(pool_size=(nb_pool, nb_pool)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(32))
model.add(Activation('relu'))
model.add(Dense(10))
model.add(Activation('softmax'))
assert model.layers[0].output_shape == (None, 8, 6, 6), model.layers[0].output_shape
model.compile(loss='categorical_crossentropy', optimizer='adadelta', metrics=['accuracy'])
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X[:1500], Y[:1500], batch_size=32, nb_epoch=20, verbose=0, validation_data=(X[1500:], Y[1500:]))
score = model.evaluate(X[1500:], Y[1500:], verbose=0)
assert score[1] > 0.8, score
# the picture of a layer: a Theano-style function of the first layer
convout1_f = K.function([model.layers[0].input], [convout1.output])
C1 = convout1_f([X[:1]])[0]
assert C1.shape == (1, 8, 6, 6) and C1.min() >= 0 and C1.max() > 0
