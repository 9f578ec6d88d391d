# Keras 2.0: Conv2D, callbacks, save_weights to .h5 and .hdf5, ModelCheckpoint, EarlyStopping on val_acc
import os
import numpy as np
import keras
from keras.models import Sequential, load_model
from keras.layers import Conv2D, MaxPooling2D, Dense, Dropout, Flatten
from keras.callbacks import ModelCheckpoint, EarlyStopping, ReduceLROnPlateau, CSVLogger, LearningRateScheduler
from sklearn.datasets import load_digits

np.random.seed(0)
digits = load_digits()
x = (digits.images / 16.).reshape(-1, 8, 8, 1).astype('float32')
y = keras.utils.to_categorical(digits.target, 10)
model = Sequential()
model.add(Conv2D(8, kernel_size=(3, 3), activation='relu', input_shape=(8, 8, 1)))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.1))
model.add(Flatten())
model.add(Dense(10, activation='softmax'))
model.compile(loss=keras.losses.categorical_crossentropy, optimizer=keras.optimizers.Adam(lr=0.01), metrics=['accuracy'])
history = model.fit(x[:1400], y[:1400], batch_size=64, epochs=12, verbose=0, validation_data=(x[1400:], y[1400:]),
                    callbacks=[ModelCheckpoint('weights.{epoch:02d}-{val_acc:.2f}.hdf5', monitor='val_acc', save_weights_only=True, period=4),
                               ModelCheckpoint('best.h5', monitor='val_acc', save_best_only=True, mode='max'),
                               EarlyStopping(monitor='val_acc', patience=8),
                               ReduceLROnPlateau(monitor='val_loss', factor=0.5, patience=2, epsilon=1e-4),
                               CSVLogger('log.csv')])
acc, val_acc, loss = history.history['acc'], history.history['val_acc'], history.history['loss']
assert max(val_acc) > 0.85, val_acc
saved = sorted(f for f in os.listdir('.') if f.startswith('weights.'))
assert len(saved) == len(acc) // 4, saved
assert os.path.exists('log.csv')
best = load_model('best.h5')
assert abs(best.evaluate(x[1400:], y[1400:], verbose=0)[1] - max(val_acc)) < 1e-6
before = model.predict(x[:4], verbose=0)
model.save_weights('first_try.h5')
model.save_weights('no_suffix_at_all')
model.set_weights([np.zeros_like(w) for w in model.get_weights()])
model.load_weights('first_try.h5')
assert np.allclose(model.predict(x[:4], verbose=0), before)
model.set_weights([np.zeros_like(w) for w in model.get_weights()])
model.load_weights('no_suffix_at_all')
assert np.allclose(model.predict(x[:4], verbose=0), before)
model.fit(x[:100], y[:100], epochs=1, verbose=0, callbacks=[LearningRateScheduler(lambda epoch: 0.001)])
assert abs(keras.backend.get_value(model.optimizer.lr) - 0.001) < 1e-8
json_string = model.to_json()
again = keras.models.model_from_json(json_string)
again.set_weights(model.get_weights())
assert np.allclose(again.predict(x[:4], verbose=0), model.predict(x[:4], verbose=0))
