"""A runner of studies finds results, and only results, by what produced them."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bital.store.shelf import Shelf
from bital.store.store import Store

SPEC = {"model": "원본", "epochs": 3}
FOLD = {"fold": 1, "of": 5}


@pytest.fixture
def shelf(store: Store) -> Shelf:
    return Shelf(store, "d" * 64, "c" * 64, "과적합", {"keras": "3"})


def test_a_run_from_its_beginning_to_its_end(shelf: Shelf) -> None:
    assert shelf.find(SPEC, 0, FOLD) is None
    before = time.time()
    started = shelf.begin("원본", SPEC, 0, FOLD)
    assert shelf.find(SPEC, 0, FOLD) is None
    assert [(run.name, run.status) for run in shelf.store.runs()] == [("원본", "running")]
    saved = shelf.save(
        "원본",
        SPEC,
        0,
        FOLD,
        status="finished",
        started=started,
        metrics={"val_loss": 0.5},
        scores={"test_accuracy": 0.9},
        parameters=10,
        arrays={"history": {"val_loss": np.array([0.7, 0.5])}},
    )
    found = shelf.find(dict(reversed(SPEC.items())), 0, FOLD)
    assert found == saved
    assert (found.study, found.environment, found.parameters) == ("과적합", {"keras": "3"}, 10)
    assert before <= found.started <= (found.ended or 0) <= time.time()
    assert shelf.arrays(found, "history")["val_loss"].tolist() == [0.7, 0.5]


@pytest.mark.parametrize(
    "other", [{"spec": {**SPEC, "epochs": 4}}, {"seed": 1}, {"split": None}, {"split": "x"}]
)
def test_another_run_is_not_found(shelf: Shelf, other: dict[str, Any]) -> None:
    shelf.save("원본", SPEC, 0, FOLD, status="finished", started=1.0)
    assert shelf.find(**{"spec": SPEC, "seed": 0, "split": FOLD}) is not None
    assert shelf.find(**{"spec": SPEC, "seed": 0, "split": FOLD, **other}) is None


@pytest.mark.parametrize("field", ["data", "code"])
def test_other_data_or_code_finds_nothing(shelf: Shelf, field: str) -> None:
    shelf.save("원본", SPEC, 0, status="finished", started=1.0)
    assert replace(shelf, study="다른 연구").find(SPEC, 0) is not None
    assert replace(shelf, **{field: "x"}).find(SPEC, 0) is None


@pytest.mark.parametrize(
    ("status", "result"),
    [("diverged", True), ("failed", False), ("interrupted", False)],
)
def test_only_results_are_found(shelf: Shelf, status: Any, result: bool) -> None:
    shelf.save("a", SPEC, 0, status=status, started=1.0, error="why")
    assert (shelf.find(SPEC, 0) is not None) == result
    assert shelf.store.runs()[0].error == "why"
