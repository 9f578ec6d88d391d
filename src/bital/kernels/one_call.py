"""Programs of small operations, compiled into one function.

XLA's CPU backend runs a program as a list of kernels, and starting one costs about as much as 1,000
multiply-adds. A call can be marked to become a single function, loops and all; XLA itself does so
for loops over less than 1 KB (`small_while_loop_hoisting_pass.cc`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.experimental.xla_metadata import set_xla_metadata

from bital.kernels.library import mode
from bital.kernels.rewrite import as_one_call

SMALL = 8192
"""most multiply-adds of a matrix product, and most elements of any other result: beyond it, XLA's
kernels win what starting them costs"""

# What XLA's emitter of single functions knows, and is fast at. Not rsqrt: sums are added up in
# another order there, and normalization makes so much of it that trainings part from Keras's.
_EMITTED = """
    abs add add_any and argmax argmin bitcast_convert_type broadcast_in_dim cbrt ceil clamp
    concatenate cond convert_element_type copy cos custom_jvp_call custom_vjp_call div dot_general
    dynamic_slice dynamic_update_slice eq erf erf_inv erfc exp exp2 expm1 floor gather ge gt
    integer_pow iota is_finite jit le log log1p logistic lt max min mul ne neg not
    optimization_barrier or pad pjit pow random_bits random_unwrap random_wrap reduce_and
    reduce_max reduce_min reduce_or reduce_prod reduce_sum rem reshape rev round select_n
    shift_left shift_right_arithmetic shift_right_logical sign sin slice split sqrt square squeeze
    stop_gradient sub tanh tile transpose xor
"""

_CALL = "xla_cpu_small_call"
_MARK = {_CALL: "true", "inlineable": "false"}
_ATTRIBUTES = "mhlo.frontend_attributes"

# Releases of JAX whose XLA has been tried: what it does not expect here, it ends the process at.
_TRIED = {(0, 10), (0, 12)}


def fits_one_call(primitives: frozenset[str], largest: int) -> bool:
    """Return whether a program is small enough, and of the right operations, on this device.

    Args:
        primitives: names of the JAX primitives it is made of.
        largest: what the largest of them computes, see `Traced.largest`.
    """
    on = jax.default_backend() == "cpu" and mode() != "off"
    on = on and jax.__version_info__[:2] in _TRIED
    return on and largest <= SMALL and primitives.issubset(_EMITTED.split())


def compiled_as_one(
    run: Callable[..., Any], settings: Mapping[str, Any], *args: Any
) -> Callable[..., Any] | None:
    """Return a function compiled as one call, or None where that cannot be.

    It cannot with an empty array among what it takes, nor where this jaxlib does not know how.

    Args:
        run: of small operations, see `fits_one_call`.
        settings: of `jax.jit`.
        *args: arrays or shapes of what it takes.
    """
    if not all(leaf.size for leaf in jax.tree.leaves(args)):
        return None

    def inside(*args: Any) -> Any:
        return run(*args), _touched(args)

    def called(*args: Any) -> Any:
        with set_xla_metadata(**_MARK), as_one_call():
            return jax.jit(inside)(*args)

    lowered = jax.jit(called, **settings).lower(*args)
    _unmark(lowered.compiler_ir("stablehlo"))
    if lowered.as_text().count(_CALL) != 1:
        return None
    try:
        compiled = lowered.compile()
    except jax.errors.JaxRuntimeError:
        return None
    return lambda *args: compiled(*args)[0]


def _touched(args: Any) -> jax.Array:
    """Return a number that takes something of each array.

    XLA's emitter ends the process at a parameter that nothing reads, in `HandleParameter`: it
    knows only the memory of what is an operand (`computation_kernel_emitter.cc`).
    """
    leaves = jax.tree.leaves(args)
    return jnp.stack([jnp.ravel(leaf)[0].astype(jnp.float32) for leaf in leaves]).sum()


def _unmark(module: Any) -> None:
    """Take the mark from all but the call itself: lowering has put it on what is inside, too.

    Calls in there would not be inlined, and have parameters of their own.
    """
    for function in module.body.operations:
        for operation in _inside(function):
            marked = _ATTRIBUTES in operation.attributes
            if marked and function.name.value != "main":
                del operation.attributes[_ATTRIBUTES]


def _inside(operation: Any) -> Iterator[Any]:
    for region in operation.regions:
        for block in region:
            for inner in block:
                yield inner
                yield from _inside(inner)
