"""Operations on many copies of their operands, the axis of copies last."""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from itertools import product
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import JaxprEqn

from bital.kernels.rewrite import RULES

LONGEST = 128  # contracted elements; a longer sum, written out term by term, is slow to compile
SHORT = 16  # elements reduced term by term

Rule = Callable[[JaxprEqn, list[Any], list[bool], int], list[Any]]
"""(equation, operands, which have the axis of copies, number of copies) -> results, all with it"""


def rule_for(eqn: JaxprEqn, flags: Sequence[bool]) -> Rule | None:
    """Return how to do an operation side by side, or None where only `by_vmap` knows."""
    name = eqn.primitive.name
    if name in _ELEMENTWISE:
        return _elementwise
    if name in ("dynamic_slice", "dynamic_update_slice"):
        indexed = 1 if name == "dynamic_slice" else 2
        return None if any(flags[indexed:]) else _RULES[name]
    if name == "dot_general":
        return _products if _is_short_sum(eqn) else None
    return _RULES.get(name)


def by_vmap(
    eqn: JaxprEqn,
    alone: Callable[[list[Any]], list[Any]],
    args: list[Any],
    flags: list[bool],
    width: int,
) -> list[Any]:
    """Do what JAX does, the axis of copies first, and bring it back: right for every operation.

    Args:
        eqn: the equation.
        alone: does it for one copy.
        args: operands.
        flags: which of them have the axis of copies.
        width: number of copies.
    """
    name = eqn.primitive.name
    rule = RULES[name] if name in RULES and name != "dot_general" else None

    def one(*args: Any) -> list[Any]:
        return rule(*args, **eqn.params) if rule is not None else alone(list(args))

    axes = [-1 if flag else None for flag in flags]
    out: list[Any] = jax.vmap(one, axes, -1, axis_size=width)(*args)
    return out


def spread(value: Any, flag: bool, width: int) -> Any:
    """Return a value with the axis of copies."""
    if flag:
        return value
    value = jnp.asarray(value)
    return jnp.broadcast_to(value[..., None], (*value.shape, width))


_POINTWISE = """
    abs acos acosh add add_any and asin asinh atan atan2 atanh bitcast_convert_type cbrt ceil clamp
    convert_element_type copy copy_p cos cosh digamma div eq erf erf_inv erfc exp exp2 expm1 floor
    ge gt integer_pow is_finite le lgamma log log1p logistic lt max min mul ne neg nextafter not or
    population_count pow reduce_precision rem round rsqrt select_n shift_left
    shift_right_arithmetic shift_right_logical sign sin sinh sqrt square stop_gradient sub tan tanh
    xor
"""
_ELEMENTWISE = frozenset(_POINTWISE.split())


