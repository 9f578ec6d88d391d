"""What makes a training the one that was saved: model, objective, data, arguments, callbacks."""

import hashlib
import inspect
import random
from collections.abc import Iterator
from typing import Any

import jax
import keras
import numpy as np
from keras.src.models.functional import Functional

from bital.engine.described import described
from bital.engine.given import Given
from bital.engine.keras_own import Trainer

_HASHED = 2**24  # bytes of each array that tell one data set from another
# Where results go and what is shown is not part of a training.
_PLACES = ("filepath", "filename", "log_dir", "backup_dir", "verbose", "root", "path")
_OBJECTIVE = ("loss", "loss_weights", "metrics", "weighted_metrics", "steps_per_execution")


def identity(
    model: Trainer, data: Given, held_out: Given | None, arguments: dict[str, Any], callbacks: Any
) -> dict[str, Any]:
    """Return every setting of a training by a dotted name, as text, numbers and lists of them.

    Args:
        model: built and compiled.
        data: training data.
        held_out: validation data, or None.
        arguments: of `fit`, by name.
        callbacks: Keras's list of them.
    """
    names = _counted(model)
    whole: dict[str, Any] = {
        **arguments,
        "model": _model(model, names),
        "optimizer": described(model.optimizer, names),
        **_objective(model),
        "data": fingerprint(data),
        "validation_data": None if held_out is None else fingerprint(held_out),
        "callbacks": [_constructed(callback) for callback in callbacks.callbacks],
    }
    return dict(_flat("", whole))


def fingerprint(data: Given) -> Any:
    """Return what tells data from other data: a hash of rows spread over arrays; of a PyDataset
    its length and its first batch, or, if that differs each time it is asked for, its shapes; of
    anything else the kind.
    """
    if data.arrays is not None:
        return _hashed(data.arrays)
    dataset = data.raw
    if not isinstance(dataset, keras.utils.PyDataset):
        return type(dataset).__name__
    states = random.getstate(), np.random.get_state()
    try:
        first, second = (_hashed(dataset[0]) for _ in range(2))
        shapes = [str(np.shape(leaf)) for leaf in jax.tree.leaves(dataset[0])]
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
    return [len(dataset) if dataset.num_batches else None, first if first == second else shapes]


def _hashed(arrays: Any) -> str:
    found = hashlib.blake2b(digest_size=16)
    for leaf in jax.tree.leaves(arrays):
        array = leaf if hasattr(leaf, "nbytes") else np.asarray(leaf)
        found.update(repr((array.shape, str(array.dtype))).encode())
        step = max(1, array.nbytes // _HASHED)
        found.update(np.ascontiguousarray(array[::step] if array.ndim else array).tobytes())
    return found.hexdigest()


def _model(model: Trainer, names: dict[str, str]) -> dict[str, Any]:
    whole = isinstance(model, (keras.Sequential, Functional)) and _is_configured(model)
    layers = list(model._flatten_layers())
    parts = [
        # A saved lambda has its file and line in it; the function itself does not.
        [described(type(layer)), described(getattr(layer, "function", None))]
        for layer in layers
    ]
    return {
        "variables": [f"{list(v.shape)} {v.dtype}" for v in model.variables],
        "config": _without_lambdas(described(model, names)) if whole else None,
        "layers": parts
        if whole
        else [[*p, described(e, names)] for p, e in zip(parts, layers, strict=True)],
    }


def _is_configured(model: Trainer) -> bool:
    """Return whether a model can say how it is made; one with a lambda in a layer cannot."""
    try:
        model.get_config()
    except Exception:  # noqa: BLE001 - a user's class may raise anything
        return False
    return True


def _without_lambdas(config: Any) -> Any:
    if isinstance(config, dict):
        if config.get("class_name") == "__lambda__":
            return "lambda"
        return {key: _without_lambdas(value) for key, value in config.items()}
    return list(map(_without_lambdas, config)) if isinstance(config, list) else config


def _counted(model: Trainer) -> dict[str, str]:
    """Return what stands for the names that Keras counts within a process."""
    layers = {layer.name: f"layer {at}" for at, layer in enumerate(model._flatten_layers())}
    optimizers = [model.optimizer, getattr(model.optimizer, "inner_optimizer", None)]
    return layers | {each.name: "optimizer" for each in optimizers if each is not None}


def _objective(model: Trainer) -> dict[str, Any]:
    compiled = model._compile_config.config if model._compile_config is not None else {}
    return {name: described(compiled.get(name)) for name in _OBJECTIVE}


def _constructed(callback: Any) -> dict[str, Any]:
    """Return a callback's class and what it was made with, as far as it keeps that."""
    held = vars(callback)
    wanted = inspect.signature(type(callback).__init__).parameters
    made = {
        name: described(held[name])
        for name in wanted
        if name in held and name not in _PLACES and _tells(held[name])
    }
    if isinstance(made.get("min_delta"), (int, float)):
        made["min_delta"] = abs(made["min_delta"])  # Keras turns its sign while training
    return {"class": type(callback).__name__, **made}


def _tells(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str)) or inspect.isfunction(value)


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the ends of a nest by dotted names."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), item)
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _flat(f"{name}.{number}", item)
    else:
        yield name, value if isinstance(value, (bool, int, float, str, type(None))) else repr(value)
