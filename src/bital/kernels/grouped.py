"""Grouped and depthwise convolutions, for which XLA's CPU backend has a scalar loop only.

Operands are in NHWC input, HWIO kernel, NHWC output layout, of any number of spatial dimensions.
"""

from collections.abc import Iterator, Sequence
from functools import partial, reduce
from itertools import product
from math import prod
from operator import add
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

GROUPED = "conv_general_dilated with groups"
"""stands among the names of a program's operations for those that this file carries out"""

TAPS = 128  # terms written out one by one; more are slow to compile


def grouped_convolution(lhs: jax.Array, rhs: jax.Array, **params: Any) -> jax.Array:
    """Do what `lax.conv_general_dilated_p` does where it has groups of channels or of images.

    One channel a group (depthwise) is a sum of shifted products, its kernel's gradient a sum of
    products at each shift; more channels are one convolution a group, in a loop.

    Args:
        lhs: input.
        rhs: kernel.
        **params: the primitive's parameters, without `dimension_numbers`.
    """
    dtype = params["preferred_element_type"] or lhs.dtype
    by_images = params["batch_group_count"] > 1
    groups = params["batch_group_count"] if by_images else params["feature_group_count"]
    floating = jnp.issubdtype(lhs.dtype, jnp.floating) and lhs.dtype == rhs.dtype
    if floating and jnp.dtype(dtype).itemsize <= 4:
        window = _Window(lhs.shape, rhs.shape, params)
        wide = lhs.astype(jnp.float32), rhs.astype(jnp.float32)
        if not by_images and rhs.shape[-2] == 1 and 0 < prod(window.elements.counts) <= TAPS:
            return _depthwise(*wide, window).astype(dtype)
        if by_images and lhs.shape[0] == groups and 0 < prod(window.places.counts) <= TAPS:
            return _depthwise_kernel(*wide, window).astype(dtype)
    return _one_by_one(lhs, rhs, groups, by_images, params)


class _Steps(NamedTuple):
    """Positions along each spatial dimension: how many, and how far apart."""

    counts: tuple[int, ...]
    distances: tuple[int, ...]


class _Window:
    """Where a kernel's elements meet the padded input: element k at place p is p * s + k * d."""

    def __init__(self, lhs: Sequence[int], rhs: Sequence[int], params: dict[str, Any]) -> None:
        self.elements = _Steps(tuple(rhs[:-2]), tuple(params["rhs_dilation"]))
        edges = zip(params["padding"], params["lhs_dilation"], strict=True)
        self._padding = [(low, high, step - 1) for (low, high), step in edges]
        inner = zip(lhs[1:-1], self._padding, strict=True)
        sizes = [size + max(size - 1, 0) * gap + low + high for size, (low, high, gap) in inner]
        spans = [(k - 1) * d + 1 for k, d in zip(*self.elements, strict=True)]
        strides = tuple(params["window_strides"])
        out = [max(n - m, -1) // s + 1 for n, m, s in zip(sizes, spans, strides, strict=True)]
        self.places = _Steps(tuple(out), strides)

    def padded(self, x: jax.Array) -> jax.Array:
        """Pad the spatial dimensions, all but the first and the last."""
        config = [(0, 0, 0), *self._padding, (0, 0, 0)]
        return lax.pad(x, jnp.zeros((), x.dtype), config)


def _views(
    x: jax.Array, first: int, each: _Steps, along: _Steps
) -> Iterator[tuple[tuple[int, ...], jax.Array]]:
    """Yield, for every index of `each`, the elements `along` from there on.

    Spatial dimensions begin at `first`.
    """
    after = x.ndim - first - len(each.counts)
    for index in product(*map(range, each.counts)):
        start = [i * d for i, d in zip(index, each.distances, strict=True)]
        reach = [(n - 1) * d + 1 for n, d in zip(*along, strict=True)]
        stop = [low + length for low, length in zip(start, reach, strict=True)]
        yield (
            index,
            lax.slice(
                x,
                [0] * first + start + [0] * after,
                [*x.shape[:first], *stop, *x.shape[x.ndim - after :]],
                [1] * first + list(along.distances) + [1] * after,
            ),
        )


def _depthwise(lhs: jax.Array, rhs: jax.Array, window: _Window) -> jax.Array:
    channels = lhs.shape[-1]
    filters = rhs.reshape(*window.elements.counts, channels, -1)
    views = _views(window.padded(lhs), 1, window.elements, window.places)
    if filters.shape[-1] == 1:
        return reduce(add, (view * filters[index][:, 0] for index, view in views))
    total = reduce(add, (view[..., None] * filters[index] for index, view in views))
    return total.reshape(*total.shape[:-2], -1)


def _depthwise_kernel(lhs: jax.Array, rhs: jax.Array, window: _Window) -> jax.Array:
    """Convolve each image with kernels of its own: a depthwise kernel's gradient.

    The images are the layer's channels here, and the channels its images, over which it loops:
    what one of them adds to every shift's sum stays in the cache.
    """
    groups, spatial = lhs.shape[0], len(window.elements.counts)
    # Padded in the layer's own order, which takes back the transposition that led here.
    images = window.padded(jnp.swapaxes(lhs, 0, -1))
    own = rhs.reshape(*rhs.shape[:-1], groups, -1)
    kernels = jnp.moveaxis(own, (spatial, -1), (0, 1))  # per channel, then per multiple

    def image(total: jax.Array, one: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        x, kernel = one
        views = _views(x, 0, window.places, window.elements)
        parts = [jnp.sum(view * kernel, range(1, spatial + 1)) for _, view in views]
        return total + jnp.stack(parts), None

    start = jnp.zeros((prod(window.places.counts), kernels.shape[1], groups), lhs.dtype)
    total, _ = lax.scan(image, start, (images, kernels))
    return jnp.swapaxes(total, 1, 2).reshape(1, *window.places.counts, -1)


def _one_by_one(
    lhs: jax.Array, rhs: jax.Array, groups: int, by_images: bool, params: dict[str, Any]
) -> jax.Array:
    axis = 0 if by_images else lhs.ndim - 1
    lefts = jnp.moveaxis(_split(lhs, axis, groups), axis, 0)
    rights = jnp.moveaxis(_split(rhs, rhs.ndim - 1, groups), rhs.ndim - 1, 0)
    rank = lhs.ndim
    layout = (0, rank - 1, *range(1, rank - 1))
    numbers = lax.ConvDimensionNumbers(layout, (rank - 1, rank - 2, *range(rank - 2)), layout)
    alone = params | {"feature_group_count": 1, "batch_group_count": 1}
    convolve = partial(lax.conv_general_dilated_p.bind, dimension_numbers=numbers, **alone)
    out = lax.map(lambda pair: convolve(*pair), (lefts, rights))
    out = jnp.moveaxis(out, 0, -2)
    return out.reshape(*out.shape[:-2], -1)


def _split(x: jax.Array, axis: int, groups: int) -> jax.Array:
    return x.reshape(*x.shape[:axis], groups, x.shape[axis] // groups, *x.shape[axis + 1 :])
