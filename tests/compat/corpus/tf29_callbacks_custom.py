# TensorFlow 2.9: custom callbacks, early stopping at the minimum, learning-rate callbacks, best weights
import numpy as np
import tensorflow as tf
from tensorflow import keras
from sklearn.datasets import load_iris

keras.utils.set_random_seed(2)


class EarlyStoppingAtMinLoss(keras.callbacks.Callback):
    def __init__(self, patience=0):
        super(EarlyStoppingAtMinLoss, self).__init__()
        self.patience = patience
        self.best_weights = None

    def on_train_begin(self, logs=None):
        self.wait, self.stopped_epoch, self.best = 0, 0, np.inf

    def on_epoch_end(self, epoch, logs=None):
        current = logs.get("loss")
        if np.less(current, self.best):
            self.best, self.wait = current, 0
            self.best_weights = self.model.get_weights()
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.stopped_epoch = epoch
                self.model.stop_training = True
                self.model.set_weights(self.best_weights)


class CustomLearningRateScheduler(keras.callbacks.Callback):
    def __init__(self, schedule):
        super(CustomLearningRateScheduler, self).__init__()
        self.schedule, self.seen = schedule, []

    def on_epoch_begin(self, epoch, logs=None):
        if not hasattr(self.model.optimizer, "lr"):
            raise ValueError('Optimizer must have a "lr" attribute.')
        lr = float(tf.keras.backend.get_value(self.model.optimizer.learning_rate))
        tf.keras.backend.set_value(self.model.optimizer.lr, self.schedule(epoch, lr))
        self.seen.append(float(self.model.optimizer.lr))


class PrintLogs(keras.callbacks.Callback):
    count = 0

    def on_train_batch_end(self, batch, logs=None):
        keys = list(logs.keys())
        assert 'loss' in keys
        PrintLogs.count += 1


iris = load_iris()
model = keras.Sequential([keras.layers.Dense(8, activation='tanh', input_dim=4), keras.layers.Dense(3, activation='softmax')])
model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.05), loss='sparse_categorical_crossentropy', metrics=['acc'])
rate = CustomLearningRateScheduler(lambda epoch, lr: lr * 0.95)
stop = EarlyStoppingAtMinLoss(patience=3)
hist = model.fit(iris.data, iris.target, epochs=40, batch_size=15, verbose=0,
                 callbacks=[rate, stop, PrintLogs(), keras.callbacks.TensorBoard(log_dir='logs')])
assert abs(rate.seen[0] - 0.0475) < 1e-6 and rate.seen[1] < rate.seen[0]
assert PrintLogs.count == 10 * len(hist.history['loss'])
assert hist.history['acc'][-1] > 0.8
