"""`K.function`: symbolic tensors as a function of others, compiled."""

from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np

from bital.compat.symbolic.graph import is_symbolic, values, variables
from bital.compat.symbolic.phase import LearningPhase, phase


class Step:
    """An update: one step of an optimizer along gradients.

    Args:
        optimizer: of Keras.
        grads: symbolic.
        params: the variables they are for.
    """

    def __init__(self, optimizer: Any, grads: Sequence[Any], params: Sequence[Any]) -> None:
        pairs = [(g, p) for g, p in zip(grads, params, strict=True) if g is not None]
        self.optimizer = optimizer
        self.tensors = [g for g, _ in pairs]
        self._params = [p for _, p in pairs]

    def carry_out(self, found: Sequence[Any]) -> None:
        """Move the variables."""
        self.optimizer.apply(list(found), self._params)


class Assignment:
    """An update: a variable's new value (`K.update`)."""

    def __init__(self, variable: Any, value: Any) -> None:
        self.tensors = [value]
        self._variable = variable

    def carry_out(self, found: Sequence[Any]) -> None:
        """Assign."""
        self._variable.assign(found[0])


class Function:
    """Computes symbolic tensors from arrays, as NumPy arrays.

    Args:
        inputs: symbolic tensors; `K.learning_phase()` may be among them.
        outputs: symbolic tensors, variables or values.
        updates: what else happens at each call.
    """

    def __init__(self, inputs: Any, outputs: Any, updates: Any = None, name: Any = None) -> None:
        self.inputs = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        self._single = not isinstance(outputs, list | tuple)
        self.outputs = [outputs] if self._single else list(outputs)
        self._updates = [_update(one) for one in _flat(updates)]
        self.name = name
        wanted = [one for one in self.outputs if not isinstance(one, Step | Assignment)]
        self._wanted = wanted + [t for update in self._updates for t in update.tensors]
        self._count = len(wanted)
        self._given = [one for one in self.inputs if not isinstance(one, LearningPhase)]
        self._variables = variables(self._wanted)
        self._compiled = jax.jit(self._run, static_argnums=2)

    def __call__(self, inputs: Any) -> Any:
        """Return the outputs for arrays in the order of the inputs."""
        arrays = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        if len(arrays) != len(self.inputs):
            raise ValueError(
                f"This K.function takes {len(self.inputs)} inputs; got {len(arrays)}. "
                "Call it with one list."
            )
        training = bool(phase())
        given = []
        for tensor, value in zip(self.inputs, arrays, strict=True):
            if isinstance(tensor, LearningPhase):
                training = bool(value)
            else:
                given.append(_array(tensor, value))
        held = [v.value for v in self._variables]
        found, after = self._compiled(given, held, training)
        for variable, value in zip(self._variables, after, strict=True):
            if not variable.trainable:
                variable.assign(value)
        at = self._count
        for update in self._updates:
            update.carry_out(found[at : at + len(update.tensors)])
            at += len(update.tensors)
        out = [np.array(one) for one in found[: self._count]]
        return out[0] if self._single else out

    def _run(self, given: Any, held: Any, training: bool) -> Any:
        known = {id(t): v for t, v in zip(self._given, given, strict=True)}
        mapping = list(zip(self._variables, held, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            found = values(self._wanted, known, training)
            found = [one.value if isinstance(one, keras.Variable) else one for one in found]
        after = [scope.get_current_value(v) for v in self._variables]
        return found, [h if a is None else a for a, h in zip(after, held, strict=True)]


def _update(given: Any) -> Any:
    if isinstance(given, Step | Assignment):
        return given
    if isinstance(given, tuple | list) and len(given) == 2:
        return Assignment(*given)
    raise TypeError(
        "K.function's updates are (variable, tensor) pairs, K.update's results or "
        f"optimizer.get_updates(...); got {type(given).__name__}."
    )


def _flat(updates: Any) -> list[Any]:
    if updates is None:
        return []
    if isinstance(updates, Step | Assignment) or not isinstance(updates, list | tuple):
        return [updates]
    if len(updates) == 2 and isinstance(updates[0], keras.Variable):
        return [updates]
    return [leaf for one in updates for leaf in ([one] if _is_update(one) else _flat(one))]


def _is_update(one: Any) -> bool:
    return isinstance(one, Step | Assignment) or (
        isinstance(one, tuple | list) and len(one) == 2 and isinstance(one[0], keras.Variable)
    )


def _array(tensor: Any, value: Any) -> Any:
    return keras.ops.convert_to_tensor(value, dtype=getattr(tensor, "dtype", None))


def evaluated(value: Any) -> Any:
    """Return a value that needs no input as a NumPy array (`K.eval`)."""
    if is_symbolic(value):
        return Function([], [value])([])[0]
    return np.array(keras.ops.convert_to_numpy(value))
