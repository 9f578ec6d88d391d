# TF 2.4: a custom layer and a custom loss saved to .h5 and loaded with custom_objects
import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

np.random.seed(0)
os.chdir(tempfile.mkdtemp())


class Scale(layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super(Scale, self).__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.w = self.add_weight("w", shape=(input_shape[-1],), initializer="ones", trainable=True)

    def call(self, inputs):
        return inputs * self.w * self.factor

    def get_config(self):
        config = super(Scale, self).get_config()
        config.update({"factor": self.factor})
        return config


def half_mse(y_true, y_pred):
    return 0.5 * tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)


model = keras.Sequential([layers.Dense(4, input_shape=(3,)), Scale(2.0), layers.Dense(1)])
model.compile("adam", half_mse)
x = np.random.rand(32, 3).astype("float32")
model.fit(x, x.sum(1), epochs=2, verbose=0)
model.save("model.h5")
loaded = keras.models.load_model("model.h5", custom_objects={"Scale": Scale, "half_mse": half_mse})
assert loaded.layers[1].factor == 2.0
assert np.allclose(loaded.predict(x), model.predict(x), atol=1e-6)
