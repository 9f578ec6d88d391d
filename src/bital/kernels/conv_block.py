"""Convolution, bias, ReLU and pooling as one operation: a compiled kernel, or XLA's operations."""

from functools import partial
from math import prod
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from bital.errors import InvalidInput
from bital.kernels import library

Padding = Literal["same", "valid"]


class _Spec(NamedTuple):
    """What is not an array."""

    padding: Padding
    relu: bool
    pool: bool


def conv_block(
    x: Float[Array, "n h w c"],
    w: Float[Array, "kh kw c o"],
    b: Float[Array, " o"] | None = None,
    *,
    padding: Padding = "valid",
    relu: bool = False,
    pool: bool = False,
) -> Float[Array, "n oh ow o"]:
    """Convolve with stride 1, add a bias, then apply ReLU and 2x2 max-pooling where asked.

    On a CPU and for float32 it is one compiled kernel forward and two backward, which store no
    activation of full size; the input's gradient is not computed unless somebody asks for it.
    3x3 filters on multiples of 16 channels go by Winograd's tiles of 2x2 results, which round
    differently but not more; what is not finite is computed as it is written. Elsewhere, where
    bital was installed without a compiler, and for the few shapes that XLA is faster at, it is
    `reference`. Under `vmap` the replicas take turns inside the kernel. Forward-mode derivatives
    (`jax.jvp`) are `reference`'s only; second derivatives in reverse mode work and are computed by
    `reference`.

    For a given number of threads the same input gives the same bits. With another number the
    gradients of `w` and `b` are summed in another order.

    Args:
        x: images, channels last.
        w: filters.
        b: bias, or None.
        padding: "same" or "valid".
        relu: whether max(., 0) follows. A NaN stays one.
        pool: whether the largest of each 2 by 2 pixels is kept, a NaN if there is one; an odd last
            row or column is dropped. Of equal ones the gradient goes to the first.

    Returns:
        The images convolved, (n, h, w, o) or, with "valid" padding, (n, h - kh + 1, w - kw + 1, o),
        both halved where they are pooled.

    Raises:
        InvalidInput: shapes or dtypes do not fit together.
    """
    _check(x, w, b, padding)
    spec = _Spec(padding, relu, pool)
    b = jnp.zeros(w.shape[-1], w.dtype) if b is None else b
    out = _out_shape(x.shape, w.shape, spec)
    empty = 0 in (*x.shape, *w.shape, *out)
    if empty or x.dtype != jnp.float32 or not _pays(out, w.shape) or library.why_not():
        return reference(x, w, b, padding=padding, relu=relu, pool=pool)
    y: Array = _block(spec, x, w, b)
    return y


