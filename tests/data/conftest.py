"""Folders to read from: a Hangul one made here, and the real files where BITAL_DATA has them."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def hangul(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder with a Hangul name and a blank, set as BITAL_DATA."""
    folder = tmp_path / "한글 자료"
    folder.mkdir()
    monkeypatch.setenv("BITAL_DATA", str(folder))
    return folder


@pytest.fixture
def real() -> Path:
    """The folder of real files; the test is skipped where there is none."""
    value = os.environ.get("BITAL_DATA")
    if not value:
        pytest.skip("needs real data: set BITAL_DATA to a folder that holds it")
    return Path(value)
