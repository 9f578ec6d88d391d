'''Trains a simple convnet with Adadelta, as Keras's own examples did (Keras 2).'''
from __future__ import print_function
import keras
from sklearn.datasets import load_digits
from keras.models import Sequential
from keras.layers import Dense, Dropout, Flatten
from keras.layers import Conv2D, MaxPooling2D
from keras import backend as K

x, y = load_digits(return_X_y=True)
if K.image_data_format() == 'channels_first':
    x = x.reshape(x.shape[0], 1, 8, 8)
    input_shape = (1, 8, 8)
else:
    x = x.reshape(x.shape[0], 8, 8, 1)
    input_shape = (8, 8, 1)
x = x.astype('float32') / 16
y = keras.utils.to_categorical(y, 10)

model = Sequential()
model.add(Conv2D(16, kernel_size=(3, 3), activation='relu', input_shape=input_shape))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(32, activation='relu'))
model.add(Dense(10, activation='softmax'))
model.compile(loss=keras.losses.categorical_crossentropy,
              optimizer=keras.optimizers.Adadelta(),
              metrics=['accuracy'])
model.fit(x[:1400], y[:1400], batch_size=32, epochs=8, verbose=0,
          validation_data=(x[1400:], y[1400:]))
score = model.evaluate(x[1400:], y[1400:], verbose=0)
print('Test accuracy:', score[1])
assert score[1] > 0.8, score
