"""What tests ask of a traced program."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.extend.core import JaxprEqn

from bital.kernels.rewrite import Traced


def operations(function: Callable[..., Any], *args: Any) -> list[JaxprEqn]:
    """Every operation of a function, those in loops and branches included."""
    return _within(jax.make_jaxpr(function)(*args).jaxpr)


def _within(jaxpr: Any) -> list[JaxprEqn]:
    found = []
    for eqn in jaxpr.eqns:
        found.append(eqn)
        for value in jax.tree.leaves(
            list(eqn.params.values()), is_leaf=lambda v: hasattr(v, "eqns")
        ):
            if hasattr(value, "eqns"):
                found += _within(getattr(value, "jaxpr", value))
    return found


def slow_operations(function: Callable[..., Any], *args: Any) -> list[str]:
    """The operations that XLA's CPU backend is slow at inside a loop."""
    slow = []
    for eqn in operations(function, *args):
        name = eqn.primitive.name
        if name == "select_and_scatter_add":
            slow.append(name)
        if name == "conv_general_dilated":
            rank = eqn.invars[0].aval.ndim
            channels_last = (0, rank - 1, *range(1, rank - 1))
            kernel_last = (rank - 1, rank - 2, *range(rank - 2))
            if tuple(eqn.params["dimension_numbers"]) != (
                channels_last,
                kernel_last,
                channels_last,
            ):
                slow.append(f"{name} {eqn.params['dimension_numbers']}")
    return slow


def assert_same(function: Callable[..., Any], *args: Any, relative: float = 0.0) -> None:
    """Traced and rewritten, the function gives what XLA makes of it; `relative` to the largest."""
    want = jax.jit(function)(*args)
    traced = Traced(function, *args)
    got = jax.jit(traced)(*args)
    assert not slow_operations(traced, *args)
    assert jax.tree.structure(got) == jax.tree.structure(want)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        assert_close(a, b, relative)


def assert_close(got: Any, want: Any, relative: float) -> None:
    """Largest error over largest value is at most `relative`; with 0 all values are equal."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    if relative == 0:
        np.testing.assert_array_equal(got, want)
        return
    np.testing.assert_allclose(got, want, rtol=0, atol=relative * np.abs(want).max(initial=1e-30))
