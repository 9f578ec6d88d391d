"""What two trainings have to have in common for one to go on with the other."""

import random
from contextlib import contextmanager
from inspect import signature
from typing import Any
from weakref import WeakKeyDictionary

import jax
import keras
import numpy as np

from bital.engine.facts import Facts, fingerprint
from bital.engine.given import Given
from bital.engine.keras_own import Trainer

RATE = "optimizer.learning_rate"
# Where a callback writes, and how much it tells, is not part of a training.
_ELSEWHERE = {
    "self", "args", "kwargs", "verbose", "filepath", "filename", "log_dir", "backup_dir", "root",
    "path", "field", "headers",
}  # fmt: skip

_asked: "WeakKeyDictionary[Any, tuple[float, float]]" = WeakKeyDictionary()
"""of an optimizer: the rate that a training began with, and the one that it left"""


def facts_of(
    model: Trainer, data: Given, held_out: Given | None, callbacks: list[Any]
) -> dict[str, str]:
    """Return what has to be the same: a name and a text for every setting that is known.

    Args:
        model: built and compiled.
        data: training data.
        held_out: validation data, or None.
        callbacks: Keras's list, the history included.
    """
    facts = Facts()
    _add_model(facts, model)
    _add_compiled(facts, model)
    for index, callback in enumerate(callbacks):
        _add_callback(facts, f"callbacks[{index}]", callback)
    for name, given in (("training data", data), ("validation_data", held_out)):
        _add_data(facts, name, given)
    return facts.found


def learning_rate(model: Trainer) -> float | None:
    """Return the learning rate that the program asked for, None for a schedule.

    A model that has been trained here before may have another one now, which a callback set.
    """
    rate = _rate(model)
    if not isinstance(rate, keras.Variable):
        return None
    asked, left = _asked.get(_inner(model), (None, None))
    now = float(rate)
    return asked if left == now and asked is not None else now


def left(model: Trainer, asked: float | None) -> None:
    """Record the rate that a training asked for, now that it has ended."""
    rate = _rate(model)
    if asked is not None and isinstance(rate, keras.Variable):
        _asked[_inner(model)] = asked, float(rate)


def set_learning_rate(model: Trainer, rate: float) -> None:
    """Give the optimizer a learning rate."""
    _rate(model).assign(rate)


def _inner(model: Trainer) -> Any:
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)


def _rate(model: Trainer) -> Any:
    return getattr(_inner(model), "_learning_rate", None)


def _add_model(facts: Facts, model: Trainer) -> None:
    layers = list(model._flatten_layers(include_self=True))
    numbers: dict[int, int] = {}
    for index, layer in enumerate(layers):
        name = f"model.layers[{index}]" if index else "model"
        facts.add(name, layer)
        facts.add(f"{name}.trainable", layer.trainable)
        for depth in sorted(getattr(layer, "_nodes_by_depth", {}), reverse=True):
            for node in layer._nodes_by_depth[depth]:
                _add_node(facts, f"{name}.graph", numbers, node)
    facts.add("model.variables", [f"{v.dtype}{list(v.shape)}" for v in model.variables])


def _add_node(facts: Facts, name: str, numbers: dict[int, int], node: Any) -> None:
    """Record which operation is called with which tensors, numbered in the order they come."""

    def number(thing: Any) -> int:
        return numbers.setdefault(id(thing), len(numbers))

    def told(value: Any) -> Any:
        return f"tensor {number(value)}" if isinstance(value, keras.KerasTensor) else value

    operation, arguments = node.operation, node.arguments
    at = f"{name}[{number(node)}]"
    facts.add(f"{at}.operation", [type(operation).__name__, number(operation)])
    if not isinstance(operation, keras.layers.Layer):
        plain = {k: v for k, v in vars(operation).items() if not k.startswith("_") and k != "name"}
        facts.add(f"{at}.settings", plain)
    facts.add(at, keras.tree.map_structure(told, [list(arguments.args), arguments.kwargs]))
    facts.add(f"{at}.outputs", [number(tensor) for tensor in node.output_tensors])


