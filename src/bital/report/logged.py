"""What networks logged besides losses and metrics: a gradient's norm, a learning rate."""

import numpy as np
from jaxtyping import Float

from bital.report.sheet import Cell, Sheet, sheet
from bital.report.voice import Voice
from bital.study.result import ArmResult, StudyResult


def logged(result: StudyResult) -> Sheet | None:
    """Set each such log's mean over runs in the first epoch above that in the last.

    Returns:
        Two rows for each arm that has some; None where none has.
    """
    say = Voice(result.language)
    keys = list(dict.fromkeys(key for arm in result.arms for key in _own(arm)))
    rows: list[list[str | Cell]] = []
    for arm in result.arms:
        own = _own(arm)
        for at, epoch in ((0, say("first")), (-1, say("last"))) if own else ():
            said = [_mean(own[key], at) if key in own else "–" for key in keys]
            rows.append([arm.label, epoch, *said])
    headings = [say("arm"), say("epoch"), *(key.replace("_", " ") for key in keys)]
    return sheet(headings, rows, frozenset({say("epoch")})) if rows else None


def _own(arm: ArmResult) -> dict[str, Float[np.ndarray, "runs epochs"]]:
    """Return the curves that no score and no validation belongs to."""
    return {
        key: curve
        for key, curve in arm.curves.items()
        if not key.startswith("val_")
        and f"val_{key}" not in arm.curves
        and f"train_{key}" not in arm.scores
    }


def _mean(curve: Float[np.ndarray, "runs epochs"], at: int) -> str:
    """Say the mean of each run's first or last value; a run that diverged makes it no number."""
    ends = [run[: _length(run)][at] for run in curve]
    mean = float(np.mean(ends))
    return f"{mean:.3g}" if np.isfinite(mean) else "–"


def _length(run: Float[np.ndarray, " epochs"]) -> int:
    """Return how many epochs a run has, at least one."""
    known = np.flatnonzero(~np.isnan(run))
    return int(known[-1]) + 1 if known.size else 1
