"""Rows dealt into train, validation and test, once per seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int, Int32

from bital.data.dataset import Dataset
from bital.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Split:
    """Three disjoint sets of row numbers that together cover the rows."""

    train: Int32[np.ndarray, " a"]
    """rows to fit on, in shuffled order"""

    validation: Int32[np.ndarray, " b"]
    """rows to choose by, in shuffled order"""

    test: Int32[np.ndarray, " c"]
    """rows to judge by: the official ones in their order, or drawn and shuffled"""


@dataclass(frozen=True, eq=False)
class Rows:
    """What dealing depends on.

    Raises:
        InvalidInput: there is not one group a row.
    """

    name: str
    """of the data, for errors"""

    count: int

    labels: Int[np.ndarray, " n"] | None = None
    """class index of each row, whose proportions are kept; None to deal without regard to any"""

    classes: Sequence[str] = ()
    """what the indices mean"""

    groups: Any = None
    """group of each row, none of which is divided; None without groups"""

    test: Int32[np.ndarray, " t"] | None = None
    """official test rows"""

    def __post_init__(self) -> None:
        if self.groups is not None and len(self.groups) != self.count:
            raise InvalidInput(
                f"groups must have one value per row; {self.name} has {self.count} rows and "
                f"{len(self.groups)} groups. Give them in the order of the rows."
            )

    @property
    def free(self) -> Int32[np.ndarray, " f"]:
        """Rows that are no official test rows."""
        every = np.arange(self.count, dtype=np.int32)
        return every if self.test is None else np.setdiff1d(every, self.test)


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
    return deal(rows_of(dataset), seed, validation, test)


def rows_of(dataset: Dataset, groups: Any = None, stratify: bool = True) -> Rows:
    """Return what dealing a dataset's rows depends on."""
    labels = dataset.y if stratify and dataset.task == "classification" else None
    return Rows(dataset.name, len(dataset.x), labels, dataset.classes, groups, dataset.test_rows)


def deal(rows: Rows, seed: int, validation: float, test: float) -> Split:
    """Deal rows as `split` does; a fraction of 0 leaves its part empty.

    With groups, `validation` and `test` are shares of the groups, and classes get the proportions
    that chance gives them.

    Raises:
        InvalidInput: too few rows, in all, of one class or of groups.
    """
    # Two cuts with one seed would deal both by the same random numbers.
    first, second = (int(s) for s in np.random.SeedSequence(seed).generate_state(2))
    free = rows.free
    if rows.groups is not None:
        rest, tested = (
            (free, rows.test) if rows.test is not None else _drawn(rows, free, test, first)
        )
        train, held = _drawn(rows, rest, validation * len(free) / len(rest), second)
        return Split(train=train, validation=held, test=tested)
    wanted = (
        {"validation": validation}
        if rows.test is not None
        else {"validation": validation, "test": test}
    )
    sizes = {part: round(len(free) * share) for part, share in wanted.items() if share}
    _check_sizes(rows, free, sizes)
    rest, tested = (
        (free, rows.test)
        if rows.test is not None
        else _cut(rows, free, sizes.get("test", 0), first)
    )
    train, held = _cut(rows, rest, sizes.get("validation", 0), second)
    return Split(train=train, validation=held, test=tested)


def held_out(rows: Rows, kept: Int32[np.ndarray, " r"], share: float, seed: int) -> tuple[Any, Any]:
    """Divide some rows into those to train on and a share to validate on.

    Raises:
        InvalidInput: too few rows.
    """
    if rows.groups is not None:
        return _drawn(rows, kept, share, seed)
    size = round(len(kept) * share)
    _check_sizes(rows, kept, {"validation": size} if share else {})
    return _cut(rows, kept, size, seed)


def _drawn(
    rows: Rows, of: Int32[np.ndarray, " r"], share: float, seed: int
) -> tuple[Int32[np.ndarray, " a"], Int32[np.ndarray, " b"]]:
    """Draw whole groups."""
    from sklearn.model_selection import GroupShuffleSplit

    groups = np.asarray(rows.groups)[of]
    distinct = len(np.unique(groups))
    if not share:
        return of, of[:0]
    if not 1 <= round(distinct * share) < distinct:
        raise InvalidInput(
            f"each part of a split must have at least one group; {rows.name} has {distinct} to "
            f"take {share:.0%} of. Change the fractions, or leave groups out."
        )
    draw = GroupShuffleSplit(1, test_size=round(distinct * share), random_state=seed)
    kept, drawn = next(draw.split(of, groups=groups))
    return of[kept], of[drawn]


def _cut(
    rows: Rows, of: Int32[np.ndarray, " r"], size: int, seed: int
) -> tuple[Int32[np.ndarray, " a"], Int32[np.ndarray, " b"]]:
    from sklearn.model_selection import train_test_split

    if not size:
        return np.random.RandomState(seed).permutation(of), of[:0]
    classes = None if rows.labels is None else rows.labels[of]
    kept, drawn = train_test_split(of, test_size=size, random_state=seed, stratify=classes)
    return kept, drawn


def _check_request(seed: int, fractions: list[float]) -> None:
    if not all(0 < fraction < 1 for fraction in fractions) or sum(fractions) >= 1:
        raise InvalidInput(
            "validation and test must each be between 0 and 1 and leave rows for training; got "
            f"{' and '.join(str(fraction) for fraction in fractions)}. Try 0.2 for each."
        )
    if seed < 0:
        raise InvalidInput(f"seed must be 0 or greater; got {seed}. Use 0, 1, 2, ...")


def _check_sizes(rows: Rows, of: Int32[np.ndarray, " r"], sizes: dict[str, int]) -> None:
    """Refuse, whatever the seed, what some seeds could deal and others could not."""
    stratified = rows.labels is not None
    counts = np.array([len(of)]) if rows.labels is None else np.bincount(rows.labels[of])
    present = np.flatnonzero(counts)
    test_size = sizes.get("test", 0)
    rest_size = len(of) - test_size
    parts = {"train": rest_size - sizes.get("validation", 0), **sizes}
    if min(parts.values()) < len(present):
        said = ", ".join(f"{part} {size}" for part, size in parts.items())
        least = f"{len(present)} rows, one per class" if stratified else "one row"
        raise InvalidInput(
            f"each part of a split must have at least {least}; {rows.name} would give "
            f"{said}. Change the fractions, or bring more rows."
        )
    # Rows of each class sure to be left after one cut, then after both.
    rest = counts[present] * rest_size // len(of)
    train = rest * parts["train"] // rest_size
    if stratified and ((rest < 2) | (train < 1)).any():
        small = int(present[np.argmin(counts[present])])
        raise InvalidInput(
            "each class must be sure of a row to train on after both cuts; class "
            f"{rows.classes[small]!r} of {rows.name} has {int(counts[small])}. "
            "Merge or leave out small classes, or lower the fractions."
        )
