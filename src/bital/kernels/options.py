"""Compiler options that a program needs, asked of XLA per program and never process-wide."""

from functools import cache

import jax

# XLA:CPU's YNNPACK fusion of convolutions is slower than what it replaces, from 128 channels on by
# far; those of dots and of reductions (a bias's gradient, batch normalization) are not.
_CONVOLUTION = {
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT,LIBRARY_FUSION_TYPE_REDUCE"
}


def compiler_options(primitives: frozenset[str]) -> dict[str, str]:
    """Return the options for a program made of these operations (names of JAX primitives)."""
    if jax.default_backend() != "cpu" or "conv_general_dilated" not in primitives:
        return {}
    return _CONVOLUTION if _known() else {}


@cache
def _known() -> bool:
    """Whether this jaxlib has the option: experimental ones come and go between releases."""
    try:
        jax.jit(lambda x: x, compiler_options=_CONVOLUTION).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True
