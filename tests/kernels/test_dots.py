"""Small products against lax.dot_general, on whole numbers: exact in any order of summation."""

from typing import Any

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from jax import lax

from bital.kernels.dots import SMALL, dot_work, small_dot


def params(
    lhs_axes: tuple[int, ...],
    rhs_axes: tuple[int, ...],
    lhs_batch: tuple[int, ...] = (),
    rhs_batch: tuple[int, ...] = (),
    preferred: Any = None,
) -> dict[str, Any]:
    return {
        "dimension_numbers": ((lhs_axes, rhs_axes), (lhs_batch, rhs_batch)),
        "precision": None,
        "preferred_element_type": None if preferred is None else np.dtype(preferred),
        "out_sharding": None,
    }


def whole(shape: tuple[int, ...], dtype: Any) -> jax.Array:
    return jnp.asarray(np.random.default_rng(len(shape)).integers(-2, 3, shape), dtype)


def assert_dot(lhs: jax.Array, rhs: jax.Array, options: dict[str, Any]) -> None:
    want = lax.dot_general_p.bind(lhs, rhs, **options)
    (got,) = jax.jit(lambda a, b: small_dot(a, b, **options))(lhs, rhs)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    np.testing.assert_array_equal(np.asarray(got, np.float64), np.asarray(want, np.float64))


sizes = st.lists(st.integers(1, 5), max_size=2)


@given(sizes, sizes, st.integers(1, 7), st.data())
@settings(max_examples=30, deadline=None)
def test_one_contracted_axis_anywhere(
    left: list[int], right: list[int], inner: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(left))), data.draw(st.integers(0, len(right)))
    left.insert(at[0], inner)
    right.insert(at[1], inner)
    dtype = data.draw(st.sampled_from([jnp.float32, jnp.int32, jnp.bfloat16, jnp.float16]))
    assert_dot(whole(tuple(left), dtype), whole(tuple(right), dtype), params((at[0],), (at[1],)))


@pytest.mark.parametrize(
    ("lhs", "rhs", "options"),
    [
        ((3, 4, 5), (3, 5, 2), params((2,), (1,), (0,), (0,))),
        ((3, 4), (3, 4), params((), (), (0, 1), (0, 1))),
        ((4, 3, 2), (3, 4), params((0, 1), (1, 0))),
        ((3, 4), (3, 4), params((0, 1), (0, 1))),
        ((4,), (5,), params((), ())),
        ((), (), params((), ())),
        ((40, 40), (40, 40), params((1,), (0,))),
        ((0, 4), (4, 3), params((1,), (0,))),
        ((2, 0), (0, 3), params((1,), (0,))),
    ],
)
def test_every_other_product(
    lhs: tuple[int, ...], rhs: tuple[int, ...], options: dict[str, Any]
) -> None:
    assert_dot(whole(lhs, jnp.float32), whole(rhs, jnp.float32), options)


@pytest.mark.parametrize(
    ("dtype", "preferred"),
    [(jnp.bfloat16, jnp.float32), (jnp.int8, jnp.int32), (jnp.float32, jnp.float32)],
)
def test_accumulates_in_the_type_asked_for(dtype: Any, preferred: Any) -> None:
    # 8 x 2 x 2 > 16: would show if it were summed in int8's or bfloat16's narrow steps
    lhs, rhs = jnp.full((3, 70), 2, dtype), jnp.full((70, 2), 2, dtype)
    assert_dot(lhs, rhs, params((1,), (0,), preferred=preferred))


def test_only_a_small_product_is_replaced() -> None:
    def names(inner: int) -> set[str]:
        lhs, rhs = jnp.ones((8, inner)), jnp.ones((inner, 8))
        jaxpr = jax.make_jaxpr(lambda a, b: small_dot(a, b, **params((1,), (0,))))(lhs, rhs)
        return {eqn.primitive.name for eqn in jaxpr.eqns}

    assert "dot_general" not in names(SMALL // 64)
    assert "dot_general" in names(SMALL // 64 + 1)


def test_work_is_the_multiply_adds() -> None:
    assert dot_work((7, 4), (4, 16), **params((1,), (0,))) == 7 * 4 * 16
    assert dot_work((3, 4, 5), (3, 5, 2), **params((2,), (1,), (0,), (0,))) == 3 * 4 * 5 * 2
    assert dot_work((4, 3), (3, 4), **params((0, 1), (1, 0))) == 12
    assert dot_work((4,), (5,), **params((), ())) == 20
    assert dot_work((), (), **params((), ())) == 1
    assert dot_work((2, 0), (0, 3), **params((1,), (0,))) == 0
