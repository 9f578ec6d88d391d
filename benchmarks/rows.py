"""
What is trained: each row's network, data and training settings, free of any framework.

A row describes its network once; `contenders.py` builds it in Keras and in PyTorch with the
same initial weights, so that every contender starts from the same point.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np


class Conv(NamedTuple):
    """A 3x3 convolution with relu."""

    filters: int
    padding: str = "valid"


class Pool(NamedTuple):
    """2x2 max pooling."""


class Flatten(NamedTuple):
    """All axes but the batch's into one."""


class Dense(NamedTuple):
    """A fully connected layer."""

    units: int
    activation: str | None = "relu"


Layer = Conv | Pool | Flatten | Dense
Weights = list[tuple[np.ndarray, np.ndarray]]


class Arrays(NamedTuple):
    """Training arrays (channels last) and, where the row validates, validation arrays."""

    x: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, np.ndarray] | None


@dataclass(frozen=True)
class Row:
    """One line of the benchmark."""

    name: str
    title: str
    shape: tuple[int, ...]
    "Shape of one example, without the batch axis."
    layers: tuple[Layer, ...]
    batch_size: int
    examples: int
    epochs: int
    "Epochs in one call of fit; a round is one call."
    steps_per_execution: tuple[int, ...]
    "Values tried for Keras on JAX besides its default of 1; none where they change the task."
    optimizer: str = "adam"
    loss: str = "sparse_categorical_crossentropy"
    metric: str = "accuracy"
    validation_examples: int = 0
    feed: Literal["arrays", "generator", "pydataset"] = "arrays"
    "What fit is given; see feeds.py."
    callbacks: Literal["none", "batch_hook", "batch_look", "rules"] = "none"
    "See callbacks.py."
    task: Literal["fit", "predict"] = "fit"

    @property
    def batches(self) -> int:
        """Training steps in one epoch, the short last batch included."""
        return math.ceil(self.examples / self.batch_size)

    @property
    def steps(self) -> int:
        """Training steps in one call of fit."""
        return self.epochs * self.batches

    def shrunk(self) -> "Row":
        """The same row with a fraction of the work, to see quickly that everything runs."""
        few = max(self.batch_size * 4, self.examples // 10)
        return replace(
            self,
            examples=min(self.examples, few),
            epochs=max(1, self.epochs // 10),
            steps_per_execution=(2,) if self.steps_per_execution else (),
        )


NETWORKS = {
    row.name: row
    for row in (
        Row(
            name="iris",
            title="Iris 4-16-8-3, batch 7, with validation",
            shape=(4,),
            layers=(Dense(16), Dense(8), Dense(3, "softmax")),
            batch_size=7,
            examples=105,
            validation_examples=45,
            epochs=100,
            steps_per_execution=(5, 15),
        ),
        Row(
            name="reg",
            title="Regression 13-64-64-1, batch 1",
            shape=(13,),
            layers=(Dense(64), Dense(64), Dense(1, None)),
            batch_size=1,
            examples=404,
            epochs=20,
            steps_per_execution=(8, 32, 404),
            optimizer="rmsprop",
            loss="mse",
            metric="mae",
        ),
        Row(
            name="mnist_dnn",
            title="MNIST 784-512-256-10, batch 128",
            shape=(784,),
            layers=(Dense(512), Dense(256), Dense(10, "softmax")),
            batch_size=128,
            examples=128 * 100,
            epochs=2,
            steps_per_execution=(10, 100),
        ),
        Row(
            name="mnist_cnn",
            title="MNIST CNN 32-64-dense 64, batch 128",
            shape=(28, 28, 1),
            layers=(
                *(Conv(32), Pool(), Conv(64), Pool()),
                *(Flatten(), Dense(64), Dense(10, "softmax")),
            ),
            batch_size=128,
            examples=128 * 20,
            epochs=1,
            steps_per_execution=(4, 20),
        ),
        Row(
            name="cnn32",
            title="32x32x3 CNN 3 x Conv128, batch 64",
            shape=(32, 32, 3),
            layers=(
                *(Conv(128, "same"), Pool()) * 3,
                *(Flatten(), Dense(128), Dense(10, "softmax")),
            ),
            batch_size=64,
            examples=64 * 12,
            epochs=1,
            steps_per_execution=(4, 12),
        ),
        Row(
            name="vgg",
            title="64x64x3 VGG-style 64-64-128-128-256-256, batch 32",
            shape=(64, 64, 3),
            layers=(
                *(Conv(64, "same"), Conv(64, "same"), Pool()),
                *(Conv(128, "same"), Conv(128, "same"), Pool()),
                *(Conv(256, "same"), Conv(256, "same"), Pool()),
                *(Flatten(), Dense(128), Dense(10, "softmax")),
            ),
            batch_size=32,
            examples=32 * 6,
            epochs=1,
            steps_per_execution=(6,),
        ),
    )
}


def variants(row: Row) -> Iterator[Row]:
    """The same training fed and watched in other ways."""
    feeds = {
        "generator": "fed by a Python generator",
        "pydataset": "fed by a PyDataset",
    }
    for feed, text in feeds.items():
        yield replace(row, name=f"{row.name}_{feed}", title=f"{row.title}, {text}", feed=feed)
    hooks = {
        "batch_hook": "a callback on every batch",
        "batch_look": "a callback that reads the learning rate after every batch",
    }
    for hook, text in hooks.items():
        yield replace(
            row,
            name=f"{row.name}_{hook}",
            title=f"{row.title}, {text}",
            callbacks=hook,
            steps_per_execution=(),  # Keras would call the hook once an execution
        )


RULES = replace(
    NETWORKS["iris"],
    name="iris_rules",
    title=f"{NETWORKS['iris'].title}, EarlyStopping and ReduceLROnPlateau",
    epochs=500,
    callbacks="rules",
)
PREDICTIONS = [
    replace(
        NETWORKS[name],
        name=f"{name}_predict",
        title=f"{NETWORKS[name].title}, predict",
        task="predict",
        steps_per_execution=(),
    )
    for name in ("mnist_cnn", "cnn32", "vgg")
]
ROWS = NETWORKS | {
    row.name: row
    for row in (
        *variants(NETWORKS["iris"]),
        *variants(NETWORKS["mnist_dnn"]),
        RULES,
        *PREDICTIONS,
    )
}


def input_shapes(row: Row) -> Iterator[tuple[Layer, tuple[int, ...]]]:
    """Each layer with the shape it receives."""
    shape = row.shape
    for layer in row.layers:
        yield layer, shape
        match layer:
            case Conv(filters, padding):
                edge = 2 if padding == "valid" else 0
                shape = (shape[0] - edge, shape[1] - edge, filters)
            case Pool():
                shape = (shape[0] // 2, shape[1] // 2, shape[2])
            case Flatten():
                shape = (math.prod(shape),)
            case Dense(units):
                shape = (units,)


def initial_weights(row: Row) -> Weights:
    """Keras's default initialisation (Glorot uniform kernels, zero biases) from a fixed seed."""
    random = np.random.default_rng(1)
    weights = []
    for layer, shape in input_shapes(row):
        if isinstance(layer, Conv):
            kernel_shape = (3, 3, shape[-1], layer.filters)
        elif isinstance(layer, Dense):
            kernel_shape = (shape[0], layer.units)
        else:
            continue
        receptive_field = math.prod(kernel_shape[:-2])
        limit = math.sqrt(6 / (receptive_field * (kernel_shape[-2] + kernel_shape[-1])))
        kernel = random.uniform(-limit, limit, kernel_shape).astype("float32")
        weights.append((kernel, np.zeros(kernel_shape[-1], "float32")))
    return weights


def arrays(row: Row) -> Arrays:
    """The row's data: real MNIST for its two rows where BITAL_DATA has it, else synthetic."""
    real = mnist_path(row)
    if real is not None:
        with np.load(real) as file:
            x, y = file["x_train"][: row.examples], file["y_train"][: row.examples]
        x = (x / 255).astype("float32").reshape(-1, *row.shape)
        return Arrays(x, y.astype("int32"), None)
    total = row.examples + row.validation_examples
    x, y = regression(row, total) if row.loss == "mse" else classes(row, total)
    validation = (x[row.examples :], y[row.examples :]) if row.validation_examples else None
    return Arrays(x[: row.examples], y[: row.examples], validation)


def mnist_path(row: Row) -> Path | None:
    folder = os.environ.get("BITAL_DATA")
    if not folder or not row.name.startswith("mnist"):
        return None
    path = Path(folder) / "mnist" / "mnist.npz"
    return path if path.is_file() else None


def classes(row: Row, total: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy prototypes, a fifth of the labels random: learnable, with a loss that stays off 0."""
    random = np.random.default_rng(0)
    count = row.layers[-1].units
    if len(row.shape) == 3:  # patches of 4x4 equal pixels, which convolutions can tell apart
        height, width, channels = row.shape
        patches = random.random((count, height // 4, width // 4, channels))
        prototypes = patches.repeat(4, axis=1).repeat(4, axis=2)
    else:
        prototypes = random.random((count, *row.shape))
    y = random.integers(0, count, total)
    x = (prototypes[y] + random.random((total, *row.shape))) / 2
    y = np.where(random.random(total) < 0.2, random.integers(0, count, total), y)
    return x.astype("float32"), y.astype("int32")


def regression(row: Row, total: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(total, *row.shape))
    y = x @ random.normal(size=row.shape) + np.sin(2 * x[:, 0]) + random.normal(size=total)
    return x.astype("float32"), y.astype("float32").reshape(-1, 1)
