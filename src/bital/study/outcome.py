"""What one run left behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any


@dataclass(frozen=True, eq=False)
class Outcome:
    """One run's scores and history, as plain values."""

    scores: Mapping[str, float]
    """by part and metric, as in "test_accuracy"; all NaN where the run diverged"""
    history: Mapping[str, list[float]]
    """by Keras history key, one value an epoch"""
    train_seconds: float
    """its share of the wall time of training"""
    compile_seconds: float
    """its share of building and compiling"""
    packed: bool
    """whether it was trained at once with others"""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """nests of arrays that the store is to have, as in "weights"; empty once it has them"""
    stored: frozenset[str] = frozenset()
    """names of those that the store had when it was asked"""

    @property
    def diverged(self) -> bool:
        """Whether it ended in NaN or infinity."""
        return not all(map(isfinite, self.scores.values()))


def outcome(
    scores: Mapping[str, Mapping[str, Any]],
    history: Mapping[str, list[Any]],
    powers: Mapping[str, int],
    spread: float | None,
    **rest: Any,
) -> Outcome:
    """Return a run's outcome.

    A run whose loss is not finite has no scores: the accuracy of NaN is no answer.

    Args:
        scores: loss and metrics by part, "train", "val" and "test".
        history: what `keras.Model.fit` returned.
        powers: of the target's unit in each log; a log that is not there has none.
        spread: what the targets were divided by; None: nothing.
        rest: further fields.
    """

    def scale(key: str) -> float:
        return 1.0 if spread is None else float(spread) ** powers.get(key.removeprefix("val_"), 0)

    found = {
        f"{part}_{name}": value * scale(name)
        for part, logs in scores.items()
        for name, value in logs.items()
        if isinstance(value, (int, float))  # a metric may have several results
    }
    lost = any(not isfinite(value) for key, value in found.items() if key.endswith("_loss"))
    curves = {
        key: [value * scale(key) for value in values]
        for key, values in history.items()
        if all(isinstance(value, (int, float)) for value in values)
    }
    return Outcome(dict.fromkeys(found, nan) if lost else found, curves, **rest)
