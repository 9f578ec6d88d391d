"""Optimizer, loss and metrics of a file, and the state the optimizer was in."""

import warnings
from collections.abc import Mapping
from typing import Any

import h5py
import keras
import numpy as np
from keras.saving import custom_object_scope

from bital.compat.files import hdf5, tables

_DROPPED = ("name", "is_legacy_optimizer", "jit_compile", "schedule_decay", "optimizer")


def compile_as_saved(
    model: Any, training: Mapping[str, Any], file: Any, custom: Mapping[str, Any]
) -> None:
    """Compile a model as it was when it was saved, its optimizer where it stopped.

    Args:
        model: the model.
        training: the file's `training_config`.
        file: the file.
        custom: custom objects by name.
    """
    with custom_object_scope(dict(custom)):
        optimizer = _optimizer(training["optimizer_config"], custom)
        model.compile(
            optimizer,
            loss=_each(training.get("loss"), keras.losses, tables.LOSSES, custom),
            metrics=_each(training.get("metrics"), keras.metrics, tables.LOSSES, custom),
            weighted_metrics=_each(
                training.get("weighted_metrics"), keras.metrics, tables.LOSSES, custom
            ),
            loss_weights=training.get("loss_weights"),
        )
    optimizer.build(model.trainable_variables)
    if "optimizer_weights" in file:
        restore(model, hdf5.datasets(file["optimizer_weights"]))


def restore(model: Any, arrays: list[h5py.Dataset]) -> None:
    """Set the state of a model's optimizer; where the file's does not fit, warn and begin anew.

    Args:
        model: compiled, its optimizer built.
        arrays: steps where stored, the learning rate where stored, then the slots; only those
            that fit are read.
    """
    optimizer = model.optimizer
    scalars = [a for a in arrays if a.ndim == 0]
    slots = list(_by_slot(optimizer).values())
    number = len(slots[0]) if slots else 0
    rest = [a for a in arrays if a.ndim][: number * len(slots)]
    together = [rest[s * number : (s + 1) * number] for s in range(len(slots))]
    alternating = [rest[s :: len(slots)] for s in range(len(slots))]
    for order in (together, alternating, _by_name(together, model.trainable_variables)):
        if all(map(_fit, order, slots)):
            if scalars:
                _count(optimizer, int(scalars[0][()]))
            for variables, values in zip(slots, order, strict=True):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value[()])
            return
    warnings.warn(
        f"the file's state of {type(optimizer).__name__} does not fit this model; the optimizer "
        "begins anew, the model's weights are those of the file.",
        stacklevel=3,
    )


def _fit(values: list[h5py.Dataset], variables: list[Any]) -> bool:
    return [v.shape for v in values] == [tuple(v.shape) for v in variables]


def _by_name(order: list[list[h5py.Dataset]], variables: list[Any]) -> list[list[h5py.Dataset]]:
    """Return arrays in the variables' order that lie sorted by name, as Keras 2.0 left them."""
    places = sorted(range(len(variables)), key=lambda i: variables[i].path)
    found = [dict(zip(places, values, strict=False)) for values in order]
    return [[each[i] for i in sorted(each)] for each in found]


def _count(optimizer: Any, steps: int) -> None:
    """Set the number of steps done, and what Nadam multiplies up over them (Dozat 2016)."""
    optimizer.iterations.assign(steps)
    if isinstance(optimizer, keras.optimizers.Nadam):
        # The product is 0 in float32 long before; a file may declare any number.
        done = np.arange(1, min(steps, 100_000) + 1)
        each = optimizer.beta_1 * (1.0 - 0.5 * 0.96**done)
        optimizer._u_product.assign(np.prod(each))


def _by_slot(optimizer: Any) -> dict[str, list[Any]]:
    """Return the variables of each slot: one a trainable variable."""
    slots: dict[str, list[Any]] = {}
    for variable in optimizer.variables:
        if variable.shape == ():  # steps, learning rate; no trainable variable is a scalar
            continue
        slots.setdefault(variable.name.rsplit("_", 1)[-1], []).append(variable)
    return slots


def _optimizer(stored: Any, custom: Mapping[str, Any]) -> Any:
    if isinstance(stored, str):
        return keras.optimizers.get(custom.get(stored, stored))
    name = str(stored["class_name"]).rsplit(">", 1)[-1]
    name = tables.OPTIMIZERS.get(name, name)
    given = {tables.OPTIMIZER_ARGUMENTS.get(k, k): v for k, v in stored["config"].items()}
    given = {k: v for k, v in given.items() if k not in _DROPPED}
    if name in custom:
        return custom[name].from_config(given)
    decay = given.pop("decay", None)
    rate = given.get("learning_rate", 0.01)
    if isinstance(rate, Mapping):
        given["learning_rate"] = keras.optimizers.schedules.deserialize(_plain(rate))
    elif decay:
        given["learning_rate"] = keras.optimizers.schedules.InverseTimeDecay(rate, 1, decay)
    return getattr(keras.optimizers, name).from_config(
        {k: v for k, v in given.items() if v is not None}
    )


def _each(stored: Any, module: Any, names: Mapping[str, str], custom: Mapping[str, Any]) -> Any:
    """Return a loss or a metric, or what nests them."""
    if isinstance(stored, Mapping) and "class_name" in stored:
        return _object(stored, module, names, custom)
    if isinstance(stored, Mapping):
        return {k: _each(v, module, names, custom) for k, v in stored.items()}
    if isinstance(stored, list):
        return [_each(v, module, names, custom) for v in stored]
    if isinstance(stored, str):
        return custom.get(stored, names.get(stored, stored))
    return stored


def _object(
    stored: Mapping[str, Any], module: Any, names: Mapping[str, str], custom: Mapping[str, Any]
) -> Any:
    config = stored["config"]
    if stored["class_name"] == "function":
        return custom.get(config, names.get(config, config))
    if stored["class_name"] in ("MeanMetricWrapper", "SumOverBatchSizeMetricWrapper"):
        function = config["fn"]
        function = function["config"] if isinstance(function, Mapping) else function
        known = custom.get(function) or module.get(names.get(function, function))
        return keras.metrics.MeanMetricWrapper(known, name=config["name"])
    given = {k: v for k, v in config.items() if k not in ("dtype", "axis", "fn")}
    if given.get("reduction") == "auto":
        given["reduction"] = "sum_over_batch_size"
    return module.deserialize({"class_name": stored["class_name"], "config": given})


def _plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    given = {k: v for k, v in stored["config"].items() if v is not None}
    return {"class_name": stored["class_name"], "config": given}
