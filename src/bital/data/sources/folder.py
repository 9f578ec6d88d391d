"""Files in the folder that the environment variable BITAL_DATA names."""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from bital.data.catalog import ENTRIES
from bital.data.dataset import Dataset
from bital.data.sources import assembly, idx, table
from bital.errors import InvalidInput

VARIABLE = "BITAL_DATA"
# Which of these a damaged archive raises depends on where the damage is; a lone array saved as
# .npz is no context manager (TypeError).
BROKEN_ARCHIVE = (
    *(OSError, EOFError, ValueError, KeyError, TypeError),
    *(RuntimeError, BadZipFile, zlib.error),
)


def root() -> Path | None:
    """Return the folder that BITAL_DATA names; None where it is unset or empty.

    Raises:
        InvalidInput: it names no folder.
    """
    value = os.environ.get(VARIABLE, "")
    if value and not Path(value).is_dir():
        raise InvalidInput(
            f"{VARIABLE} must name a folder; got {value!r}, which is none. "
            f"Create it, correct {VARIABLE}, or unset it to download instead."
        )
    return Path(value) if value else None


def absent(root: Path | None, files: Sequence[str]) -> tuple[str, ...]:
    """Return those of `files` that are not below `root`; all of them where it is None."""
    return tuple(file for file in files if root is None or not (root / file).is_file())


def read(root: Path, name: str) -> Dataset:
    """Read a dataset whose files are all below `root`.

    Args:
        root: the folder.
        name: a dataset of the catalogue that comes in files.

    Returns:
        The dataset; its `source` names the files relative to BITAL_DATA.

    Raises:
        InvalidInput: a file is corrupt or not what its name says.
    """
    files = ENTRIES[name].files
    first, label = root / files[0], f"{VARIABLE}/{files[0]}"
    if name == "boston":
        columns = assembly.BOSTON_COLUMNS
        return assembly.boston(table.comma_separated(first, label, columns), label)
    if name == "auto_mpg":
        width = len(assembly.AUTO_MPG_COLUMNS)
        return assembly.auto_mpg(table.space_separated(first, label, width), label)
    if name == "mnist":
        return _mnist(first, label)
    x_train, y_train, x_test, y_test = (idx.read(root / f, f"{VARIABLE}/{f}") for f in files)
    source = f"{VARIABLE}/fashion_mnist/*.gz"
    return assembly.images(name, (x_train, y_train), (x_test, y_test), source)


def _mnist(path: Path, label: str) -> Dataset:
    try:
        # Opened here because np.load leaves a damaged file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            x_train, y_train = archive["x_train"], archive["y_train"]
            x_test, y_test = archive["x_test"], archive["y_test"]
    except BROKEN_ARCHIVE as error:
        raise InvalidInput(
            f"{label} must be a whole .npz archive of x_train, y_train, x_test and y_test; reading "
            f"it gave {type(error).__name__}: {error}. Fetch it again."
        ) from error
    return assembly.images("mnist", (x_train, y_train), (x_test, y_test), label)
