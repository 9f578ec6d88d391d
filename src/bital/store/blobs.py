"""Files named by their content: written whole or not at all, read back as written or not at all."""

import os
import time
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from bital.errors import StoreFailure

_ABANDONED = 24 * 3600.0  # seconds after which a temporary file has no writer


class Blobs:
    """A folder of blobs; any number of processes may write to it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep bytes; returns their SHA-256. Bytes that are there already are not written again,
        unless the file under their name has been damaged.

        Raises:
            StoreFailure: the disk is full or the folder cannot be written to.
        """
        name = sha256(data).hexdigest()
        path = self.path(name)
        part = self.folder / f"{uuid4().hex}.part"
        try:
            if _size(path) == len(data) and path.read_bytes() == data:
                return name
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with part.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            for folder in (path.parent, self.folder):
                _sync(folder)
        except OSError as error:
            raise StoreFailure(
                f"{len(data):,} bytes must be written to {self.folder}; {error.strerror or error}. "
                "Runs that finished before are whole. Free some space or choose another place, "
                "and start the same command again."
            ) from error
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes with this SHA-256.

        Raises:
            StoreFailure: they are not there, or are no longer what was written.
        """
        try:
            data = self.path(name).read_bytes()
        except OSError as error:
            raise StoreFailure(
                f"the blob {name[:12]} must be in {self.folder}; {error.strerror or error}. Open "
                "the store with the folder it was written with, or restore it from a copy."
            ) from error
        if sha256(data).hexdigest() != name:
            raise StoreFailure(
                f"the blob {name[:12]} in {self.folder} must be what was written; it has changed "
                "since. Restore it from a copy, or delete the runs that have it and run them again."
            )
        return data

    def path(self, name: str) -> Path:
        """Where a blob is."""
        return self.folder / name[:2] / f"{name[2:]}.npz"

    def __contains__(self, name: str) -> bool:
        return self.path(name).is_file()

    def keep_only(self, names: Collection[str]) -> int:
        """Take away every blob not named and what killed writers left; returns the bytes freed."""
        freed = 0
        for path, name in self._files():
            if name not in names:
                freed += _size(path) or 0
                path.unlink(missing_ok=True)
        for part in self.folder.glob("*.part"):
            try:
                if time.time() - part.stat().st_mtime > _ABANDONED:
                    part.unlink(missing_ok=True)
            except FileNotFoundError:
                continue  # its writer has just finished
        return freed

    def _files(self) -> Iterator[tuple[Path, str]]:
        for path in self.folder.glob("??/*.npz"):
            yield path, path.parent.name + path.stem


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
