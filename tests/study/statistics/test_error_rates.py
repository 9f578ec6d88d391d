"""Simulations: what the statistics promise is what happens when the truth is known.

Each check says what was simulated; bounds are the promise plus four Monte-Carlo standard errors,
or the band from 0.03 to 0.07 around a level of 0.05. The large ones are marked `slow`.
"""

from collections.abc import Callable

import numpy as np
import pytest

from bital.study.statistics.bca import bca
from bital.study.statistics.comparison import compare
from bital.study.statistics.differences import subtract
from bital.study.statistics.equivalence import tost
from bital.study.statistics.family import all_pairs, with_baseline, with_best
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.permutation import sign_flip, wilcoxon
from bital.study.statistics.power import power
from bital.study.statistics.procedure import Procedure
from bital.study.statistics.student import paired_t

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
NOISE: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed (exponential)": lambda rng, shape: rng.exponential(size=shape),
    "heavy-tailed (t with 3 degrees)": lambda rng, shape: rng.standard_t(3, shape),
    "accuracy on 30 rows": lambda rng, shape: rng.binomial(30, 0.95, shape) / 30,
    "accuracy on 360 rows": lambda rng, shape: rng.binomial(360, 0.97, shape) / 360,
}


def margin_of_error(rate: float, trials: int) -> float:
    return 4 * float(np.sqrt(rate * (1 - rate) / trials))


