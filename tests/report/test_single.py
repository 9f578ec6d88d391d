import itertools
import re

import numpy as np
import pytest

from bital.report.single import ranks, sentence, single_runs

from .simulated import classification, diverge

SCORES = {
    "a": np.array([0.9, 0.8, 0.7]),
    "b": np.array([0.85, 0.85, 0.6]),
    "c": np.array([0.5, 0.85, 0.7]),
}


def brute(scores: dict[str, np.ndarray], best: str) -> float:
    """Draw every combination of one run an arm."""
    lost = []
    for draw in itertools.product(*scores.values()):
        top = [name for name, value in zip(scores, draw, strict=True) if value == max(draw)]
        lost.append(1 - (best in top) / len(top))
    return float(np.mean(lost))


def test_by_hand():
    found = single_runs(SCORES, "higher")
    assert found.best == "a"
    assert found.together == pytest.approx(1 - (1 + 0 + 0.5) / 3)
    assert found.apart == pytest.approx(brute(SCORES, "a"))


def test_lower_is_better_mirrors():
    turned = single_runs({name: -s for name, s in SCORES.items()}, "lower")
    assert turned == single_runs(SCORES, "higher")


def test_every_draw_is_counted():
    rng = np.random.default_rng(1)
    scores = {name: rng.integers(0, 4, 4) / 4 for name in "abcd"}
    found = single_runs(scores, "higher")
    assert found.apart == pytest.approx(brute(scores, found.best))


def test_diverged_runs_lose():
    scores = {"a": np.array([0.5, 0.5]), "b": np.array([np.nan, 0.9])}
    found = single_runs(scores, "higher")
    assert found.best == "a"
    assert (found.together, found.apart) == (0.5, 0.5)


@pytest.mark.parametrize(
    "scores",
    [
        {"a": np.array([1.0, 2.0])},
        {"a": np.array([1.0]), "b": np.array([2.0])},
        {"a": np.array([1.0, np.nan]), "b": np.array([np.nan, 2.0])},
    ],
)
def test_nothing_to_say(scores):
    assert single_runs(scores, "higher") is None


def test_ranks_by_run():
    found = ranks(SCORES, "higher")
    assert {name: r.tolist() for name, r in found.items()} == {
        "a": [1, 3, 1],
        "b": [2, 1, 3],
        "c": [3, 1, 1],
    }
    assert ranks(SCORES, "lower")["a"].tolist() == [3, 1, 2]


def test_the_sentence():
    said = sentence(classification(names=("original", "l2", "cnn")))
    assert said.startswith("CNN + DNN has the best mean test accuracy. One run of each arm")
    assert re.search(r"first in \d+ % of draws; one seed for all arms, in \d+ %\.$", said)
    assert sentence(classification(seeds=1)) == ""
    lost = diverge(diverge(classification(names=("l2", "cnn")), "l2", 1), "cnn", 1)
    assert sentence(lost) == ""
