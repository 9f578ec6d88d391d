"""The networks for the handwritten digits that shipped studies compare."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

IMAGE = (8, 8, 1)
CLASSES = 10


def classifier(
    hidden: Sequence[int],
    activation: str = "relu",
    initializer: Callable[[], Any] = keras.initializers.GlorotUniform,
    optimizer: Callable[[], Any] = keras.optimizers.Adam,
    network: type[keras.Sequential] = keras.Sequential,
) -> keras.Model:
    """Return a compiled multilayer perceptron.

    Args:
        hidden: units of each hidden layer.
        activation: of the hidden layers.
        initializer: returns a new one for each layer's kernel.
        optimizer: returns a new one.
        network: the class of the model.
    """
    dense = [layers.Dense(n, activation, kernel_initializer=initializer()) for n in hidden]
    last = layers.Dense(CLASSES, "softmax", kernel_initializer=initializer())
    return compiled(network([layers.Input(IMAGE), layers.Flatten(), *dense, last]), optimizer)


def compiled(model: keras.Model, optimizer: Callable[[], Any]) -> keras.Model:
    """Return the model, compiled to tell classes by index apart."""
    model.compile(optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
