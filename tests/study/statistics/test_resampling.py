"""Seeds drawn again with replacement."""

import numpy as np
import pytest

from bital.study.statistics.resampling import weights


def test_resamples_are_whole_seeds() -> None:
    drawn = weights(7)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn * 7, np.round(drawn * 7))
    np.testing.assert_allclose(drawn.mean(axis=0), 1 / 7, atol=0.01)
    with pytest.raises(ValueError, match="read-only"):
        drawn[0] = 0
