"""What quoting the best validation epoch would have added to each arm's score."""

import numpy as np

from bital.report import account
from bital.report.number import decimals, percent, signed, span
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.voice import Voice
from bital.study.columns import label
from bital.study.result import StudyResult
from bital.study.statistics.optimism import Optimism, optimism


def optimisms(result: StudyResult) -> dict[str, Optimism]:
    """Measure the best-epoch optimism of the compared metric, by arm.

    Returns:
        Nothing for one run, where no interval can be given, nor without a test score or a
        validation curve of that metric.
    """
    if len(result.units) < 2:
        return {}
    metric, better = account.metric(result), account.compared(result).better
    curve, test = f"val_{metric}", f"test_{metric}"
    return {
        arm.name: optimism(arm.curves[curve], arm.scores[test], better)
        for arm in result.arms
        if curve in arm.curves and test in arm.scores
    }


def held_against(result: StudyResult) -> str:
    """Name the test score that best epochs are held against, as in "test accuracy"."""
    key = f"test_{account.metric(result)}"
    known = {column.key: column.label for column in result.columns}
    return known.get(key, label(key, result.language))


def sentence(result: StudyResult) -> str:
    """Say in one sentence by how much best epochs flatter; empty where that is not known."""
    gaps = {name: one.last.mean for name, one in optimisms(result).items() if not one.diverged}
    if not gaps:
        return ""
    labels, say = account.labels(result), Voice(result.language)
    places = decimals(gaps.values(), [])
    least, most = min(gaps, key=gaps.__getitem__), max(gaps, key=gaps.__getitem__)
    said = [f"{signed(gaps[name], places)} ({labels[name]})" for name in (least, most)]
    return say(
        "Best-epoch optimism: quoting the best validation epoch would flatter {column} by {gaps}.",
        column=held_against(result),
        gaps=said[0] if said[0] == said[1] else span(say, *said),
    )


def table(result: StudyResult, found: dict[str, Optimism]) -> Sheet:
    """Show the optimism of every arm with its interval."""
    gaps = [one.last for one in found.values()]
    places = decimals(
        [gap.mean for gap in gaps], [(gap.interval.high - gap.interval.low) / 2 for gap in gaps]
    )
    labels, say = account.labels(result), Voice(result.language)
    rows = [[labels[name], *_row(say, one, places)] for name, one in found.items()]
    interval = say("{level} interval", level=percent(0.95))
    return sheet([say("arm"), say("best epoch (median)"), say("optimism"), interval], rows)


def _row(say: Voice, one: Optimism, places: int) -> list[str | Cell]:
    if one.diverged:
        lost = say("diverged {lost}/{runs}", lost=one.diverged, runs=len(one.epochs))
        return ["–", Cell(lost, kind="bad"), "–"]
    found = one.last.interval
    return [
        f"{np.median(one.epochs):g}",
        signed(one.last.mean, places),
        span(say, signed(found.low, places), signed(found.high, places)),
    ]
