"""Small programs become one function and compute what they did."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from bital.kernels import one_call
from bital.kernels.one_call import SMALL, compiled_as_one, fits_one_call
from bital.kernels.options import compiler_options
from bital.kernels.rewrite import Traced

A = np.random.default_rng(0).uniform(0.1, 0.9, (7, 12)).astype(np.float32)
I = np.arange(84, dtype=np.int32).reshape(7, 12) % 11  # noqa: E741
KEY = jax.random.key(3)

OPERATIONS: dict[str, Callable[..., Any]] = {
    "unary": lambda a: [
        f(a)
        for f in (
            *(jnp.abs, jnp.negative, jnp.sign, jnp.exp, jnp.exp2, jnp.expm1, jnp.log, jnp.log1p),
            *(jnp.tanh, lax.logistic, lax.erf, lax.erfc, lax.erf_inv, jnp.sqrt, lax.rsqrt),
            *(jnp.square, jnp.cbrt, jnp.floor, jnp.ceil, jnp.round, jnp.isfinite, jnp.sin, jnp.cos),
        )
    ],
    "binary": lambda a: [a + a, a - 2, a * a, a / 3, a**3, a**0.3, jnp.maximum(a, 0.5), a % 0.3],
    "compared": lambda a: [a < 0.5, a <= 0.5, a > 0.5, a >= 0.5, a == 0.5, a != 0.5, ~(a > 0.1)],
    "chosen": lambda a: [jnp.where(a > 0.5, a, -a), jnp.clip(a, 0.2, 0.4), (a > 0.2) ^ (a < 0.4)],
    "reduced": lambda a: [
        f(a, axis=axis)
        for axis in (0, 1, None)
        for f in (jnp.sum, jnp.max, jnp.min, jnp.prod, jnp.argmax, jnp.argmin, jnp.mean, jnp.var)
    ],
    "logical": lambda a: [jnp.all(a > 0.2, 0), jnp.any(a > 0.8, 1), jax.nn.softmax(a)],
    "shaped": lambda a: [
        *(a.T, a.reshape(12, 7), a[None, :, None], jnp.broadcast_to(a[0], (3, 12)), a[::-1]),
        *(jnp.concatenate([a, a]), jnp.pad(a, 1), jnp.tile(a, (2, 1)), *jnp.split(a, 3, axis=1)),
    ],
    "taken": lambda a: [
        *(a[2:5, 1:], lax.dynamic_slice_in_dim(a, 3, 2), a[I[0] % 7], a[I[0] % 7, I[1]]),
        lax.dynamic_update_slice_in_dim(a, a[:2], 4, 0),
    ],
    "products": lambda a: [a @ a.T, a.T @ a, a @ a[0], a[0] @ a.T, jnp.outer(a[0], a[1])],
    "integers": lambda a: [I + 1, I // 3, I % 3, I << 2, I >> 1, I.astype("float32") * a, I & 3],
    "chance": lambda a: [
        *(jax.random.uniform(KEY, (5, 3)), jax.random.normal(KEY, (5,)), jax.random.split(KEY)),
        *(jax.random.bernoulli(jax.random.fold_in(KEY, 2), 0.5, (9,)), a),
    ],
    "branches": lambda a: [lax.cond(a[0, 0] > 0.5, lambda x: x * 2, lambda x: x - 1, a)],
    "activations": lambda a: [
        f(a - 0.5)
        for f in (jax.nn.relu, jax.nn.elu, jax.nn.selu, jax.nn.gelu, jax.nn.silu, jax.nn.softplus)
    ],
    "gradients": jax.grad(lambda w: jnp.mean(jax.nn.log_softmax(jnp.tanh(w @ w.T)))),
    "loop": lambda a: lax.fori_loop(0, 5, lambda i, w: w - 0.1 * w[i % 7] @ w.T @ w, a),
}

# Names of other releases of JAX, what only groups or copies, and what is written with the others.
OTHERWISE = {
    *("add_any", "bitcast_convert_type", "copy", "custom_jvp_call", "custom_vjp_call", "pjit"),
    *("clamp", "optimization_barrier", "random_unwrap", "random_wrap", "stop_gradient"),
    *("shift_left", "shift_right_arithmetic", "shift_right_logical", "xor", "pow", "iota"),
}


def compiled(function: Callable[..., Any], *args: Any) -> Any:
    options = compiler_options(frozenset(), one_call=True)
    found = compiled_as_one(function, {"compiler_options": options}, *args)
    assert found is not None
    return found


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_one_function_computes_what_the_kernels_do(name: str) -> None:
    def keyless(a: Any) -> Any:
        return jax.tree.map(
            lambda x: jax.random.key_data(x) if jnp.issubdtype(x.dtype, jax.dtypes.prng_key) else x,
            OPERATIONS[name](a),
        )

    expected = jax.jit(keyless)(A)
    for mine, other in zip(
        jax.tree.leaves(compiled(keyless, A)(A)), jax.tree.leaves(expected), strict=True
    ):
        assert mine.dtype == other.dtype
        np.testing.assert_allclose(mine, other, rtol=2e-6, atol=2e-6)


def test_what_is_let_in_is_tried_here() -> None:
    tried = frozenset[str]().union(*(Traced(f, A).primitives for f in OPERATIONS.values()))
    assert set(one_call._EMITTED.split()) <= tried | OTHERWISE


def test_what_nobody_reads_does_not_end_the_process() -> None:
    def function(a: Any, unread: Any, dead: Any) -> Any:
        lax.fori_loop(0, 3, lambda i, w: w + dead[i], a)
        return lax.fori_loop(0, 3, lambda _, carry: (carry[0] * 2, carry[1]), (a, dead))[0]

    np.testing.assert_allclose(compiled(function, A, A, A)(A, A, A), 8 * A)


def test_an_empty_array_cannot_be_touched() -> None:
    assert compiled_as_one(lambda a, b: a * 2, {}, A, A[:0]) is None


def test_random_numbers_are_drawn_in_a_loop() -> None:
    def function(a: Any, key: Any) -> Any:
        def body(_: Any, carry: Any) -> Any:
            total, key = carry
            key, now = jax.random.split(key)
            return total + jax.random.normal(now, total.shape), key

        return lax.fori_loop(0, 3, body, (a, key))

    key = jax.random.PRNGKey(1)
    expected = jax.jit(function)(A, key)
    for mine, other in zip(compiled(function, A, key)(A, key), expected, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)


def test_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    few = frozenset({"add", "dot_general"})
    monkeypatch.setattr(jax, "__version_info__", (0, 10, 2))
    assert fits_one_call(few, SMALL)
    assert not fits_one_call(few, SMALL + 1)
    assert not fits_one_call(few | {"sort"}, 1)
    assert not fits_one_call(few | {"rsqrt"}, 1)
    monkeypatch.setenv("BITAL_KERNELS", "off")
    assert not fits_one_call(few, 1)
    monkeypatch.delenv("BITAL_KERNELS")
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert not fits_one_call(few, 1)
    monkeypatch.undo()
    monkeypatch.setattr(jax, "__version_info__", (0, 9, 0))
    assert not fits_one_call(few, 1)


def test_the_largest_is_a_product_or_a_result() -> None:
    assert Traced(lambda a: a @ a.T, A).largest == 7 * 7 * 12
    assert Traced(lambda a: a + 1, A).largest == 84
    assert Traced(lambda a: jnp.outer(a[0], a[1]).sum(), A).largest == 144
