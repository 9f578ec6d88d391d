"""A study finds results, and only results, by what produced them."""

from dataclasses import replace
from math import isnan, nan
from typing import Any

import numpy as np
import pytest

from bital.errors import StoreFailure
from bital.store import store as stores
from bital.store.run import Run
from bital.store.shelf import Shelf
from bital.store.store import Store
from bital.study.outcome import Outcome
from bital.study.shelf import Key

KEY = Key({"epochs": 3}, "d" * 64, "c" * 64, 0, {"fold": 1, "rows": "a1"})
FOUND = Outcome(
    scores={"test_accuracy": 0.1 + 0.2, "test_loss": 1e-9},
    history={"loss": [0.7, 1 / 3], "val_loss": [0.9, 0.8]},
    train_seconds=2.5,
    compile_seconds=1.0,
    packed=True,
)


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store, "과적합", {"keras": "3"})


def test_what_is_saved_is_found_to_the_last_bit(shelf: Shelf) -> None:
    assert shelf.find([KEY]) == [None]
    shelf.save("원본", [(KEY, FOUND)], 10)
    turned = KEY._replace(split=dict(reversed(KEY.split.items())))
    (found,) = shelf.find([turned])
    assert found is not None
    assert (found.scores, found.history) == (FOUND.scores, FOUND.history)
    assert found.train_seconds == pytest.approx(2.5, abs=1e-5)
    assert (found.packed, found.compile_seconds) == (True, 0.0)
    (run,) = shelf.store.runs()
    assert (run.name, run.study, run.status, run.parameters) == ("원본", "과적합", "finished", 10)
    assert run.metrics == {"loss": 1 / 3, "val_loss": 0.8}
    assert run.environment["keras"] == "3"


def test_what_is_kept_besides_is_told_by_name(shelf: Shelf) -> None:
    shelf.save("원본", [(KEY, FOUND)], 10)
    assert [found and found.stored for found in shelf.find([KEY])] == [frozenset()]
    kept = {"weights": {"0000/kernel": np.ones(3)}}
    shelf.save("원본", [(KEY, replace(FOUND, kept=kept))], 10)
    (found,) = shelf.find([KEY])
    assert found is not None
    assert (found.stored, found.kept) == ({"weights"}, {})
    (run,) = shelf.store.runs()
    np.testing.assert_array_equal(shelf.store.read(run, "weights")["0000/kernel"], np.ones(3))


@pytest.mark.parametrize(
    "other",
    [
        {"spec": {"epochs": 4}},
        {"data": "x"},
        {"code": "x"},
        {"seed": 1},
        {"split": {"fold": 2, "rows": "a1"}},
    ],
    ids=str,
)
def test_another_run_is_not_found(shelf: Shelf, other: dict[str, Any]) -> None:
    shelf.save("원본", [(KEY, FOUND)], 10)
    assert shelf.find([KEY._replace(**other)]) == [None]
    assert replace(shelf, study="다른 연구").find([KEY]) != [None]


def test_a_diverged_run_is_a_result(shelf: Shelf) -> None:
    lost = replace(FOUND, scores={"test_loss": nan}, history={"loss": [0.7, nan]}, packed=False)
    shelf.save("원본", [(KEY, lost)], 10)
    (found,) = shelf.find([KEY])
    assert found is not None
    assert found.diverged
    assert isnan(found.scores["test_loss"])
    assert isnan(found.history["loss"][1])
    assert not found.packed
    assert [run.status for run in shelf.store.runs()] == ["diverged"]


@pytest.mark.parametrize("status", ["failed", "interrupted", "running"])
def test_only_results_are_found(shelf: Shelf, status: Any) -> None:
    shelf.save("원본", [(KEY, FOUND)], 10)
    (run,) = shelf.store.runs()
    shelf.store.delete([run.key])
    shelf.store.save(Run(run.origin, status, "원본"))
    assert shelf.find([KEY]) == [None]
    shelf.save("원본", [(KEY, FOUND)], 10)
    assert shelf.find([KEY]) != [None]


def test_many_are_found_in_their_order(shelf: Shelf) -> None:
    keys = [KEY._replace(seed=seed) for seed in range(1200)]
    each = [replace(FOUND, train_seconds=float(seed)) for seed in range(5)]
    shelf.save("원본", list(zip(keys, each, strict=False)), 10)
    found = shelf.find(list(reversed(keys)))
    assert [one is None for one in found] == [True] * 1195 + [False] * 5
    assert [round(one.train_seconds) for one in found[-5:] if one] == [4, 3, 2, 1, 0]


def test_runs_that_belong_together_are_kept_together(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    refer, calls = stores.Store._refer, []

    def failing(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise StoreFailure("the disk is full")
        refer(*args)

    monkeypatch.setattr(stores.Store, "_refer", failing)
    together = [(KEY._replace(seed=seed), FOUND) for seed in range(5)]
    with pytest.raises(StoreFailure):
        shelf.save("원본", together, 10)
    assert shelf.store.runs() == []
    shelf.save("원본", together, 10)
    assert len(shelf.store.runs()) == 5


def test_the_code_of_a_builder_is_told_apart(shelf: Shelf) -> None:
    codes = {shelf.code(build) for build in (lambda: 1, lambda: 2, lambda: 2)}
    assert len(codes) == 2
    assert len(next(iter(codes))) == 64
