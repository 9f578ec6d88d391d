"""A rewritten function gives what the function gives, whatever stands around its parts."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bital.kernels.rewrite import Traced

from .jaxprs import assert_same, operations, slow_operations

Function = Callable[..., Any]

X = jnp.asarray(np.random.default_rng(0).normal(size=(2, 6, 6, 3)), jnp.float32)
KERNEL = jnp.asarray(np.random.default_rng(1).normal(size=(3, 3, 3, 3)) / 5, jnp.float32)


def convolved(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def loss(kernel: jax.Array, x: jax.Array) -> jax.Array:
    """Convolution, relu (a custom_jvp), max-pooling and a product: one of each rule."""
    hidden = jax.nn.relu(convolved(kernel, x))
    pooled = lax.reduce_window(hidden, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return jnp.mean((pooled @ kernel[0, 0]) ** 2)


def step(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return kernel - 0.1 * jax.grad(loss)(kernel, x)


def forward(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return jax.nn.relu(convolved(kernel, x))  # a custom_jvp that no derivative has taken apart


def both_gradients(kernel: jax.Array, x: jax.Array) -> Any:
    return jax.value_and_grad(loss, argnums=(0, 1))(kernel, x)


def in_fori_loop(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return lax.fori_loop(0, 3, lambda _, k: step(k, x), kernel)


def in_dynamic_loop(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return lax.fori_loop(0, x.shape[0] + (x[0, 0, 0, 0] > 9), lambda _, k: step(k, x), kernel)


def in_scan(kernel: jax.Array, x: jax.Array) -> Any:
    def body(carry: Any, x: jax.Array) -> Any:
        kernel, count = carry
        return (step(kernel, x), count + 1), loss(kernel, x)

    return lax.scan(body, (kernel, 0), jnp.stack([x, -x, 2 * x]))


def in_while_loop(kernel: jax.Array, x: jax.Array) -> Any:
    # the condition has an operation with a rule too
    return lax.while_loop(
        lambda carry: (carry[1] < 3) & (loss(carry[0], x) > -1),
        lambda carry: (step(carry[0], x), carry[1] + 1),
        (kernel, 0),
    )


def in_branches(kernel: jax.Array, x: jax.Array) -> jax.Array:
    kernel = lax.cond(x[0, 0, 0, 0] > 0, step, lambda k, _: k, kernel, x)
    return lax.switch(1, [lambda k: k, lambda k: step(k, x), lambda k: step(k, -x)], kernel)


def in_loops_in_branches_in_loops(kernel: jax.Array, x: jax.Array) -> jax.Array:
    def body(i: Any, kernel: jax.Array) -> jax.Array:
        return lax.cond(i % 2 == 0, lambda k: in_fori_loop(k, x), lambda k: k, kernel)

    return lax.fori_loop(0, 2, body, kernel)


def checkpointed(kernel: jax.Array, x: jax.Array) -> Any:
    return jax.grad(jax.checkpoint(loss))(kernel, x), jax.checkpoint(forward)(kernel, x)


def in_nested_jit(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return jax.jit(lambda k: jax.jit(step)(k, x) + jax.jit(step, inline=True)(k, x))(kernel)


@jax.custom_vjp
def clipped(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return loss(kernel, x)


def _clipped_forward(kernel: jax.Array, x: jax.Array) -> Any:
    value, gradients = both_gradients(kernel, x)
    return value, gradients


def _clipped_backward(gradients: Any, cotangent: jax.Array) -> Any:
    return jax.tree.map(lambda g: jnp.clip(cotangent * g, -0.01, 0.01), gradients)


clipped.defvjp(_clipped_forward, _clipped_backward)


def custom_vjp(kernel: jax.Array, x: jax.Array) -> Any:
    return clipped(kernel, x), jax.grad(clipped, argnums=(0, 1))(kernel, x)


@jax.custom_jvp
def doubled_slope(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return loss(kernel, x)


@doubled_slope.defjvp
def _doubled_slope_jvp(primals: Any, tangents: Any) -> Any:
    value, tangent = jax.jvp(loss, primals, tangents)
    return value, 2 * tangent


def custom_jvp(kernel: jax.Array, x: jax.Array) -> Any:
    return doubled_slope(kernel, x), jax.grad(doubled_slope)(kernel, x)


def linear_solve(kernel: jax.Array, x: jax.Array) -> Any:
    matrix = kernel[0, 0] @ kernel[0, 0].T + jnp.eye(3)
    solved, _ = jax.scipy.sparse.linalg.cg(lambda v: matrix @ v, x[0, 0, 0])
    return solved, jnp.linalg.solve(matrix, x[0, 0, 0]), jnp.linalg.qr(matrix)[1]


def over_replicas(kernel: jax.Array, x: jax.Array) -> jax.Array:
    return jax.vmap(in_fori_loop, in_axes=(0, None))(jnp.stack([kernel, 2 * kernel]), x)


def random_mask(kernel: jax.Array, x: jax.Array) -> Any:
    key = jax.random.wrap_key_data(jnp.asarray([0, 1], jnp.uint32))
    keys = jax.random.split(key)
    keep = jax.random.bernoulli(keys[0], 0.5, x.shape)
    return step(kernel, x * keep), jax.random.key_data(keys)


AROUND = [
    step,
    forward,
    both_gradients,
    in_fori_loop,
    in_dynamic_loop,
    in_scan,
    in_while_loop,
    in_branches,
    in_loops_in_branches_in_loops,
    checkpointed,
    in_nested_jit,
    custom_vjp,
    custom_jvp,
    linear_solve,
    over_replicas,
    random_mask,
]


@pytest.mark.parametrize("function", AROUND, ids=lambda f: f.__name__)
def test_same_results_and_nothing_slow_left(function: Function) -> None:
    assert_same(function, KERNEL, X, relative=1e-5)


def test_what_checkpoint_recomputes_stays_apart() -> None:
    traced = Traced(checkpointed, KERNEL, X)
    names = [eqn.primitive.name for eqn in operations(traced, KERNEL, X)]
    assert names.count("optimization_barrier") == 1
    apart = jax.checkpoint(loss, prevent_cse=False)
    merged = Traced(jax.grad(apart), KERNEL, X)
    names = [eqn.primitive.name for eqn in operations(merged, KERNEL, X)]
    assert "optimization_barrier" not in names


@pytest.mark.parametrize("function", [step, in_scan, custom_vjp], ids=lambda f: f.__name__)
def test_without_jit(function: Function) -> None:
    got, want = Traced(function, KERNEL, X)(KERNEL, X), function(KERNEL, X)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "loop",
    [
        lambda f, k, x: lax.fori_loop(0, 3, lambda _, k: f(k, x), k),
        lambda f, k, x: lax.scan(lambda k, _: (f(k, x), ()), k, length=3)[0],
        lambda f, k, x: lax.cond(x[0, 0, 0, 0] < 99, f, lambda k, _: k, k, x),
        lambda f, k, x: jax.vmap(f, in_axes=(None, 0))(k, jnp.stack([x, -x])),
        lambda f, k, x: jax.checkpoint(f)(k, x),
    ],
    ids=["fori_loop", "scan", "cond", "vmap", "checkpoint"],
)
def test_called_where_jax_traces(loop: Function) -> None:
    want = jax.jit(partial(loop, step))(KERNEL, X)
    got = jax.jit(partial(loop, Traced(step, KERNEL, X)))(KERNEL, X)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def test_traced_from_shapes_with_pytrees() -> None:
    def function(tree: dict[str, Any], scale: jax.Array) -> Any:
        top, _ = lax.top_k(tree["x"].ravel(), 2)  # one result of two is dropped
        same = tree["kernel"]
        moved = [step(tree["kernel"], tree["x"] * scale), top]
        return {"same": same, "twice": (same, same), "constant": 2.0, "none": None, "moved": moved}

    tree = {"x": X, "kernel": KERNEL}
    shapes = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, a.dtype), (tree, jnp.float32(2)))
    traced = Traced(function, *shapes)
    got, want = traced(tree, 2.0), function(tree, 2.0)
    assert jax.tree.structure(got) == jax.tree.structure(want)
    assert jax.tree.structure(traced.out_shape) == jax.tree.structure(want)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_constants_the_function_closes_over() -> None:
    table = np.asarray(KERNEL) * 3
    assert_same(lambda x: step(jnp.asarray(table), x), X, relative=1e-5)


def test_a_loop_may_carry_python_numbers() -> None:
    def function(kernel: jax.Array, x: jax.Array) -> Any:
        def body(carry: Any) -> Any:
            kernel, total, count = carry
            return step(kernel, x), total * 1.0 + 0.5, count + 1

        return lax.while_loop(lambda carry: carry[2] < 2, body, (kernel, 0.0, 0))

    assert_same(function, KERNEL, X, relative=1e-5)


def test_half_precision() -> None:
    for dtype in (jnp.bfloat16, jnp.float16):
        assert_same(in_fori_loop, KERNEL.astype(dtype), X.astype(dtype), relative=0.05)


def test_prints_from_inside_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    def function(kernel: jax.Array, x: jax.Array) -> jax.Array:
        jax.debug.print("at {}", x.shape[0])
        return lax.fori_loop(0, 2, lambda _, k: _told(k, x), kernel)

    def _told(kernel: jax.Array, x: jax.Array) -> jax.Array:
        jax.debug.print("step")
        return step(kernel, x)

    jax.block_until_ready(jax.jit(Traced(function, KERNEL, X))(KERNEL, X))
    jax.effects_barrier()
    assert capsys.readouterr().out.split() == ["at", "2", "step", "step"]


def test_told_to_replace_nothing_it_replaces_nothing() -> None:
    traced = Traced(in_scan, KERNEL, X, replace=False)
    assert {"select_and_scatter_add"} <= set(slow_operations(traced, KERNEL, X))
    np.testing.assert_array_equal(jax.jit(traced)(KERNEL, X)[1], jax.jit(in_scan)(KERNEL, X)[1])


def test_another_number_of_arrays_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        Traced(step, KERNEL, X)(KERNEL)


def test_primitives_are_those_inside_too() -> None:
    traced = Traced(in_branches, KERNEL, X)
    assert traced.primitives == {eqn.primitive.name for eqn in operations(in_branches, KERNEL, X)}
    assert {"cond", "conv_general_dilated", "select_and_scatter_add"} <= traced.primitives


def test_dot_work_counts_every_product_once() -> None:
    def function(a: jax.Array, b: jax.Array) -> jax.Array:
        return lax.fori_loop(0, 9, lambda _, c: jnp.tanh(c @ b), a @ b)

    a, b = jnp.ones((5, 4)), jnp.ones((4, 4))
    assert Traced(function, a, b).dot_work == 2 * 5 * 4 * 4
    assert Traced(jnp.sin, a).dot_work == 0
