"""Every run of a study as a dot, joined from arm to arm by what the runs share."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from jaxtyping import Float

from bital.report import account
from bital.report.axis import Axis, axis
from bital.report.drawing import dot, figure, headed, line, scale, text
from bital.report.number import decimals, fixed
from bital.report.voice import Voice
from bital.study.result import StudyResult

DOTS, ROW = 16, 29
"""pixels from below a row's label to its dots, and to the next row"""
LOST = 1.2
"""per cent from the worse edge: where runs that diverged stand"""


def strips(result: StudyResult) -> str:
    """Draw the compared score of every run: a row an arm, a line a seed (and fold).

    Runs of one seed share split, initial randomness and batch order, so lines that run side by
    side are what pairing takes out of the comparison. A run that diverged is a cross at the worse
    edge.

    Returns:
        A standalone `<svg>` element; empty where there is nothing to span an axis.
    """
    say, column = Voice(result.language), account.compared(result)
    scores = [arm.scores[column.key] for arm in result.arms]
    along = axis(np.concatenate(scores)) if scores else None
    if along is None:
        return ""
    worse = LOST if column.better == "higher" else 100 - LOST
    places = decimals([float(np.mean(s)) for s in scores], [float(np.std(s)) for s in scores])
    labels: list[str] = []
    rows: list[_Row] = []
    top = 0.0
    for arm, values in zip(result.arms, scores, strict=True):
        said, kind = _right(say, values, places)
        parts, below = headed(top, arm.label, said, kind)
        labels += parts
        x = [along.at(value) if isfinite(value) else worse for value in values]
        rows.append(_Row(arm.label, values, x, below + DOTS))
        top = below + ROW
    name = say(
        "{column} of every run, by {unit}", column=column.label, unit=account.variable(result)
    )
    units = [account.unit(result, unit) for unit in result.units]
    lines = [_unit(rows, index, unit) for index, unit in enumerate(units)]
    means = [mark for row in rows for mark in _mean(row, along)]
    return figure("strips", name, top, [*scale(along, top, column.label), *lines, *labels, *means])


@dataclass(frozen=True)
class _Row:
    label: str
    values: Float[np.ndarray, " runs"]
    x: list[float]
    y: float


def _unit(rows: Sequence[_Row], index: int, name: str) -> str:
    """Draw one seed's runs, arm by arm, and the lines between them."""
    parts, before = [], None
    for row in rows:
        if index >= len(row.values):  # settled early
            before = None
            continue
        value, here = float(row.values[index]), (row.x[index], row.y)
        lost = not isfinite(value)
        if before is not None and not lost:
            parts.append(line(before, here, "pair"))
        before = None if lost else here
        parts.append(
            text(here[0], row.y + 5, "×", "lost", "middle")
            if lost
            else dot(*here, 4, said=f"{row.label}, {name}: {value:.5g}")
        )
    return f"<g>{''.join(parts)}</g>"


def _right(say: Voice, values: Float[np.ndarray, " runs"], places: int) -> tuple[str, str]:
    lost = int(np.count_nonzero(~np.isfinite(values)))
    if lost:
        return say("diverged {lost}/{runs}", lost=lost, runs=len(values)), "lost"
    return fixed(float(np.mean(values)), places), "tick"


def _mean(row: _Row, along: Axis) -> list[str]:
    if not np.isfinite(row.values).all():
        return []
    x = along.at(float(np.mean(row.values)))
    return [line((x, row.y - 9), (x, row.y + 9), "mean")]
