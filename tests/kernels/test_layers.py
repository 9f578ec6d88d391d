"""One training step of Keras's layers, rewritten inside a loop, against the plain step."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from jax import lax
from keras import layers

from bital.kernels.rewrite import Traced

from .jaxprs import slow_operations

IMAGE, SERIES, VOLUME = (9, 8, 4), (11, 4), (6, 5, 6, 2)

CASES: dict[str, tuple[tuple[int, ...], Callable[[], list[Any]]]] = {
    "conv": (IMAGE, lambda: [layers.Conv2D(5, 3, padding="same", activation="relu")]),
    "conv_valid": (IMAGE, lambda: [layers.Conv2D(5, (3, 2))]),
    "conv_strided": (IMAGE, lambda: [layers.Conv2D(5, 3, strides=2, padding="same")]),
    "conv_dilated": (IMAGE, lambda: [layers.Conv2D(5, 3, dilation_rate=2, padding="same")]),
    "conv_grouped": (IMAGE, lambda: [layers.Conv2D(6, 3, groups=2)]),
    "conv_channels_first": (IMAGE, lambda: [layers.Conv2D(5, 3, data_format="channels_first")]),
    "depthwise": (IMAGE, lambda: [layers.DepthwiseConv2D(3, padding="same")]),
    "depthwise_multiplied": (IMAGE, lambda: [layers.DepthwiseConv2D(3, depth_multiplier=2)]),
    "depthwise_strided": (IMAGE, lambda: [layers.DepthwiseConv2D(3, strides=2, padding="same")]),
    "separable": (IMAGE, lambda: [layers.SeparableConv2D(5, 3, padding="same")]),
    "transposed": (IMAGE, lambda: [layers.Conv2DTranspose(5, 3, strides=2, padding="same")]),
    "average": (IMAGE, lambda: [layers.AveragePooling2D(2)]),
    "average_overlapping": (IMAGE, lambda: [layers.AveragePooling2D(3, 2, padding="same")]),
    "max": (IMAGE, lambda: [layers.MaxPooling2D()]),
    "max_overlapping": (IMAGE, lambda: [layers.MaxPooling2D(3, strides=2)]),
    "max_padded": (IMAGE, lambda: [layers.MaxPooling2D(3, strides=2, padding="same")]),
    "global_max": (IMAGE, lambda: [layers.GlobalMaxPooling2D()]),
    "normalized": (IMAGE, lambda: [layers.Conv2D(5, 3), layers.BatchNormalization()]),
    "series": (SERIES, lambda: [layers.Conv1D(5, 3, padding="causal"), layers.MaxPooling1D(3, 2)]),
    "separable_series": (SERIES, lambda: [layers.SeparableConv1D(5, 3, strides=2)]),
    "volume": (VOLUME, lambda: [layers.Conv3D(3, 2, padding="same"), layers.MaxPooling3D()]),
    "recurrent": (SERIES, lambda: [layers.LSTM(5), layers.Reshape((5, 1))]),
    "attention": (SERIES, lambda: [SelfAttention()]),
}


class SelfAttention(layers.Layer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.attention = layers.MultiHeadAttention(2, 3)

    def build(self, shape: Any) -> None:
        self.attention.build(shape, shape)

    def call(self, x: Any) -> Any:
        return self.attention(x, x)


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_the_plain_ones(name: str) -> None:
    shape, stack = CASES[name]
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(3, *shape)).astype("float32")
    y = np.random.default_rng(1).normal(size=(3, 2)).astype("float32")
    front = layers.Dense(shape[-1])  # so that the gradient of the layer's input is needed
    model = keras.Sequential([layers.Input(shape), front, *stack(), layers.Flatten()])
    model.add(layers.Dense(2))
    weights = [v.value for v in model.trainable_variables]
    rest = [v.value for v in model.non_trainable_variables]

    def loss(weights: Any, x: Any) -> Any:
        outputs, _ = model.stateless_call(weights, rest, x, training=True)
        return jnp.mean((outputs - y) ** 2)

    def gradients(weights: Any, x: Any) -> Any:
        return jax.grad(loss)(weights, x)

    traced = Traced(gradients, weights, x)

    def looped(weights: Any, x: Any) -> Any:
        zeros = [jnp.zeros_like(w) for w in weights]
        return lax.fori_loop(0, len(x) // 3, lambda _, g: traced(weights, x), zeros)

    got, want = jax.jit(looped)(weights, x), jax.jit(gradients)(weights, x)
    assert not slow_operations(looped, weights, x)
    largest = max(float(jnp.abs(g).max()) for g in want)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * largest)
