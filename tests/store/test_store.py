"""Runs are kept as they were, found by what produced them, shared, and survive a killed writer."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bital.errors import InvalidInput, StoreFailure, UnknownName
from bital.store.run import Origin, Run
from bital.store.selection import Selection
from bital.store.store import Store

from . import made
from .test_canonical import PLAIN, TEXT

SCRIPT = Path(__file__).with_name("killed.py")
NAMES = TEXT.filter(str.isprintable)
NUMBERS = st.dictionaries(TEXT, st.floats(), max_size=3)


def files(store: Store) -> list[Path]:
    return [path for path in store._blobs.folder.rglob("*") if path.is_file()]


def test_a_run_comes_back_as_it_was(store: Store) -> None:
    given = made.run(
        3,
        started=1.5,
        ended=2.5,
        metrics={"val_accuracy": np.float32(0.5), "손실": float("nan")},
        scores={"test_accuracy": 0.75},
        parameters=2**40,
        environment={"keras": "3.15", "system": "리눅스"},
        error="no\0ne",
    )
    saved = store.save(given, made.arrays())
    found = store.find(given.key)
    assert found is not None
    assert replace(found, metrics={}) == replace(saved, metrics={})
    assert repr(found.metrics) == repr(saved.metrics) == "{'val_accuracy': 0.5, '손실': nan}"
    assert (found.origin, found.error, found.scores) == (given.origin, "none", given.scores)
    assert (found.process, found.parameters, found.started) == (os.getpid(), 2**40, 1.5)
    for name, value in made.arrays().items():
        back = store.read(found, name)
        assert back.keys() == value.keys()
        assert all((back[key] == value[key]).all() for key in value)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(TEXT, PLAIN, max_size=3), PLAIN, NAMES, NUMBERS)
def test_any_run_comes_back_as_it_was(
    store: Store, spec: dict[str, Any], split: Any, name: str, numbers: dict[str, float]
) -> None:
    origin = Origin(spec, "d", "c", len(store.runs()), split)
    store.save(Run(origin, "finished", name, scores=numbers))
    found = store.find(origin.key)
    assert found is not None
    assert (found.origin, found.name) == (origin, name)
    assert {k: repr(v) for k, v in found.scores.items()} == {k: repr(v) for k, v in numbers.items()}


def test_what_was_not_run_is_not_found(store: Store) -> None:
    store.save(made.run(0))
    assert store.find(made.origin(1).key) is None


@pytest.mark.parametrize("first", ["finished", "diverged"])
def test_a_result_is_never_replaced(store: Store, first: str) -> None:
    before = store.save(made.run(status=first, scores={"a": 1.0}), made.arrays(0))
    for status in ("running", "failed", "interrupted", "finished"):
        assert store.save(made.run(status=status, scores={"a": 2.0}), made.arrays(1)) == before
    assert store.runs() == [before]


@pytest.mark.parametrize("first", ["finished", "diverged"])
def test_a_result_that_left_more_takes_the_place_of_one_that_left_less(
    store: Store, first: str
) -> None:
    store.save(made.run(status=first, scores={"a": 1.0}), {"history": np.ones(1)})
    more = {"history": np.zeros(2), "weights": np.ones(3)}
    for status in ("running", "failed", "interrupted"):
        assert store.save(made.run(status=status), more).status == first
    after = store.save(made.run(scores={"a": 2.0}), more)
    assert store.runs() == [after]
    assert after.scores == {"a": 2.0}
    np.testing.assert_array_equal(store.read(after, "history"), np.zeros(2))
    assert store.save(made.run(scores={"a": 3.0}), {"predictions": np.ones(1)}) == after


@pytest.mark.parametrize("first", ["running", "failed", "interrupted"])
def test_what_is_no_result_is_replaced_with_its_arrays(store: Store, first: str) -> None:
    store.save(made.run(status=first, error="why"), {"weights": {}, "partial": {"a": np.ones(3)}})
    after = store.save(made.run(scores={"a": 1.0}), made.arrays())
    assert store.runs() == [after]
    assert after.blobs.keys() == {"weights", "history"}


def test_times_are_filled_in(store: Store) -> None:
    now = time.time()
    running = store.save(made.run(status="running"))
    assert running.ended is None
    assert now - 1 <= running.started <= time.time()
    finished = store.save(made.run(started=running.started))
    assert finished.ended is not None
    assert finished.ended >= finished.started


def test_who_is_gone_has_been_interrupted(store: Store) -> None:
    code = f"import sys; sys.path.insert(0, {str(SCRIPT.parents[1])!r})\n" + (
        "from bital.store.store import Store; from store import made\n"
        "Store.open(sys.argv[1]).save(made.run(1, status='running'))"
    )
    store.save(made.run(0, status="running"))
    done = [sys.executable, "-c", code, store_place(store)]
    subprocess.run(done, check=True, timeout=60)
    assert [run.status for run in store.runs()] == ["running", "interrupted"]
    assert [run.origin.seed for run in store.runs(Selection(status="interrupted"))] == [1]


def store_place(store: Store) -> str:
    """A place to open the same store again, with its blobs."""
    url = store._database._engine.url
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.update_query_dict({"blobs": str(store._blobs.folder)}).render_as_string(False)


def test_selections(store: Store) -> None:
    for seed in range(4):
        store.save(made.run(seed, name=f"팔 {seed % 2}", started=10.0 - seed))
    store.save(made.run(4, study="other", status="failed", started=20.0))

    def seeds(**given: Any) -> list[int]:
        return [run.origin.seed for run in store.runs(Selection(**given))]

    assert seeds() == [3, 2, 1, 0, 4]
    assert seeds(study="과적합") == [3, 2, 1, 0]
    assert seeds(name="팔 1") == [3, 1]
    assert seeds(status="failed") == [4]
    assert seeds(seed=2, name="팔 0") == [2]
    assert seeds(limit=2) == [0, 4]
    assert seeds(data="data") == [3, 2, 1, 0, 4]
    assert seeds(data="%") == seeds(code="x") == []


def test_a_run_by_the_start_of_its_key(store: Store) -> None:
    runs = [store.save(made.run(seed)) for seed in range(3)]
    assert store.run(runs[1].key[:12]).origin.seed == 1
    assert store.run(runs[1].key[:12].upper()).origin.seed == 1
    with pytest.raises(InvalidInput, match="none does"):
        store.run("0" * 12)
    with pytest.raises(InvalidInput, match="first 4 digits"):
        store.run("ab")
    with pytest.raises(InvalidInput, match="none does"):
        store.run("%%%%")


def test_a_start_that_two_keys_have_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from bital.store import store as module

    monkeypatch.setattr(module, "SHORTEST", 0)
    for seed in range(2):
        store.save(made.run(seed))
    with pytest.raises(InvalidInput, match="2 do: "):
        store.run("")


def test_deleting_takes_files_that_nothing_refers_to(store: Store) -> None:
    shared = made.arrays(0)
    first, second = store.save(made.run(0), shared), store.save(made.run(1), shared)
    third = store.save(made.run(2), made.arrays(2))
    assert len(files(store)) == 4
    assert store.delete([first.key]) == 0
    assert store.read(second, "weights").keys() == shared["weights"].keys()
    freed = sum(len(store.file(third, name)) for name in third.blobs)
    assert store.delete([third.key]) == freed
    assert store.delete([second.key, "never was"]) > 0
    assert (store.runs(), files(store)) == ([], [])


def test_a_file_collected_while_it_was_being_saved_is_written_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, other = store._blobs.put, Store.open(store_place(store))
    collected = []

    def late(data: bytes) -> str:
        name = put(data)
        if not collected:
            collected.append(other.delete([]))
        return name

    monkeypatch.setattr(store._blobs, "put", late)
    run = store.save(made.run(), {"history": {"loss": np.ones(4)}})
    assert collected[0] > 0
    assert store.read(run, "history")["loss"].tolist() == [1, 1, 1, 1]


def test_a_changed_file_is_told(store: Store) -> None:
    run = store.save(made.run(), made.arrays())
    path = store._blobs.path(run.blobs["weights"])
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreFailure, match="has changed since"):
        store.read(run, "weights")
    assert store.read(run, "history")["loss"].shape == (5,)


def test_arrays_that_a_run_does_not_have_are_told(store: Store) -> None:
    run = store.save(made.run(), made.arrays())
    with pytest.raises(UnknownName, match=r"one of history, weights; got 'weight'. Did you"):
        store.read(run, "weight")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"status": "done"}, "status must be one of"),
        ({"name": "a\nb"}, "name must be named by one line"),
        ({"study": "a\0b"}, "study must be named by one line"),
        ({"scores": {"a": np.zeros(2)}}, "is a ndarray"),
        ({"metrics": {1: 2.0}}, "keys must be text"),
    ],
)
def test_what_cannot_be_stored_is_told_before_anything_is(
    store: Store, fields: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        store.save(made.run(**fields))
    assert store.runs() == []


def test_arrays_that_cannot_be_stored_leave_nothing(store: Store) -> None:
    with pytest.raises(InvalidInput, match="Python objects"):
        store.save(made.run(), {"a": np.ones(3), "b": np.array([object()])})
    assert (store.runs(), files(store)) == ([], [])


@contextmanager
def writer(place: str, seed: int) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), place, str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SCRIPT.parents[1])},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def check_killed(place: str, kills: int, writers: int) -> None:
    """Kill writers at random moments: every run that was said to be saved is there and whole."""
    chance = random.Random(0)
    said: set[int] = set()
    for kill in range(kills):
        with ExitStack() as stack:
            first = 10_000 * kill * writers
            started = [
                stack.enter_context(writer(place, first + 10_000 * i)) for i in range(writers)
            ]
            for process in started:
                assert process.stdout is not None
                said.add(int(process.stdout.readline()))  # once it is at work
            time.sleep(chance.uniform(0, 0.3))
            for process in started:
                process.kill()
            for process in started:
                out, _ = process.communicate(timeout=60)
                assert process.returncode == -9
                said.update(map(int, out.split("\n")[:-1]))
        store = Store.open(place)
        finished = {run.origin.seed: run for run in store.runs(Selection(status="finished"))}
        assert said <= finished.keys()
    for seed, run in finished.items():
        assert run.scores == {"test_accuracy": 0.5}
        wanted = made.arrays(seed, 20_000)
        assert run.blobs.keys() == wanted.keys()
        for name, arrays in wanted.items():
            back = store.read(run, name)
            assert all((back[key] == arrays[key]).all() for key in arrays)
    rest = [run for run in store.runs() if run.status != "finished"]
    assert all(run.status == "interrupted" and not run.blobs for run in rest)
    store.delete([run.key for run in rest])
    assert len(files(store)) == 2 * len(finished) + len(list(store._blobs.folder.glob("*.part")))


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_writers(place: str) -> None:
    check_killed(place, kills=2, writers=2)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_twenty_times(place: str) -> None:
    check_killed(place, kills=20, writers=2)
