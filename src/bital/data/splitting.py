"""The rows of a dataset, dealt once per seed into train, validation and test."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int32

from bital.data.dataset import Dataset
from bital.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Split:
    """Three disjoint sets of row numbers that together cover a dataset."""

    train: Int32[np.ndarray, " a"]
    """rows to fit on, in shuffled order"""

    validation: Int32[np.ndarray, " b"]
    """rows to choose by, in shuffled order"""

    test: Int32[np.ndarray, " c"]
    """rows to judge by: the official ones in their order, or drawn and shuffled"""


def split(dataset: Dataset, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """Deal the rows into train, validation and test.

    Classes keep their proportions, to within one row a cut: test rows are cut from all rows, then
    validation rows from the rest. Sizes depend on the fractions alone, never on the seed. Official
    test rows are kept as they are; `test` is then unused and `validation` is a fraction of the
    rest. Drawn by scikit-learn's `train_test_split`.

    Args:
        dataset: the dataset.
        seed: 0 or greater; the same seed gives the same split.
        validation: fraction of all rows, between 0 and 1, both exclusive.
        test: fraction of all rows, between 0 and 1, both exclusive; less than 1 with `validation`.

    Returns:
        Disjoint row numbers that cover all n rows.

    Raises:
        InvalidInput: a fraction or seed out of range, or too few rows, in all or of one class.
    """
    drawn = dataset.test_rows is None
    _check_request(seed, [validation, test] if drawn else [validation])
    # Two cuts with one seed would deal both by the same random numbers.
    first, second = (int(s) for s in np.random.SeedSequence(seed).generate_state(2))
    rows = np.arange(len(dataset.x), dtype=np.int32)
    if dataset.test_rows is None:
        test_size, validation_size = round(len(rows) * test), round(len(rows) * validation)
        _check_sizes(dataset, rows, test_size, validation_size)
        rest, test_rows = _cut(dataset, rows, test_size, first)
    else:
        rest, test_rows = np.setdiff1d(rows, dataset.test_rows), dataset.test_rows
        validation_size = round(len(rest) * validation)
        _check_sizes(dataset, rest, 0, validation_size)
    train, validation_rows = _cut(dataset, rest, validation_size, second)
    return Split(train=train, validation=validation_rows, test=test_rows)


def _cut(
    dataset: Dataset, rows: Int32[np.ndarray, " r"], size: int, seed: int
) -> tuple[Int32[np.ndarray, " a"], Int32[np.ndarray, " b"]]:
    from sklearn.model_selection import train_test_split

    classes = dataset.y[rows] if dataset.task == "classification" else None
    kept, drawn = train_test_split(rows, test_size=size, random_state=seed, stratify=classes)
    return kept, drawn


def _check_request(seed: int, fractions: list[float]) -> None:
    if not all(0 < fraction < 1 for fraction in fractions) or sum(fractions) >= 1:
        raise InvalidInput(
            "validation and test must each be between 0 and 1 and leave rows for training; got "
            f"{' and '.join(str(fraction) for fraction in fractions)}. Try 0.2 for each."
        )
    if seed < 0:
        raise InvalidInput(f"seed must be 0 or greater; got {seed}. Use 0, 1, 2, ...")


def _check_sizes(
    dataset: Dataset, rows: Int32[np.ndarray, " r"], test_size: int, validation_size: int
) -> None:
    """Refuse, whatever the seed, what some seeds could deal and others could not."""
    stratified = dataset.task == "classification"
    counts = np.bincount(dataset.y[rows]) if stratified else np.array([len(rows)])
    present = np.flatnonzero(counts)
    rest_size = len(rows) - test_size
    parts = {"train": rest_size - validation_size, "validation": validation_size}
    if test_size or dataset.test_rows is None:
        parts["test"] = test_size
    if min(parts.values()) < len(present):
        sizes = ", ".join(f"{part} {size}" for part, size in parts.items())
        least = f"{len(present)} rows, one per class" if stratified else "one row"
        raise InvalidInput(
            f"each part of a split must have at least {least}; {dataset.name} would give "
            f"{sizes}. Change the fractions, or bring more rows."
        )
    # Rows of each class sure to be left after one cut, then after both.
    rest = counts[present] * rest_size // len(rows)
    train = rest * parts["train"] // rest_size
    if stratified and ((rest < 2) | (train < 1)).any():
        small = int(present[np.argmin(counts[present])])
        raise InvalidInput(
            "each class must be sure of a row to train on after both cuts; class "
            f"{dataset.classes[small]!r} of {dataset.name} has {int(counts[small])}. "
            "Merge or leave out small classes, or lower the fractions."
        )
