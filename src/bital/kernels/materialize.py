"""What XLA is to compute once and keep, and what it may write over an array.

XLA's CPU backend computes a cheap value anew in each loop that uses it, and where a program is one
function (`one_call.py`), for each element there: as far as LLVM knows, the loop's stores could
change what the value is made of. And it writes to a copy of an array where it does not see that all
who read the array come first. An `optimization_barrier` is gone before either is decided, so each
value here is divided by a one that is made of data: XLA keeps it, LLVM takes it out again. There is
a one for each element, made of that element too: a division by a single number is to XLA a product
with its reciprocal, which is made elsewhere and stays.
"""

from collections.abc import Iterator, Sequence

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import Jaxpr, JaxprEqn, Var

LARGE = 1024
"""elements from which on a copy costs more than what `after` adds"""


def factors(jaxpr: Jaxpr) -> frozenset[Var]:
    """Return what goes into matrix products: the products' loops use each element many times."""
    taken = (atom for eqn in _products(jaxpr) for atom in eqn.invars)
    return frozenset(atom for atom in taken if isinstance(atom, Var))


def readers(jaxpr: Jaxpr, eqn: JaxprEqn) -> list[Var]:
    """Return the matrix products of an argument that an equation updates; none if it does not."""
    if eqn.primitive.name not in ("add", "sub") or eqn.invars[0] not in jaxpr.invars:
        return []
    (out,) = eqn.outvars
    if out not in jaxpr.outvars or getattr(out.aval, "size", 0) < LARGE:
        return []
    return [each.outvars[0] for each in _products(jaxpr) if eqn.invars[0] in each.invars]


def once(value: jax.Array) -> jax.Array:
    """Return `value`, kept in memory: a division of arrays is nothing that XLA repeats."""
    return value / _ones(value) if value.dtype == jnp.float32 else value


def after(value: jax.Array, others: Sequence[jax.Array]) -> jax.Array:
    """Return `value`, not to be had before `others`."""
    waited = [other for other in others if value.dtype == other.dtype == jnp.float32]
    return value / _ones(value, *(jnp.ravel(other)[0] for other in waited)) if waited else value


def _products(jaxpr: Jaxpr) -> Iterator[JaxprEqn]:
    return (eqn for eqn in jaxpr.eqns if eqn.primitive.name == "dot_general")


def _ones(value: jax.Array, *others: jax.Array) -> jax.Array:
    """Return ones: one more than the lesser of a sign bit, made of all that is given, and zero."""
    bits = lax.bitcast_convert_type(value, jnp.int32)
    for other in others:
        bits ^= lax.bitcast_convert_type(other, jnp.int32)
    sign = lax.shift_right_logical(bits, jnp.full_like(bits, 31))
    return 1 + jnp.minimum(sign, 0).astype(jnp.float32)
