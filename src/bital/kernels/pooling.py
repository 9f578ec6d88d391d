"""Max-pooling's gradient without `select_and_scatter`, on XLA's CPU backend a scalar loop."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

VECTOR = 16  # innermost elements; with fewer XLA:CPU's loop over interleaved windows is a slow one

_COMPARISONS = {"ge": jnp.greater_equal, "le": jnp.less_equal}
_LOSERS = {"ge": -np.inf, "le": np.inf}


def pool_gradient(source: jax.Array, operand: jax.Array, **params: Any) -> list[jax.Array]:
    """Do what `lax.select_and_scatter_add_p` does, by elementwise operations on strided views.

    Each window sends its value of `source` to the element that the comparison keeps: the first in
    row-major order among equals, and a NaN is never kept over what follows it nor anything over a
    NaN. Padding is infinity that loses, and what it wins is lost. Source: XLA operation semantics,
    SelectAndScatter; jax/_src/lax/windowed_reductions.py.

    Args:
        source: one value a window.
        operand: what was pooled.
        **params: the primitive's parameters; `window_dimensions`, `window_strides` and `padding`
            have one entry for every dimension of `operand`.

    Returns:
        The one result, shaped like `operand`.
    """
    name = params["select_prim"].name
    if name not in _COMPARISONS or not jnp.issubdtype(operand.dtype, jnp.floating):
        return [lax.select_and_scatter_add_p.bind(source, operand, **params)]
    keeps = _COMPARISONS[name]
    size, strides = tuple(params["window_dimensions"]), tuple(params["window_strides"])
    padding = [(low, high, 0) for low, high in params["padding"]]
    padded = lax.pad(operand, jnp.asarray(_LOSERS[name], operand.dtype), padding)
    best, chosen = None, jnp.zeros(source.shape, jnp.int32)
    for index, view in enumerate(_views(padded.shape, source.shape, size, strides)):
        tap = padded[view]
        if best is None:
            best = tap
            continue
        keep = keeps(best, tap)
        best, chosen = jnp.where(keep, best, tap), jnp.where(keep, chosen, index)
    grad = _spread(source, chosen, padded.shape, size, strides)
    back = [(-low, -high, 0) for low, high, _ in padding]
    return [lax.pad(grad, jnp.zeros((), grad.dtype), back)]


def _views(
    shape: tuple[int, ...],
    windows: tuple[int, ...],
    size: tuple[int, ...],
    strides: tuple[int, ...],
) -> Iterator[tuple[slice, ...]]:
    """Yield, for each position inside a window, the slice that takes it from every window."""
    for offset in product(*map(range, size)):
        yield tuple(
            slice(start, start + (count - 1) * step + 1, step)
            for start, count, step in zip(offset, windows, strides, strict=True)
        )


def _spread(
    source: jax.Array,
    chosen: jax.Array,
    shape: tuple[int, ...],
    size: tuple[int, ...],
    strides: tuple[int, ...],
) -> jax.Array:
    """Put each window's value where it chose, zero elsewhere; overlapping windows add up."""
    zero = jnp.zeros((), source.dtype)
    if (
        size == strides and source.shape[-1] >= VECTOR
    ):  # windows tile: (n, h/2, w/2, c) -> (n, h/2, 2, w/2, 2, c) -> (n, h, w, c)
        split = [d for count, step in zip(source.shape, size, strict=True) for d in (count, step)]
        each = [d for count in source.shape for d in (count, 1)]
        position = np.arange(np.prod(size)).reshape([d for s in size for d in (1, s)])
        chosen, source = chosen.reshape(each), source.reshape(each)
        spread = jnp.where(chosen == position, source, zero)
        tiled = jnp.broadcast_to(spread, split).reshape(
            [count * step for count, step in zip(split[::2], size, strict=True)]
        )
        return lax.pad(
            tiled, zero, [(0, n - m, 0) for n, m in zip(shape, tiled.shape, strict=True)]
        )
    total = jnp.zeros(shape, source.dtype)
    for index, view in enumerate(_views(shape, source.shape, size, strides)):
        edges = [
            (part.start, n - part.stop, part.step - 1) for part, n in zip(view, shape, strict=True)
        ]
        total = total + lax.pad(jnp.where(chosen == index, source, zero), zero, edges)
    return total
