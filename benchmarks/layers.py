"""
Milliseconds of a training step of one layer of each kind: `bital.fit` beside Keras on JAX.

    uv run --group bench python benchmarks/layers.py [--layers strides,depthwise] [--rounds N]

README.md in this folder says how to read the table.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import keras
import numpy as np
from keras import layers
from machine import machine, versions

import bital

BATCH, STEPS = 32, 16
PATIENCE = 30.0  # seconds of calls after which no further round begins

IMAGE, ROW, VOLUME = (32, 32, 32), (256, 32), (12, 12, 12, 16)
KINDS: dict[str, tuple[tuple[int, ...], Callable[[], layers.Layer]]] = {
    "conv 3x3": (IMAGE, lambda: layers.Conv2D(64, 3, padding="same", activation="relu")),
    "conv 5x5 strides 2": (IMAGE, lambda: layers.Conv2D(64, 5, 2, padding="same")),
    "conv 3x3 strides 2": (IMAGE, lambda: layers.Conv2D(64, 3, 2, padding="same")),
    "conv 7x7 strides 2, 3 channels": ((64, 64, 3), lambda: layers.Conv2D(64, 7, 2, "same")),
    "conv 3x3 dilation 2": (IMAGE, lambda: layers.Conv2D(64, 3, dilation_rate=2)),
    "conv 1x1": (IMAGE, lambda: layers.Conv2D(128, 1)),
    "conv 1x1, 256 channels": ((16, 16, 256), lambda: layers.Conv2D(64, 1)),
    "conv 1x1 strides 2": ((16, 16, 256), lambda: layers.Conv2D(128, 1, 2)),
    "conv 3x3, 1 filter": (IMAGE, lambda: layers.Conv2D(1, 3)),
    "conv 3x3 groups 4": (IMAGE, lambda: layers.Conv2D(64, 3, groups=4)),
    "conv 3x3 groups 32": (IMAGE, lambda: layers.Conv2D(64, 3, groups=32)),
    "depthwise 3x3": (IMAGE, lambda: layers.DepthwiseConv2D(3, padding="same")),
    "depthwise 3x3 strides 2": (IMAGE, lambda: layers.DepthwiseConv2D(3, 2, padding="same")),
    "depthwise 5x5": (IMAGE, lambda: layers.DepthwiseConv2D(5, padding="same")),
    "separable 3x3": (IMAGE, lambda: layers.SeparableConv2D(64, 3, padding="same")),
    "transposed 3x3 strides 2": (IMAGE, lambda: layers.Conv2DTranspose(32, 3, 2)),
    "transposed 5x5": (IMAGE, lambda: layers.Conv2DTranspose(32, 5)),
    "conv1d 5": (ROW, lambda: layers.Conv1D(64, 5, padding="same")),
    "conv1d 5 strides 2": (ROW, lambda: layers.Conv1D(64, 5, 2)),
    "conv1d 3 causal dilation 4": (
        ROW,
        lambda: layers.Conv1D(64, 3, padding="causal", dilation_rate=4),
    ),
    "separable1d 3": (ROW, lambda: layers.SeparableConv1D(64, 3)),
    "conv3d 3x3x3": (VOLUME, lambda: layers.Conv3D(16, 3, padding="same")),
    "conv3d strides 2": (VOLUME, lambda: layers.Conv3D(32, 3, 2, padding="same")),
    "max pool 2x2": (IMAGE, lambda: layers.MaxPooling2D(2)),
    "max pool 3x3 strides 2": (IMAGE, lambda: layers.MaxPooling2D(3, 2, padding="same")),
    "max pool 3x3 strides 1": (IMAGE, lambda: layers.MaxPooling2D(3, 1, padding="same")),
    "average pool 2x2": (IMAGE, lambda: layers.AveragePooling2D(2)),
    "average pool 3x3 strides 2": (IMAGE, lambda: layers.AveragePooling2D(3, 2, "same")),
    "max pool 1d": (ROW, lambda: layers.MaxPooling1D(2)),
    "average pool 1d": (ROW, lambda: layers.AveragePooling1D(3)),
    "max pool 3d": (VOLUME, lambda: layers.MaxPooling3D(2)),
    "average pool 3d": (VOLUME, lambda: layers.AveragePooling3D(2)),
    "global average": (IMAGE, layers.GlobalAveragePooling2D),
    "batch normalization": (IMAGE, layers.BatchNormalization),
    "conv 3x3 bfloat16": (IMAGE, lambda: layers.Conv2D(32, 3, dtype="bfloat16")),
}


def model(name: str) -> keras.Model:
    """Return a compiled model of a layer between two cheap ones."""
    shape, layer = KINDS[name]
    keras.utils.set_random_seed(0)
    made = keras.Sequential([keras.Input(shape), Scale(), layer(), layers.Flatten(), Mean()])
    made.compile("sgd", "mean_squared_error")
    return made


@keras.saving.register_keras_serializable("bench")
class Scale(layers.Layer):
    """Multiplies each channel by a weight, so that its input's gradient is asked for."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.scale


@keras.saving.register_keras_serializable("bench")
class Mean(layers.Layer):
    """Averages each row."""

    def call(self, x):
        return keras.ops.mean(keras.ops.cast(x, "float32"), axis=-1, keepdims=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", help="only kinds with one of these words in their name")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    words = asked.layers.split(",") if asked.layers else [""]
    print(machine(), versions(), sep="\n")
    heads = f"{'bital':>9}{'Keras-JAX':>11}{'bital is':>10}{'first s':>9}{'Keras':>9}"
    print(f"{'layer':34}{heads}   kernels")
    for name in KINDS:
        if any(word in name for word in words):
            print(line(name, asked.rounds), flush=True)


def line(name: str, rounds: int) -> str:
    """Return a kind's line."""
    shape, _ = KINDS[name]
    x = np.random.default_rng(0).normal(size=(BATCH * STEPS, *shape)).astype("float32")
    y = np.zeros(len(x), "float32")
    ours, stock = model(name), model(name)
    how = {"batch_size": BATCH, "verbose": 0, "shuffle": False}
    runs = {
        "bital": lambda: bital.fit(ours, x, y, **how),
        "keras": lambda: stock.fit(x, y, **how),
    }
    first: dict[str, float] = {}
    times: dict[str, list[float]] = {key: [] for key in runs}
    began = time.perf_counter()
    for done in range(rounds + 2):  # the first compiles, the second warms up
        if done > 2 and time.perf_counter() - began > PATIENCE:
            break
        for key, run in runs.items():
            start = time.perf_counter()
            run()
            seconds = time.perf_counter() - start
            first.setdefault(key, seconds)
            times[key].append(seconds / STEPS * 1e3)
    ms = {key: median(each[2:]) for key, each in times.items()}
    kernels = bital.plan(ours, x, y, **how).kernels.split(":")[0]
    return (
        f"{name:34}{ms['bital']:9.2f}{ms['keras']:11.2f}{ms['keras'] / ms['bital']:9.2f}x"
        f"{first['bital']:9.2f}{first['keras']:9.2f}   {kernels}"
    )


if __name__ == "__main__":
    main()
