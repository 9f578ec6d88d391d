"""A function's results are kept, and found only by what produced them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bital.errors import InvalidInput
from bital.store import memo as module
from bital.store.memo import memo
from bital.store.store import Store


@dataclass(frozen=True)
class Spec:
    rate: float = 0.1
    layers: tuple[int, ...] = (3, 4)


@dataclass(frozen=True)
class Data:
    fingerprint: str


CALLS: list[Any] = []


def measured(spec: Any, data: Any) -> dict[str, Any]:
    CALLS.append((spec, data))
    return {"평균": np.float64(0.5), "x": [np.arange(3), (1, None)], "calls": len(CALLS)}


def failing(spec: Any, data: Any) -> None:
    CALLS.append(spec)
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


def test_it_is_called_once_for_each_spec_and_data(store: Store) -> None:
    remembered = memo(measured, store)
    first = remembered(Spec(), Data("a"))
    assert first["x"][0].tolist() == [0, 1, 2]
    assert (first["x"][1], first["평균"], first["calls"]) == ([1, None], 0.5, 1)
    for same in (Spec(), {"layers": [3, 4], "rate": 0.1}):
        assert remembered(same, Data("a"))["calls"] == 1
    for other in ((Spec(0.2), Data("a")), (Spec(), Data("b")), (Spec(), None)):
        assert remembered(*other)["calls"] > 1
    assert len(CALLS) == 4


def test_another_function_or_other_code_is_another_result(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo(measured, store)({}, None)

    def doubled(spec: Any, data: Any) -> int:
        return 2

    assert memo(doubled, store)({}, None) == 2
    monkeypatch.setattr(module, "code_version", lambda function: "other")
    assert memo(measured, store)({}, None)["calls"] == 2


def test_none_is_a_result(store: Store) -> None:
    def nothing(spec: Any, data: Any) -> None:
        CALLS.append(spec)  # not kept apart from other calls by its closure

    remembered = memo(nothing, store)
    assert remembered({}, None) is remembered({}, None) is None
    assert len(CALLS) == 1


def test_what_raises_is_called_again(store: Store) -> None:
    remembered = memo(failing, store)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            remembered({}, None)
    assert len(CALLS) == 2


def test_what_cannot_be_kept_is_told(store: Store) -> None:
    with pytest.raises(InvalidInput, match="is a function"):
        memo(measured, store)({"f": measured}, None)
    assert not CALLS


def test_deleting_runs_keeps_results_and_forgetting_does_not(store: Store) -> None:
    remembered = memo(measured, store)
    remembered({}, None)
    store.delete([])
    remembered({}, None)
    assert len(CALLS) == 1
    assert store.forget() > 0
    remembered({}, None)
    assert len(CALLS) == 2


def test_other_processes_find_it(place: str) -> None:
    code = (
        "import sys; from bital.store.store import Store; from bital.store.memo import memo\n"
        "from store.test_memo import measured\n"
        "sys.stdout.write(str(memo(measured, Store.open(sys.argv[1]))({}, None)['calls']))"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, place],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert done.stdout == "1"
    assert memo(measured, Store.open(place))({}, None)["calls"] == 1
    assert not CALLS
