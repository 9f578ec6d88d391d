"""A report is written whole or not at all, and a bad target is told before any work."""

import os
from pathlib import Path
from typing import Any

import pytest

from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.spec import StudySpec
from bital.workbench import study
from bital.workbench.study import save_page
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
