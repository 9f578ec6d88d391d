"""A program with functions and classes of its own: `python resumed.py FOLDER KIND EPOCHS`."""

import random
import sys
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, ops

import bital
from engine import made

X, Y = made.iris(60)
STRENGTH = 0.5
KINDS = {"a", "b", "c"}


def power(x: Any, by: float) -> Any:
    return ops.abs(x) ** by if "a" in {"a", "b", "c"} else KINDS


def weighed(factor: float) -> Any:
    def loss(true: Any, predicted: Any) -> Any:
        return factor * keras.losses.sparse_categorical_crossentropy(true, predicted)

    return loss


class Sum(keras.metrics.Metric):
    """A metric with a state."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, y: Any, predicted: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(ops.sum(predicted) * STRENGTH)

    def result(self) -> Any:
        return self.total + 0.0


class Scaled(layers.Layer):
    """A layer with a number, a function and another layer."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by, self.inner, self.function = by, layers.Dense(5), partial(power, by=by)

    def build(self, shape: Any) -> None:
        self.gain = self.add_weight(shape=(5,), initializer="ones")
        self.inner.build(shape)

    def call(self, x: Any) -> Any:
        return self.function(self.inner(x)) * self.gain


class Own(keras.Model):
    """A model with a step of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.scaled, self.last = Scaled(2.0), layers.Dense(3, activation="softmax")

    def call(self, x: Any) -> Any:
        return self.last(self.scaled(x))

    def compute_loss(self, *args: Any, **settings: Any) -> Any:
        return STRENGTH * super().compute_loss(*args, **settings)


class Noisy(keras.utils.PyDataset):
    """Rows with noise from generators that nobody seeded."""

    def __init__(self) -> None:
        super().__init__()
        self.random = np.random.default_rng()

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> Any:
        noise = self.random.normal() + random.random() + np.random.random()
        return X[30 * index : 30 * index + 30] + noise, Y[30 * index : 30 * index + 30]


def make(kind: str) -> keras.Model:
    if kind == "classes":
        return Own()
    x = start = layers.Input((4,))
    x = layers.Lambda(lambda x: x * STRENGTH)(x)
    x = layers.Dense(6, activation=partial(power, by=2.0))(x) + 1.0
    x = layers.Bidirectional(layers.SimpleRNN(3))(ops.reshape(x, (-1, 2, 3)))
    return keras.Model(start, layers.Dense(3, activation="softmax")(x))


if __name__ == "__main__":
    folder, kind, epochs = sys.argv[1:]
    for _ in range(int(epochs)):
        make(kind)  # Keras counts on
    model = make(kind)
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer=optimizer, loss=weighed(0.5), metrics=["accuracy", Sum()])
    history = bital.fit(
        model,
        *((X, Y) if kind == "functions" else (Noisy(),)),
        validation_data=(X, Y),
        epochs=int(epochs),
        callbacks=[keras.callbacks.LearningRateScheduler(lambda e, rate: rate * STRENGTH)],
        verbose=0,
        resume=folder,
    )
    sys.stdout.write(f"{len(history.epoch)}\n")
