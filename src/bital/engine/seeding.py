"""What a seed means to a replica: its initial weights and the order of its batches."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED

from bital.engine.checks import check_compiled
from bital.engine.clones import Seeded, check_built, cloned, clones, values_of
from bital.engine.plan import keras_reason, overridden
from bital.errors import InvalidInput


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave Python's, NumPy's and Keras's generators as they were found."""
    names = (GLOBAL_RANDOM_SEED, GLOBAL_SEED_GENERATOR)
    keras_own = {name: global_state.get_global_attribute(name) for name in names}
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        for name, value in keras_own.items():
            global_state.set_global_attribute(name, value)


def seeded(
    source: keras.Model | Callable[[], keras.Model],
    seeds: Sequence[int],
    build: Callable[[keras.Model], None],
) -> tuple[keras.Model, list[Seeded]]:
    """Return a model and, for each seed, the values that another one like it starts with.

    Args:
        source: a model, which stays as it is, or a function that returns one.
        seeds: for `keras.utils.set_random_seed`.
        build: builds loss, metrics and optimizer, and the weights if they are not yet there.

    Raises:
        InvalidInput: the models a function returns differ; a model cannot be cloned.
    """
    if isinstance(source, keras.Model):
        check_built(source)
        every = clones(source, seeds)
        build(source)
        moments = _new_optimizer(source)
        return source, [s._replace(optimizer=moments) for s in every]
    first, every = None, list[Seeded]()
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model = source()
        numpy = np.random.get_state()
        if first is None:
            first = model
            check_trainable(first)
            build(first)
        elif not all(layer.built for layer in model._flatten_layers()):
            build(model)
        else:
            model.optimizer.build(model.trainable_variables)
        every.append(values_of(model)._replace(numpy=numpy))
        _check_alike(first, model)
    assert first is not None
    return first, every


def check_trainable(model: keras.Model) -> None:
    """Raise unless programs can train a model."""
    check_compiled(model)
    reason = keras_reason(model, "fit")
    if overridden(model, "fit"):
        reason = f"{type(model).__name__} overrides fit()"
    if reason is not None:
        raise InvalidInput(
            f"replicas are trained by compiled programs, which this model cannot be: {reason}. "
            "Train each copy with bital.fit."
        )


def another(source: keras.Model | Callable[[], keras.Model], seed: int) -> keras.Model:
    """Return a new compiled model: what the function makes under a seed, or a clone."""
    keras.utils.set_random_seed(seed)
    if not isinstance(source, keras.Model):
        return source()
    clone, settings = cloned(source), dict(source._compile_config.config)
    clone.compile(**{name: keras.tree.map_structure(_fresh, v) for name, v in settings.items()})
    return clone


def generator(seed: int, numpy: Any = None) -> np.random.RandomState:
    """Return NumPy's generator as it stands when a replica's model is made."""
    made = np.random.RandomState(seed)
    if numpy is not None:
        made.set_state(numpy)
    return made


def _new_optimizer(model: keras.Model) -> list[Any]:
    """Return the values of a new optimizer like the model's."""
    fresh = _fresh(model.optimizer)
    fresh.build(model.trainable_variables)
    return [np.asarray(variable.value) for variable in fresh.variables]


def _fresh(part: Any) -> Any:
    """Return a new optimizer, loss or metric like this one; anything else as it is."""
    kinds = (keras.optimizers.Optimizer, keras.losses.Loss, keras.metrics.Metric)
    return type(part).from_config(part.get_config()) if isinstance(part, kinds) else part


def _check_alike(first: keras.Model, other: keras.Model) -> None:
    shapes = [
        [(tuple(v.shape), str(v.dtype)) for v in (*m.variables, *m.optimizer.variables)]
        for m in (first, other)
    ]
    if shapes[0] != shapes[1]:
        raise InvalidInput(
            "model must be a function that returns the same structure every time; "
            f"{first.name!r} and {other.name!r} have weights of other shapes. "
            "Train each structure by itself."
        )
