"""How often each arm comes out first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bital.errors import InvalidInput
from bital.study.statistics.best import probability_best

TABLES = st.integers(0, 1000).map(lambda s: np.random.default_rng(s).normal(0.9, 0.02, (3, 6)))


@given(TABLES)
def test_shares_sum_to_one_and_follow_the_direction(table: np.ndarray) -> None:
    arms = dict(zip("abc", table, strict=True))
    found = probability_best(arms, "higher")
    assert sum(found.values()) == pytest.approx(1)
    turned = probability_best({name: -arm for name, arm in arms.items()}, "lower")
    assert turned == pytest.approx(found)


def test_seeds_are_drawn_for_all_arms_at_once() -> None:
    shared = np.array([0.1, 0.5, 0.9, 0.3])  # far more than what sets the arms apart
    assert probability_best({"a": shared, "b": shared + 0.01}, "higher") == {"a": 0, "b": 1}


def test_equal_arms_share() -> None:
    same = np.array([0.1, 0.7, 0.3])
    found = probability_best({"a": same, "b": same + 0.0, "c": same - 1}, "higher")
    assert found == {"a": 0.5, "b": 0.5, "c": 0}


def test_by_counting() -> None:
    # a - b is 3, -1, -1: a is best unless its good seed is not drawn, a tie with two of three
    found = probability_best({"a": np.array([3.0, 0, 0]), "b": np.array([0.0, 1, 1])}, "higher")
    assert found["a"] == pytest.approx(1 - (2 / 3) ** 3, abs=0.02)


def test_a_diverged_run_drawn_cannot_be_best() -> None:
    lost = np.array([9.0, 9, np.nan, 9])
    found = probability_best({"lost": lost, "whole": np.zeros(4)}, "higher")
    assert found["lost"] == pytest.approx(0.75**4, abs=0.02)
    nobody = probability_best({"lost": lost, "gone": np.full(4, np.nan)}, "higher")
    assert nobody["gone"] == 0
    assert nobody["lost"] == found["lost"]


def test_bad_input() -> None:
    with pytest.raises(InvalidInput, match="at least one arm"):
        probability_best({}, "higher")
    with pytest.raises(InvalidInput, match="at least 2 seeds; got 1"):
        probability_best({"a": np.ones(1)}, "higher")
    with pytest.raises(InvalidInput, match="same seeds"):
        probability_best({"a": np.ones(3), "b": np.ones(4)}, "higher")
