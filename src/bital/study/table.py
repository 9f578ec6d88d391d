"""The rows of a study as its programs read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from jaxtyping import Float32, Int32

from bital import data
from bital.data.splitting import Rows, Split
from bital.engine import arrays, checks
from bital.errors import InvalidInput
from bital.study.splits import Holdout, KFold


@dataclass(frozen=True, eq=False)
class Scaled:
    """Rows as one run or several are trained on."""

    rows: Any
    """(x, y): with `own`, each array has an axis of runs first"""
    own: bool
    """whether each run has its own arrays"""
    spread: Float32[np.ndarray, " runs"] | None
    """standard deviation of each run's raw targets, by which they were divided; None: as given"""
    center: Float32[np.ndarray, " runs"] | None = None
    """mean of each run's raw targets, which was subtracted before"""


@dataclass(frozen=True, eq=False)
class Table:
    """All rows of a study, training and test."""

    name: str
    task: Literal["classification", "regression"]
    source: str
    fingerprint: str
    x: Any
    """a pytree of arrays with rows first"""
    y: Any
    """likewise"""
    labels: Int32[np.ndarray, " n"] | None
    """class index of each row; None for regression"""
    classes: tuple[str, ...]
    test_rows: Int32[np.ndarray, " t"] | None
    """rows that came as a test set"""
    dataset: data.Dataset | None
    """where it was one; its inputs, and a regression's targets, are scaled"""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input row; of the first input, where there are several."""
        return tuple(keras.tree.flatten(self.x)[0].shape[1:])

    @property
    def scaling(self) -> dict[str, Any]:
        """How inputs are scaled, as plain values."""
        found = self.dataset
        return {} if found is None else {"scaling": found.scaling, "peak": float(found.peak)}

    def to_deal(self, splits: Holdout | KFold) -> Rows:
        """Return what dealing these rows depends on."""
        labels = self.labels if splits.stratify else None
        count = arrays.count_rows(self.x)
        return Rows(self.name, count, labels, self.classes, splits.groups, self.test_rows)

    def scaled(self, splits: Sequence[Split]) -> Scaled:
        """Return the rows as runs with these splits see them, with nothing learned from others."""
        dataset = self.dataset
        if dataset is None or (dataset.scaling == "unit" and dataset.task == "classification"):
            return self._alike
        # By each run's training rows.
        x = np.stack([data.scaled(dataset, split.train) for split in splits])
        y = np.stack([dataset.y for _ in splits])
        center = spread = None
        if dataset.task == "regression":
            # Raw targets far from 0 would take every network most of its training to reach, and
            # those that keep their activations small, by batch normalization, the longest.
            # In float64, as the squares of large targets overflow float32.
            center, spread = np.transpose([_statistics(dataset.y[s.train]) for s in splits])
            y = ((y - center[:, None]) / spread[:, None]).astype(np.float32)
            center, spread = center.astype(np.float32), spread.astype(np.float32)
        return Scaled((x, y), True, spread, center)

    @cached_property
    def _alike(self) -> Scaled:
        """The rows where nothing is learned from them: one copy for all runs."""
        x = self.x if self.dataset is None else data.scaled(self.dataset, np.arange(0))
        return Scaled((x, self.y), own=False, spread=None)


def _statistics(y: Float32[np.ndarray, " r"]) -> tuple[float, float]:
    """Return targets' mean and standard deviation; 1 for the latter if all are equal."""
    spread = float(y.std(dtype=np.float64)) if y.min() < y.max() else 1.0
    return float(y.mean(dtype=np.float64)), spread


_READ = (
    " A study deals rows into parts: collect the batches of one epoch, as in "
    "x, y = map(numpy.concatenate, zip(*batches)); give images as their folder."
)


def table(given: Any) -> Table:
    """Return what a design names as its data.

    Args:
        given: a dataset, its name, a folder of images, (x, y) or (x, y, x_test, y_test).

    Raises:
        InvalidInput: it is none of these, or arrays that a model cannot be trained on.
    """
    if isinstance(given, (str, Path)):
        return _of_dataset(data.load(str(given)))
    if isinstance(given, data.Dataset):
        return _of_dataset(given)
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 4):
        size = f" of {len(given)}" if isinstance(given, (tuple, list)) else ""
        raise InvalidInput(
            "data must be (x, y) or (x, y, x_test, y_test) of arrays, a bital.data.Dataset, the "
            "name of one, or a folder of images with a subfolder a class; got "
            f"{type(given).__name__}{size}.{_READ}"
        )
    pairs = [_pair(*given[at : at + 2]) for at in range(0, len(given), 2)]
    if len(pairs) == 1:
        return _of_arrays(*pairs[0], None)
    (x, y), (x_test, y_test) = pairs
    keras.tree.assert_same_structure((x, y), (x_test, y_test))
    first, more = arrays.count_rows(x), arrays.count_rows(x_test)
    x, y = keras.tree.map_structure(lambda a, b: np.concatenate([a, b]), (x, y), (x_test, y_test))
    return _of_arrays(x, y, np.arange(first, first + more, dtype=np.int32))


def _of_dataset(dataset: data.Dataset) -> Table:
    return Table(
        name=dataset.name,
        task=dataset.task,
        source=dataset.source,
        fingerprint=dataset.fingerprint,
        x=dataset.x,
        y=dataset.y,
        labels=dataset.y if dataset.task == "classification" else None,
        classes=dataset.classes,
        test_rows=dataset.test_rows,
        dataset=dataset,
    )


def _of_arrays(x: Any, y: Any, test_rows: Any) -> Table:
    labels, classes = _labels(y)
    digest = sha256(repr(keras.tree.map_structure(lambda a: 0, (x, y))).encode())
    for array in (*keras.tree.flatten((x, y)), *([] if test_rows is None else [test_rows[:1]])):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return Table(
        name="arrays",
        task="regression" if labels is None else "classification",
        source="arrays given in Python",
        fingerprint=digest.hexdigest(),
        x=x,
        y=y,
        labels=labels,
        classes=classes,
        test_rows=test_rows,
        dataset=None,
    )


def _pair(x: Any, y: Any) -> tuple[Any, Any]:
    if not arrays.are_arrays(x, y):
        raise InvalidInput(
            "a study deals rows, so x and y must be arrays with rows first; got "
            f"{type(x).__name__} and {type(y).__name__}.{_READ}"
        )
    checks.check_lengths(x, y, None)
    checks.check_numbers(x, y, None)
    found = arrays.normalised(x, y)
    if found is None:
        raise InvalidInput("x and y must be dense arrays of numbers; one is sparse or ragged.")
    checks.check_finite(found, "x or y")
    x, y = keras.tree.map_structure(np.asarray, found)
    return x, y


def _labels(y: Any) -> tuple[Any, tuple[str, ...]]:
    """Return class indices, where targets are classes: integers, 0 and 1, or one-hot rows."""
    if keras.tree.is_nested(y):
        return None, ()
    flat = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if flat.ndim == 2 and np.isin(flat, (0, 1)).all() and (flat.sum(axis=1) == 1).all():
        flat = flat.argmax(axis=1)
    whole = flat.ndim == 1 and (flat.dtype.kind in "iub" or np.isin(flat, (0, 1)).all())
    if not whole:
        return None, ()
    classes, labels = np.unique(flat, return_inverse=True)
    if 2 * len(classes) > len(flat):  # counts, years: hardly any value twice
        return None, ()
    return labels.astype(np.int32), tuple(str(c) for c in classes.tolist())
