# Keras 3: nothing old in it
import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0)
digits = load_digits()
x, y = (digits.images / 16.0)[..., None].astype("float32"), digits.target


class Block(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.dense = layers.Dense(units)

    def build(self, input_shape):
        self.dense.build(input_shape)

    def call(self, inputs):
        return ops.relu(self.dense(inputs))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


inputs = keras.Input((8, 8, 1))
h = layers.Conv2D(8, 3, activation="relu")(inputs)
outputs = layers.Dense(10)(Block(32)(layers.Flatten()(h)))
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.AdamW(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = model.fit(x, y, epochs=5, validation_split=0.2, verbose=0)
assert history.history["val_accuracy"][-1] > 0.8, history.history
assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
model.save("plain.keras")
again = keras.models.load_model("plain.keras", custom_objects={"Block": Block})
assert np.allclose(again.predict(x[:3], verbose=0), model.predict(x[:3], verbose=0), atol=1e-5)