def _add_compiled(facts: Facts, model: Trainer) -> None:
    names = {name: index for index, name in enumerate(getattr(model, "output_names", ()))}

    def by_output(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {names.get(key, key): item for key, item in value.items()}

    def found(loss: Any) -> Any:
        return keras.losses.get(loss) if isinstance(loss, str) else loss

    facts.add("loss", keras.tree.map_structure(found, by_output(model.loss)))
    weights = getattr(model._compile_loss, "_user_loss_weights", None)
    facts.add("loss_weights", by_output(weights))
    for name in ("metrics", "weighted_metrics"):
        facts.add(name, by_output(getattr(model._compile_metrics, f"_user_{name}", None)))
    facts.add("steps_per_execution", model.steps_per_execution)
    facts.add("optimizer", model.optimizer)
    inner, rate = _inner(model), learning_rate(model)
    if inner is not model.optimizer:
        facts.add("optimizer.inner_optimizer", inner)
    # As float32 prints it: 0.01, not 0.009999999776482582.
    facts.add(RATE, _rate(model) if rate is None else float(str(np.float32(rate))))
    optimizer = () if model.optimizer is None else model.optimizer.variables
    facts.add("optimizer.variables", [f"{v.dtype}{list(v.shape)}" for v in optimizer])


def _add_callback(facts: Facts, name: str, callback: Any) -> None:
    """Record a callback's class, and of one of Keras's what its class was told."""
    facts.add(name, type(callback).__name__)
    own = [k for k in type(callback).__mro__ if k.__module__.startswith("keras.")]
    if not own or issubclass(type(callback), keras.callbacks.LambdaCallback):
        return
    for key in signature(own[0]).parameters:
        value = vars(callback).get(key)
        if key in _ELSEWHERE or key not in vars(callback):
            continue
        # Keras turns the sign of EarlyStopping's min_delta when training begins.
        facts.add(f"{name}.{key}", abs(value) if key == "min_delta" else value)


def _add_data(facts: Facts, name: str, given: Given | None) -> None:
    if given is None:
        facts.add(name, None)
    elif given.arrays is not None:
        facts.add(name, f"arrays {fingerprint(given.arrays)}")
    else:
        source = given.source_given
        facts.add(name, type(source).__name__)
        if isinstance(source, keras.utils.PyDataset):
            facts.add(f"{name}.batches", source.num_batches)
            facts.add(f"{name}.first batch", _first_batch(source))


def _first_batch(dataset: keras.utils.PyDataset) -> str:
    """Return what tells a dataset's first batch from another's.

    It is asked twice from the same random state, which is put back; a dataset whose answers differ
    all the same is compared by shapes alone.
    """
    hashes = []
    for _ in range(2):
        with _same_random(dataset):
            batch = jax.tree.map(np.asarray, dataset[0])
            hashes.append(fingerprint(batch))
    shapes = [f"{a.dtype}{list(a.shape)}" for a in jax.tree.leaves(batch)]
    return hashes[0] if hashes[0] == hashes[1] else " ".join(shapes)


@contextmanager
def _same_random(dataset: Any) -> Any:
    """Draw from known states of Python's and NumPy's generators, and leave all as they were."""
    mine = [g for g in vars(dataset).values() if isinstance(g, np.random.Generator)]
    old = [g for g in vars(dataset).values() if isinstance(g, np.random.RandomState)]
    states = [g.bit_generator.state for g in mine], [g.get_state() for g in old]
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(0)
    np.random.seed(0)
    for generator in mine:
        generator.bit_generator.state = type(generator.bit_generator)(0).state
    for legacy in old:
        legacy.seed(0)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        for generator, state in zip(mine, states[0], strict=True):
            generator.bit_generator.state = state
        for legacy, held in zip(old, states[1], strict=True):
            legacy.set_state(held)
