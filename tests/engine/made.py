"""Small real data and the models that tests train on it."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits, load_iris

Arrays = tuple[np.ndarray, np.ndarray]


def iris(rows: int = 150) -> Arrays:
    """Rows of all three classes, standardised."""
    x, y = load_iris(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    keep = np.random.RandomState(0).permutation(150)[:rows]
    return x[keep].astype(np.float32), y[keep].astype(np.int32)


def digits(rows: int = 160) -> Arrays:
    x, y = load_digits(return_X_y=True)
    return (x[:rows].reshape(-1, 8, 8, 1) / 16).astype(np.float32), y[:rows].astype(np.int32)


def compiled(model: keras.Model, **settings: Any) -> keras.Model:
    defaults = {
        "optimizer": keras.optimizers.SGD(0.1, momentum=0.9),
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
    }
    model.compile(**(defaults | settings))
    return model


def mlp(**settings: Any) -> keras.Model:
    """The Iris network of the course notes: 4-16-8-3."""
    stack = [
        layers.Input((4,)),
        layers.Dense(16, activation="relu"),
        layers.Dense(8, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ]
    return compiled(keras.Sequential(stack), **settings)


def softmax(**settings: Any) -> keras.Model:
    """One layer: the quickest to trace, where the model is not what is tested."""
    stack = [layers.Input((4,)), layers.Dense(3, activation="softmax")]
    return compiled(keras.Sequential(stack), **settings)


def regularised(**settings: Any) -> keras.Model:
    """Batch normalization, a penalty, and dropout with a seed-generator state."""
    penalty = keras.regularizers.L2(1e-3)
    # No bias before BatchNormalization: its gradient is rounding, which Adam blows up to a step.
    stack = [
        layers.Input((4,)),
        layers.Dense(16, use_bias=False, kernel_regularizer=penalty),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.3),
        layers.Dense(3, activation="softmax"),
    ]
    return compiled(keras.Sequential(stack), **settings)


def cnn(side: int = 8, **settings: Any) -> keras.Model:
    stack = [
        layers.Input((side, side, 1)),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(6, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
    return compiled(keras.Sequential(stack), **settings)


def two_by_two(**settings: Any) -> keras.Model:
    """Two inputs, petals and sepals; two outputs, the class and a length."""
    petals, sepals = layers.Input((2,), name="petals"), layers.Input((2,), name="sepals")
    hidden = layers.Concatenate()(
        [layers.Dense(6, activation="tanh")(petals), layers.Dense(6, activation="tanh")(sepals)]
    )
    kind = layers.Dense(3, activation="softmax", name="kind")(hidden)
    length = layers.Dense(1, name="length")(hidden)
    outputs = {"kind": kind, "length": length}
    model = keras.Model({"petals": petals, "sepals": sepals}, outputs)
    defaults: dict[str, Any] = {
        "loss": {"kind": "sparse_categorical_crossentropy", "length": "mse"},
        "loss_weights": {"kind": 1.0, "length": 0.5},
        "metrics": {"kind": ["accuracy"], "length": ["mae"]},
    }
    return compiled(model, **(defaults | settings))


def two_by_two_listed(**settings: Any) -> keras.Model:
    named = two_by_two()
    inputs, outputs = list(named.inputs), [named.output["kind"], named.output["length"]]
    return compiled(
        keras.Model(inputs, outputs),
        loss=["sparse_categorical_crossentropy", "huber"],
        metrics=[["accuracy"], ["mae", "mse"]],
        **settings,
    )


def regression(**settings: Any) -> keras.Model:
    stack = [layers.Input((4,)), layers.Dense(8, activation="tanh"), layers.Dense(1)]
    return compiled(keras.Sequential(stack), **({"loss": "mse", "metrics": ["mae"]} | settings))


class Subclassed(keras.Model):
    """Layers made in `__init__`, weights when data first arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.drop = layers.Dropout(0.2)
        self.last = layers.Dense(3, activation="softmax")

    def call(self, x: Any, training: bool = False) -> Any:
        return self.last(self.drop(self.hidden(x), training=training))


def repeated(make: Callable[..., keras.Model], **settings: Any) -> Callable[[], keras.Model]:
    """`make` with settings; a setting that is a class or function is called for each model."""
    return lambda: make(**{k: v() if callable(v) else v for k, v in settings.items()})
