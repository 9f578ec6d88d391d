"""`tf.GradientTape` over JAX arrays and Keras variables."""

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import keras
from jax._src import core

from bital.compat.tape.recorder import Recorded, recorder
from bital.compat.tape.replay import Replay, jacobian, pullback, replay

_open: list["GradientTape"] = []
_live: "weakref.WeakSet[GradientTape]" = weakref.WeakSet()


class GradientTape:
    """Records what is computed in its `with` block, to be differentiated afterwards.

    Trainable variables count as sources, other tensors once they are watched, or where they were
    computed from either.

    Args:
        persistent: whether `gradient` may be called more than once.
        watch_accessed_variables: False to count only variables that are watched.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent, self._all = persistent, watch_accessed_variables
        self._watched: dict[int, Any] = {}
        self._before: dict[int, list[Any]] = {}  # earlier values of variables that were assigned
        self._done = False
        self._entered: Any = None
        self.recording = False

    def __enter__(self) -> "GradientTape":
        depth = len(_open)
        trace = recorder(depth)
        trace.tape, trace.around, self.recording = self, core.trace_ctx.trace, True
        _open.append(self)
        _live.add(self)
        self._entered = core.set_current_trace(trace)
        self._entered.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._entered.__exit__(None, None, None)
        self.recording = False
        _open.remove(self)

    def watch(self, tensor: Any) -> None:
        """Count a tensor, a variable or a nest of them as a source."""
        for one in keras.tree.flatten(tensor):
            if not isinstance(one, keras.Variable | jax.Array):
                raise TypeError(
                    "GradientTape.watch takes tensors and variables; "
                    f"got {type(one).__name__}. Make it one with tf.constant or "
                    "keras.ops.convert_to_tensor, and compute with what that returns."
                )
            self._watched[id(one)] = one

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = "none",
    ) -> Any:
        """Return the gradient of the sum of `target` by each of `sources`, in their structure.

        Args:
            target: a tensor, or a nest of tensors whose gradients are added.
            sources: variables and tensors, alone or in a nest.
            output_gradients: what each entry of the target counts, in its shape; ones if left out.
            unconnected_gradients: "zero" for zeros instead of None where nothing depends.

        Raises:
            RuntimeError: the tape is not persistent and has been used.
        """
        self._use()
        flat = _flat(sources)
        weights = _flat(output_gradients) if output_gradients is not None else None
        total: list[Any] = [None] * len(flat)
        for at, one in enumerate(_flat(target)):
            cotangent = jnp.ones(()) if weights is None else jnp.asarray(weights[at])
            for number, grad in enumerate(self._gradient(one, flat, cotangent)):
                if grad is not None:
                    total[number] = grad if total[number] is None else total[number] + grad
        if str(getattr(unconnected_gradients, "value", unconnected_gradients)) == "zero":
            total = [
                jnp.zeros(s.shape, s.dtype) if g is None else g
                for s, g in zip(flat, total, strict=True)
            ]
        return _packed(sources, total)

    def jacobian(self, target: Any, sources: Any, **options: Any) -> Any:
        """Return the derivative of each entry of `target` by each entry of each source."""
        return self._derivative(target, sources, lambda made: made)

    def batch_jacobian(self, target: Any, source: Any, **options: Any) -> Any:
        """Return the jacobian of each row of `target` by the same row of `source`."""

        def rows(made: Any) -> Any:
            cut = made.reshape(*target.shape, *source.shape)
            axis = target.ndim
            return jnp.moveaxis(jnp.diagonal(cut, axis1=0, axis2=axis), -1, 0)

        return self._derivative(target, source, rows)

    def watched_variables(self) -> tuple[Any, ...]:
        """Return the variables that were watched by name; read ones are not known."""
        return tuple(v for v in self._watched.values() if isinstance(v, keras.Variable))

    def reset(self) -> None:
        """Forget what was watched and recorded."""
        persistent, every = self._persistent, self._all
        recording, entered = self.recording, self._entered
        GradientTape.__init__(self, persistent, every)
        self.recording, self._entered = recording, entered

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Compute in the block without this tape."""
        with core.set_current_trace(recorder(_open.index(self)).around):
            yield

    def assigned(self, variable: Any, before: Any) -> None:
        """Remember that a variable had another value."""
        self._before.setdefault(id(variable), []).append(before)

    def _use(self) -> None:
        if self._done and not self._persistent:
            raise RuntimeError(
                "A GradientTape gives gradients once unless it is persistent; this one was used. "
                "Write tf.GradientTape(persistent=True)."
            )
        self._done = True

    def _gradient(self, target: Any, sources: Sequence[Any], cotangent: Any) -> Sequence[Any]:
        found, values, used = self._replayed(target, sources)
        if found is None:
            return [
                jnp.broadcast_to(cotangent, s.shape).astype(s.dtype) if s is target else None
                for s in sources
            ]
        grads = pullback(found, values, cotangent)
        return [
            sum(grads[n] for n in mine[1:]) + grads[mine[0]]
            if len(mine) > 1
            else grads[mine[0]]
            if mine
            else None
            for mine in used
        ]

    def _derivative(self, target: Any, sources: Any, shaped: Any) -> Any:
        self._use()
        flat = _flat(sources)
        found, values, used = self._replayed(target, flat)
        if found is None:
            return _packed(sources, [None] * len(flat))
        made = jacobian(found, values)
        return _packed(sources, [shaped(sum(made[n] for n in m)) if m else None for m in used])

    def _replayed(
        self, target: Any, sources: Sequence[Any]
    ) -> tuple[Replay | None, list[Any], list[list[int]]]:
        """Return the replay, the values of its inputs and which of them belong to each source."""
        target = self._own(target.value if isinstance(target, keras.Variable) else target)
        if target is None:
            return None, [], []
        leaves: dict[int, int] = {}
        inner: dict[tuple[int, int], int] = {}
        values: list[Any] = []
        mine: list[list[int]] = []
        for source in sources:
            numbers: list[int] = []
            for value in self._values(source):
                own = self._own(value)
                if own is not None:
                    key = (own.step.number, own.index)
                    if key not in inner:
                        inner[key] = len(values)
                        values.append(jnp.zeros(own.shape, own.dtype))
                    numbers.append(inner[key])
                else:
                    if id(value) not in leaves:
                        leaves[id(value)] = len(values)
                        values.append(value)
                    numbers.append(leaves[id(value)])
            mine.append(numbers)
        found = replay(target, leaves, inner)
        if not found.used:
            return None, [], []
        used = [[n for n in numbers if n in found.used] for numbers in mine]
        return found, values, used

    def _values(self, source: Any) -> list[Any]:
        """Return the arrays that stand for a source; none where it does not count as one."""
        if isinstance(source, keras.Variable):
            if id(source) not in self._watched and not (self._all and source.trainable):
                return []
            values = [*self._before.get(id(source), []), source.value]
            return [v for v in values if jnp.issubdtype(v.dtype, jnp.floating)]
        if not isinstance(source, jax.Array) or not jnp.issubdtype(source.dtype, jnp.inexact):
            return []
        if self._own(source) is None and id(source) not in self._watched:
            return []
        return [source]

    def _own(self, value: Any) -> Recorded | None:
        """Return the value as this tape recorded it."""
        while isinstance(value, Recorded):
            if value.step.owner is self:
                return value
            value = value.value
        return None


def assigned(variable: Any, before: Any) -> None:
    """Tell every tape that still lives of a variable's earlier value."""
    for tape in _live:
        if not tape._done or tape._persistent:
            tape.assigned(variable, before)


def _flat(nest: Any) -> list[Any]:
    if isinstance(nest, keras.Variable | jax.Array):
        return [nest]
    flat: list[Any] = keras.tree.flatten(list(nest) if isinstance(nest, tuple | list) else nest)
    return flat


def _packed(nest: Any, flat: list[Any]) -> Any:
    if isinstance(nest, keras.Variable | jax.Array):
        return flat[0]
    return keras.tree.pack_sequence_as(list(nest) if isinstance(nest, tuple | list) else nest, flat)


def alive() -> bool:
    """Whether there is any tape."""
    return bool(_live)
