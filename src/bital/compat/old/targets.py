"""One label a row given to losses and metrics as a column, as every Keras before 3 did."""

from functools import wraps
from typing import Any

import keras
from keras.src.trainers.compile_utils import CompileLoss, CompileMetrics

from bital.compat.old.defaults import era
from bital.compat.old.source import Era
from bital.compat.patches import Patches


def patch_targets(patches: Patches) -> None:
    """Let the losses and metrics of an older program meet (rows, 1) where (rows,) was given."""
    if era() is Era.KERAS_3:
        return
    patches.set(CompileLoss, "call", _with_columns(CompileLoss.call))
    for name in ("build", "update_state"):
        patches.set(CompileMetrics, name, _with_columns(getattr(CompileMetrics, name)))


def _with_columns(own: Any) -> Any:
    @wraps(own)
    def method(self: Any, y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
        return own(self, columns(y_true, y_pred), y_pred, *args, **kwargs)

    return method


def columns(y_true: Any, y_pred: Any) -> Any:
    """Return targets, those of shape (rows,) as (rows, 1) beside outputs of two axes or more."""
    outputs = keras.tree.flatten(y_pred)
    targets = keras.tree.flatten(y_true)
    if len(outputs) != len(targets):
        return y_true
    made = [
        keras.ops.expand_dims(y, -1) if len(y.shape) == 1 and len(p.shape) >= 2 else y
        for y, p in zip(targets, outputs, strict=True)
    ]
    return keras.tree.pack_sequence_as(y_true, made)
