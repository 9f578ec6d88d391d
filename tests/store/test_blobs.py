"""Blobs are whole or not there, and what is read is what was written."""

import os
from pathlib import Path

import pytest

from bital.errors import StoreFailure
from bital.store.blobs import Blobs


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "덩어리")


def test_what_is_put_is_got(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    assert name == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert name in blobs
    assert blobs.get(name) == b"abc"


def test_the_same_bytes_are_kept_once(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    before = blobs.path(name).stat()
    assert blobs.put(b"abc") == name
    after = blobs.path(name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert blobs.put(b"abd") != name


@pytest.mark.parametrize("damage", [b"abX", b"ab", b""])
def test_damage_is_told_and_never_read(blobs: Blobs, damage: bytes) -> None:
    name = blobs.put(b"abc")
    blobs.path(name).write_bytes(damage)
    with pytest.raises(StoreFailure, match="it has changed since"):
        blobs.get(name)


def test_a_torn_file_is_written_anew(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    blobs.path(name).write_bytes(b"a")
    assert blobs.put(b"abc") == name
    assert blobs.get(name) == b"abc"


def test_a_damaged_file_of_the_right_size_is_written_anew(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    blobs.path(name).write_bytes(b"abX")
    assert blobs.put(b"abc") == name
    assert blobs.get(name) == b"abc"


def test_what_is_gone_is_told(blobs: Blobs) -> None:
    name = blobs.put(b"abc")
    blobs.path(name).unlink()
    assert name not in blobs
    with pytest.raises(StoreFailure, match=f"{name[:12]} must be in"):
        blobs.get(name)


def test_only_what_is_named_is_kept(blobs: Blobs) -> None:
    kept, gone = blobs.put(b"abc"), blobs.put(b"defgh")
    fresh, old = blobs.folder / "fresh.part", blobs.folder / "old.part"
    fresh.touch()
    old.touch()
    os.utime(old, (0, 0))
    assert blobs.keep_only({kept}) == 5
    assert kept in blobs
    assert gone not in blobs
    assert fresh.exists()  # a writer may be at it
    assert not old.exists()


def test_nothing_half_written_stays_when_a_write_fails(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StoreFailure, match=r"3 bytes must be written .*No space left"):
        blobs.put(b"abc")
    assert [p for p in blobs.folder.rglob("*") if p.is_file()] == []


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailure, match="must be written to"):
        Blobs(tmp_path / "file").put(b"abc")
