"""A report is written whole or not at all, and a bad target is told before any work."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bital.errors import InvalidInput
from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.spec import StudySpec
from bital.workbench import study
from bital.workbench.study import check_report, save_report


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
    with pytest.raises(error):
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
