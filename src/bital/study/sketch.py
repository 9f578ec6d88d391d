"""What can be told of an arm before it is trained."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import jax
import keras
import numpy as np
from keras.src.utils import naming

from bital.engine import checks
from bital.engine.arrays import first_rows
from bital.engine.build import build
from bital.engine.plan import keras_reason, overridden
from bital.engine.seat import SUPPORTED
from bital.engine.seeding import undisturbed
from bital.errors import InvalidInput, UnknownName
from bital.models.functional import metric_results, read_state
from bital.models.network import multiply_adds
from bital.study.arm import Arm
from bital.study.words import Words

Direction = Literal["higher", "lower"]


@dataclass(frozen=True)
class Sketch:
    """One arm's model, looked at and thrown away."""

    parameters: int
    """weights, trainable and not"""
    work: int
    """multiply-adds of one row's way through it"""
    optimizer: Words
    """as in "Adam, learning rate 0.001" """
    summary: str
    """the layers in one line"""
    logs: frozenset[str]
    """what `evaluate` will measure; empty where only training tells"""
    directions: dict[str, Direction]
    """by log, which values are better, where Keras knows"""
    powers: dict[str, int]
    """by log, the power of the target's unit it is in, where that is not 0"""
    replicates: bool
    """whether programs of replicas can train it"""


def sketch(name: str, arm: Arm, rows: Any, validates: bool = True) -> Sketch:
    """Build one model of an arm and say what it is.

    Args:
        name: of the arm, for errors.
        arm: which.
        rows: (x, y) to build with; a few are enough.
        validates: whether there are rows to validate on.

    Raises:
        InvalidInput: the builder returns no compiled model, or one that these rows do not fit, or
            a callback monitors what no log is called.
    """
    with undisturbed():
        keras.utils.set_random_seed(0)
        model = arm.build()
        callbacks = [] if arm.callbacks is None else list(arm.callbacks())
        try:
            checks.check_compiled(model)
            build(model, first_rows(rows, 2))
            checks.check_monitors(model, callbacks, validates)
        except InvalidInput as error:
            raise InvalidInput(f"arm {name!r}: {error}") from error
    own = any(overridden(model, step) for step in _STEPS)
    logs = () if own else jax.eval_shape(partial(metric_results, model), read_state(model))
    metrics = {metric.name: metric for metric in _leaves(model.metrics)}
    return Sketch(
        parameters=model.count_params(),
        work=multiply_adds(model),
        optimizer=_optimizer(model.optimizer),
        summary=", ".join(filter(None, map(_layer, model.layers))),
        logs=frozenset(logs),
        directions=_directions(logs, metrics),
        powers=_powers(model, metrics),
        replicates=_replicates(model, callbacks),
    )


def check_metric(measure: str, sketches: dict[str, Sketch], hint: str = "") -> None:
    """Raise unless every arm measures what the verdict is to compare."""
    for name, each in sketches.items():
        if each.logs and measure not in each.logs:
            raise UnknownName(f"the metric's log in arm {name!r}", measure, each.logs, hint)


_DIRECTIONS: dict[Any, Direction] = {"up": "higher", "down": "lower"}
_STEPS = ("train_step", "test_step", "compute_metrics", "get_metrics_result")
_UNITS = {
    "mean_squared_error": 2,
    "mse": 2,
    "mean_absolute_error": 1,
    "mae": 1,
    "root_mean_squared_error": 1,
}


def _leaves(metrics: Sequence[Any]) -> list[Any]:
    """Return single metrics, those inside Keras's containers among them."""
    found = []
    for metric in metrics:
        inner = getattr(metric, "metrics", None)
        found += _leaves(inner) if inner else [metric]
    return found


def _directions(logs: Iterable[str], metrics: dict[str, Any]) -> dict[str, Direction]:
    found: dict[str, Direction] = {"loss": "lower"}
    for log in {*logs, *metrics}:
        if log.endswith("_loss"):
            found[log] = "lower"
        for name, metric in metrics.items():
            known = _DIRECTIONS.get(getattr(metric, "_direction", None))
            # With several outputs a log is named by its output too.
            if known is not None and (log == name or log.endswith(f"_{name}")):
                found[log] = known
    return found


def _powers(model: keras.Model, metrics: dict[str, Any]) -> dict[str, int]:
    loss = getattr(model.loss, "name", None) or getattr(model.loss, "__name__", model.loss)
    powers = {"loss": _UNITS.get(str(loss).lower(), 0)}
    for key, metric in metrics.items():
        kind = getattr(getattr(metric, "_fn", None), "__name__", "")
        powers[key] = powers.get(key, 0) or _UNITS.get(kind, 0) or _UNITS.get(_snake(metric), 0)
    return {key: power for key, power in powers.items() if power}


def _snake(metric: Any) -> str:
    return str(naming.to_snake_case(type(metric).__name__))


def _replicates(model: keras.Model, callbacks: Sequence[Any]) -> bool:
    plain = keras_reason(model, "fit") is None and keras_reason(model, "evaluate") is None
    own = any(overridden(model, method) for method in ("fit", "evaluate"))
    known = all(type(c) in SUPPORTED and not getattr(c, "raise_error", False) for c in callbacks)
    return plain and not own and known and model.steps_per_execution == 1


def _optimizer(optimizer: Any) -> Words:
    name, rate = type(optimizer).__name__, getattr(optimizer, "_learning_rate", None)
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        said = f"{name}, {type(rate).__name__}"
        return Words(said, said)
    number = f"{float(np.asarray(optimizer.learning_rate.value)):.6g}"
    return Words(f"{name}, learning rate {number}", f"{name}, 학습률 {number}")


def _layer(layer: Any) -> str:
    """Say a layer, as in "Dense 128 relu" or "Dropout 0.4"."""
    if isinstance(layer, keras.layers.InputLayer):
        return ""
    words = [type(layer).__name__]
    for name in ("units", "filters", "rate", "kernel_size", "pool_size"):
        value = getattr(layer, name, None)
        if isinstance(value, (int, float)):
            words.append(f"{value:g}")
        elif isinstance(value, (tuple, list)):
            words.append("×".join(map(str, value)))
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    own = isinstance(layer, (keras.layers.ReLU, keras.layers.Activation))
    if activation != "linear" and (not own or isinstance(layer, keras.layers.Activation)):
        words.append(activation)
    return " ".join(words)
