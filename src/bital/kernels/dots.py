"""Matrix products so small that calling a library costs more than computing them."""

from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

SMALL = 1024  # multiply-adds; below this a fused loop beats XLA:CPU's library call (about 1 µs)


def small_dot(lhs: jax.Array, rhs: jax.Array, **params: Any) -> list[jax.Array]:
    """Do what `lax.dot_general_p` does; a small one becomes a multiply and a sum that XLA fuses.

    Args:
        lhs: first operand.
        rhs: second operand.
        **params: the primitive's parameters.

    Returns:
        The one result.
    """
    (lhs_axes, rhs_axes), (batch, _) = params["dimension_numbers"]
    work = dot_work(lhs.shape, rhs.shape, params["dimension_numbers"])
    accumulate = params["preferred_element_type"] or lhs.dtype
    same = lhs.dtype == rhs.dtype == accumulate == jnp.float32
    if batch or len(lhs_axes) != 1 or work > SMALL or not same:
        return [lax.dot_general_p.bind(lhs, rhs, **params)]
    left = jnp.moveaxis(lhs, lhs_axes[0], -1)
    right = jnp.moveaxis(rhs, rhs_axes[0], 0)
    left = left.reshape(left.shape + (1,) * (right.ndim - 1))
    return [jnp.sum(left * right, axis=lhs.ndim - 1)]


def dot_work(lhs: tuple[int, ...], rhs: tuple[int, ...], dimension_numbers: Any, **_: Any) -> int:
    """Return the multiply-adds of `lax.dot_general` on operands of these shapes."""
    (_, contracted), (_, batch) = dimension_numbers
    shared = (*contracted, *batch)
    return prod(lhs) * prod(n for axis, n in enumerate(rhs) if axis not in shared)
