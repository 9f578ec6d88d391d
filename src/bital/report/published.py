"""Figures that someone published from one run each, beside what many runs say."""

from itertools import combinations

import numpy as np

from bital.report import account
from bital.report.measured import measure
from bital.report.number import fixed, percent, span
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.single import ranks
from bital.report.voice import Voice
from bital.study.result import StudyResult


def published(result: StudyResult) -> Sheet | None:
    """Set each published figure beside our mean, interval and single runs, and their ranks.

    Returns:
        A row for each arm with a published figure; None where there is none.
    """
    figures = _figures(result)
    if not figures:
        return None
    say, column = Voice(result.language), account.compared(result)
    scores = {name: own for name, own in account.shared(result).items() if name in figures}
    lone = ranks({name: np.array([value]) for name, value in figures.items()}, column.better)
    means = ranks({name: np.array([s.mean()]) for name, s in scores.items()}, column.better)
    single = ranks(scores, column.better)
    measured = measure(result, column)
    labels, places = account.labels(result), measured.places
    rows: list[list[str | Cell]] = []
    for name, value in figures.items():
        row, own = measured.rows[name], scores[name]
        if row.diverged:
            said = say("diverged {lost}/{runs}", lost=row.diverged, runs=row.runs)
            lost = Cell(said, kind="bad")
            rows.append(
                [labels[name], f"{value:.6g}", str(lone[name][0]), lost, "–", "–", "–", "–"]
            )
            continue
        low, high = float(own.min()), float(own.max())
        where = "↑ " if value > high else "↓ " if value < low else ""
        rows.append(
            [
                labels[name],
                f"{where}{value:.6g}",
                str(lone[name][0]),
                fixed(row.mean, places),
                str(means[name][0]),
                span(say, fixed(row.interval.low, places), fixed(row.interval.high, places))
                if row.runs > 1
                else "–",
                span(say, fixed(low, places), fixed(high, places)),
                _span(say, single[name]),
            ]
        )
    interval = say("{level} interval", level=percent(0.95))
    headings = [say("arm"), say("published"), say("rank"), say("our mean"), say("rank"), interval]
    return sheet([*headings, say("single runs"), say("ranks")], rows)


def sentences(result: StudyResult) -> list[str]:
    """Say which of the published orders many runs confirm, contradict or cannot tell."""
    figures, verdict = _figures(result), result.verdict
    if verdict is None or len(figures) < 2:
        return []
    labels, say = account.labels(result), Voice(result.language)
    better = account.compared(result).better
    pairs = {frozenset((c.first, c.second)): c for c in verdict.pairs}
    confirmed, open_, against = 0, 0, []
    for first, second in combinations(figures, 2):
        one = pairs[frozenset((first, second))]
        apart = figures[one.first] - figures[one.second]
        if not apart:
            continue
        if not one.distinguishable:
            open_ += 1
            continue
        theirs = one.first if (apart > 0) == (better == "higher") else one.second
        ours, other = (one.first, one.second)[:: 1 if one.reading == "better" else -1]
        if theirs == ours:
            confirmed += 1
        else:
            against.append(
                say("{arm} is better than {other}", arm=labels[ours], other=labels[other])
            )
    said = [
        say(
            "The published figures put {pairs} of arms in an order. Of these, our {runs} an arm "
            "confirm {confirmed}, contradict {contradicted}, and cannot tell {open} apart.",
            pairs=say.count(confirmed + open_ + len(against), "pair"),
            runs=say.count(len(result.units), "run"),
            confirmed=confirmed,
            contradicted=len(against),
            open=open_,
        )
    ]
    if against:
        wrong = "; ".join(against)
        said.append(say("Where the published runs would have misled: {pairs}.", pairs=wrong))
    return said


def _figures(result: StudyResult) -> dict[str, float]:
    """Return the published figures of arms that have finished, in the result's order."""
    return {a.name: result.published[a.name] for a in result.arms if a.name in result.published}


def _span(say: Voice, places: np.ndarray) -> str:
    low, high = str(places.min()), str(places.max())
    return low if low == high else span(say, low, high)
