"""Max-pooling's gradient against XLA's select_and_scatter, bit by bit.

Sources hold whole numbers, so that overlapping windows add up to the same bits in any order.
"""

from typing import Any

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from jax import lax

from bital.kernels.pooling import VECTOR, pool_gradient

from .jaxprs import assert_same

channels = st.sampled_from([2, VECTOR])  # tiling windows are spread in two ways


@st.composite
def poolings(draw: st.DrawFn) -> tuple[tuple[int, ...], dict[str, Any]]:
    rank = draw(st.integers(1, 3))
    shape = [
        draw(st.integers(1, 2)),
        *(draw(st.integers(3, 8)) for _ in range(rank)),
        draw(channels),
    ]
    window = [1, *(draw(st.integers(1, 3)) for _ in range(rank)), 1]
    strides = [1, *(draw(st.integers(1, 4)) for _ in range(rank)), 1]
    if draw(st.booleans()):
        strides = list(window)
    padding = [(0, 0)] * len(shape)
    if draw(st.booleans()):
        for axis in range(1, rank + 1):
            padding[axis] = draw(st.tuples(*[st.integers(0, window[axis] - 1)] * 2))
    return tuple(shape), {
        "select_prim": draw(st.sampled_from([lax.ge_p, lax.ge_p, lax.le_p])),
        "window_dimensions": tuple(window),
        "window_strides": tuple(strides),
        "padding": tuple(padding),
    }


def windows(shape: tuple[int, ...], params: dict[str, Any]) -> list[int]:
    return [
        (n + low + high - size) // step + 1
        for n, size, step, (low, high) in zip(
            shape,
            params["window_dimensions"],
            params["window_strides"],
            params["padding"],
            strict=True,
        )
    ]


@given(
    poolings(),
    st.sampled_from(
        [[0, 1, 2], [0, 1, 2, np.inf, -np.inf], [-np.inf, -1], [np.nan, 0, 1, -np.inf]]
    ),
    st.integers(0, 2**16),
)
@settings(max_examples=25, deadline=None)
def test_is_xla_s(
    pooling: tuple[tuple[int, ...], dict[str, Any]], values: list[float], seed: int
) -> None:
    shape, params = pooling
    rng = np.random.default_rng(seed)
    operand = jnp.asarray(rng.choice(values, shape), jnp.float32)
    source = jnp.asarray(rng.integers(1, 9, windows(shape, params)), jnp.float32)
    want = jax.jit(lambda s, o: lax.select_and_scatter_add_p.bind(s, o, **params))(source, operand)
    (got,) = jax.jit(lambda s, o: pool_gradient(s, o, **params))(source, operand)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
@pytest.mark.parametrize("padding", ["VALID", "SAME"])
def test_gradient_of_max_pooling_in_short_floats(dtype: Any, padding: str) -> None:
    x = jnp.asarray(np.random.default_rng(0).integers(0, 5, (2, 7, 7, 3)), dtype)

    def pooled(x: jax.Array) -> jax.Array:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), padding)

    assert_same(jax.grad(lambda x: pooled(x).sum()), x)


def test_gradient_of_min_pooling() -> None:
    x = jnp.asarray(np.random.default_rng(0).integers(0, 5, (2, 7, 7, 3)), jnp.float32)

    def pooled(x: jax.Array) -> jax.Array:
        return lax.reduce_window(x, jnp.inf, lax.min, (1, 3, 3, 1), (1, 2, 2, 1), "SAME")

    assert_same(jax.grad(lambda x: pooled(x).sum()), x)


def test_not_a_number_in_the_source_reaches_its_winner_only() -> None:
    operand = jnp.asarray([[0.0, 1.0, 5.0, 2.0]])
    source = jnp.asarray([[np.nan, 3.0]])
    params: dict[str, Any] = {
        "select_prim": lax.ge_p,
        "window_dimensions": (1, 2),
        "window_strides": (1, 2),
        "padding": ((0, 0), (0, 0)),
    }
    (got,) = pool_gradient(source, operand, **params)
    np.testing.assert_array_equal(got, [[0, np.nan, 3, 0]])
    overlapping = params | {"window_strides": (1, 1)}
    (got,) = pool_gradient(jnp.asarray([[np.nan, 3.0, 4.0]]), operand, **overlapping)
    np.testing.assert_array_equal(got, [[0, np.nan, 7, 0]])


def test_over_a_replica_axis() -> None:
    x = jnp.asarray(np.random.default_rng(0).integers(0, 3, (4, 2, 6, 6, 2)), jnp.float32)

    def gradient(x: jax.Array) -> jax.Array:
        pooled = lambda x: lax.reduce_window(  # noqa: E731
            x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"
        )
        return jax.grad(lambda x: (pooled(x) ** 2).sum())(x)

    assert_same(jax.vmap(gradient), x)


def test_another_comparison_is_left_to_xla() -> None:
    operand, source = jnp.asarray([3.0, 1.0, 1.0, 2.0]), jnp.asarray([1.0, 2.0])
    params: dict[str, Any] = {
        "select_prim": lax.gt_p,
        "window_dimensions": (2,),
        "window_strides": (2,),
        "padding": ((0, 0),),
    }
    (got,) = pool_gradient(source, operand, **params)
    np.testing.assert_array_equal(got, lax.select_and_scatter_add_p.bind(source, operand, **params))
