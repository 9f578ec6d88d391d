# TensorFlow 2.4: cells of one's own with get_initial_state(inputs), a loop over tf.range with a TensorArray
import numpy as np
import tensorflow as tf
from tensorflow import keras

np.random.seed(42)
tf.random.set_seed(42)
series = np.cumsum(np.random.randn(300, 22, 1).astype(np.float32), axis=1) / 5
X, Y = series[:, :20], series[:, 1:21]


def last_time_step_mse(Y_true, Y_pred):
    return keras.metrics.mean_squared_error(Y_true[:, -1], Y_pred[:, -1])


class LNSimpleRNNCell(keras.layers.Layer):
    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self.state_size = self.output_size = units
        self.simple_rnn_cell = keras.layers.SimpleRNNCell(units, activation=None)
        self.layer_norm = keras.layers.LayerNormalization()
        self.activation = keras.activations.get(activation)

    def get_initial_state(self, inputs=None, batch_size=None, dtype=None):
        if inputs is not None:
            batch_size = tf.shape(inputs)[0]
            dtype = inputs.dtype
        return [tf.zeros([batch_size, self.state_size], dtype=dtype)]

    def call(self, inputs, states):
        outputs, new_states = self.simple_rnn_cell(inputs, states)
        norm_outputs = self.activation(self.layer_norm(outputs))
        return norm_outputs, [norm_outputs]


class MyRNN(keras.layers.Layer):
    def __init__(self, cell, **kwargs):
        super().__init__(**kwargs)
        self.cell = cell

    @tf.function
    def call(self, inputs):
        states = self.cell.get_initial_state(inputs)
        n_steps = tf.shape(inputs)[1]
        sequences = tf.TensorArray(inputs.dtype, size=n_steps)
        for step in tf.range(n_steps):
            outputs, states = self.cell(inputs[:, step], states)
            sequences = sequences.write(step, outputs)
        return tf.transpose(sequences.stack(), [1, 0, 2])


for layer in (keras.layers.RNN(LNSimpleRNNCell(12), return_sequences=True, input_shape=[20, 1]),
              MyRNN(LNSimpleRNNCell(12), input_shape=[20, 1])):
    model = keras.models.Sequential([layer, keras.layers.TimeDistributed(keras.layers.Dense(1))])
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.02), metrics=[last_time_step_mse])
    history = model.fit(X, Y, epochs=8, validation_split=0.2, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0] / 3, history.history["loss"]
    assert "val_last_time_step_mse" in history.history
