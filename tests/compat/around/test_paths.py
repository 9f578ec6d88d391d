r"""Paths like 'example\human.jpg' on a system with slashes."""

import os
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from bital.compat import notes
from bital.compat.around.paths import native, patch_paths
from bital.compat.patches import Patches

pytestmark = pytest.mark.skipif(os.sep != "/", reason="Windows understands its own paths")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "example" / "in").mkdir(parents=True)
    keras.utils.save_img(tmp_path / "example" / "in" / "human.png", np.zeros((4, 4, 3)))
    monkeypatch.chdir(tmp_path)
    notes.forget()
    patches = Patches()
    patch_paths(patches)
    yield tmp_path
    patches.undo()


def test_files_are_read_and_written(folder: Path) -> None:
    assert keras.utils.load_img("example\\in\\human.png").size == (4, 4)
    assert os.path.exists("example\\in\\human.png")
    assert os.listdir("example\\in") == ["human.png"]
    with open("example\\said.txt", "w") as stream:
        stream.write("hello")
    assert (folder / "example" / "said.txt").read_text() == "hello"
    os.makedirs("example\\out\\deep", exist_ok=True)
    os.makedirs("new\\one")
    assert (folder / "new" / "one").is_dir()
    assert (folder / "example" / "out" / "deep").is_dir()
    assert notes.told()[0].old == repr("example\\in\\human.png")


def test_what_cannot_be_meant_is_left_alone(folder: Path) -> None:
    (folder / "a\\b").touch()
    for path in ("a\\b", "nowhere\\x.png", "C:\\data\\x", "plain/x"):
        assert native(path) == path
    with pytest.raises(FileNotFoundError):
        os.stat("nowhere\\x.png")


def test_it_is_undone() -> None:
    import builtins

    before = builtins.open
    patches = Patches()
    patch_paths(patches)
    assert builtins.open is not before
    patches.undo()
    assert builtins.open is before


def test_a_spelling_is_told_once_however_often_it_is_joined(folder: Path) -> None:
    os.stat(os.path.join("example\\in", "human.png"))
    os.stat("example\\in\\human.png")
    (folder / "example" / "in" / "dog.png").write_bytes(b"")
    os.stat("example\\in\\dog.png")
    assert [note.old for note in notes.told()] == [r"'example\\in'"]
