"""One family of tests, one error rate."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Adjust p-values so that rejecting those at most alpha errs anywhere at most alpha often.

    Holds for any dependence between the tests.

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".

    Args:
        p: p-values from 0 to 1, all tests of the family.

    Returns:
        Adjusted p-values from 0 to 1, in the same order.
    """
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p, np.float64)[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]
