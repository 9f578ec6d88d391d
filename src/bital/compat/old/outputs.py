"""Models of several outputs, measured and weighted as every Keras before 3 did."""

from collections import Counter
from functools import wraps
from typing import Any

import keras
from keras.src.trainers.compile_utils import CompileLoss, CompileMetrics

from bital.compat.old.defaults import era
from bital.compat.old.source import Era
from bital.compat.patches import Patches


def patch_outputs(patches: Patches) -> None:
    """Let one list of metrics, or one loss with many weights, be for every output."""
    if era() is Era.KERAS_3:
        return
    patches.set(CompileMetrics, "build", _metrics_build(CompileMetrics.build))
    patches.set(CompileLoss, "build", _loss_build(CompileLoss.build))


def _metrics_build(own: Any) -> Any:
    @wraps(own)
    def build(self: Any, y_true: Any, y_pred: Any) -> Any:
        count = len(keras.tree.flatten(y_pred))
        if count > 1 and not isinstance(y_pred, dict):
            self.output_names = _told_apart(self.output_names, count)
            for name in ("_user_metrics", "_user_weighted_metrics"):
                setattr(self, name, _for_each(getattr(self, name), count, y_pred))
        return own(self, y_true, y_pred)

    return build


def _told_apart(names: Any, count: int) -> Any:
    """Return names that differ where one layer gives several outputs, or none is known."""
    if not names:
        return [f"output_{at}" for at in range(1, count + 1)]
    if len(set(names)) == len(names):
        return names
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        made.append(f"{name}_{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return made


def _for_each(metrics: Any, count: int, y_pred: Any) -> Any:
    """Return a list of metrics once for each output, if it is no list of lists."""
    flat = isinstance(metrics, list | tuple) and not any(
        isinstance(one, list | tuple | dict) or one is None for one in metrics
    )
    if not flat or not metrics or isinstance(y_pred, dict):
        return metrics
    return [[_another(one) if at else one for one in metrics] for at in range(count)]


def _another(metric: Any) -> Any:
    """Return a metric that counts for itself."""
    if isinstance(metric, keras.metrics.Metric):
        return type(metric).from_config(metric.get_config())
    return metric


def _loss_build(own: Any) -> Any:
    @wraps(own)
    def build(self: Any, y_true: Any, y_pred: Any) -> Any:
        count = len(keras.tree.flatten(y_pred))
        loss, weights, names = self._user_loss, self._user_loss_weights, self.output_names
        if count > 1 and not isinstance(y_pred, dict):
            self.output_names = names = _told_apart(names, count)
            if isinstance(loss, dict) and names and set(loss) < set(names):
                loss = {name: loss.get(name) for name in names}  # the others are not trained
            if isinstance(weights, dict) and names and set(weights) < set(names):
                weights = {name: weights.get(name, 1.0) for name in names}
            if weights is not None and not keras.tree.is_nested(loss):
                loss = [loss] * count
            if isinstance(weights, dict) and isinstance(loss, list | tuple) and names:
                weights = [weights[name] for name in names]
            self._user_loss, self._user_loss_weights = loss, weights
        return own(self, y_true, y_pred)

    return build
