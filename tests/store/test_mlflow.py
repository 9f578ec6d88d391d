"""MLflow's own client finds what a run measured."""

import sys
from pathlib import Path

import numpy as np
import pytest

from bital.errors import InvalidInput, StoreFailure
from bital.store.mlflow import track
from bital.store.pack import unpack
from bital.store.store import Store

from . import made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "bital.db")


@pytest.mark.peer
@pytest.mark.filterwarnings("default")  # MLflow's own
def test_what_was_sent_is_found_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = pytest.importorskip("mlflow.tracking", reason="needs MLflow: bital[mlflow]")
    monkeypatch.chdir(tmp_path)  # where MLflow puts files
    history = {"loss": np.arange(1500.0), "정확도": np.array([0.1, 0.2])}
    scores = {"test_accuracy": float("nan")}
    runs = [
        store.save(made.run(0, scores=scores, started=5.0, ended=6.0), {"history": history}),
        store.save(made.run(1, status="failed", error="왜", metrics={"loss": 2.0})),
        store.save(made.run(2, status="running")),
    ]
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    assert track(store, runs, uri) == 2
    assert track(store, runs, uri) == 0
    client = tracking.MlflowClient(uri)
    experiment = client.get_experiment_by_name("과적합")
    found = {r.data.tags["bital.key"]: r for r in client.search_runs([experiment.experiment_id])}
    assert set(found) == {run.key for run in runs[:2]}
    first, second = (found[run.key] for run in runs[:2])
    assert (first.info.status, second.info.status) == ("FINISHED", "FAILED")
    assert (first.info.start_time, first.info.end_time) == (5000, 6000)
    assert first.info.run_name == "원본 0"
    assert first.data.params["spec.모델"] == "원본"
    assert first.data.params["spec.rate"] == "0.1"
    sent = client.get_metric_history(first.info.run_id, "loss")
    assert sorted((m.step, m.value) for m in sent) == [(n, float(n)) for n in range(1500)]
    assert np.isnan(first.data.metrics["score/test_accuracy"])
    assert second.data.metrics == {"loss": 2.0}
    path = client.download_artifacts(first.info.run_id, "history.npz")
    assert unpack(Path(path).read_bytes())["정확도"].tolist() == [0.1, 0.2]


@pytest.mark.peer
@pytest.mark.filterwarnings("default")
def test_what_mlflow_refuses_is_told(store: Store, tmp_path: Path) -> None:
    pytest.importorskip("mlflow", reason="needs MLflow: bital[mlflow]")
    run = store.save(made.run(metrics={"a?": 1.0}))
    with pytest.raises(StoreFailure, match=r"after 0 of them .* said: "):
        track(store, [run], f"sqlite:///{tmp_path}/mlflow.db")


def test_without_mlflow_the_extra_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow.exceptions", None)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(InvalidInput, match=r"Install bital\[mlflow\]"):
        track(store, [], "sqlite:///x.db")