def _elementwise(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    shape = (*_shape(eqn.outvars[0]), width)
    every = [
        jnp.broadcast_to(v if flag else jnp.asarray(v)[..., None], shape)
        for v, flag in zip(args, flags, strict=True)
    ]
    return [eqn.primitive.bind(*every, **eqn.params)]


def _as_it_is(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    """Bind an operation whose parameters count axes from the front and leave the last alone."""
    out = eqn.primitive.bind(*args, **eqn.params)
    return list(out) if eqn.primitive.multiple_results else [out]


def _reduced(
    join: Callable[..., jax.Array], eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int
) -> list[Any]:
    """Reduce by halves, axis by axis: XLA:CPU's own reduction is a scalar loop."""
    value, axes = args[0], eqn.params["axes"]
    if not all(value.shape[axis] for axis in axes):
        return _as_it_is(eqn, args, flags, width)
    for axis in sorted(axes, reverse=True):
        while (size := value.shape[axis]) > SHORT:
            half = size // 2
            parts = (lax.slice_in_dim(value, i * half, (i + 1) * half, axis=axis) for i in (0, 1))
            rest = lax.slice_in_dim(value, 2 * half, size, axis=axis)
            value = lax.concatenate([join(*parts), rest], axis)
        terms = [lax.index_in_dim(value, i, axis, keepdims=False) for i in range(size)]
        value = reduce(join, terms)
    return [value]


def _broadcast_in_dim(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    shape = _shape(eqn.outvars[0])
    axes = (*eqn.params["broadcast_dimensions"], len(shape))
    return [lax.broadcast_in_dim(args[0], (*shape, width), axes)]


def _reshape(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    return [lax.reshape(args[0], (*_shape(eqn.outvars[0]), width))]


def _transpose(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    order = tuple(eqn.params["permutation"])
    return [lax.transpose(args[0], (*order, len(order)))]


def _concatenate(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    every = [spread(v, flag, width) for v, flag in zip(args, flags, strict=True)]
    return [lax.concatenate(every, eqn.params["dimension"])]


def _dynamic_slice(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    sizes = (*eqn.params["slice_sizes"], width)
    return [lax.dynamic_slice(args[0], [*args[1:], 0], sizes)]


def _dynamic_update(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    operand, update = (spread(v, f, width) for v, f in zip(args[:2], flags[:2], strict=True))
    return [lax.dynamic_update_slice(operand, update, [*args[2:], 0])]


def _is_short_sum(eqn: JaxprEqn) -> bool:
    lhs, rhs = (getattr(atom, "aval") for atom in eqn.invars)  # noqa: B009
    wanted = eqn.params["preferred_element_type"] or lhs.dtype
    (axes, _), _ = eqn.params["dimension_numbers"]
    plain = all(dtype == jnp.float32 for dtype in (lhs.dtype, rhs.dtype, wanted))
    return plain and 0 < prod(lhs.shape[axis] for axis in axes) <= LONGEST


def _products(eqn: JaxprEqn, args: list[Any], flags: list[bool], width: int) -> list[Any]:
    from jax.experimental.xla_metadata import set_xla_metadata

    numbers = eqn.params["dimension_numbers"]
    sides = [v if flag else jnp.asarray(v)[..., None] for v, flag in zip(args, flags, strict=True)]
    # Apart, or XLA computes the sum again inside everything that reads it.
    with set_xla_metadata(inlineable="false"):
        return [jax.jit(partial(_term_by_term, numbers))(*sides)]


def _term_by_term(numbers: Any, lhs: jax.Array, rhs: jax.Array) -> jax.Array:
    """Return `lax.dot_general` of operands with a last axis of copies, or of one for all."""
    (lhs_axes, rhs_axes), (lhs_batch, rhs_batch) = numbers
    at = len(lhs_batch)
    own = [
        side.ndim - 1 - len(axes) - at
        for side, axes in zip((lhs, rhs), (lhs_axes, rhs_axes), strict=True)
    ]

    def term(index: tuple[int, ...]) -> jax.Array:
        left = _at(index, lhs, lhs_axes, lhs_batch)
        right = _at(index, rhs, rhs_axes, rhs_batch)
        left = lax.expand_dims(left, range(at + own[0], at + sum(own)))
        return left * lax.expand_dims(right, range(at, at + own[0]))

    terms = map(term, product(*(range(lhs.shape[axis]) for axis in lhs_axes)))
    return reduce(jnp.add, terms)


def _at(index: tuple[int, ...], side: jax.Array, axes: Any, batch: Any) -> jax.Array:
    """Return what stands at `index` of `axes`, the batch axes first, the copies last."""
    rest = [axis for axis in range(side.ndim) if axis not in axes]
    order = [rest.index(axis) for axis in (*batch, *(a for a in rest if a not in batch))]
    for axis, i in sorted(zip(axes, index, strict=True), reverse=True):
        side = lax.index_in_dim(side, i, axis, keepdims=False)
    return lax.transpose(side, order)


def _shape(atom: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = atom.aval.shape
    return shape


_JOINS: dict[str, Callable[..., jax.Array]] = {
    "reduce_and": lax.bitwise_and,
    "reduce_max": lax.max,
    "reduce_min": lax.min,
    "reduce_or": lax.bitwise_or,
    "reduce_prod": lax.mul,
    "reduce_sum": lax.add,
}
_RULES: dict[str, Rule] = {
    **{name: partial(_reduced, join) for name, join in _JOINS.items()},
    **dict.fromkeys(("argmax", "argmin", "rev", "squeeze"), _as_it_is),
    **dict.fromkeys(("cumlogsumexp", "cummax", "cummin", "cumprod", "cumsum"), _as_it_is),
    "broadcast_in_dim": _broadcast_in_dim,
    "concatenate": _concatenate,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update,
    "reshape": _reshape,
    "transpose": _transpose,
}
