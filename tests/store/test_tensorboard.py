"""TensorBoard's own reader finds what a run measured."""

import sys
from pathlib import Path

import numpy as np
import pytest

from bital.errors import InvalidInput
from bital.store.store import Store
from bital.store.tensorboard import write_events

from . import made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "bital.db")


def test_history_scores_and_spec(store: Store, tmp_path: Path) -> None:
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator",
        reason="needs TensorBoard: install bital[tensorboard]",
    )
    history = {"loss": np.array([3.0, 2.0, np.nan]), "정확도": np.array([0.1, 0.2, 0.3])}
    given = made.run(scores={"test_accuracy": 0.5}, metrics={"loss": 9.0}, ended=7.0)
    run = store.save(given, {"history": history})
    folder = tmp_path / "이벤트"
    write_events(store, run, folder)
    found = reader.EventAccumulator(str(folder)).Reload()
    assert set(found.Tags()["scalars"]) == {"loss", "정확도", "score/test_accuracy"}
    for key, values in history.items():
        events = found.Scalars(key)
        assert [event.step for event in events] == [0, 1, 2]
        assert {event.wall_time for event in events} == {7.0}
        np.testing.assert_array_equal(
            np.float32([event.value for event in events]), np.float32(values)
        )
    (score,) = found.Scalars("score/test_accuracy")
    assert (score.step, score.value) == (2, 0.5)
    (text,) = found.Tensors("spec")
    assert '"모델": "원본"' in text.tensor_proto.string_val[0].decode()


def test_a_run_without_history(store: Store, tmp_path: Path) -> None:
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run = store.save(made.run(metrics={"loss": 2.5}))
    write_events(store, run, tmp_path / "events")
    found = reader.EventAccumulator(str(tmp_path / "events")).Reload()
    assert [(event.step, event.value) for event in found.Scalars("loss")] == [(0, 2.5)]


def test_without_tensorboard_the_extra_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    with pytest.raises(InvalidInput, match=r"Install bital\[tensorboard\]"):
        write_events(store, made.run(), tmp_path / "events")
