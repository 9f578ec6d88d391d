"""How much the best validation epoch flatters."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from bital.errors import InvalidInput
from bital.study.statistics.interval import Interval
from bital.study.statistics.summary import summarise


@dataclass(frozen=True)
class Gap:
    """Validation score of the best epoch against a test score, averaged over seeds."""

    mean: float
    """above 0: the validation score looks that much better; NaN when a run diverged"""
    interval: Interval
    """of the mean, by `bca`"""


@dataclass(frozen=True, eq=False)
class Optimism:
    """What quoting the best validation epoch would add to the truth."""

    epochs: Int[np.ndarray, " seeds"]
    """best validation epoch of each seed, from 1, the first on a tie; 0 where there is none"""
    last: Gap
    """against the last epoch's test score"""
    same: Gap | None
    """against the test score of the best validation epoch; None where only the last was scored"""
    diverged: int
    """runs without a finite gap to the last test score"""


def optimism(
    validation: Float[np.ndarray, "seeds epochs"],
    test: Float[np.ndarray, "seeds epochs"] | Float[np.ndarray, " seeds"],
    better: Literal["higher", "lower"],
    level: float = 0.95,
) -> Optimism:
    """Set the best validation epoch's score against what the test rows say.

    The best of many noisy epochs is best partly by luck, on the very rows it was chosen by.

    Args:
        validation: score of every epoch, of the same quantity as `test`.
        test: score of every epoch, or of the last epoch alone.
        better: which scores are better.
        level: of the intervals.

    Raises:
        InvalidInput: shapes that do not belong together.

    Source: Cawley and Talbot (2010), "On over-fitting in model selection and subsequent selection
    bias in performance evaluation", JMLR 11.
    """
    seeds_epochs = np.shape(validation)
    if len(seeds_epochs) != 2 or not seeds_epochs[1] or np.shape(test) not in (
        seeds_epochs, seeds_epochs[:1]
    ):  # fmt: skip
        raise InvalidInput(
            "validation must be seeds x epochs and test the same, or one score per seed; got "
            f"shapes {seeds_epochs} and {np.shape(test)}."
        )
    sign = 1.0 if better == "higher" else -1.0
    curve = np.where(np.isfinite(validation), sign * validation, -np.inf)
    chosen = curve.argmax(axis=1)
    top = curve[np.arange(len(curve)), chosen]
    tested = sign * np.asarray(test, np.float64)
    last = top - (tested if tested.ndim == 1 else tested[:, -1])
    same = None if tested.ndim == 1 else top - tested[np.arange(len(curve)), chosen]
    return Optimism(
        epochs=np.where(np.isfinite(top), chosen + 1, 0),
        last=_gap(last, level),
        same=None if same is None else _gap(same, level),
        diverged=int(np.count_nonzero(~np.isfinite(last))),
    )


def _gap(gaps: Float[np.ndarray, " seeds"], level: float) -> Gap:
    summary = summarise(gaps, level)
    return Gap(summary.mean, summary.interval)
