"""A JAX trace that computes at once and remembers how.

Values made while it is the current trace are `Recorded`: they hold a concrete array, so that a
program may print them, branch on them or give them to NumPy, and the operation that made them, so
that it can be carried out again under `jax.vjp`. Outside of the trace JAX takes the array
(`full_lower`).
"""

from collections.abc import Sequence
from itertools import count
from typing import Any

import jax
import numpy as np
from jax._src import core

_serial = count()


class Step:
    """One operation as it was carried out.

    Args:
        owner: the tape that recorded it.
        primitive: JAX's operation.
        params: its parameters.
        arguments: what it was given: values of the same tape, or arrays.
    """

    __slots__ = ("arguments", "number", "outputs", "owner", "params", "primitive")

    def __init__(self, owner: Any, primitive: Any, params: Any, arguments: Sequence[Any]) -> None:
        self.owner, self.primitive, self.params = owner, primitive, params
        self.arguments = tuple(arguments)
        self.number = next(_serial)
        self.outputs: tuple[Any, ...] = ()


class Recorded(core.Tracer):  # type: ignore[type-arg]
    """A value made while a tape records."""

    __slots__ = ("index", "step", "value")

    def __init__(self, trace: Any, value: Any, step: Step, index: int) -> None:
        self._trace, self._line_info = trace, None
        self.value, self.step, self.index = value, step, index

    aval = property(lambda self: core.typeof(self.value))

    def full_lower(self) -> Any:
        """Return the value for a trace that is not ours."""
        return concrete(self)

    def to_concrete_value(self) -> Any:
        """Return the array, which JAX asks for where Python needs a number."""
        return concrete(self)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.asarray(concrete(self), *args, **kwargs)

    def __float__(self) -> float:
        return float(concrete(self))

    def __complex__(self) -> complex:
        return complex(concrete(self))

    def __format__(self, spec: str) -> str:
        return format(concrete(self), spec)

    def __repr__(self) -> str:
        return repr(concrete(self))

    def __str__(self) -> str:
        return str(concrete(self))

    def __reduce__(self) -> Any:
        return concrete(self).__reduce__()

    def __deepcopy__(self, memo: Any) -> Any:
        return concrete(self)

    def tolist(self) -> Any:
        """Return nested lists of numbers."""
        return concrete(self).tolist()

    def item(self, *args: Any) -> Any:
        """Return a single number."""
        return concrete(self).item(*args)

    def tobytes(self, order: Any = "C") -> bytes:
        """Return the array's bytes."""
        return np.asarray(concrete(self)).tobytes(order)

    def numpy(self) -> Any:
        """Return a NumPy array, as TensorFlow's tensors do."""
        return np.asarray(concrete(self))

    def block_until_ready(self) -> Any:
        """Wait for the array."""
        concrete(self).block_until_ready()
        return self

    @property
    def sharding(self) -> Any:
        """Where the array is."""
        return concrete(self).sharding

    @property
    def device(self) -> Any:
        """The device the array is on."""
        return concrete(self).device


def concrete(value: Any) -> Any:
    """Return the array behind a value that any tape has made; another value as it is."""
    while isinstance(value, Recorded):
        value = value.value
    return value