def reference(
    x: Float[Array, "n h w c"],
    w: Float[Array, "kh kw c o"],
    b: Float[Array, " o"],
    *,
    padding: Padding,
    relu: bool,
    pool: bool,
) -> Float[Array, "n oh ow o"]:
    """Return what `conv_block` does, by XLA's operations."""
    numbers = ("NHWC", "HWIO", "NHWC")
    y = lax.conv_general_dilated(x, w, (1, 1), padding.upper(), dimension_numbers=numbers) + b
    if relu:
        y = jax.nn.relu(y)
    if pool:
        y = lax.reduce_window(y, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return y


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _block(spec: _Spec, x: Any, w: Any, b: Any) -> Any:
    out = jax.ShapeDtypeStruct(_out_shape(x.shape, w.shape, spec), x.dtype)
    return _call("conv_forward", out, spec, w.shape)(x, w, b)


def _block_forward(spec: _Spec, x: Any, w: Any, b: Any) -> tuple[Any, Any]:
    # Wanted or not is a matter of the residuals' structure: it must be known while tracing.
    wanted = (() if x.perturbed else None, () if w.perturbed or b.perturbed else None)
    x, w, b = x.value, w.value, b.value
    if spec.pool:
        y, kept = _keeping(spec, x, w, b)
    else:
        y = _block(spec, x, w, b)
        kept = y if spec.relu else None
    return y, (x, w, b, kept, wanted)


def _block_backward(spec: _Spec, residuals: Any, g: Any) -> Any:
    x, w, b, kept, wanted = residuals
    if isinstance(g, jax.custom_derivatives.SymbolicZero):
        return None, None, None
    wants = tuple(part is not None for part in wanted)
    dx, dw, db = _gradients(spec, wants, x, w, b, g, kept)
    return dx if wants[0] else None, *((dw, db) if wants[1] else (None, None))


_block.defvjp(_block_forward, _block_backward, symbolic_zeros=True)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _keeping(spec: _Spec, x: Any, w: Any, b: Any) -> Any:
    """Return the block's result and, in a byte each, which of its four pixels it was."""
    out = jax.ShapeDtypeStruct(_out_shape(x.shape, w.shape, spec), x.dtype)
    shapes = (out, jax.ShapeDtypeStruct(out.shape, jnp.uint8))
    return _call("conv_forward_kept", shapes, spec, w.shape)(x, w, b)


def _keeping_forward(spec: _Spec, x: Any, w: Any, b: Any) -> tuple[Any, Any]:
    y, kept = _keeping(spec, x, w, b)
    return (y, kept), (x, w, b, kept)


def _keeping_backward(spec: _Spec, residuals: Any, cotangents: Any) -> Any:
    x, w, b, kept = residuals
    return _gradients(spec, (True, True), x, w, b, cotangents[0], kept)


_keeping.defvjp(_keeping_forward, _keeping_backward)


@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _gradients(
    spec: _Spec, wants: tuple[bool, bool], x: Any, w: Any, b: Any, g: Any, kept: Any
) -> Any:
    """Return the gradients of x, w and b; () for those not wanted."""
    kept = g if kept is None else kept
    dx: Any = ()
    dw: Any = ()
    db: Any = ()
    if wants[0]:
        shape = jax.ShapeDtypeStruct(x.shape, x.dtype)
        dx = _call("conv_input", shape, spec, w.shape)(g, kept, w)
    if wants[1]:
        shapes = tuple(jax.ShapeDtypeStruct(a.shape, a.dtype) for a in (w, b))
        dw, db = _call("conv_weights", shapes, spec, w.shape)(g, kept, x)
    return dx, dw, db


def _gradients_forward(
    spec: _Spec, wants: tuple[bool, bool], x: Any, w: Any, b: Any, g: Any, kept: Any
) -> tuple[Any, Any]:
    return _gradients(spec, wants, x, w, b, g, kept), (x, w, b, g, kept)


def _gradients_backward(
    spec: _Spec, wants: tuple[bool, bool], residuals: Any, cotangents: Any
) -> Any:
    *primals, kept = residuals

    def gradients(x: Any, w: Any, b: Any, g: Any) -> Any:
        dx, dw, db = jax.vjp(partial(reference, **spec._asdict()), x, w, b)[1](g)
        return dx if wants[0] else (), dw if wants[1] else (), db if wants[1] else ()

    lost: Any = None if kept is None else jnp.zeros_like(kept)
    if kept is not None and kept.dtype == jnp.uint8:
        lost = np.zeros(kept.shape, jax.dtypes.float0)
    return *jax.vjp(gradients, *primals)[1](cotangents), lost


_gradients.defvjp(_gradients_forward, _gradients_backward)


def _call(target: str, shapes: Any, spec: _Spec, w_shape: tuple[int, ...]) -> Any:
    same = spec.padding == "same"
    top, left = ((size - 1) // 2 if same else 0 for size in w_shape[:2])
    call = jax.ffi.ffi_call(f"bital_{target}", shapes, vmap_method="expand_dims")
    return partial(call, top=top, left=left, relu=spec.relu, pool=spec.pool)


def _pays(out: tuple[int, ...], w: tuple[int, ...]) -> bool:
    """Whether the kernel is faster than XLA: not with one filter, nor where packing them is all."""
    return w[-1] > 1 and (prod(out[:3]) >= 128 or prod(w) <= 2**17)


def _out_shape(x: tuple[int, ...], w: tuple[int, ...], spec: _Spec) -> tuple[int, ...]:
    lost = (0, 0) if spec.padding == "same" else (w[0] - 1, w[1] - 1)
    scale = 2 if spec.pool else 1
    height, width = (max(0, n - less) // scale for n, less in zip(x[1:3], lost, strict=True))
    return x[0], height, width, w[-1]


def _check(x: Any, w: Any, b: Any, padding: str) -> None:
    if padding not in ("same", "valid"):
        raise InvalidInput(f'padding must be "same" or "valid"; got {padding!r}.')
    if x.ndim != 4 or w.ndim != 4:
        raise InvalidInput(
            "x must be (images, rows, columns, channels) and w (rows, columns, channels, filters); "
            f"got {x.shape} and {w.shape}."
        )
    if x.shape[-1] != w.shape[2]:
        raise InvalidInput(
            f"x and w must have the same channels; got {x.shape[-1]} in x and {w.shape[2]} in w."
        )
    if b is not None and b.shape != w.shape[-1:]:
        raise InvalidInput(f"b must have one value a filter, {w.shape[-1:]}; got {b.shape}.")
    dtypes = {str(a.dtype) for a in (x, w, b) if a is not None}
    if len(dtypes) > 1:
        raise InvalidInput(f"x, w and b must have one dtype; got {', '.join(sorted(dtypes))}.")
