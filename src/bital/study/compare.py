"""Which variants can be told from the best one."""

from collections.abc import Sequence

import numpy as np

from bital.study.result import Column, Difference, VariantResult, Verdict

LEVEL = 0.95


def verdict(column: Column, variants: Sequence[VariantResult]) -> Verdict | None:
    """Compare every variant with the one of the best mean, paired over seeds.

    The interval is Student's t interval of the mean difference, n - 1 degrees of freedom; it is not
    corrected for the number of variants. Source: Student (1908), "The probable error of a mean".

    Returns:
        None with fewer than two seeds or fewer than two variants whose runs all finished.
    """
    from scipy.stats import t

    finite = [v for v in variants if np.isfinite(v.scores[column.key]).all()]
    if len(finite) < 2 or len(finite[0].scores[column.key]) < 2:
        return None
    sign = 1.0 if column.better == "higher" else -1.0
    best = max(finite, key=lambda variant: sign * float(variant.scores[column.key].mean()))
    differences = []
    for variant in finite:
        if variant is best:
            continue
        paired = variant.scores[column.key] - best.scores[column.key]
        mean, error = float(paired.mean()), float(paired.std(ddof=1)) / np.sqrt(len(paired))
        reach = float(t.ppf((1 + LEVEL) / 2, len(paired) - 1)) * error
        differences.append(Difference(variant.name, mean, mean - reach, mean + reach))
    diverged = tuple(v.name for v in variants if v not in finite)
    return Verdict(column.key, best.name, LEVEL, tuple(differences), diverged)
