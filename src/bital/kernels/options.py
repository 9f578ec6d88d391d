"""Compiler options that a program needs, asked of XLA per program and never process-wide."""

from functools import cache

import jax

from bital.kernels.grouped import GROUPED
from bital.kernels.library import mode

# XLA:CPU's YNNPACK fusion of convolutions is slower than what it replaces, from 128 channels on by
# far; those of dots and of reductions (a bias's gradient, batch normalization) are not.
_CONVOLUTION = {
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT,LIBRARY_FUSION_TYPE_REDUCE"
}
# With a sum of shifted products in front, the fusion of reductions writes every term to memory.
_GROUPED = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT"}
# How XLA finds out on a GPU which copies of a loop's state it can do without. On a CPU it spares
# itself the compile time; a training loop of small steps spends a sixth of its time on them.
_COPIES = {"xla_cpu_copy_insertion_use_region_analysis": True}


# For programs that run side by side: otherwise XLA:CPU divides loops from some 10 µs on among its
# threads, which then wait for each other.
_ONE_THREAD = {"xla_disable_hlo_passes": "cpu-parallel-task-assigner"}
# A program that is one function has no place for a library's fusions, nor for functions inside.
_ONE_CALL: dict[str, str | bool] = {
    "xla_cpu_experimental_ynn_fusion_type": "",
    "xla_disable_hlo_passes": "cpu-parallel-task-assigner,small-while-loop-hoisting",
}


def compiler_options(
    primitives: frozenset[str], one_thread: bool = False, one_call: bool = False
) -> dict[str, str | bool]:
    """Return the options for a program.

    Args:
        primitives: names of the JAX primitives it is made of.
        one_thread: whether other programs keep the other cores busy.
        one_call: whether it is to be one function, see `one_call.py`.
    """
    if jax.default_backend() != "cpu":
        return {}
    wanted = dict(_known(tuple(_COPIES.items())))
    if "conv_general_dilated" in primitives and mode() != "off":
        wanted |= _known(tuple((_GROUPED if GROUPED in primitives else _CONVOLUTION).items()))
    if one_thread:
        wanted |= _known(tuple(_ONE_THREAD.items()))
    if one_call:
        wanted |= _known(tuple(_ONE_CALL.items()))
    return wanted


@cache
def _known(options: tuple[tuple[str, str | bool], ...]) -> dict[str, str | bool]:
    """Return these options, or none: experimental ones come and go between releases of jaxlib."""
    chosen = dict(options)
    try:
        jax.jit(lambda x: x, compiler_options=chosen).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return {}
    return chosen
