"""Many comparisons, one error rate."""

from itertools import combinations

import numpy as np
import pytest

from bital.errors import InvalidInput, UnknownName
from bital.study.statistics.comparison import compare
from bital.study.statistics.family import all_pairs, best_mean, with_baseline, with_best
from bital.study.statistics.holm import holm
from bital.study.statistics.procedure import Procedure

RNG = np.random.default_rng(3)
ARMS = {name: RNG.normal(0.9 + 0.01 * i, 0.01, 8) for i, name in enumerate("abcd")}
PROCEDURE = Procedure(margin=0.05)


def test_with_a_baseline() -> None:
    found = with_baseline(ARMS, "b", PROCEDURE)
    assert [(c.first, c.second) for c in found] == [("a", "b"), ("c", "b"), ("d", "b")]
    alone = [compare((n, ARMS[n]), ("b", ARMS["b"]), PROCEDURE) for n in "acd"]
    assert [c.p for c in found] == [c.p for c in alone]
    assert [c.adjusted_p for c in found] == holm([c.p for c in alone])
    assert [c.adjusted_equivalence_p for c in found] == holm([c.equivalence_p for c in alone])


def test_all_pairs() -> None:
    found = all_pairs(ARMS, PROCEDURE)
    assert [(c.first, c.second) for c in found] == list(combinations("abcd", 2))
    assert [c.adjusted_p for c in found] == holm([c.p for c in found])


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_best_is_compared_as_one_of_all_pairs(better: str) -> None:
    procedure = Procedure(better=better)  # type: ignore[arg-type]
    best = best_mean(ARMS, procedure)
    assert best == ("d" if better == "higher" else "a")
    found = with_best(ARMS, procedure)
    assert [c.first for c in found] == [name for name in ARMS if name != best]
    pairs = {frozenset((c.first, c.second)): c for c in all_pairs(ARMS, procedure)}
    for one in found:
        assert one.second == best
        twin = pairs[frozenset((one.first, one.second))]
        assert one.adjusted_p == twin.adjusted_p
        assert abs(one.mean) == abs(twin.mean)
        assert one.reading in ("worse", "not distinguishable")


def test_a_diverged_arm_is_compared_but_never_best() -> None:
    arms = {**ARMS, "d": np.where(np.arange(8) < 7, np.nan, ARMS["d"])}
    assert best_mean(arms, PROCEDURE) == "c"
    found = {c.first: c for c in with_best(arms, PROCEDURE)}
    assert found["d"].method == "wilcoxon"
    assert np.isnan(found["d"].adjusted_equivalence_p)
    assert found["a"].adjusted_equivalence_p >= found["a"].equivalence_p
    assert with_baseline(arms, "d", PROCEDURE)[0].ahead == "first"


def test_a_tie_goes_to_the_first() -> None:
    assert best_mean({"x": ARMS["a"], "y": ARMS["a"]}, PROCEDURE) == "x"


def test_bad_input() -> None:
    with pytest.raises(UnknownName, match="baseline must be one of a, b, c, d; got 'e'"):
        with_baseline(ARMS, "e", PROCEDURE)
    with pytest.raises(InvalidInput, match="at least two arms; got 1"):
        with_best({"a": ARMS["a"]}, PROCEDURE)
    with pytest.raises(InvalidInput, match="every arm has a diverged run"):
        with_best({"a": np.array([np.nan, 1]), "b": np.array([1, np.nan])}, PROCEDURE)
    with pytest.raises(InvalidInput, match="same seeds"):
        all_pairs({"a": ARMS["a"], "b": ARMS["b"][None]}, PROCEDURE)


def test_arms_with_fewer_runs_share_the_first_ones() -> None:
    rng = np.random.default_rng(2)
    table = {"a": rng.normal(size=10), "b": rng.normal(size=5) + 9, "c": rng.normal(size=10)}
    cut = {name: scores[:5] for name, scores in table.items()}
    procedure = Procedure()
    found = {(one.first, one.second): one for one in all_pairs(table, procedure)}
    short = {(one.first, one.second): one for one in all_pairs(cut, procedure)}
    whole = compare(("a", table["a"]), ("c", table["c"]), procedure)
    assert found["a", "b"].p == short["a", "b"].p
    assert found["b", "c"].p == short["b", "c"].p
    assert found["a", "c"].p == whole.p
    assert best_mean(table, procedure) in ("a", "c")  # b has not had every run
    assert best_mean(cut, procedure) == "b"
