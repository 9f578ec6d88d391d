"""A report is written whole or not at all, and a bad target is told before any work."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from study.small import narrow, rows, wide

from bital.errors import InvalidInput, SaveFailure, StoreFailure
from bital.store.store import Store
from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.spec import StudySpec
from bital.workbench import study
from bital.workbench.study import Study, check_report, save_report


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return run_study(StudySpec("iris", ("original", "l2"), seeds=2, epochs=1))


def test_a_page_is_saved_alone(result: StudyResult, tmp_path: Path) -> None:
    path = tmp_path / "보고서 1.html"
    save_report(result, path)
    assert list(tmp_path.iterdir()) == [path]
    assert "original DNN" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_ending_says_the_form(result: StudyResult, tmp_path: Path) -> None:
    for name in ("표.md", "표.CSV", "표.json"):
        save_report(result, tmp_path / name)
    assert (tmp_path / "표.md").read_text(encoding="utf-8").startswith("# Which of 2 arms")
    raw = (tmp_path / "표.CSV").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # without which Excel misreads Hangul
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert [(row["arm"], row["seed"]) for row in rows] == [
        (arm.name, str(unit.seed)) for arm in result.arms for unit in result.units
    ]
    for arm in result.arms:
        read = [float(row["test_accuracy"]) for row in rows if row["arm"] == arm.name]
        assert read == arm.scores["test_accuracy"].tolist()
    assert json.loads((tmp_path / "표.json").read_text(encoding="utf-8"))["name"] == "iris"


@pytest.mark.parametrize("name", ["report.pdf", "report", "html"])
def test_another_ending_is_told(name: str, result: StudyResult, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"must end in \.html, \.md, \.csv, \.json; got"):
        check_report(tmp_path / name)
    with pytest.raises(InvalidInput):
        save_report(result, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_older_page_is_replaced(result: StudyResult, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    save_report(result, path)
    assert "original DNN" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("broken", ["page", "fsync", "replace"])
@pytest.mark.parametrize("error", [RuntimeError, OSError, KeyboardInterrupt])
def test_an_older_page_survives_a_failing_writer(
    broken: str,
    error: type[BaseException],
    result: StudyResult,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def failing(*args: Any, **options: Any) -> Any:
        raise error("no")

    if broken == "page":
        monkeypatch.setitem(study.FORMS, ".html", failing)
    else:
        monkeypatch.setattr({"fsync": os, "replace": Path}[broken], broken, failing)
    with pytest.raises(SaveFailure if error is OSError else error):
        save_report(result, path)
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_relative_path_is_from_here(
    result: StudyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_report(Path("report.html"))
    save_report(result, Path("report.html"))
    assert (tmp_path / "report.html").is_file()


def test_a_link_is_followed_or_replaced_whole(result: StudyResult, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    target = there / "report.html"
    target.write_text("old", encoding="utf-8")
    link = tmp_path / "link.html"
    link.symlink_to(target)
    save_report(result, link)
    assert "original DNN" in link.read_text(encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 2
    assert list(there.iterdir()) == [target]


def small(**choices: Any) -> Study:
    design = {"arms": {"wide": wide, "narrow": narrow}, "data": rows(), "seeds": 2, "epochs": 1}
    return Study(**(design | choices))


def test_runs_are_kept_where_they_are_asked_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BITAL_STORE")
    assert small().run(False, verbose=0).reused == 0
    assert list(tmp_path.iterdir()) == []
    first = small().run(verbose=0)
    assert (tmp_path / "bital.db").is_file()
    monkeypatch.setenv("BITAL_STORE", "other.db")
    assert small().run(verbose=0).reused == 0
    assert (tmp_path / "other.db").is_file()
    again = small(name="again").run(tmp_path / "bital.db", verbose=0)
    assert again.reused == 4
    assert again.arms[0].scores.keys() == first.arms[0].scores.keys()
    for key, scores in first.arms[0].scores.items():
        np.testing.assert_array_equal(scores, again.arms[0].scores[key])
    assert {run.study for run in Store.open("bital.db").runs()} == {"study"}
    assert set(small().plan(first)) <= {"wide", "narrow"}


def test_a_store_that_cannot_be_is_told_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a file in a folder that exists"):
        small().run(tmp_path / "no" / "bital.db", verbose=0)
    (tmp_path / "text.db").write_text("this is no database " * 100)
    with pytest.raises(StoreFailure, match="must be a database that bital made"):
        small().run(tmp_path / "text.db", verbose=0)


def test_what_could_not_be_kept_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*given: Any) -> None:
        raise StoreFailure("the store is locked")

    monkeypatch.setattr(Store, "save_all", locked)
    with pytest.warns(UserWarning, match="the store is locked"):
        result = small().run(tmp_path / "bital.db", verbose=0)
    assert len(result.arms) == 2


def test_progress_is_shown_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    small(seeds=1).run(False)
    said = capsys.readouterr()
    assert said.out == ""
    assert "of 2 runs" in said.err
