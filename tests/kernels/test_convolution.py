"""Convolutions and both their gradients, rewritten, against XLA's own at the top of a program.

Operands hold small whole numbers, so every order of summation gives the same bits.
"""

from functools import partial
from typing import Any, NamedTuple

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from jax import lax

from .jaxprs import assert_same

LAYOUTS = {
    1: [("NHC", "HIO", "NHC"), ("NCH", "OIH", "NCH"), ("HNC", "IHO", "CHN")],
    2: [("NHWC", "HWIO", "NHWC"), ("NCHW", "OIHW", "NCHW"), ("CHWN", "IHWO", "NHWC")],
    3: [("NHWDC", "HWDIO", "NHWDC"), ("NCHWD", "OIHWD", "NCHWD"), ("NHWDC", "OIHWD", "NCHWD")],
}


class Convolution(NamedTuple):
    batch: int
    channels: int
    """per group"""
    filters: int
    """per group"""
    groups: int
    batch_groups: int
    size: tuple[int, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    input_dilation: tuple[int, ...]
    kernel_dilation: tuple[int, ...]
    padding: Any
    layout: tuple[str, str, str]

    def operands(self, dtype: Any = jnp.float32) -> tuple[jax.Array, jax.Array]:
        lengths = dict(zip("HWD", self.size, strict=False))
        lengths |= {"N": self.batch * self.batch_groups, "C": self.channels * self.groups}
        kernel = dict(zip("HWD", self.kernel, strict=False))
        kernel |= {"I": self.channels, "O": self.filters * self.groups * self.batch_groups}
        rng = np.random.default_rng(0)
        draw = lambda letters, table: jnp.asarray(  # noqa: E731
            rng.integers(-1, 2, [table[c] for c in letters]), dtype
        )
        return draw(self.layout[0], lengths), draw(self.layout[1], kernel)

    def convolve(self, lhs: jax.Array, rhs: jax.Array) -> jax.Array:
        return lax.conv_general_dilated(
            lhs,
            rhs,
            self.strides,
            self.padding,
            self.input_dilation,
            self.kernel_dilation,
            self.layout,
            self.groups,
            self.batch_groups,
        )


def with_gradients(
    convolve: Any, lhs: jax.Array, rhs: jax.Array
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    """The output, and the gradients of a weighted sum of it."""
    out, back = jax.vjp(convolve, lhs, rhs)
    weights = (jnp.arange(out.size) % 3 - 1).reshape(out.shape).astype(out.dtype)
    return out, back(weights)


@st.composite
def convolutions(draw: st.DrawFn) -> Convolution:
    rank = draw(st.sampled_from([1, 2, 2, 3]))
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))  # noqa: E731
    padding = draw(st.sampled_from(["SAME", "VALID", "explicit"]))
    dilation = (1,) * rank
    if padding == "explicit":
        padding = tuple(draw(st.tuples(st.integers(-1, 3), st.integers(0, 3))) for _ in range(rank))
        dilation = each(1, 2)
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    channels, filters = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    if draw(st.booleans()) and groups > 1:
        channels = 1  # depthwise
    return Convolution(
        batch=draw(st.integers(1, 3)),
        channels=channels,
        filters=filters,
        groups=groups,
        batch_groups=draw(st.sampled_from([1, 2])) if groups == 1 else 1,
        size=each(6, 9),
        kernel=each(1, 5 if rank < 3 else 2),
        strides=each(1, 3),
        input_dilation=dilation,
        kernel_dilation=each(1, 2) if rank < 3 else dilation,
        padding=padding,
        layout=draw(st.sampled_from(LAYOUTS[rank])),
    )


@given(convolutions())
@settings(max_examples=20, deadline=None)
def test_output_and_gradients_are_xla_s(convolution: Convolution) -> None:
    lhs, rhs = convolution.operands()
    if 0 in jax.eval_shape(convolution.convolve, lhs, rhs).shape:
        return
    assert_same(partial(with_gradients, convolution.convolve), lhs, rhs)


PLAIN = Convolution(
    batch=2,
    channels=3,
    filters=4,
    groups=1,
    batch_groups=1,
    size=(7, 6),
    kernel=(3, 2),
    strides=(2, 1),
    input_dilation=(1, 1),
    kernel_dilation=(1, 1),
    padding="SAME",
    layout=("NHWC", "HWIO", "NHWC"),
)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32, jnp.int32])
def test_other_types(dtype: Any) -> None:
    lhs, rhs = PLAIN.operands(dtype)
    if dtype == jnp.int32:
        assert_same(PLAIN.convolve, lhs, rhs)
    else:
        assert_same(partial(with_gradients, PLAIN.convolve), lhs, rhs)


def test_accumulates_in_the_type_asked_for() -> None:
    lhs, rhs = PLAIN.operands(jnp.bfloat16)
    wide = partial(
        lax.conv_general_dilated,
        window_strides=(1, 1),
        padding="VALID",
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        preferred_element_type=jnp.float32,
    )
    assert_same(wide, lhs, rhs)


def test_real_numbers_to_float_tolerance() -> None:
    lhs, rhs = PLAIN.operands()
    lhs = jax.random.normal(jax.random.key(0), lhs.shape)
    rhs = jax.random.normal(jax.random.key(1), rhs.shape)
    assert_same(partial(with_gradients, PLAIN.convolve), lhs, rhs, relative=1e-5)


@pytest.mark.parametrize("groups", [1, 3])
def test_over_a_replica_axis(groups: int) -> None:
    convolution = PLAIN._replace(groups=groups, channels=3 // groups)
    lhs, rhs = convolution.operands()
    both = jnp.stack([lhs, -2 * lhs, lhs[::-1]]), jnp.stack([rhs, rhs[::-1], 2 * rhs])
    from bital.kernels.rewrite import Traced

    function = partial(with_gradients, convolution.convolve)
    got = jax.jit(jax.vmap(Traced(function, lhs, rhs)))(*both)
    want = [jax.jit(function)(a, b) for a, b in zip(*both, strict=True)]
    stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *want)
    jax.tree.map(np.testing.assert_array_equal, got, stacked)
    assert_same(jax.vmap(function), *both)
