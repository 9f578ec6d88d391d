"""Runs are chosen and exported; names that no file system takes are made into some that are."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bital.errors import InvalidInput
from bital.store.pack import unpack
from bital.store.run import Origin, Run
from bital.store.selection import Selection
from bital.store.store import Store
from bital.workbench import runs as workbench


@pytest.fixture
def store(tmp_path: Path) -> Store:
    folder = tmp_path / "저장소"
    folder.mkdir()
    return Store.open(folder / "bital.db")


def save(store: Store, seed: int = 0, **fields: Any) -> Run:
    given = {"name": "원본", "study": "과적합", "scores": {"test_accuracy": 0.5}, **fields}
    run = Run(Origin({"층": 2}, "d", "c", seed), "finished", **given)
    return store.save(run, {"history": {"손실": np.array([2.0, 1.0])}, "weights": np.ones(3)})


def test_the_place_given_comes_first_then_the_environment_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BITAL_STORE", raising=False)
    for seed, name in enumerate(("bital.db", "other.db", "given.db")):
        save(Store.open(name), seed)
    assert [run.origin.seed for run in workbench.open_store(None).runs()] == [0]
    monkeypatch.setenv("BITAL_STORE", "other.db")
    assert [run.origin.seed for run in workbench.open_store(None).runs()] == [1]
    assert [run.origin.seed for run in workbench.open_store("given.db").runs()] == [2]
    with pytest.raises(InvalidInput, match=r"none\.db does not exist"):
        workbench.open_store("none.db")


def test_runs_are_chosen_by_keys_or_by_a_selection(store: Store) -> None:
    first, second = save(store, 0), save(store, 1)
    both = [second.key[:8], first.key, second.key]
    assert workbench.chosen(store, both, Selection()) == [second, first]
    assert workbench.chosen(store, [], Selection(seed=1)) == [second]
    assert len(workbench.chosen(store, [], Selection())) == 2
    with pytest.raises(InvalidInput, match="Leave one of them out"):
        workbench.chosen(store, [first.key], Selection(seed=1))
    with pytest.raises(InvalidInput, match="has none such"):
        workbench.chosen(store, [], Selection(seed=9))


def test_csv_and_json_in_a_hangul_folder(store: Store, tmp_path: Path) -> None:
    runs = [save(store, 0), save(store, 1)]
    path = tmp_path / "표.csv"
    workbench.export_csv(runs, path)
    assert path.read_bytes().startswith("\ufeffkey,".encode())
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["원본", "원본"]
    workbench.export_json(runs, tmp_path / "표.json")
    found = json.loads((tmp_path / "표.json").read_text(encoding="utf-8"))
    assert [each["seed"] for each in found] == [0, 1]
    with pytest.raises(InvalidInput, match="Create the folder"):
        workbench.export_csv(runs, tmp_path / "none" / "a.csv")


def test_a_folder_has_everything(store: Store, tmp_path: Path) -> None:
    runs = [save(store, 0), save(store, 1, study="", name="")]
    workbench.export_folder(store, runs, tmp_path / "내보내기")
    for run in runs:
        own = tmp_path / "내보내기" / workbench.folder_name(run)
        assert sorted(p.name for p in own.iterdir()) == ["history.npz", "run.json", "weights.npz"]
        assert json.loads((own / "run.json").read_text(encoding="utf-8"))["key"] == run.key
        assert unpack((own / "history.npz").read_bytes())["손실"].tolist() == [2.0, 1.0]
        with np.load(own / "weights.npz") as file:
            assert file["array"].tolist() == [1, 1, 1]


def test_tensorboard_gets_a_folder_a_run(store: Store, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="needs bital[tensorboard]")
    runs = [save(store, 0), save(store, 1)]
    workbench.export_tensorboard(store, runs, tmp_path / "보드")
    for run in runs:
        (events,) = (tmp_path / "보드" / workbench.folder_name(run)).iterdir()
        assert events.name.startswith("events.out.tfevents.")
        assert "손실".encode() in events.read_bytes()


@pytest.mark.parametrize(
    ("study", "name", "begins"),
    [
        ("과적합", "L2 + 드롭아웃", "과적합/L2 + 드롭아웃-seed0-"),
        ("", "", "run-seed0-"),
        ("..", "a/b\\c:d", "_/a_b_c_d-seed0-"),
        ("../../etc", ".", "_.._etc/_-seed0-"),
        ("가" * 200, "x", "가" * 53 + "/x-seed0-"),
    ],
)
def test_folder_names(study: str, name: str, begins: str) -> None:
    run = Run(Origin({}, "d", "c", 0), "finished", name, study)
    assert workbench.folder_name(run) == begins + run.key[:12]
