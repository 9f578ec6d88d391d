"""Files and folders appear whole or not at all, and a bad target is told before any work."""

import os
from pathlib import Path

import pytest

from bital.errors import InvalidInput
from bital.workbench.target import check_target, whole_folder, write_whole


@pytest.mark.parametrize("existing", [True, False])
def test_a_good_target_passes_and_is_left_alone(existing: bool, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    if existing:
        path.write_text("old", encoding="utf-8")
    check_target(path)
    assert path.exists() == existing


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    path = tmp_path / "없는 곳" / "report.html"
    with pytest.raises(InvalidInput) as told:
        check_target(path)
    assert f"got {path}." in str(told.value)
    assert f"Create the folder {path.parent}" in str(told.value)


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a report needs a file name"):
        check_target(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput):
        check_target(tmp_path / "file" / "report.html")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InvalidInput, match="can be written to"):
            check_target(tmp_path / "report.html")
    finally:
        tmp_path.chmod(0o700)


def test_an_older_file_stays_when_its_content_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / "표.csv"
    write_whole(path, lambda: b"old")
    with pytest.raises(ZeroDivisionError):
        write_whole(path, lambda: bytes(1 // 0))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "내보내기"
    with whole_folder(path) as folder:
        (folder / "a").write_text("1", encoding="utf-8")
        assert not path.exists()
    assert (path / "a").read_text(encoding="utf-8") == "1"
    assert path.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.iterdir()) == [path]


def half_written(path: Path) -> None:
    with whole_folder(path) as folder:
        (folder / "a").touch()
        raise KeyboardInterrupt


def test_a_folder_that_fails_is_gone(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        half_written(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["there", "file", "none/out"])
def test_what_cannot_become_a_folder_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="Choose a name that is not there yet"):
        half_written(tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "there"]
