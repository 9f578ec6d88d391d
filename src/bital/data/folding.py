"""Rows dealt into k parts, each of which is tested on once."""

import numpy as np
from jaxtyping import Int32

from bital.data.splitting import Rows, Split, held_out
from bital.errors import InvalidInput


def folds(rows: Rows, k: int, repeat: int, validation: float) -> list[Split]:
    """Deal rows into k parts and return, for each, the split that tests on it.

    Classes keep their proportions; with groups, which are never divided, as far as they let them.
    Dealt by scikit-learn's `StratifiedKFold`, `KFold` or `StratifiedGroupKFold`.

    Args:
        rows: what is dealt; without official test rows.
        k: parts, at least 2.
        repeat: 0 or greater; the same number gives the same folds.
        validation: share of the rows outside the tested part to validate on; 0 for none.

    Raises:
        InvalidInput: fewer rows than parts, a part without a class, groups that cannot be dealt,
            or official test rows.
    """
    if rows.test is not None:
        raise InvalidInput(
            f"k-fold tests on every row once; {rows.name} comes with its own {len(rows.test)} test "
            "rows. Use Holdout, or give all rows as (x, y)."
        )
    _check(rows, k)
    seeds = [int(s) for s in np.random.SeedSequence([repeat, k]).generate_state(k + 1)]
    every = rows.free
    dealt = []
    for fold, (kept, tested) in enumerate(_parts(rows, k, seeds[k])):
        _check_classes(rows, every[tested], fold)
        train, held = held_out(rows, every[kept], validation, seeds[fold])
        dealt.append(Split(train=train, validation=held, test=every[tested]))
    return dealt


def _parts(
    rows: Rows, k: int, seed: int
) -> list[tuple[Int32[np.ndarray, " a"], Int32[np.ndarray, " b"]]]:
    from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

    every = rows.free
    labels = np.zeros(rows.count, np.int32) if rows.labels is None else rows.labels
    if rows.groups is not None:
        dealer = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
        return list(dealer.split(every, labels, np.asarray(rows.groups)))
    if rows.labels is not None:
        return list(StratifiedKFold(k, shuffle=True, random_state=seed).split(every, labels))
    return list(KFold(k, shuffle=True, random_state=seed).split(every))


def _check(rows: Rows, k: int) -> None:
    if rows.groups is not None and len(np.unique(np.asarray(rows.groups))) < k:
        raise InvalidInput(
            f"k-fold needs at least as many groups as folds; {rows.name} has "
            f"{len(np.unique(np.asarray(rows.groups)))} groups for k={k}. Lower k."
        )
    if rows.count < k:
        raise InvalidInput(
            f"k-fold needs at least as many rows as folds; {rows.name} has {rows.count} for k={k}. "
            "Lower k, or bring more rows."
        )
    if rows.labels is None:
        return
    counts = np.bincount(rows.labels, minlength=len(rows.classes))
    present = np.flatnonzero(counts)
    small = int(present[np.argmin(counts[present])])
    if counts[small] < k:
        raise InvalidInput(
            f"each class must have a row in every fold; class {rows.classes[small]!r} of "
            f"{rows.name} has {int(counts[small])} for k={k}. Lower k, merge or leave out small "
            "classes, or give stratify=False."
        )


def _check_classes(rows: Rows, tested: Int32[np.ndarray, " b"], fold: int) -> None:
    if rows.labels is None:
        return
    missing = np.setdiff1d(rows.labels, rows.labels[tested])
    if len(missing) or not len(tested):
        what = f"class {rows.classes[int(missing[0])]!r}" if len(missing) else "rows"
        raise InvalidInput(
            f"each fold must have every class; fold {fold} of {rows.name} is without {what}, "
            "because groups are not divided. Lower k, or give stratify=False."
        )
