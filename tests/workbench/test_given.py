"""Functions that a study's file names are found, or it is told why not."""

import sys
from pathlib import Path

import pytest

from bital.errors import InvalidInput, UnknownName
from bital.workbench.given import Functions


@pytest.fixture(autouse=True)
def paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_a_function_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "own_models_1.py").write_text("def cnn(a):\n    return a + 1\n")
    cnn = Functions(tmp_path).named("deeper/own_models_1.py:cnn")
    assert cnn(2) == 3
    assert cnn.__module__ == "own_models_1"
    assert Functions(tmp_path).named("deeper/own_models_1.py:cnn") is cnn


def test_a_function_of_a_module(tmp_path: Path) -> None:
    for allowed in ("os", "os.path"):
        assert Functions(tmp_path, (allowed,)).named("os.path:basename")("a/b") == "b"


@pytest.mark.parametrize("place", ["os:system", "subprocess:getoutput", "os.path:basename"])
def test_a_file_cannot_name_installed_modules(place: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"start again with --allow-import {place[:2]}"):
        Functions(tmp_path, ("numpy",)).named(place)


def test_a_file_of_another_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "own_models_3.py").write_text("def cnn():\n    pass\n")
    (tmp_path / "study" / "linked_models_3.py").symlink_to(tmp_path / "own_models_3.py")
    for where in ("../own_models_3.py", str(tmp_path / "own_models_3.py"), "linked_models_3.py"):
        with pytest.raises(InvalidInput, match=r"is outside of .* Copy it there"):
            Functions(tmp_path / "study").named(f"{where}:cnn")


def test_another_module_of_the_name_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "antigravity.py").write_text("def fly():\n    pass\n")
    sys.path.append(str(tmp_path))
    with pytest.raises(InvalidInput, match="would be another module 'antigravity'"):
        Functions(tmp_path).named("antigravity.py:fly")
    assert "antigravity" not in sys.modules


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
        Functions(tmp_path, ("no_such_module_1",)).named(place)


def test_a_misspelt_function_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "own_models_2.py").write_text("def cnn():\n    pass\nSIZE = 3\n")
    with pytest.raises(UnknownName, match=r"a function of own_models_2.py must be one of cnn"):
        Functions(tmp_path).named("own_models_2.py:cmn")
