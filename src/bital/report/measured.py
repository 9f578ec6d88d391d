"""One column of the table, ready to be written."""

from dataclasses import dataclass
from math import isclose

from bital.report.number import decimals
from bital.study.result import Column, StudyResult
from bital.study.statistics.summary import Summary, summarise


@dataclass(frozen=True)
class Measured:
    """One column of the table, ready to be written."""

    rows: dict[str, Summary]
    """by arm's name, in the result's order"""
    best: frozenset[str]
    """names of the arms to mark"""
    places: int
    """decimals down the whole column"""


def measure(result: StudyResult, column: Column) -> Measured:
    """Summarise one column for every arm."""
    rows = {arm.name: summarise(arm.scores[column.key]) for arm in result.arms}
    places = decimals([row.mean for row in rows.values()], [row.std for row in rows.values()])
    return Measured(rows, best(column, rows), places)


def best(column: Column, rows: dict[str, Summary]) -> frozenset[str]:
    """Name the arms with the best mean of a column: more than one on a tie.

    An arm with a diverged run is never best; with fewer than two arms nothing is.
    """
    means = {name: row.mean for name, row in rows.items() if not row.diverged}
    if len(rows) < 2 or not means:
        return frozenset()
    top = (max if column.better == "higher" else min)(means.values())
    return frozenset(name for name, mean in means.items() if isclose(mean, top, rel_tol=1e-9))
