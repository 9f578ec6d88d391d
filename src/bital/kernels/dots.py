"""Matrix products so small that calling a library costs more than computing them."""

from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

SMALL = 1024  # multiply-adds; below this a fused loop beats XLA:CPU's library call (about 1 µs)


def small_dot(lhs: jax.Array, rhs: jax.Array, **params: Any) -> list[jax.Array]:
    """Do what `lax.dot_general_p` does; a small product becomes a multiply and a sum that XLA fuses.

    Args:
        lhs: first operand.
        rhs: second operand.
        **params: the primitive's parameters.

    Returns:
        The one result.
    """
    (lhs_axes, rhs_axes), (batch, _) = params["dimension_numbers"]
    work = prod(lhs.shape) * prod(rhs.shape) // prod(rhs.shape[axis] for axis in rhs_axes)
    accumulate = params["preferred_element_type"] or lhs.dtype
    same = lhs.dtype == rhs.dtype == accumulate == jnp.float32
    if batch or len(lhs_axes) != 1 or work > SMALL or not same:
        return [lax.dot_general_p.bind(lhs, rhs, **params)]
    left = jnp.moveaxis(lhs, lhs_axes[0], -1)
    right = jnp.moveaxis(rhs, rhs_axes[0], 0)
    left = left.reshape(left.shape + (1,) * (right.ndim - 1))
    return [jnp.sum(left * right, axis=lhs.ndim - 1)]
