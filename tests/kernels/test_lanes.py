"""Functions over lanes against `jax.vmap` with the axis last."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bital.kernels.lanes import lanes
from bital.kernels.rewrite import Traced
from bital.kernels.side_by_side import LONGEST

WIDTH = 5
RANDOM = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray:
    return RANDOM.normal(size=shape).astype(np.float32)


def assert_lanes(
    function: Callable[..., Any], *args: Any, mapped: Any = None, axis: str | None = None
) -> Any:
    """Compare `lanes` with `vmap`; by default every argument has the axis of copies last."""
    mapped = (True,) * len(args) if mapped is None else mapped
    axes = jax.tree.map(lambda flag: -1 if flag else None, mapped)
    want = jax.jit(jax.vmap(function, axes, -1, axis_name=axis, axis_size=WIDTH))(*args)
    got = jax.jit(lanes(function, mapped, WIDTH, axis))(*args)
    assert jax.tree.structure(got) == jax.tree.structure(want)
    for mine, other in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert (mine.shape, mine.dtype) == (other.shape, other.dtype)
        np.testing.assert_allclose(mine, other, rtol=2e-5, atol=2e-5)
    return got


A, B = floats(3, 4, WIDTH), floats(4, 6, WIDTH)
SHARED = floats(3, 4)
INDEX = RANDOM.integers(0, 3, (2, WIDTH)).astype(np.int32)
SCALAR = floats(WIDTH)

FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], Any]] = {
    "elementwise": (lambda a: jnp.tanh(a) * 2 + jnp.where(a > 0, a, -1.0), (A,), None),
    "a scalar of each": (lambda a, s: a * s + s, (A, SCALAR), None),
    "a shared operand": (lambda a, b: a - b, (A, SHARED), (True, False)),
    "a choice of each": (lambda s, a, b: jnp.where(s > 0, a, b), (SCALAR, A, A[::-1]), None),
    "only shared": (lambda a: a.sum(), (SHARED,), (False,)),
    "sums": (lambda a: (a.sum(), a.sum(0), a.sum((0, 1)), a.mean(1, keepdims=True)), (A,), None),
    "a long sum": (lambda a: (a.sum(0), a.max(0), a.prod(0)), (floats(45, 2, WIDTH),), None),
    "extremes": (lambda a: (a.max(1), a.min(0), a.argmax(1), a.argmin(0)), (A,), None),
    "an empty sum": (lambda a: (a.sum(0), (a > 0).all(0)), (floats(0, 2, WIDTH),), None),
    "logic": (lambda a: ((a > 0).any(0), (a > 0).all(1)), (A,), None),
    "cumulation": (lambda a: (jnp.cumsum(a, 1), jnp.flip(a, 0)), (A,), None),
    "shapes": (lambda a: (a.T, a.reshape(2, 6), a[None], jnp.squeeze(a[:1])), (A,), None),
    "a broadcast": (lambda a: jnp.broadcast_to(a[:, None], (3, 2, 4)), (A,), None),
    "joined": (lambda a, b: jnp.concatenate([a, b, b], 1), (A, SHARED), (True, False)),
    "split": (lambda a: jnp.split(a, 2, 1), (A,), None),
    "padded": (lambda a: jnp.pad(a, ((1, 0), (0, 2))), (A,), None),
    "sorted": (lambda a: jnp.sort(a, 1), (A,), None),
    "rows of a table": (lambda t, i: t[i], (SHARED, INDEX), (False, True)),
    "rows of each": (lambda t, i: t[i], (A, INDEX), None),
    "a slice": (lambda a, i: lax.dynamic_slice_in_dim(a, i, 2, 1), (A, np.int32(1)), (True, False)),
    "own slices": (lambda a, i: lax.dynamic_slice_in_dim(a, i[0], 2, 0), (A, INDEX), None),
    "an update": (
        lambda a, b, i: lax.dynamic_update_index_in_dim(a, b, i, 0),
        (np.zeros((3, 4), np.float32), floats(4, WIDTH), np.int32(2)),
        (False, True, False),
    ),
    "own updates": (lambda a, i: a.at[i[0]].set(1.0), (A, INDEX), None),
    "a product": (lambda a, b: a @ b, (A, B), None),
    "a shared factor": (lambda a, b: a @ b, (SHARED, B), (False, True)),
    "a vector": (lambda a, b: a @ b[:, 0], (A, B), None),
    "its gradients": (jax.grad(lambda a, b: (a @ b).max(), (0, 1)), (A, B), None),
    "batched products": (
        lambda a, b: jnp.einsum("bij,bkj->bik", a, b),
        (floats(2, 3, 4, WIDTH), floats(2, 5, 4, WIDTH)),
        None,
    ),
    "two contracted axes": (
        lambda a, b: jnp.tensordot(a, b, ((0, 2), (1, 0))),
        (floats(2, 3, 4, WIDTH), floats(4, 2, 5, WIDTH)),
        None,
    ),
    "an outer product": (jnp.outer, (floats(3, WIDTH), floats(4, WIDTH)), None),
    "a long product": (
        lambda a, b: a @ b,
        (floats(2, LONGEST + 1, WIDTH), floats(LONGEST + 1, 2, WIDTH)),
        None,
    ),
    "whole numbers": (lambda a: a @ a.T, (RANDOM.integers(-2, 3, (3, 4, WIDTH)),), None),
    "a convolution": (
        lambda a, k: lax.conv(a, k, (1, 1), "SAME"),
        (floats(2, 3, 5, 5, WIDTH), floats(4, 3, 3, 3, WIDTH)),
        None,
    ),
    "random bits": (
        lambda k, a: jax.random.normal(k, (3, 4)) + a,
        (RANDOM.integers(0, 9, (2, WIDTH)).astype(np.uint32), A),
        None,
    ),
    "a checkpoint": (jax.grad(jax.checkpoint(lambda a: jnp.sin(a @ a.T).sum())), (A,), None),
    "relu": (jax.grad(lambda a: jax.nn.relu(a).sum()), (A,), None),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_operation_is_what_vmap_makes_of_it(name: str) -> None:
    function, args, mapped = FUNCTIONS[name]
    assert_lanes(function, *args, mapped=mapped)


def test_a_loop_carries_the_axis_once_something_brings_it() -> None:
    def function(a: Any, count: Any) -> Any:
        def body(i: Any, carry: Any) -> Any:
            first, _, steps = carry  # the second has the axis from the second round on
            return a + i, first, steps + 1

        return lax.fori_loop(0, count, body, (jnp.zeros((3, 4)), jnp.zeros((3, 4)), 0))

    for count in (0, 1, 3):
        assert_lanes(function, A, np.int32(count), mapped=(True, False))


def test_a_scan_over_own_and_shared_elements() -> None:
    def function(a: Any, shared: Any) -> Any:
        def body(carry: Any, each: Any) -> Any:
            return carry + each[0] * each[1], (carry, each[1] + 1)

        return lax.scan(body, jnp.zeros(4), (a, shared), reverse=True)

    assert_lanes(function, A, SHARED, mapped=(True, False))


def test_branches_chosen_for_all_and_by_each() -> None:
    def function(shared: Any, own: Any, a: Any) -> Any:
        one = lax.cond(
            shared > 0, lambda a: (a * 2, 1.0), lambda a: (jnp.zeros((3, 4)), a[0, 0]), a
        )
        return one, lax.cond(own > 0, jnp.sin, jnp.cos, a)

    for sign in (-1, 1):
        assert_lanes(function, np.float32(sign), SCALAR, A, mapped=(False, True, True))


def test_copies_that_ask_each_other() -> None:
    def function(a: Any) -> Any:
        def more(carry: Any) -> Any:
            return lax.pmin(carry[0], "copies") < 3

        first = lax.while_loop(more, lambda c: (c[0] + jnp.abs(a[0, 0]) + 1, c[1] + 1), (0.0, 0))
        return first, lax.psum(a, "copies"), lax.pmax(a[0], "copies")

    assert_lanes(function, A, axis="copies")


def test_copies_of_a_loop_must_agree_when_it_ends() -> None:
    function = partial(lax.while_loop, lambda c: c < 3, lambda c: c + 1)
    with pytest.raises(NotImplementedError, match="must agree"):
        lanes(function, (True,), WIDTH)(SCALAR)


def test_a_traced_function_inside_is_not_replaced_first() -> None:
    """Its small products would be sums already, and slow ones."""
    traced = Traced(lambda a, b: a @ b, A[..., 0], B[..., 0])
    jaxpr = jax.make_jaxpr(lanes(traced, (True, True), WIDTH))(A, B)
    assert "reduce_sum" not in str(jaxpr)
    assert_lanes(traced, A, B)
    assert "reduce_sum" in str(jax.make_jaxpr(traced)(A[..., 0], B[..., 0]))


def test_a_product_is_computed_once_whoever_reads_it() -> None:
    def function(a: Any, b: Any) -> Any:
        both = a @ b
        return both.sum(), both * 2, (both @ both.T).max()

    compiled = jax.jit(lanes(function, (True, True), WIDTH)).lower(A, B).compile()
    assert compiled.as_text().count(" call(") == 2
