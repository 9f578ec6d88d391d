"""Convolutions written the one way XLA's CPU backend is fast at, wherever they stand."""

from typing import Any

import jax
from jax import lax

from bital.kernels.grouped import grouped_convolution


def canonical_convolution(lhs: jax.Array, rhs: jax.Array, **params: Any) -> list[jax.Array]:
    """Do what `lax.conv_general_dilated_p` does, in NHWC input, HWIO kernel, NHWC output layout.

    Gradients of convolutions come with batch and channels exchanged. Transposing the operands first
    costs a copy and wins the fast kernel.

    Args:
        lhs: input, dimensions in the order of `params["dimension_numbers"].lhs_spec`.
        rhs: kernel, likewise.
        **params: the primitive's parameters.

    Returns:
        The one result, dimensions in the order of `out_spec`.
    """
    numbers = params.pop("dimension_numbers")
    lhs_order = (numbers.lhs_spec[0], *numbers.lhs_spec[2:], numbers.lhs_spec[1])
    rhs_order = (*numbers.rhs_spec[2:], numbers.rhs_spec[1], numbers.rhs_spec[0])
    out_order = (numbers.out_spec[0], *numbers.out_spec[2:], numbers.out_spec[1])
    rank = lhs.ndim
    channels_last = (0, rank - 1, *range(1, rank - 1))
    kernel_last = (rank - 1, rank - 2, *range(rank - 2))
    lhs, rhs = lax.transpose(lhs, lhs_order), lax.transpose(rhs, rhs_order)
    if params["feature_group_count"] > 1 or params["batch_group_count"] > 1:
        out = grouped_convolution(lhs, rhs, **params)
    else:
        layout = lax.ConvDimensionNumbers(channels_last, kernel_last, channels_last)
        out = lax.conv_general_dilated_p.bind(lhs, rhs, dimension_numbers=layout, **params)
    back = sorted(range(rank), key=out_order.__getitem__)
    return [lax.transpose(out, back)]
