# TF 2.9: keras.datasets with local copies, Normalization of pixels, Flatten MLP
# needs: BITAL_DATA
import numpy as np
import tensorflow as tf

tf.random.set_seed(0)
(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
x_train, x_test = x_train[:4000] / 255.0, x_test[:1000] / 255.0
model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Flatten(input_shape=(28, 28)),
        tf.keras.layers.Dense(64, activation="relu"),
        tf.keras.layers.Dropout(0.2),
        tf.keras.layers.Dense(10),
    ]
)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer="adam", loss=loss_fn, metrics=["accuracy"])
model.fit(x_train, y_train[:4000], epochs=5, verbose=0)
assert model.evaluate(x_test, y_test[:1000], verbose=0)[1] > 0.85
