"""What cannot be a way to compare."""

from typing import Any

import pytest

from bital.errors import InvalidInput
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.procedure import Procedure


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"level": 1.0}, "level must be at least 0.5 and below 1; got 1.0"),
        ({"level": 0.05}, "level must be"),
        ({"margin": 0.0}, "margin must be above 0"),
        ({"margin": float("inf")}, "margin must be above 0"),
        ({"method": "tee"}, "method must be one of sign_flip, t, wilcoxon; got 'tee'"),
        ({"better": "bigger"}, "better must be one of higher, lower; got 'bigger'"),
        ({"method": "wilcoxon", "overlap": Overlap(3, 1)}, 'Use method="t"'),
    ],
)
def test_bad_input(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Procedure(**given)
