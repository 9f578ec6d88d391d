"""A report is written whole or not at all, and a bad target is told before any work."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from study.small import narrow, rows, wide

from bital.errors import InvalidInput, StoreFailure
from bital.store.store import Store
from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.spec import StudySpec
from bital.workbench import study
from bital.workbench.study import Study, save_page
from bital.workbench.target import check_target


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return run_study(StudySpec("iris", ("original", "l2"), seeds=2, epochs=1))


def test_a_page_is_saved_alone(result: StudyResult, tmp_path: Path) -> None:
    path = tmp_path / "보고서 1.html"
    save_page(result, path)
    assert list(tmp_path.iterdir()) == [path]
    assert "original DNN" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_older_page_is_replaced(result: StudyResult, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    save_page(result, path)
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

    owner = {"page": study, "fsync": os, "replace": Path}[broken]
    monkeypatch.setattr(owner, broken, failing)
    with pytest.raises(error):
        save_page(result, path)
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_relative_path_is_from_here(
    result: StudyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_target(Path("report.html"))
    save_page(result, Path("report.html"))
    assert (tmp_path / "report.html").is_file()


def test_a_link_is_followed_or_replaced_whole(result: StudyResult, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    target = there / "report.html"
    target.write_text("old", encoding="utf-8")
    link = tmp_path / "link.html"
    link.symlink_to(target)
    save_page(result, link)
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
