"""The same training twice, by Keras and by bital, and what both leave behind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

import bital

TOLERANCE = 1e-5  # relative to an array's largest value


@dataclass(frozen=True, eq=False)
class Outcome:
    """All that a training leaves behind."""

    model: keras.Model
    history: keras.callbacks.History
    weights: list[np.ndarray]
    rest: list[np.ndarray]
    optimizer: list[np.ndarray]
    metrics: list[np.ndarray]
    numpy_state: Any


def trained(
    trainer: Callable[..., Any],
    make: Callable[[], keras.Model],
    *,
    seed: int = 11,
    callbacks: Callable[[], Any] | None = None,
    **fit: Any,
) -> Outcome:
    """Make a model and train it, everything random fixed by `seed`; callbacks are made afresh."""
    keras.utils.set_random_seed(seed)
    model = make()
    fit = {"verbose": 0, "callbacks": callbacks() if callbacks else None} | fit
    history = trainer(model, **fit)
    return left_behind(model, history)


class Twins:
    """Two models alike, given out in turn, each as it was made: a `make` for `check_same`.

    What one test has compiled, for Keras and for bital, serves the next.

    Args:
        make: returns a compiled model.
        batch: (x, y) to build it on.
    """

    def __init__(self, make: Callable[[], keras.Model], batch: Any) -> None:
        self._models = []
        for _ in range(2):
            keras.utils.set_random_seed(5)
            model = make()
            model._symbolic_build(data_batch=batch)
            variables = (*model.variables, *model.optimizer.variables)
            self._models.append((model, [(v, np.array(v.value)) for v in variables]))

    def __call__(self) -> keras.Model:
        model, start = self._models[0]
        self._models.reverse()
        for variable, value in start:
            variable.assign(value)
        model.stop_training, model._initial_epoch = False, 0
        return model


def left_behind(model: keras.Model, history: Any = None) -> Outcome:
    groups = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
    values = ([np.asarray(v.value) for v in group] for group in groups)
    return Outcome(model, history, *values, np.random.get_state())


def check_same(
    make: Callable[[], keras.Model], *, tolerance: float = TOLERANCE, path: str = "", **fit: Any
) -> Outcome:
    """Train by Keras and by bital, compare all that is left behind, return bital's."""
    keras_own = trained(keras.Model.fit, make, **fit)
    ours = trained(bital.fit, make, **fit)
    assert_same(ours, keras_own, tolerance)
    plan = ours.history.bital
    assert plan.path == path if path else plan.path != "keras", plan
    return ours


def assert_same(ours: Outcome, keras_own: Outcome, tolerance: float = TOLERANCE) -> None:
    assert_same_history(ours.history, keras_own.history, tolerance)
    for group in ("weights", "rest", "optimizer", "metrics"):
        pair = getattr(ours, group), getattr(keras_own, group)
        assert len(pair[0]) == len(pair[1]), group
        for index, (mine, other) in enumerate(zip(*pair, strict=True)):
            # Momentum is a sum of gradients of both signs: what cancels leaves its rounding behind.
            room = 10 * tolerance if group == "optimizer" else tolerance
            assert_close(mine, other, room, f"{group}[{index}]")
    assert_same_numpy_state(ours.numpy_state, keras_own.numpy_state)


def assert_same_history(ours: Any, keras_own: Any, tolerance: float = TOLERANCE) -> None:
    assert list(ours.history) == list(keras_own.history)  # the order of the keys too
    assert ours.epoch == keras_own.epoch
    assert ours.params == keras_own.params
    for key, values in keras_own.history.items():
        assert [type(v) for v in ours.history[key]] == [type(v) for v in values], key
        assert_close(ours.history[key], values, tolerance, key)


def assert_same_numpy_state(mine: Any, other: Any) -> None:
    assert mine[2] == other[2], "numpy.random has been drawn from another number of times"
    np.testing.assert_array_equal(mine[1], other[1])


def assert_close(mine: Any, other: Any, tolerance: float, what: str = "") -> None:
    """Equal to within `tolerance` of the array's largest value; integers exactly."""
    mine, other = np.asarray(mine), np.asarray(other)
    assert mine.shape == other.shape, what
    if other.dtype.kind in "iub":
        np.testing.assert_array_equal(mine, other, err_msg=what)
        return
    mine, other = mine.astype(np.float64), other.astype(np.float64)
    largest = np.abs(other[np.isfinite(other)]).max(initial=1e-30)
    np.testing.assert_allclose(mine, other, rtol=0, atol=tolerance * largest, err_msg=what)