def null(noise: Draw, seeds: int, trials: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Two arms that differ in nothing but noise, on seeds that differ much."""
    rng = np.random.default_rng(seeds)
    shared = rng.normal(0, 5, (trials, seeds))
    return list(
        zip(
            shared + noise(rng, (trials, seeds)),
            shared + noise(rng, (trials, seeds)),
            strict=True,
        )
    )


@pytest.mark.parametrize("seeds", [5, 10, 20])
@pytest.mark.parametrize("noise", NOISE)
def test_t_finds_nothing_in_nothing(noise: str, seeds: int) -> None:
    pairs = null(NOISE[noise], seeds, 3_000)
    rate = np.mean([paired_t(subtract(a, b)) <= 0.05 for a, b in pairs])
    assert 0.03 - margin_of_error(0.03, 3_000) / 4 <= rate <= 0.07


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [5, 10, 20])
@pytest.mark.parametrize("noise", NOISE)
def test_comparisons_find_nothing_in_nothing(
    noise: str, seeds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    pairs = null(NOISE[noise], seeds, 10_000)
    procedure = Procedure()
    rate = np.mean([compare(("a", a), ("b", b), procedure).distinguishable for a, b in pairs])
    assert 0.03 <= rate <= 0.07


@pytest.mark.parametrize("test", [sign_flip, wilcoxon])
def test_permutations_hold_their_level_and_five_seeds_never_reject(
    test: Callable[[np.ndarray], float],
) -> None:
    for noise in ("normal", "skewed (exponential)", "heavy-tailed (t with 3 degrees)"):
        ten = [test(a - b) <= 0.05 for a, b in null(NOISE[noise], 10, 600)]
        assert 0.03 <= np.mean(ten) <= 0.07
    assert not any(test(a - b) <= 0.05 for a, b in null(NOISE["normal"], 5, 200))


@pytest.mark.parametrize("seeds", [5, 10, 20])
def test_correction_for_overlap(seeds: int) -> None:
    # Nadeau and Bengio's model: any two runs' results correlate by test / (test + train).
    rng, overlap, trials = np.random.default_rng(seeds), Overlap(0.8, 0.2), 3_000
    shared, own = rng.normal(0, np.sqrt(0.2), (trials, 1)), rng.normal(0, 0.8**0.5, (trials, seeds))
    zeros = np.zeros(seeds)
    found = [paired_t(subtract(row, zeros, overlap)) <= 0.05 for row in shared + own]
    naive = [paired_t(subtract(row, zeros)) <= 0.05 for row in shared + own]
    assert 0.03 <= np.mean(found) <= 0.07
    assert np.mean(naive) > 0.12


@pytest.mark.parametrize(
    ("difference", "seeds", "overlap"),
    [(1.0, 5, None), (0.5, 20, None), (1.0, 10, None), (1.5, 10, Overlap(0.8, 0.2))],
)
def test_power_is_as_stated(difference: float, seeds: int, overlap: Overlap | None) -> None:
    rng, trials = np.random.default_rng(seeds), 3_000
    shared = 0.0 if overlap is None else rng.normal(0, np.sqrt(0.2), (trials, 1))
    own = 1.0 if overlap is None else 0.8**0.5
    rows = difference + shared + rng.normal(0, own, (trials, seeds))
    zeros = np.zeros(seeds)
    found = np.mean([paired_t(subtract(row, zeros, overlap)) <= 0.05 for row in rows])
    stated = power(difference, own, seeds, 0.05, overlap)
    assert found == pytest.approx(stated, abs=margin_of_error(stated, trials))


def table(rng: np.random.Generator, shifts: np.ndarray, seeds: int) -> dict[str, np.ndarray]:
    """Nine arms on shared seeds."""
    scores = rng.normal(0, 3, seeds) + rng.normal(0, 1, (9, seeds)) + shifts[:, None]
    return {f"arm{i}": row for i, row in enumerate(scores)}


def family_errors(trials: int, seeds: int) -> dict[str, float]:
    """Share of studies of nine arms with any finding between arms that are alike."""
    rng, wrong = np.random.default_rng(seeds), {"baseline": 0, "best": 0, "pairs": 0, "partly": 0}
    procedure = Procedure()
    alike, partly = np.zeros(9), np.repeat([0.0, 8.0], [5, 4])
    for _ in range(trials):
        arms = table(rng, alike, seeds)
        found = with_baseline(arms, "arm0", procedure)
        wrong["baseline"] += any(c.distinguishable for c in found)
        wrong["best"] += any(c.distinguishable for c in with_best(arms, procedure))
        wrong["pairs"] += any(c.distinguishable for c in all_pairs(arms, procedure))
        mixed = all_pairs(table(rng, partly, seeds), procedure)
        same = [c for c in mixed if (c.first < "arm5") == (c.second < "arm5")]
        wrong["partly"] += any(c.distinguishable for c in same)
    return {name: count / trials for name, count in wrong.items()}


def test_nine_arms_share_one_error_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    for name, rate in family_errors(150, 5).items():
        assert rate <= 0.05 + margin_of_error(0.05, 150), name


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [5, 10, 20])
def test_nine_arms_share_one_error_rate_at_length(
    seeds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    for name, rate in family_errors(3_000, seeds).items():
        assert rate <= 0.05 + margin_of_error(0.05, 3_000), name


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out effect sizes, which no reading depends on and which take most of the time."""
    monkeypatch.setattr("bital.study.statistics.comparison.effect", lambda *_: None)


def test_without_correction_nine_arms_would_not() -> None:
    rng, trials = np.random.default_rng(0), 300
    wrong = 0
    for _ in range(trials):
        arms = list(table(rng, np.zeros(9), 10).values())
        wrong += any(paired_t(subtract(arm, arms[0])) <= 0.05 for arm in arms[1:])
    assert wrong / trials > 0.15


@pytest.mark.parametrize("seeds", [5, 10, 20])
def test_equivalence_is_claimed_wrongly_at_most_as_often_as_said(seeds: int) -> None:
    rng, trials = np.random.default_rng(seeds), 3_000
    at_margin = 1.0 + rng.normal(0, 0.3, (trials, seeds))  # the true difference is the margin
    zeros = np.zeros(seeds)
    rate = np.mean([tost(subtract(row, zeros), 1.0) <= 0.05 for row in at_margin])
    assert rate == pytest.approx(0.05, abs=margin_of_error(0.05, trials))
    noisy = 1.0 + rng.normal(0, 3, (trials, seeds))
    rate = np.mean([tost(subtract(row, zeros), 1.0) <= 0.05 for row in noisy])
    assert rate <= 0.05 + margin_of_error(0.05, trials)


@pytest.mark.parametrize(
    ("noise", "mean", "stated"),
    [
        ("normal", 0.0, {5: 0.917, 10: 0.941, 20: 0.947}),
        ("skewed (exponential)", 1.0, {5: 0.873, 10: 0.922, 20: 0.935}),
        ("heavy-tailed (t with 3 degrees)", 0.0, {5: 0.911, 10: 0.926, 20: 0.916}),
    ],
)
def test_bca_covers_the_mean_as_docs_state(
    noise: str, mean: float, stated: dict[int, float]
) -> None:
    trials = 500  # what is stated was measured on 4,000
    for seeds, share in stated.items():
        samples = NOISE[noise](np.random.default_rng(1_000 + seeds), (trials, seeds))
        found = [bca(row) for row in samples]
        covered = np.mean([span.low <= mean <= span.high for span in found])
        assert covered == pytest.approx(share, abs=margin_of_error(share, trials))
