"""`bital runs` in this process."""

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from bital.cli.main import main
from bital.store.run import Origin, Run
from bital.store.store import Store


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Three runs in 실험.db, which BITAL_STORE names."""
    path = tmp_path / "실험.db"
    monkeypatch.setenv("BITAL_STORE", str(path))
    store = Store.open(path)
    return [
        store.save(
            Run(Origin({"rate": 0.1 * seed}, "d", "c", seed), status, name, "연구", 1.0 + seed),
            {"history": {"loss": np.ones(seed + 1)}},
        )
        for seed, (status, name) in enumerate(
            [("finished", "원본"), ("diverged", "드롭아웃"), ("failed", "원본")]
        )
    ]


def left() -> list[int]:
    from bital.workbench.runs import open_store

    return [run.origin.seed for run in open_store(None).runs()]


def test_list(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list"]) == 0
    said = capsys.readouterr().out
    assert all(run.key[:12] in said for run in runs)
    assert "3 runs" in said
    assert main(["runs", "list", "--status", "diverged", "--study", "연구", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["name"], found["key"]) == ("드롭아웃", runs[1].key)
    assert main(["runs", "list", "--name", "원본", "--limit", "1", "--json"]) == 0
    assert [each["seed"] for each in json.loads(capsys.readouterr().out)] == [2]


def test_show(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", runs[1].key[:10]]) == 0
    assert "드롭아웃" in capsys.readouterr().out
    assert main(["runs", "show", runs[1].key[:10], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == 1


def test_compare(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    keys = [run.key[:10] for run in runs]
    assert main(["runs", "compare", *keys]) == 0
    said = capsys.readouterr().out
    assert "spec: rate" in said
    assert "diverged" in said
    assert main(["runs", "compare", *keys[:2], "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


@pytest.mark.parametrize(
    ("answer", "code", "kept"),
    [("y", 0, [1]), ("네", 0, [1]), ("n", 1, [0, 1, 2]), ("", 1, [0, 1, 2]), (None, 1, [0, 1, 2])],
)
def test_delete_asks(
    answer: str | None,
    code: int,
    kept: list[int],
    runs: list[Run],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("" if answer is None else f"{answer}\n"))
    assert main(["runs", "delete", "--name", "원본"]) == code
    assert left() == kept
    said = capsys.readouterr()
    assert "Delete 2 of" in said.out
    assert ("Deleted 2" in said.err) == (code == 0)


def test_delete_without_asking(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "delete", runs[0].key[:10], runs[2].key[:10], "--yes"]) == 0
    assert left() == [1]
    assert "bytes of arrays freed" in capsys.readouterr().err


def test_export(runs: list[Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form, name in (("csv", "표.csv"), ("json", "표.json"), ("folder", "모두")):
        target = tmp_path / name
        assert main(["runs", "export", "--study", "연구", f"--{form}", str(target)]) == 0
        assert target.exists()
        assert f"Exported 3 of 3 runs: {target}" in capsys.readouterr().err
    assert main(["runs", "export", runs[1].key[:10], "--json", str(tmp_path / "one.json")]) == 0
    assert len(json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))) == 1


def test_what_was_kept_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BITAL_STORE", "실험.db")
    argv = ["study", "iris", "--variants", "original", "--seeds", "2", "--epochs", "1"]
    assert main(argv) == 0
    assert main([*argv, "--keep", "weights,predictions"]) == 0
    assert "0 were there already" in capsys.readouterr().err
    assert main([*argv, "--keep", "weights"]) == 0
    assert "2 were there already" in capsys.readouterr().err
    assert main(["runs", "export", "--predictions", "예측.csv"]) == 0
    assert main(["runs", "export", "--weights", "가중치"]) == 0
    assert main(["runs", "show", Store.open("실험.db").runs()[0].key]) == 0
    assert "0000/kernel 4×" in capsys.readouterr().out
    rows = list(csv.DictReader(Path("예측.csv").read_text("utf-8-sig").splitlines()))
    for run in Store.open("실험.db").runs():
        own = [row for row in rows if row["key"] == run.key and row["part"] == "test"]
        assert len(own) == 30
        right = sum(row["target"] == row["predicted"] for row in own) / 30
        assert right == pytest.approx(run.scores["test_accuracy"])
        (file,) = Path("가중치").rglob(f"*{run.key[:12]}.npz")
        with np.load(file) as kept:
            assert sum(kept[name].size for name in kept.files) == run.parameters
    freed = Path("실험.db.blobs")
    assert len(list(freed.rglob("*.npz"))) >= 6
    assert main(["runs", "delete", "--name", "original", "--yes"]) == 0
    assert list(freed.rglob("*.npz")) == []


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (
            ["export", "--weights", "가중치"],
            "none of 3 has. Run its study again with --keep weights",
        ),
        (["list", "--store", "none.db"], "none.db does not exist"),
        (["list", "--status", "done"], "status must be one of"),
        (["list", "--limit", "0"], "limit must be at least 1"),
        (["show", "ffffffff"], "none does"),
        (["show", "f"], "first 4 digits"),
        (["compare", "KEY"], "at least two runs"),
        (["compare", "KEY", "KEY"], "at least two runs"),
        (["delete", "--yes"], "must be named by keys or filters"),
        (["delete", "KEY", "--seed", "1"], "Leave one of them out"),
        (["delete", "--seed", "7", "--yes"], "has none such"),
        (["export", "--csv", "no/such/folder/a.csv"], "Create the folder"),
        (["export", "--folder", "."], "not there yet"),
    ],
)
def test_bad_input_is_told_in_one_line_with_exit_code_2(
    argv: list[str], told: str, runs: list[Run], capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [runs[0].key if word == "KEY" else word for word in argv]
    assert main(["runs", *argv]) == 2
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert line.startswith("bital: error: ")
    assert told in line
    assert left() == [0, 1, 2]


@pytest.mark.parametrize("argv", [[], ["lst"], ["show"], ["export"], ["export", "--csv"]])
def test_what_cannot_be_parsed_exits_with_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["runs", *argv])
    assert stopped.value.code == 2
    assert "usage: bital runs" in capsys.readouterr().err


def test_a_store_that_fails_is_told_with_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"no database" * 500)
    assert main(["runs", "list", "--store", str(path)]) == 1
    assert "must be a database that bital made" in capsys.readouterr().err
