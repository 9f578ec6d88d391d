"""A Keras model as pure functions of explicit state."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import keras
from jax import lax

Logs = dict[str, Any]
"""by name, an array or, for a metric with several results, a nest of them"""


class State(NamedTuple):
    """The values of every variable a training step reads or writes."""

    # evolving
    trainable: list[jax.Array]
    non_trainable: list[jax.Array]  # BatchNormalization's statistics, random seeds
    optimizer: list[jax.Array]
    # statistics
    metrics: list[jax.Array]


class Variables:
    """A model's variables, found once: Keras searches all layers each time it is asked."""

    def __init__(self, model: keras.Model) -> None:
        optimizer = getattr(model, "optimizer", None)
        self._groups = (  # in the order of `State`'s fields; an uncompiled model has fewer
            model.trainable_variables,
            model.non_trainable_variables,
            [] if optimizer is None else optimizer.variables,
            model.metrics_variables,
        )

    def identities(self) -> tuple[tuple[int, ...], ...]:
        """Return which variables they are, by group."""
        return tuple(tuple(map(id, group)) for group in self._groups)

    def read(self) -> State:
        """Return their values; Keras's own steps on the model end these arrays' life."""
        return State(*([variable.value for variable in group] for group in self._groups))

    def write(self, state: State) -> None:
        """Give them the values of `state`: what a program made of theirs as the very arrays."""
        for variables, values in zip(self._groups, state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                made = isinstance(value, jax.Array)
                (variable._direct_assign if made else variable.assign)(value)

    def held(self, state: State) -> State:
        """Return `state` itself as long as they hold its very arrays, else what they hold."""
        for variables, values in zip(self._groups, state, strict=True):
            for variable, value in zip(variables, values, strict=True):
                if variable._value is not value:
                    return self.read()
        return state

    def detach(self, optimizer: bool = True) -> None:
        """Take their values away, as Keras does while its steps run."""
        for index, group in enumerate(self._groups):
            for variable in group if optimizer or index != 2 else ():
                variable._value = None


def read_state(model: keras.Model) -> State:
    """Return the model's present values."""
    return Variables(model).read()


def write_state(model: keras.Model, state: State) -> None:
    """Give the model's variables the values of `state`."""
    Variables(model).write(state)


def train_step(model: keras.Model, state: State, data: Any) -> tuple[Logs, State]:
    """One step of the model's own `train_step`, custom or not, on one batch."""
    logs, new = model.train_step(tuple(state), data)
    return logs, _like(state, State(*new))


def test_step(model: keras.Model, state: State, data: Any) -> tuple[Logs, State]:
    """One step of the model's own `test_step` on one batch; weights and optimizer stay."""
    logs, new = model.test_step((state.trainable, state.non_trainable, state.metrics), data)
    trainable, non_trainable, metrics = new
    return logs, _like(state, State(trainable, non_trainable, state.optimizer, metrics))


def predict_step(model: keras.Model, state: State, data: Any) -> tuple[Any, State]:
    """Return the model's outputs on one batch, through its own `predict_step`."""
    outputs, rest = model.predict_step((state.trainable, state.non_trainable), data)
    return outputs, _like(state, state._replace(non_trainable=rest))


def reset_metrics(model: keras.Model, state: State) -> State:
    """Return `state` with every metric as at the start of an epoch."""
    pairs = list(zip(model.metrics_variables, state.metrics, strict=True))
    with keras.StatelessScope(state_mapping=pairs) as scope:
        model.reset_metrics()
    values = [scope.get_current_value(variable) for variable, _ in pairs]
    fresh = [old if new is None else new for new, (_, old) in zip(values, pairs, strict=True)]
    return _like(state, state._replace(metrics=fresh))


def metric_results(model: keras.Model, state: State) -> Mapping[str, Any]:
    """Return what the model's metrics say at `state`."""
    pairs = [
        *zip(model.trainable_variables, state.trainable, strict=True),
        *zip(model.non_trainable_variables, state.non_trainable, strict=True),
        *zip(model.metrics_variables, state.metrics, strict=True),
    ]
    with keras.StatelessScope(state_mapping=pairs):
        results: Mapping[str, Any] = model.get_metrics_result()
    return results


def averaged(model: keras.Model, state: State) -> State:
    """Return `state` as the optimizer leaves it at the end, its moving averages as weights."""
    if not _averages(model.optimizer):
        return state
    groups = [model.trainable_variables, model.optimizer.variables]
    values = [state.trainable, state.optimizer]
    pairs = [pair for each in zip(groups, values, strict=True) for pair in zip(*each, strict=True)]
    with keras.StatelessScope(state_mapping=pairs) as scope:
        model.optimizer.finalize_variable_values(model.trainable_weights)
    new = [scope.get_current_value(variable) for variable in model.trainable_variables]
    return state._replace(trainable=new)


def _averages(optimizer: Any) -> bool:
    """Whether an optimizer does something when training ends; Keras's own do with `use_ema`."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    own = type(inner).finalize_variable_values is not keras.Optimizer.finalize_variable_values
    return own or bool(getattr(inner, "use_ema", True))


def _like(old: State, new: State) -> State:
    """Give each leaf the dtype it had: a loop's carry must not change type, not even weakly."""
    return jax.tree.map(lambda a, b: lax.convert_element_type(b, a.dtype), old, new)  # type: ignore[no-any-return]
