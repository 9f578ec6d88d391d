"""Data sets whose local copy has another form than the file that Keras publishes."""

import csv
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from bital.data.sources import folder


def _boston(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with path.open(newline="") as stream:
        rows = [list(map(float, row)) for row in list(csv.reader(stream))[1:]]
    table = np.array(rows)
    return table[:, :-1], table[:, -1]


def _california(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with path.open(newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    table = np.array([[float(v or "nan") for v in row[:9]] for row in rows], dtype="float32")
    blank = np.isnan(table)
    if blank.any():
        warnings.warn(
            f"{path.name} leaves {int(blank.sum())} numbers blank that Keras's file has; each is "
            "given its column's median.",
            stacklevel=2,
        )
        table = np.where(blank, np.nanmedian(table, axis=0), table)
    return table[:, :8], table[:, 8]


TABLES: dict[str, tuple[str, Callable[[Path], tuple[np.ndarray, np.ndarray]]]] = {
    "boston_housing.npz": ("tabular/boston_housing.csv", _boston),
    "california_housing.npz": ("tabular/california_housing.csv", _california),
}
"""local copy below BITAL_DATA and how it is read, by Keras's file"""

_MADE: dict[str, Path] = {}


def made(name: str) -> Path | None:
    """Return Keras's file made of the local copy, None where there is no copy."""
    found = folder.root()
    if name not in TABLES or found is None:
        return None
    source, read = TABLES[name]
    if not (found / source).is_file():
        return None
    if name not in _MADE:
        x, y = read(found / source)
        _MADE[name] = Path(mkdtemp(prefix="bital-")) / name
        np.savez(_MADE[name], x=x, y=y)
    return _MADE[name]
