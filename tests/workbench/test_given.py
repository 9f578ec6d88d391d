"""Functions that a study's file names are found, or it is told why not."""

import sys
from pathlib import Path

import pytest

from bital.errors import InvalidInput, UnknownName
from bital.workbench.given import function


@pytest.fixture(autouse=True)
def paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_a_function_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "own_models_1.py").write_text("def cnn(a):\n    return a + 1\n")
    cnn = function("deeper/own_models_1.py:cnn", tmp_path)
    assert cnn(2) == 3
    assert cnn.__module__ == "own_models_1"
    assert function("deeper/own_models_1.py:cnn", tmp_path) is cnn


def test_a_function_of_a_module(tmp_path: Path) -> None:
    assert function("os.path:basename", tmp_path)("a/b") == "b"


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("models.py", 'must be named as "models.py:cnn"'),
        (":cnn", "must be named as"),
        ("none.py:cnn", "none.py is not. Correct the path"),
        ("no_such_module_1:cnn", "raised ModuleNotFoundError"),
        ("broken_1.py:cnn", "broken_1.py must import; it raised ZeroDivisionError"),
        ("os.py:getcwd", "os.py would be another module 'os'. Rename the file"),
    ],
)
def test_what_cannot_be_found_is_told(place: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "broken_1.py").write_text("1 / 0\n")
    (tmp_path / "os.py").write_text("")
    with pytest.raises(InvalidInput, match=told):
        function(place, tmp_path)


def test_a_misspelt_function_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "own_models_2.py").write_text("def cnn():\n    pass\nSIZE = 3\n")
    with pytest.raises(UnknownName, match=r"a function of own_models_2.py must be one of cnn"):
        function("own_models_2.py:cmn", tmp_path)
