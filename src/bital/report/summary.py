"""One variant's scores over seeds, in two numbers."""

from dataclasses import dataclass
from math import isclose, nan

import numpy as np
from jaxtyping import Float

from bital.report.number import decimals
from bital.study.result import Column, StudyResult


@dataclass(frozen=True)
class Summary:
    """Mean and spread of one column over a variant's seeds."""

    mean: float
    """NaN when any run diverged: a mean over the survivors would flatter the variant"""
    std: float
    """sample standard deviation (ddof=1); NaN with one seed or when any run diverged"""
    runs: int
    diverged: int
    """runs that ended in NaN or infinity"""


def summarise(scores: Float[np.ndarray, " seeds"]) -> Summary:
    """Summarise one column of one variant.

    Args:
        scores: one value per seed; NaN or infinite where the run diverged.

    Returns:
        Its mean, standard deviation and number of diverged runs.
    """
    values = np.asarray(scores, dtype=np.float64)
    diverged = int(np.count_nonzero(~np.isfinite(values)))
    if diverged or not values.size:
        return Summary(nan, nan, values.size, diverged)
    std = float(values.std(ddof=1)) if values.size > 1 else nan
    return Summary(float(values.mean()), std, values.size, 0)


@dataclass(frozen=True)
class Measured:
    """One column of the table, ready to be written."""

    rows: dict[str, Summary]
    """by variant name, in the result's order"""
    best: frozenset[str]
    """names of the variants to mark"""
    places: int
    """decimals down the whole column"""


def measure(result: StudyResult, column: Column) -> Measured:
    """Summarise one column for every variant."""
    rows = {variant.name: summarise(variant.scores[column.key]) for variant in result.variants}
    places = decimals([row.mean for row in rows.values()], [row.std for row in rows.values()])
    return Measured(rows, best(column, rows), places)


def best(column: Column, rows: dict[str, Summary]) -> frozenset[str]:
    """Name the variants with the best mean of a column: more than one on a tie.

    A variant with a diverged run is never best; with fewer than two variants nothing is.
    """
    means = {name: row.mean for name, row in rows.items() if not row.diverged}
    if len(rows) < 2 or not means:
        return frozenset()
    top = (max if column.better == "higher" else min)(means.values())
    return frozenset(name for name, mean in means.items() if isclose(mean, top, rel_tol=1e-9))
