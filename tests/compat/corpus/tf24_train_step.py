# TensorFlow 2.4: train_step(self, data) overridden, compiled_loss, compiled_metrics, own metrics
import tensorflow as tf
from tensorflow import keras
import numpy as np

tf.random.set_seed(1)


class CustomModel(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.compiled_metrics.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


rng = np.random.RandomState(0)
x = rng.rand(600, 8).astype('float32')
y = x @ rng.rand(8, 1).astype('float32')
inputs = keras.Input(shape=(8,))
model = CustomModel(inputs, keras.layers.Dense(1)(keras.layers.Dense(16, activation='relu')(inputs)))
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
hist = model.fit(x, y, epochs=8, batch_size=32, verbose=0)
assert hist.history['mae'][-1] < hist.history['mae'][0] / 2, hist.history


class LossTracker(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = keras.losses.mean_squared_error(y, y_pred)
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply_gradients(zip(gradients, trainable_vars))
        self.loss_tracker.update_state(loss)
        self.mae_metric.update_state(y, y_pred)
        return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae_metric]


inputs = keras.Input(shape=(8,))
model = LossTracker(inputs, keras.layers.Dense(1)(inputs))
model.compile(optimizer=keras.optimizers.Adam(0.01))
hist = model.fit(x, y, epochs=6, verbose=0)
assert hist.history['loss'][-1] < hist.history['loss'][0] / 4
assert set(hist.history) == {'loss', 'mae'}
