"""Which arms can be told apart."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from bital.study.result import ArmResult, Column, Unit, Verdict
from bital.study.statistics.best import probability_best
from bital.study.statistics.comparison import Comparison
from bital.study.statistics.differences import subtract
from bital.study.statistics.family import (
    Scores,
    all_pairs,
    best_mean,
    shared,
    with_baseline,
    with_best,
)
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.power import Plan, plan
from bital.study.statistics.procedure import Procedure


def verdict(
    column: Column,
    arms: Sequence[ArmResult],
    baseline: str | None = None,
    margin: float | None = None,
    overlap: Overlap | None = None,
    level: float = 0.95,
    units: Sequence[Unit] = (),
) -> Verdict | None:
    """Compare the arms, paired over runs, by the corrected t test with Holm's correction.

    Runs on the same fold, which differ in their seed alone, are averaged first: they say less of
    other rows than as many folds would.

    Args:
        column: the score to compare.
        arms: with the same runs each, or some with only the first of them: each pair is compared
            on the runs it shares.
        baseline: name of the arm to compare with; the one of the best mean when left out.
        margin: difference too small to matter, in the column's unit.
        overlap: how the runs' splits overlap; None where all are tested on the same rows.
        level: 1 - level is the rate of false findings allowed to all comparisons together.
        units: the axis of the scores; each run is a pair of its own where it is not given.

    Returns:
        None with fewer than two runs or arms, where the baseline is not among them (an
        interrupted study), or where every arm has a diverged run and no baseline was chosen.
    """
    scores = {arm.name: by_fold(arm.scores[column.key], units) for arm in arms}
    procedure = Procedure(better=column.better, level=level, margin=margin, overlap=overlap)
    reference = best_mean(scores, procedure) if baseline is None else baseline
    if len(arms) < 2 or reference not in scores or min(map(len, scores.values())) < 2:
        return None
    if baseline is None:
        judged, tests = with_best(scores, procedure), len(scores) * (len(scores) - 1) // 2
    else:
        judged, tests = with_baseline(scores, baseline, procedure), len(scores) - 1
    lost = {arm.name: int(np.count_nonzero(~np.isfinite(arm.scores[column.key]))) for arm in arms}
    return Verdict(
        column=column.key,
        procedure=procedure,
        reference=reference,
        chosen=baseline is not None,
        comparisons=judged,
        pairs=all_pairs(scores, procedure),
        plans=_plans(scores, judged, procedure, tests),
        probability_best=probability_best(
            {name: each[: min(map(len, scores.values()))] for name, each in scores.items()},
            column.better,
        ),
        diverged={name: count for name, count in lost.items() if count},
    )


def by_fold(scores: Float[np.ndarray, " units"], units: Sequence[Unit]) -> np.ndarray:
    """Return the mean over seeds for each fold; the scores themselves without folds."""
    folds = [(unit.repeat, unit.fold) for unit in units]
    if not folds or folds[0] == (None, None):
        return scores
    return np.array(
        [scores[[other == fold for other in folds]].mean() for fold in dict.fromkeys(folds)]
    )


def _plans(
    scores: Scores, comparisons: Sequence[Comparison], procedure: Procedure, tests: int
) -> dict[str, Plan]:
    plans = {}
    for one in comparisons:
        if one.method == procedure.method:
            pair = shared(scores[one.first], scores[one.second])
            differences = subtract(*pair, procedure.overlap)
            if differences.std:
                alpha = procedure.alpha / tests  # Holm is never stricter
                plans[one.first] = plan(differences, procedure.margin, alpha=alpha)
    return plans
