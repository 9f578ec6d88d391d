"""Faults to plant in bital, to see how many models the parity fuzzer takes to find each."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import keras
import numpy as np

from bital.engine import blocks, cache, order
from bital.models import functional

Plant = Callable[[], AbstractContextManager[Any]]


def _pattern() -> AbstractContextManager[Any]:
    was = blocks._is_relu

    def relu(layer: Any) -> bool:
        conv = type(layer) is keras.layers.Conv2D
        return was(layer) or (conv and layer.activation is keras.activations.relu)

    return patch.object(blocks, "_is_relu", relu)


def _epsilon() -> AbstractContextManager[Any]:
    was = blocks._folded

    def folded(weights: Any, bias: Any, norm: Any) -> Any:
        names = ("moving_variance", "moving_mean", "scale", "gamma", "center", "beta")
        copy = {name: getattr(norm, name) for name in names}
        return was(weights, bias, SimpleNamespace(**copy, epsilon=10 * norm.epsilon))

    return patch.object(blocks, "_folded", folded)


def _bias() -> AbstractContextManager[Any]:
    was = blocks.conv_block
    return patch.object(blocks, "conv_block", lambda x, w, b, **how: was(x, w, None, **how))


def _shared_program() -> AbstractContextManager[Any]:
    def key(model: keras.Model, by_name: bool = False) -> Any:
        return tuple((tuple(v.shape), str(v.dtype)) for v in model.variables)

    return patch.object(cache, "structural_key", key)


def _order() -> AbstractContextManager[Any]:
    was = order.Orders.next

    def swapped(self: Any) -> Any:
        drawn = was(self)
        rows = (
            np.arange(self._whole.rows, dtype=np.int32) if drawn.rows is None else drawn.rows.copy()
        )
        rows[[0, -1]] = rows[[-1, 0]]
        return drawn._replace(rows=rows)

    return patch.object(order.Orders, "next", swapped)


@contextmanager
def _in_train_step(change: Callable[[Any], AbstractContextManager[Any]]) -> Iterator[None]:
    """Change a model only while bital traces its training step."""
    was = functional.train_step

    def step(model: Any, state: Any, data: Any) -> Any:
        with change(model):
            return was(model, state, data)

    with patch.object(functional, "train_step", step):
        yield


def _loss_weight() -> AbstractContextManager[Any]:
    def change(model: Any) -> AbstractContextManager[Any]:
        losses = model._compile_loss._flat_losses or []
        return patch.object(
            model._compile_loss,
            "_flat_losses",
            [each._replace(loss_weights=None) for each in losses],
        )

    return _in_train_step(change)


def _mask() -> AbstractContextManager[Any]:
    return _in_train_step(lambda model: patch("keras.src.backend.get_keras_mask", lambda x: None))


def _momentum() -> AbstractContextManager[Any]:
    @contextmanager
    def change(model: Any) -> Iterator[None]:
        optimizer = model.optimizer
        names = [name for name in ("momentum", "beta_1") if getattr(optimizer, name, None)]
        was = {name: getattr(optimizer, name) for name in names}
        for name, value in was.items():
            setattr(optimizer, name, value * 0.89 / 0.9)
        try:
            yield
        finally:
            for name, value in was.items():
                setattr(optimizer, name, value)

    return _in_train_step(change)


def _metric() -> AbstractContextManager[Any]:
    return patch.object(functional, "reset_metrics", lambda model, state: state)


def _short_batch() -> AbstractContextManager[Any]:
    def change(model: Any) -> AbstractContextManager[Any]:
        was = model._loss_tracker.update_state
        return patch.object(
            model._loss_tracker, "update_state", lambda loss, sample_weight=None: was(loss)
        )

    return _in_train_step(change)


PLANTS: dict[str, Plant] = {
    "a convolution with ReLU taken for the ReLU of the one before": _pattern,
    "an epsilon ten times too large": _epsilon,
    "a dropped bias": _bias,
    "a program shared by two models": _shared_program,
    "two rows swapped in the order": _order,
    "a loss weight left out": _loss_weight,
    "a mask left out": _mask,
    "momentum 0.89 for 0.9": _momentum,
    "a metric not reset": _metric,
    "a short last batch counted as full": _short_batch,
}
