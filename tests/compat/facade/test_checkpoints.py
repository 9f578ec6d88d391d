"""Checkpoints that are damaged, or not of what they are restored to."""

import tracemalloc
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from bital.compat.facade.checkpoints import Checkpoint
from bital.compat.files.unreadable import UnreadableFile
from bital.errors import InvalidInput


def model() -> keras.Model:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])


def test_what_is_written_is_restored(tmp_path: Path) -> None:
    first, second = model(), model()
    path = Checkpoint(model=first).save(tmp_path / "ckpt")
    Checkpoint(model=second).restore(path).assert_consumed()
    for one, other in zip(first.weights, second.weights, strict=True):
        np.testing.assert_array_equal(one.value, other.value)


def test_what_is_no_checkpoint(tmp_path: Path) -> None:
    checkpoint = Checkpoint(model=model())
    path = Path(checkpoint.save(tmp_path / "ckpt"))
    whole = path.read_bytes()
    for content in (b"", b"text", whole[:300]):
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match="must be one that bital wrote"):
            checkpoint.restore(path)
    path.write_bytes(whole.replace(b"NUMPY", b"NUMBY"))
    with pytest.raises(UnreadableFile, match=r"ckpt-1 cannot be read \(BadZipFile|ValueError"):
        checkpoint.restore(path)
    with pytest.raises(FileNotFoundError):
        checkpoint.restore(tmp_path / "none")


def test_an_array_of_another_shape_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("model/0.npy", "w") as file,
    ):
        header = {"descr": "<f4", "fortran_order": False, "shape": (1 << 27,)}
        np.lib.format.write_array_header_1_0(file, header)
        for _ in range(32):
            file.write(bytes(1 << 24))
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput, match=r"has shape \(134217728,\) there, \(4, 3\) here"):
            Checkpoint(model=model()).restore(path)
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()


def test_code_in_a_checkpoint_does_not_run(tmp_path: Path) -> None:
    with (tmp_path / "ckpt").open("wb") as file:
        odd = {"model/0": np.full((4, 3), {}, object)}
        np.savez(file, **odd)  # type: ignore[arg-type]
    with pytest.raises(UnreadableFile, match="Object arrays cannot be loaded"):
        Checkpoint(model=model()).restore(tmp_path / "ckpt")
