"""Values of many kinds in one file that is either whole or not there."""

import json
import os
import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import jax
import numpy as np

from bital.errors import InvalidInput, SaveFailure

_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OSError,
    EOFError,
    BadZipFile,
    RecursionError,
    zlib.error,
)


class NotPlainError(TypeError):
    """A value is not made of numbers, strings, arrays and nests of them."""


def prepare(path: Path) -> None:
    """Make a file's folder, and remove what writers that were killed have left there.

    Raises:
        InvalidInput: nothing can be written there.
    """
    probe = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for part in path.parent.glob(f"{path.name}.*.part"):
            if not _is_alive(part.suffixes[-2].lstrip(".")):
                part.unlink(missing_ok=True)
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()
    except OSError as error:
        probe.unlink(missing_ok=True) if path.parent.is_dir() else None
        raise InvalidInput(
            f"resume must name a folder that can be written to; {path.parent} cannot "
            f"({error.strerror or error}). Choose another folder."
        ) from error


def _is_alive(process: str) -> bool:
    """Whether a process of this machine still runs; other than POSIX cannot ask without harm."""
    if not process.isdigit() or os.name != "posix":
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return int(process) != os.getpid()


def write(path: Path, value: Any) -> None:
    """Write a nest of numbers, strings, None, NumPy or JAX arrays, tuples, lists and dicts.

    The file appears under its name only when it is whole and on the disk.

    Raises:
        NotPlainError: there is something else in it.
        SaveFailure: the disk is full or does not take the file; the old one is still there.
    """
    arrays: list[np.ndarray] = []
    text = json.dumps(_plain(value, arrays))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            bodies: dict[str, Any] = {str(i): _bytes(array) for i, array in enumerate(arrays)}
            np.savez(file, text=np.frombuffer(text.encode(), np.uint8), **bodies)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SaveFailure(
            f"{path} cannot be written ({error.strerror or error}); what was saved before is "
            "whole. Make room, then call fit again."
        ) from error
    if os.name == "posix":  # the new name has to reach the disk too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read(path: Path) -> Any:
    """Return what `write` wrote.

    Raises:
        InvalidInput: the file is not one that `write` wrote.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            text = json.loads(file["text"].tobytes())
            return _restored(text, file)
    except _UNREADABLE as error:
        raise InvalidInput(
            f"{path} must be a training saved by bital.fit(resume=...); it cannot be read "
            f"({error}). Delete it to start anew."
        ) from error


def is_plain(value: Any) -> bool:
    """Whether `write` would take a value."""
    try:
        _plain(value, [])
    except (NotPlainError, RecursionError):  # a list may hold itself
        return False
    return True


def _bytes(array: np.ndarray) -> np.ndarray:
    # NumPy's format does not know bfloat16 and float8, which are bytes like all others.
    return np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)


def _plain(value: Any, arrays: list[np.ndarray]) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic):
        return {"scalar": _plain(np.asarray(value), arrays)}
    if isinstance(value, (np.ndarray, jax.Array)):
        array = np.asarray(value)
        if array.dtype.kind in "OUSM":
            raise NotPlainError(f"an array of {array.dtype}")
        arrays.append(array)
        return {"array": [len(arrays) - 1, str(array.dtype), list(array.shape)]}
    if type(value) in (list, tuple):
        return {type(value).__name__: [_plain(item, arrays) for item in value]}
    if type(value) is dict:
        pairs = [[_plain(k, arrays), _plain(v, arrays)] for k, v in value.items()]
        return {"dict": pairs}
    raise NotPlainError(type(value).__name__)


def _restored(plain: Any, file: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    ((kind, body),) = plain.items()
    if kind == "array":
        index, dtype, shape = body
        return np.frombuffer(file[str(index)].tobytes(), jax.numpy.dtype(dtype)).reshape(shape)
    if kind == "scalar":
        return _restored(body, file)[()]
    if kind == "dict":
        return {_restored(key, file): _restored(value, file) for key, value in body}
    items = [_restored(item, file) for item in body]
    return tuple(items) if kind == "tuple" else items
