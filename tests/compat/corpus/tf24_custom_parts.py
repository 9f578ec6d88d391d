# TensorFlow 2.4: parts of variables assigned, shapes with methods, constraints, add_metric, two losses and weights
import os
import numpy as np
import tensorflow as tf
from tensorflow import keras
from sklearn.datasets import load_diabetes

tf.random.set_seed(42)
v = tf.Variable([[1., 2., 3.], [4., 5., 6.]])
v[0, 1].assign(42)
v[:, 2].assign([0., 1.])
v.scatter_nd_update(indices=[[0, 0], [1, 2]], updates=[100., 200.])
assert v.numpy().tolist() == [[100., 42., 0.], [4., 5., 200.]]
data = load_diabetes()
X, y = data.data.astype(np.float32) * 20, (data.target / 100).astype(np.float32)


def my_positive_weights(weights):
    return tf.where(weights < 0., tf.zeros_like(weights), weights)


class MyDense(keras.layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, keras.activations.get(activation)

    def build(self, batch_input_shape):
        self.kernel = self.add_weight(name="kernel", shape=[batch_input_shape[-1], self.units], initializer="glorot_normal")
        super().build(batch_input_shape)

    def call(self, X, training):
        return self.activation(X @ self.kernel)

    def compute_output_shape(self, batch_input_shape):
        return tf.TensorShape(batch_input_shape.as_list()[:-1] + [self.units])


class Two(keras.models.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden = MyDense(20, activation="relu")
        self.main_output = keras.layers.Dense(1, kernel_constraint=my_positive_weights)
        self.aux_output = keras.layers.Dense(1)

    def call(self, inputs, training):
        hidden = self.hidden(inputs)
        self.add_metric(tf.reduce_mean(hidden), name="activity", aggregation="mean")
        return self.main_output(hidden), self.aux_output(hidden)


model = Two()
model.compile(loss="mse", loss_weights=[0.9, 0.1], optimizer=keras.optimizers.Nadam(lr=0.01), metrics=["mae"])
history = model.fit(X, (y, y), epochs=15, verbose=0)
assert {"loss", "output_1_loss", "output_2_loss", "output_1_mae", "activity"} <= set(history.history), list(history.history)
last = {name: values[-1] for name, values in history.history.items()}
assert abs(last["loss"] - 0.9 * last["output_1_loss"] - 0.1 * last["output_2_loss"]) < 0.05
assert last["loss"] < history.history["loss"][0] and (model.main_output.kernel.numpy() >= 0).all()
total, main, aux = model.evaluate(X, (y, y), verbose=0)[:3]
assert abs(total - 0.9 * main - 0.1 * aux) < 1e-3
writer = tf.summary.create_file_writer("logs")
with writer.as_default():
    tf.summary.scalar("loss", total, step=3)
written, = os.listdir("logs")
assert written.startswith("events.") or open("logs/scalars.csv").read().splitlines()[1].startswith("3,loss,")
