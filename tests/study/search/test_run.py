"""A search: its protocol, its determinism, and what it says of a winner."""

from dataclasses import replace
from math import isfinite
from typing import Any

import keras
import numpy as np
import pytest

from bital.errors import InvalidInput, UnknownName
from bital.store.shelf import Shelf
from bital.store.store import Store
from bital.study.design import Design
from bital.study.run import run_design
from bital.study.search import run
from bital.study.search.result import START, WINNER
from bital.study.search.run import run_search
from bital.study.search.space import Choice, Real, Whole
from bital.study.search.spec import Search


def build(learning_rate: float, units: int) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


SEARCH = Search(
    build=build,
    space={
        "learning_rate": Real(1e-4, 0.3, log=True),
        "units": Whole(4, 16, 4),
        "batch_size": Choice((16, 32)),
    },
    data="iris",
    start={"learning_rate": 1e-4, "units": 4, "batch_size": 32},
    trials=5,
    epochs=3,
    seeds=3,
    name="찾기",
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place = tmp_path_factory.mktemp("store") / "bital.db"
    return run_search(SEARCH, shelf=Shelf(Store.open(place), "찾기", {})), place


def test_the_best_whole_trial_wins_and_is_trained_on_fresh_seeds(found: Any) -> None:
    result, _ = found
    assert len(result.trials) == SEARCH.trials
    assert result.better == "higher"
    whole = [trial for trial in result.trials if trial.whole]
    assert all(trial.epochs == SEARCH.epochs for trial in whole)
    assert result.winner.score == max(trial.score for trial in whole)
    study = result.confirmed
    assert [arm.name for arm in study.arms] == [START, WINNER]
    assert study.seeds == (1, 2, 3)  # seed 0 was the trials'
    assert study.columns[-1].key == "test_accuracy"
    assert study.verdict is not None
    assert study.verdict.reference == START
    mean = float(study.arms[1].scores["val_accuracy"].mean())
    assert result.optimism == pytest.approx(result.winner.score - mean)


def test_halving_gives_trials_up_after_fewer_epochs(found: Any) -> None:
    result, _ = found
    given_up = [trial for trial in result.trials if not trial.whole]
    assert given_up
    assert {trial.epochs for trial in given_up} == {1}
    assert all(isfinite(trial.score) for trial in given_up)


def test_the_same_search_repeats_nothing_and_a_longer_one_only_what_is_new(found: Any) -> None:
    result, place = found
    shelf = Shelf(Store.open(place), "찾기", {})
    runs = len(shelf.store.runs())
    again = run_search(SEARCH, shelf=shelf)
    assert again.trials == result.trials
    assert len(shelf.store.runs()) == runs
    assert again.confirmed.reused == 2 * SEARCH.seeds
    for key, scores in again.confirmed.arms[1].scores.items():
        np.testing.assert_array_equal(scores, result.confirmed.arms[1].scores[key])
    longer = run_search(replace(SEARCH, trials=6), shelf=shelf)
    assert longer.trials[:5] == result.trials


@pytest.mark.parametrize("groups", [None, np.arange(120) // 4])
def test_no_trial_has_the_test_rows(groups: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(120, 4)).astype("float32")
    y = (np.arange(120) % 3).astype("int32")
    designs: list[Design] = []

    def noted(design: Design, **how: Any) -> Any:
        designs.append(design)
        return run_design(design, **how)

    monkeypatch.setattr(run, "run_design", noted)
    search = replace(SEARCH, data=(x, y), trials=2, epochs=1, seeds=2, start={}, groups=groups)
    result = run_search(search)
    assert result.confirmed.data.rows["test"] == 24
    *trials, final = designs
    assert len(trials) == 2
    (rest, _), (left, _, test, _) = trials[0].data, final.data
    np.testing.assert_array_equal(rest, left)
    assert {tuple(row) for row in np.concatenate([left, test])} == {tuple(row) for row in x}
    if groups is not None:
        of = {tuple(row): group for row, group in zip(x, groups, strict=True)}
        assert not {of[tuple(r)] for r in rest} & {of[tuple(r)] for r in test}
        want = [of[tuple(row)] for row in np.concatenate([left, test])]
        assert np.array_equal(final.splits.groups, want)


def test_a_trial_that_diverges_is_counted_and_never_wins() -> None:
    search = replace(
        SEARCH,
        space={"learning_rate": Choice((1e-2, 1e30)), "units": Choice((4, 8))},
        start={"learning_rate": 1e30, "units": 4},
        trials=4,
        epochs=1,
        seeds=2,
        metric="val_loss",
    )
    result = run_search(search)
    assert not isfinite(result.trials[0].score)
    assert result.better == "lower"
    assert result.winner.settings["learning_rate"] == 1e-2


def test_a_search_in_which_all_diverge_says_so() -> None:
    search = replace(
        SEARCH,
        space={"learning_rate": Choice((1e30, 1e31)), "units": Choice((4, 8))},
        start={},
        trials=2,
        epochs=1,
        metric="val_loss",
    )
    with pytest.raises(InvalidInput, match="needs a trial that ends"):
        run_search(search)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"space": {}}, "at least one setting"),
        ({"space": {"learning rate": Choice((1, 2))}}, "keyword"),
        ({"metric": "test_accuracy"}, "no part in a search"),
        ({"start": {"units": 4}}, "lacks learning_rate, batch_size"),
        ({"start": {**SEARCH.start, "units": 5}}, "must be in its range"),
        ({"trials": 0}, "at least 1"),
        ({"validation": 0.0}, "above 0"),
    ],
)
def test_what_cannot_be(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        replace(SEARCH, **changes)


def test_a_setting_to_start_with_that_is_none_is_named() -> None:
    with pytest.raises(UnknownName, match="unit"):
        replace(SEARCH, start={"unit": 4})


def test_a_metric_that_no_model_has_is_named() -> None:
    with pytest.raises(UnknownName, match="f1"):
        run_search(replace(SEARCH, metric="val_f1", better="higher"))
