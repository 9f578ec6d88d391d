# Keras 0.3: Dense(input, output), class_mode, show_accuracy
from __future__ import print_function
import numpy as np
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation
from keras.optimizers import SGD
from keras.utils import np_utils
from sklearn.datasets import load_digits

np.random.seed(1337)
digits = load_digits()
X_train = (digits.data[:1500] / 16.0).astype('float32')
X_test = (digits.data[1500:] / 16.0).astype('float32')
Y_train = np_utils.to_categorical(digits.target[:1500], 10)
Y_test = np_utils.to_categorical(digits.target[1500:], 10)

model = Sequential()
model.add(Dense(64, 64, init='uniform'))
model.add(Activation('tanh'))
model.add(Dropout(0.2))
model.add(Dense(64, 10, init='uniform'))
model.add(Activation('softmax'))
sgd = SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss='categorical_crossentropy', optimizer=sgd, class_mode='categorical')
model.fit(X_train, Y_train, nb_epoch=15, batch_size=32, show_accuracy=True, verbose=0)
score = model.evaluate(X_test, Y_test, show_accuracy=True, verbose=0)
print('Test score:', score[0], 'accuracy:', score[1])
assert score[1] > 0.85, score
classes = model.predict_classes(X_test, verbose=0)
assert (classes == digits.target[1500:]).mean() > 0.85
