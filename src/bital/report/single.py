"""What one run of each arm would have said: how studies of one seed come to their winners."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from bital.report import account
from bital.report.voice import Voice
from bital.study.result import StudyResult

Scores = Mapping[str, Float[np.ndarray, " runs"]]


@dataclass(frozen=True)
class SingleRuns:
    """How often single runs crown another arm than the one of the best mean."""

    best: str
    """the arm of the best mean over all runs"""
    together: float
    """share of seeds in which another arm came out first"""
    apart: float
    """chance that another does, one run of each arm drawn at random"""


def single_runs(scores: Scores, better: Literal["higher", "lower"]) -> SingleRuns | None:
    """Judge the arms as who has one run of each would.

    A diverged run is worse than any other; a tie for the first place is shared out.

    Args:
        scores: one per run by arm, the same runs in the same order; NaN where one diverged.
        better: which scores are better.

    Returns:
        Exact shares of the runs there are; None with fewer than two arms or runs, or where every
        arm has a diverged run and none is best.
    """
    whole = {name: s for name, s in scores.items() if np.isfinite(s).all()}
    if len(scores) < 2 or not whole or len(next(iter(whole.values()))) < 2:
        return None
    sign = 1.0 if better == "higher" else -1.0
    best = max(whole, key=lambda name: sign * float(np.mean(whole[name])))
    ranked = {name: np.where(np.isfinite(s), sign * s, -np.inf) for name, s in scores.items()}
    table = np.stack([ranked.pop(best), *ranked.values()])
    first = table == table.max(axis=0)
    won = np.mean(first[0] / first.sum(axis=0))
    return SingleRuns(best, 1 - float(won), 1 - _wins(table[0], table[1:]))


def _wins(own: Float[np.ndarray, " runs"], others: Float[np.ndarray, "arms runs"]) -> float:
    """Return how often one arm comes out first when each arm's run is drawn on its own."""
    chances = []
    for value in own:
        ties = np.array([1.0])  # chance of so many ties with the arms so far, none of them above
        for other in others:
            ties = np.convolve(ties, [np.mean(other < value), np.mean(other == value)])
        chances.append(float((ties / np.arange(1, len(ties) + 1)).sum()))
    return float(np.mean(chances))


def ranks(scores: Scores, better: Literal["higher", "lower"]) -> dict[str, Int[np.ndarray, " n"]]:
    """Return each arm's place in each run, from 1; equal scores share the better place."""
    sign = 1.0 if better == "higher" else -1.0
    table = np.stack([np.where(np.isfinite(s), sign * s, -np.inf) for s in scores.values()])
    places = 1 + (table[None] > table[:, None]).sum(axis=1)
    return dict(zip(scores, places, strict=True))


def sentence(result: StudyResult) -> str:
    """Say how far one run could be trusted; empty where that is not known."""
    column = account.compared(result)
    found = single_runs(account.shared(result), column.better)
    if found is None:
        return ""
    return Voice(result.language)(
        "{arm} has the best mean {column}. One run of each arm, drawn at random from these, would "
        "have put another arm first in {apart} % of draws; one {unit} for all arms, in "
        "{together} %.",
        arm=account.labels(result)[found.best],
        column=column.label,
        apart=f"{100 * found.apart:.0f}",
        unit=account.variable(result),
        together=f"{100 * found.together:.0f}",
    )
