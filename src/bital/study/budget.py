"""A study by the clock: which arms get more seeds, and when there is no time for them."""

import re
import time
from collections.abc import Sequence
from math import isfinite

from bital.errors import InvalidInput
from bital.study.statistics.family import Scores, best_mean, with_baseline, with_best
from bital.study.statistics.procedure import Procedure

ROUND = 5
"""seeds that every open arm gets between two looks; the same number, so that programs are kept"""
INTERIM = 0.001
"""adjusted p-value from which an arm is settled before the end"""

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(budget: str | float) -> float:
    """Return a time budget in seconds.

    Args:
        budget: a number of seconds, or a time such as "90s", "10m" or "1.5h".

    Raises:
        InvalidInput: it is neither, or not above 0.
    """
    found = 0.0
    if isinstance(budget, str):
        said = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", budget.strip())
        found = float(said[1]) * _SECONDS[said[2]] if said else 0.0
    elif isinstance(budget, (int, float)) and not isinstance(budget, bool):
        found = float(budget)
    if not (isfinite(found) and found > 0):
        raise InvalidInput(
            "time_budget must be a number of seconds above 0, or a time such as '90s', '10m' or "
            f"'1h'; got {budget!r}."
        )
    return found


def settled(scores: Scores, procedure: Procedure, baseline: str | None) -> set[str]:
    """Return the arms that a look before the end already tells from the one they are compared with.

    Many looks at a level of 0.05 would find too much: an arm is settled only by an adjusted p of
    0.001, better, worse or equivalent. All later findings are made at the study's level, whose
    error rate that leaves almost as it was.

    Args:
        scores: of the arms that are still open, each with the same runs.
        procedure: how they are compared.
        baseline: the arm they are compared with; the one of the best mean when None.

    Source: Haybittle (1971), British Journal of Radiology 44; Peto and others (1976), British
    Journal of Cancer 34.
    """
    reference = best_mean(scores, procedure) if baseline is None else baseline
    if reference is None or len(scores) < 2:
        return set()
    if baseline is None:
        found = with_best(scores, procedure)
    else:
        found = with_baseline(scores, baseline, procedure)
    clear = {
        one.first
        for one in found
        if one.adjusted_p <= INTERIM or one.adjusted_equivalence_p <= INTERIM
    }
    return {*clear, reference} if len(clear) == len(found) else clear


class Clock:
    """Says whether another round fits into what is left of a budget.

    Args:
        seconds: the budget.
        started: `time.perf_counter()` when it began.
    """

    def __init__(self, seconds: float, started: float) -> None:
        self._until = started + seconds
        self._began: float | None = None
        self._per_run = 0.0

    def begin(self) -> None:
        """Tell that a round begins."""
        self._began = time.perf_counter()

    def end(self, runs: int) -> None:
        """Tell that a round of so many new runs has ended."""
        assert self._began is not None
        if runs:  # those found in the store took no time
            self._per_run = (time.perf_counter() - self._began) / runs

    def has_time(self, runs: int) -> bool:
        """Return whether so many runs can be expected to end in time."""
        return time.perf_counter() + runs * self._per_run <= self._until


def rounds(seeds: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the seeds of each round."""
    return [tuple(seeds[at : at + ROUND]) for at in range(0, len(seeds), ROUND)]
