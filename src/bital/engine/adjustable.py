"""A model some of whose hyperparameters are numbers that a compiled program reads."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from bital.engine.hyper import applied, places
from bital.models.functional import State

NOMINAL = 0.5  # above 0 and below 1, which is all that Keras asks


class Adjustable:
    """A model as a program sees it, some hyperparameters among its non-trainable values.

    Args:
        model: built and compiled.
        names: of these hyperparameters.
        fixed: by name, values that are the same in every use of the program.

    Raises:
        InvalidInput: the model has nothing to set one of them of.
    """

    def __init__(
        self, model: keras.Model, names: Sequence[str], fixed: Mapping[str, float]
    ) -> None:
        self._model, self._names, self._fixed = model, tuple(names), dict(fixed)
        for name in (*names, *fixed):
            places(model, name)
        self._scalars = [
            keras.Variable(np.float32(NOMINAL), trainable=False, name=name) for name in names
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    @property
    def non_trainable_variables(self) -> list[Any]:
        """The model's, then the hyperparameters."""
        return [*self._model.non_trainable_variables, *self._scalars]

    def with_values(self, state: State, values: Iterable[float]) -> State:
        """Return a state of the model as one of this, with these hyperparameters."""
        own: list[Any] = [np.float32(value) for value in values]
        return state._replace(non_trainable=[*state.non_trainable, *own])

    def without_values(self, state: State) -> State:
        """Return a state of this as one of the model."""
        kept = len(state.non_trainable) - len(self._scalars)
        return state._replace(non_trainable=list(state.non_trainable[:kept]))

    def train_step(self, state: Any, data: Any) -> Any:
        """Do what the model's own does, with the hyperparameters of `state`."""
        trainable, rest, moments, metrics = state
        own, values = self._divided(rest)
        with self._set(values):
            logs, new = self._model.train_step((trainable, own, moments, metrics), data)
        trainable, own, moments, metrics = new
        return logs, (trainable, [*own, *values], moments, metrics)

    def test_step(self, state: Any, data: Any) -> Any:
        """Do what the model's own does, with the hyperparameters of `state`."""
        trainable, rest, metrics = state
        own, values = self._divided(rest)
        with self._set(values):
            logs, (trainable, own, metrics) = self._model.test_step((trainable, own, metrics), data)
        return logs, (trainable, [*own, *values], metrics)

    def predict_step(self, state: Any, data: Any) -> Any:
        """Do what the model's own does, with the hyperparameters of `state`."""
        trainable, rest = state
        own, values = self._divided(rest)
        with self._set(values):
            outputs, own = self._model.predict_step((trainable, own), data)
        return outputs, [*own, *values]

    def _divided(self, rest: list[Any]) -> tuple[list[Any], list[Any]]:
        count = len(rest) - len(self._scalars)
        return rest[:count], rest[count:]

    def _set(self, values: list[Any]) -> Any:
        scalars = map(Scalar, values)
        own = dict(zip(self._names, scalars, strict=True))
        return applied(self._model, {**self._fixed, **own})


class Scalar:
    """A traced number in place of a Python float.

    What Python asks of a float while it traces (is it above 0, is it 1?) a nominal value answers;
    what it computes with it goes into the program.

    Args:
        value: scalar array, traced.
        nominal: the answer to comparisons.
    """

    __array_ufunc__ = None  # NumPy's numbers leave arithmetic to us
    __hash__ = object.__hash__

    def __init__(self, value: Any, nominal: float = NOMINAL) -> None:
        self._value, self._nominal = value, nominal

    def __jax_array__(self) -> Any:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._nominal)


def _compared(name: str) -> Callable[[Scalar, Any], bool]:
    compare = getattr(operator, name)
    return lambda self, other: bool(compare(self._nominal, other))


def _computed(name: str, swapped: bool) -> Callable[..., Any]:
    compute = getattr(operator, name)
    if swapped:
        return lambda self, other: compute(other, self._value)
    return lambda self, *other: compute(self._value, *other)


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Scalar, f"__{_name}__", _compared(_name))
for _name in ("neg", "abs"):
    setattr(Scalar, f"__{_name}__", _computed(_name, False))
for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Scalar, f"__{_name}__", _computed(_name, False))
    setattr(Scalar, f"__r{_name}__", _computed(_name, True))
