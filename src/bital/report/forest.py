"""The paired differences of a study: a forest plot, and the numbers behind it."""

from math import isfinite

import numpy as np

from bital.report import account
from bital.report.axis import Axis, axis
from bital.report.drawing import band, dot, figure, headed, line, scale
from bital.report.number import decimals, percent, signed, span
from bital.report.verdict import reading
from bital.report.voice import Voice
from bital.study.result import StudyResult, Verdict
from bital.study.statistics.comparison import Comparison

BAR, ROW = 16, 29
"""pixels from below a row's label to its interval, and to the next row"""


def forest(result: StudyResult, verdict: Verdict) -> str:
    """Draw how far each arm is from the reference: every run's difference, mean and interval.

    Args:
        result: the study.
        verdict: its verdict.

    Returns:
        A standalone `<svg>` element; the dashed line is no difference, a band is the margin. Empty
        where no difference has a size.
    """
    apart = {c.first: _apart(result, verdict, c.first) for c in verdict.comparisons}
    ends = [end for c in verdict.comparisons for end in (c.interval.low, c.interval.high)]
    margin = verdict.procedure.margin
    known = [*ends, *np.concatenate([np.empty(0), *apart.values()])]
    along = axis([0.0, *known, *([] if margin is None else (-margin, margin))])
    if along is None or not any(map(isfinite, known)):
        return ""
    say = Voice(result.language)
    title = say(
        "{column} minus that of {reference}",
        column=account.compared(result).label,
        reference=account.labels(result)[verdict.reference],
    )
    rows: list[str] = []
    top = 0.0
    for one in verdict.comparisons:
        parts, top = _row(result, verdict, one, along, top)
        rows += parts
    shade = [] if margin is None else [band(along.at(-margin), along.at(margin), top, "margin")]
    zero = line((along.at(0.0), 0.0), (along.at(0.0), top), "zero")
    ticks = scale(along, top, title, difference=True)
    level = percent(verdict.procedure.level)
    name = say("{title}, with {level} intervals", title=title, level=level)
    return figure("forest", name, top, [*shade, *ticks, zero, *rows])


def differences(result: StudyResult, verdict: Verdict) -> list[list[str]]:
    """Write each comparison: label, mean, interval, effect size, p, reading, seeds to tell."""
    labels, say = account.labels(result), Voice(result.language)
    places = decimals(
        [c.mean for c in verdict.comparisons],
        [(c.interval.high - c.interval.low) / 2 for c in verdict.comparisons],
    )
    return [
        [
            labels[one.first],
            _number(one.mean, places),
            span(say, _number(one.interval.low, places), _number(one.interval.high, places))
            if isfinite(one.interval.low)
            else "–",
            _number(one.effect.size, 2),
            "< 0.001" if one.adjusted_p < 0.001 else f"{one.adjusted_p:.3f}",
            reading(result, verdict, one.reading),
            seeds_to_tell(result, verdict, one),
        ]
        for one in verdict.comparisons
    ]


def seeds_to_tell(result: StudyResult, verdict: Verdict, one: Comparison) -> str:
    """Say how many seeds would tell what is open; empty where it is settled or not known."""
    if one.reading != "not distinguishable" or one.first not in verdict.plans:
        return ""
    seeds = verdict.plans[one.first].observed
    return Voice(result.language)("only more data") if seeds is None else f"{seeds:,}"


def _apart(result: StudyResult, verdict: Verdict, first: str) -> np.ndarray:
    scores = {arm.name: arm.scores[verdict.column] for arm in result.arms}
    own, other = scores[first], scores[verdict.reference]
    shared = min(len(own), len(other))  # where one was settled early
    return np.asarray(own[:shared] - other[:shared])


def _row(
    result: StudyResult, verdict: Verdict, one: Comparison, along: Axis, top: float
) -> tuple[list[str], float]:
    label = account.labels(result)[one.first]
    kind = one.reading if one.distinguishable else "alike"
    parts, below = headed(top, label, reading(result, verdict, one.reading), f"said {kind}")
    y = below + BAR
    for unit, value in zip(result.units, _apart(result, verdict, one.first), strict=False):
        if isfinite(value):
            said = f"{label}, {account.unit(result, unit)}: {value:+.5g}"
            parts.append(dot(along.at(value), y, 3, "each", said))
    if isfinite(one.interval.low):
        ends = ((along.at(one.interval.low), y), (along.at(one.interval.high), y))
        parts.append(line(*ends, f"span {kind}"))
    if isfinite(one.mean):
        parts.append(dot(along.at(one.mean), y, 5.5, f"mean {kind}"))
    return parts, below + ROW


def _number(value: float, places: int) -> str:
    return signed(value, places) if isfinite(value) else "–"