class Recorder(core.Trace):
    """The trace of the tapes at one depth of nesting; JAX caches by it, so it outlives them."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tape: Any = None
        self.around: Any = core.eval_trace
        self._staged: dict[Any, Any] = {}

    def stage_value(self, val: Any) -> Any:
        """Return a number as an array; an array is one."""
        return val if isinstance(val, jax.Array) else core.eval_trace.stage_value(val)

    def process_primitive(self, primitive: Any, tracers: Any, params: Any, /) -> Any:
        """Carry an operation out in the trace around this one and remember it."""
        arguments = [self.own(value) for value in tracers]
        if primitive.name in _TRACED_ANEW:
            params = {name: _shared(value) for name, value in params.items()}
        with core.set_current_trace(self.around):
            made = primitive.bind(*[_inner(value, self) for value in arguments], **params)
        step = Step(self.tape, primitive, params, arguments)
        if not primitive.multiple_results:
            step.outputs = (made,)
            return Recorded(self, made, step, 0)
        step.outputs = tuple(made)
        return [Recorded(self, value, step, index) for index, value in enumerate(made)]

    def own(self, value: Any) -> Any:
        """Return a value as this trace sees it: recorded by the current tape, or a given array."""
        inner = value
        while isinstance(inner, Recorded):
            if inner._trace is self and inner.step.owner is self.tape:
                return inner
            inner = inner.value
        # A tensor of an earlier tape stays the object that the program may have watched.
        return value

    def process_custom_jvp_call(
        self, primitive: Any, fun: Any, jvp: Any, tracers: Any, /, *, symbolic_zeros: Any
    ) -> Any:
        """Carry out a function with a derivative of its own as one compiled operation."""

        def staged(*values: Any) -> Any:
            return core.trace_ctx.trace.process_custom_jvp_call(
                primitive, fun, jvp, values, symbolic_zeros=symbolic_zeros
            )

        return self._once((fun, jvp.f, symbolic_zeros), staged, fun, tracers)

    def process_custom_vjp_call(
        self,
        primitive: Any,
        fun: Any,
        fwd: Any,
        bwd: Any,
        tracers: Any,
        /,
        *,
        out_trees: Any,
        symbolic_zeros: Any,
    ) -> Any:
        """Carry out a function with a gradient of its own as one compiled operation."""

        def staged(*values: Any) -> Any:
            return core.trace_ctx.trace.process_custom_vjp_call(
                primitive,
                fun,
                fwd,
                bwd,
                values,
                out_trees=out_trees,
                symbolic_zeros=symbolic_zeros,
            )

        return self._once(None, staged, fun, tracers)

    def _once(self, key: Any, staged: Any, fun: Any, tracers: Sequence[Any]) -> Any:
        """Record a call as one compiled operation, the same for the same function and shapes.

        Args:
            key: what the function is told by; None where each call is its own.
            staged: binds the call.
            fun: what JAX reads the structure of the results from.
            tracers: the arguments.
        """
        kept = None
        if key is not None:
            key = (key, *[core.typeof(value) for value in tracers])
            kept = self._staged.get(key)
        if kept is None:
            kept = (_compiled(staged, tracers), fun.stores)
            if key is not None:
                self._staged[key] = kept
        else:
            fun.populate_stores(kept[1])
        with core.set_current_trace(self):
            return kept[0](*tracers)


def _inner(value: Any, recorder: Recorder) -> Any:
    if isinstance(value, Recorded) and value._trace is recorder:
        inner = value.value
        while isinstance(inner, Recorded) and inner._trace is recorder:
            inner = inner.value
        return inner
    return value


def _compiled(function: Any, examples: Sequence[Any]) -> Any:
    """Return a function of arrays as a compiled one with a jaxpr that stays the same object."""
    with core.set_current_trace(core.eval_trace):
        shapes = [jax.typeof(value) for value in examples]
        closed = jax.make_jaxpr(function)(*shapes)
    return jax.jit(core.jaxpr_as_fun(closed))


# Keras traces these at each call; a jaxpr that reads the same as one before is that one to JAX's
# caches, and to ours.
_TRACED_ANEW = ("scan", "while", "cond")
_known: dict[str, Any] = {}


def _shared(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_shared(one) for one in value)
    if not isinstance(value, core.ClosedJaxpr) or _has_constants(value):
        return value
    return _known.setdefault(str(value), value)


def _has_constants(closed: Any) -> bool:
    return bool(closed.consts) or any(
        _has_constants(value)
        for equation in closed.jaxpr.eqns
        for value in equation.params.values()
        if isinstance(value, core.ClosedJaxpr)
    )


_recorders: list[Recorder] = []


def records_values() -> bool:
    """Whether what is computed now is recorded by a tape and has a value at once."""
    trace = core.trace_ctx.trace
    if not isinstance(trace, Recorder):
        return False
    while isinstance(trace, Recorder):
        trace = trace.around
    return trace is core.eval_trace


def recorder(depth: int) -> Recorder:
    """Return the trace of the tapes that have so many around them."""
    while len(_recorders) <= depth:
        _recorders.append(Recorder())
    return _recorders[depth]
