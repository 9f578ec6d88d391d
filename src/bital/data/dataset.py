"""One dataset: its arrays, what they mean, and where they came from."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int32, Shaped

from bital.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and targets with their names, classes and provenance.

    Raises:
        InvalidInput: the arrays contradict each other, hold NaN or infinity, or hold no row.
    """

    name: str
    """the name it was loaded by"""

    task: Literal["classification", "regression"]
    """what is predicted: a class index or a number"""

    x: Shaped[np.ndarray, "n ..."]
    """inputs as stored: images (n, h, w, c), tables (n, d)"""

    # Not " n" again: another length is told by __post_init__ in words, not by a type checker.
    y: Int32[np.ndarray, " rows"] | Float32[np.ndarray, " rows"]
    """targets, one per row of x: int32 class indices or float32 numbers in the target's own unit"""

    classes: tuple[str, ...] = ()
    """what each class index means; empty for regression"""

    features: tuple[str, ...] = ()
    """what each column of a table means; empty for images"""

    source: str = ""
    """where the arrays came from and what was left out, for a person to read"""

    test_rows: Int32[np.ndarray, " t"] | None = None
    """rows of the official test set, where the publisher fixed one"""

    scaling: Literal["standard", "unit"] = "standard"
    """how `scaled` brings inputs to a common range"""

    peak: float = 1.0
    """input value that "unit" scaling maps to 1.0"""

    def __post_init__(self) -> None:
        _check_rows(self)
        _check_targets(self)
        _check_names(self)

    @property
    def image(self) -> bool:
        """Whether each row is an image of shape (h, w, c)."""
        return self.x.ndim == 4

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of dtype, shape and bytes of `x`, then of `y`: 64 hexadecimal digits."""
        digest = sha256()
        for array in (self.x, self.y):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def _check_rows(dataset: Dataset) -> None:
    x, y, test_rows = dataset.x, dataset.y, dataset.test_rows
    if len(x) != len(y) or len(x) == 0:
        raise InvalidInput(
            f"x and y must have one row per example and at least one; {dataset.name} has "
            f"{len(x)} rows of x and {len(y)} of y. Pass them as they were read together."
        )
    for label, array in (("x", x), ("y", y)):
        bad = ~np.isfinite(array) if array.dtype.kind == "f" else np.zeros(0)
        if bad.any():
            row, *place = map(int, np.argwhere(bad)[0])
            where = f", at {', '.join(map(str, place))} in it" if place else ""
            raise InvalidInput(
                f"{label} must hold finite numbers; {dataset.name} has {int(bad.sum())} NaN or "
                f"infinite values, the first in row {row}{where} (counted from 0). Drop or fill "
                "those rows first."
            )
    if test_rows is not None and (
        len(np.unique(test_rows)) != len(test_rows)
        or not 0 < len(test_rows) < len(x)
        or not 0 <= int(test_rows.min()) <= int(test_rows.max()) < len(x)
    ):
        raise InvalidInput(
            f"test_rows must be distinct row numbers from 0 to {len(x) - 1} that leave rows for "
            f"training; {dataset.name} has {len(test_rows)} of them. Give a share of rows above 0 "
            "to test on, or a Dataset without test_rows."
        )


def _check_targets(dataset: Dataset) -> None:
    y, count = dataset.y, len(dataset.classes)
    dtype = np.int32 if dataset.task == "classification" else np.float32
    if y.ndim != 1 or y.dtype != dtype:
        raise InvalidInput(
            f"y must be one {np.dtype(dtype).name} per row for {dataset.task}; {dataset.name} has "
            f"{y.dtype.name} of shape {y.shape}. Convert it with "
            f"y.astype({np.dtype(dtype).name!r}).reshape(-1)."
        )
    if dataset.task == "classification" and not 0 <= int(y.min()) <= int(y.max()) < count:
        raise InvalidInput(
            f"labels must be indices into classes, here from 0 to {count - 1}; {dataset.name} has "
            f"labels from {int(y.min())} to {int(y.max())}. Name every class, or renumber."
        )


def _check_names(dataset: Dataset) -> None:
    if dataset.task == "regression" and dataset.classes:
        raise InvalidInput(
            f"classes must be empty for regression; {dataset.name} has {len(dataset.classes)}. "
            "Leave classes out, or set task to classification."
        )
    if dataset.features and dataset.x.shape[1:] != (len(dataset.features),):
        raise InvalidInput(
            f"features must name every column of a table; {dataset.name} has "
            f"{len(dataset.features)} names and rows of shape {dataset.x.shape[1:]}. "
            "Name each column once, or leave features out."
        )
    if not dataset.peak > 0:
        raise InvalidInput(
            f"peak must be greater than 0; {dataset.name} has {dataset.peak}. "
            "Give the largest value an input can take."
        )
