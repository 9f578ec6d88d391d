"""Compiler options that a program needs, asked of XLA per program and never process-wide."""

from functools import cache

import jax

# XLA:CPU's YNNPACK fusion of convolutions is slower than what it replaces, from 128 channels on by
# far; those of dots and of reductions (a bias's gradient, batch normalization) are not.
_CONVOLUTION = {
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT,LIBRARY_FUSION_TYPE_REDUCE"
}


# For programs that run side by side: otherwise XLA:CPU divides loops from some 10 µs on among its
# threads, which then wait for each other.
_ONE_THREAD = {"xla_disable_hlo_passes": "cpu-parallel-task-assigner"}


def compiler_options(primitives: frozenset[str], one_thread: bool = False) -> dict[str, str]:
    """Return the options for a program.

    Args:
        primitives: names of the JAX primitives it is made of.
        one_thread: whether other programs keep the other cores busy.
    """
    if jax.default_backend() != "cpu":
        return {}
    wanted = (_ONE_THREAD if one_thread else {}, _CONVOLUTION if _convolves(primitives) else {})
    chosen: dict[str, str] = {}
    for options in wanted:
        if options and _known(tuple(options.items())):
            chosen |= options
    return chosen


def _convolves(primitives: frozenset[str]) -> bool:
    return "conv_general_dilated" in primitives


@cache
def _known(options: tuple[tuple[str, str], ...]) -> bool:
    """Whether this jaxlib has these options: experimental ones come and go between releases."""
    try:
        jax.jit(lambda x: x, compiler_options=dict(options)).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True
