"""Notebooks, cell by cell."""

import json
import traceback
from pathlib import Path
from typing import Any

import pytest

from bital.compat.notebook import cells, run
from bital.errors import InvalidInput


@pytest.fixture(autouse=True)
def main(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


def book(tmp_path: Path, *sources: str, version: int = 4) -> Path:
    path = tmp_path / "수업.ipynb"
    if version == 4:
        found: Any = [{"cell_type": "markdown", "source": ["# title"]}]
        found += [
            {"cell_type": "code", "source": s.splitlines(keepends=True), "outputs": []}
            for s in sources
        ]
        whole: Any = {"nbformat": 4, "cells": found}
    else:
        found = [{"cell_type": "code", "input": s, "language": "python"} for s in sources]
        whole = {"nbformat": 3, "worksheets": [{"cells": found}]}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize("version", [3, 4])
def test_cells_share_a_namespace(tmp_path: Path, version: int) -> None:
    said: list[str] = []
    path = book(tmp_path, "x = 2\nx * 21", "y = x + 1; y;", "y\n", version=version)
    assert [c.number for c in cells(path)] == [1, 2, 3]
    names = run(path, said.append)
    assert names["y"] == 3
    assert said == ["42\n", "3\n"]


def test_magics_are_told_and_skipped(tmp_path: Path) -> None:
    said: list[str] = []
    names = run(
        book(
            tmp_path,
            "%matplotlib inline\n!pip install nothing\nfiles = !ls\n%cd /\nz = 1 % 2",
            "%%bash\nrm everything",
            "%%time\nw = 5",
            "for i in range(1):\n    !echo {i}\n%time v = 6",
            "%timeit -n 10 sum(range(10))",
            "%%timeit\nsum([])",
            "display({'a': 1})",
            "get_ipython().magic('config x')",
        ),
        said.append,
    )
    assert (names["files"], names["z"], names["w"], names["v"]) == ([], 1, 5, 6)
    text = "".join(said)
    for line in ("!pip install nothing", "%cd /", "%%bash ...", "!echo {i}", "%config x"):
        assert f"skipped: {line}\n" in text
    assert text.count("Wall time:") == 2
    assert text.count("s per loop") == 2
    assert "{'a': 1}\n" in text


def test_a_failing_cell_is_named(tmp_path: Path) -> None:
    path = book(tmp_path, "x = 1", "def f():\n    return x / 0\nf()")
    with pytest.raises(ZeroDivisionError) as raised:
        run(path, lambda _: None)
    shown = "".join(traceback.format_exception(raised.value))
    assert "in cell 2 of 수업.ipynb" in shown
    assert 'File "수업.ipynb, cell 2", line 2, in f' in shown
    assert "return x / 0" in shown


def test_load_ext_bital_switches_the_engine_on(tmp_path: Path) -> None:
    import keras

    import bital

    before = keras.Model.fit
    try:
        run(book(tmp_path, "%load_ext bital"), lambda _: None)
        assert keras.Model.fit is not before
    finally:
        bital.uninstall()


def test_what_is_no_notebook_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    for text in ("print(1)", "{}", '{"cells": 3}'):
        path.write_text(text)
        with pytest.raises(InvalidInput, match="must be JSON with cells"):
            cells(path)
