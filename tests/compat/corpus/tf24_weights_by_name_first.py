'''Layers and metrics that name a weight first, and a model of TensorFlow calls saved as .h5.'''
import numpy as np
import tensorflow as tf
from tensorflow import keras


class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super(Linear, self).__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight("w", shape=(input_shape[-1], self.units), trainable=True)
        self.b = self.add_weight("b", (self.units,), tf.float32, 'zeros')

    def call(self, inputs):
        return tf.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super(Linear, self).get_config()
        config.update({'units': self.units})
        return config


class Within(keras.metrics.Metric):
    def __init__(self, name='within', **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_weight(name='hits', initializer='zeros')
        self.n = self.add_weight('n', initializer='zeros')

    def update_state(self, y_true, y_pred, sample_weight=None):
        near = tf.cast(tf.abs(y_true - y_pred) < .5, tf.float32)
        self.hits.assign_add(tf.reduce_sum(near))
        self.n.assign_add(tf.cast(tf.size(y_true), tf.float32))

    def result(self):
        return self.hits / self.n

    def reset_states(self):
        self.hits.assign(0.)
        self.n.assign(0.)


x = np.random.RandomState(0).rand(200, 3).astype('float32')
y = x.sum(1)
inputs = keras.Input((3,))
h = tf.nn.relu(Linear(8)(inputs))
h = tf.concat([h, inputs], axis=-1)
outputs = Linear(1, name='out')(h) + 1.0
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.Adam(1e-2), loss='mse', metrics=[Within()])
history = model.fit(x, y, epochs=20, batch_size=20, verbose=0)
assert history.history['within'][-1] > 0.9, history.history
model.save('custom.h5')
again = keras.models.load_model('custom.h5', custom_objects={'Linear': Linear, 'Within': Within})
np.testing.assert_allclose(model.predict(x, verbose=0), again.predict(x, verbose=0), rtol=1e-5)
