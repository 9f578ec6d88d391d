# Keras 1.2: fit_generator with samples_per_epoch and nb_val_samples
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, BatchNormalization, MaxoutDense, Highway
from keras.callbacks import Callback
from sklearn.datasets import load_digits

np.random.seed(0)
digits = load_digits()
x, y = digits.data / 16., np.eye(10)[digits.target]


def batches(x, y, size=50):
    while True:
        for start in range(0, len(x) - size + 1, size):
            yield x[start:start + size], y[start:start + size]


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses, self.epochs = [], []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get('loss'))

    def on_epoch_end(self, epoch, logs={}):
        self.epochs.append(logs.get('val_acc'))


model = Sequential()
model.add(MaxoutDense(32, nb_feature=2, input_dim=64))
model.add(Highway(activation='relu'))
model.add(BatchNormalization(mode=0))
model.add(Dense(10, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
seen = LossHistory()
hist = model.fit_generator(batches(x[:1500], y[:1500]), samples_per_epoch=1500, nb_epoch=6,
                           validation_data=batches(x[1500:1750], y[1500:1750]), nb_val_samples=250,
                           callbacks=[seen], verbose=0, max_q_size=4, nb_worker=1)
assert len(seen.losses) == 6 * 30, len(seen.losses)
assert len(hist.history['val_acc']) == 6
assert seen.epochs[-1] > 0.8, seen.epochs
score = model.evaluate_generator(batches(x[1500:1750], y[1500:1750]), val_samples=250)
assert score[1] > 0.8
pred = model.predict_generator((b for b in batches(x[1500:1750], y[1500:1750])), val_samples=250)
assert pred.shape == (250, 10)
