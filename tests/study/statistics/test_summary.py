"""One arm in a few numbers."""

from math import isnan

import numpy as np
import pytest

from bital.study.statistics.bca import bca
from bital.study.statistics.summary import summarise


def test_location_and_spread() -> None:
    scores = np.array([1.0, 2.0, 4.0, 9.0])
    found = summarise(scores, 0.9)
    assert (found.mean, found.median) == (4.0, 3.0)
    assert found.std == pytest.approx(scores.std(ddof=1))
    assert found.interval == bca(scores, 0.9)
    assert (found.runs, found.diverged) == (4, 0)


def test_one_seed_has_no_spread() -> None:
    found = summarise(np.array([0.5]))
    assert found.mean == found.median == 0.5
    assert isnan(found.std)
    assert isnan(found.interval.low)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_diverged_run_is_counted_not_averaged_away(bad: float) -> None:
    found = summarise(np.array([0.9, bad, 0.9]))
    assert isnan(found.mean)
    assert isnan(found.median)
    assert isnan(found.std)
    assert isnan(found.interval.high)
    assert (found.runs, found.diverged) == (3, 1)
