"""Which variants can be told apart."""

from collections.abc import Sequence

import numpy as np

from bital.study.result import Column, VariantResult, Verdict
from bital.study.statistics.best import probability_best
from bital.study.statistics.comparison import Comparison
from bital.study.statistics.differences import subtract
from bital.study.statistics.family import (
    Scores,
    all_pairs,
    best_mean,
    with_baseline,
    with_best,
)
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.power import Plan, plan
from bital.study.statistics.procedure import Procedure


def verdict(
    column: Column,
    variants: Sequence[VariantResult],
    baseline: str | None = None,
    margin: float | None = None,
    overlap: Overlap | None = None,
) -> Verdict | None:
    """Compare the variants, paired over seeds, by the corrected t test with Holm's correction.

    Args:
        column: the score to compare.
        variants: with the same seeds each.
        baseline: name of the variant to compare with; the one of the best mean when left out.
        margin: difference too small to matter, in the column's unit.
        overlap: how the seeds' splits overlap; None where all are tested on the same rows.

    Returns:
        None with fewer than two seeds or variants, where the baseline is not among them (an
        interrupted study), or where every variant has a diverged run and no baseline was chosen.
    """
    scores = {variant.name: variant.scores[column.key] for variant in variants}
    procedure = Procedure(better=column.better, margin=margin, overlap=overlap)
    reference = best_mean(scores, procedure) if baseline is None else baseline
    if len(variants) < 2 or reference not in scores or len(scores[reference]) < 2:
        return None
    if baseline is None:
        judged, tests = with_best(scores, procedure), len(scores) * (len(scores) - 1) // 2
    else:
        judged, tests = with_baseline(scores, baseline, procedure), len(scores) - 1
    lost = {name: int(np.count_nonzero(~np.isfinite(arm))) for name, arm in scores.items()}
    return Verdict(
        column=column.key,
        procedure=procedure,
        reference=reference,
        chosen=baseline is not None,
        comparisons=judged,
        pairs=all_pairs(scores, procedure),
        plans=_plans(scores, judged, procedure, tests),
        probability_best=probability_best(scores, column.better),
        diverged={name: count for name, count in lost.items() if count},
    )


def _plans(
    scores: Scores, comparisons: Sequence[Comparison], procedure: Procedure, tests: int
) -> dict[str, Plan]:
    plans = {}
    for one in comparisons:
        if one.method == procedure.method:
            differences = subtract(scores[one.first], scores[one.second], procedure.overlap)
            if differences.std:
                alpha = procedure.alpha / tests  # Holm is never stricter
                plans[one.first] = plan(differences, procedure.margin, alpha=alpha)
    return plans
