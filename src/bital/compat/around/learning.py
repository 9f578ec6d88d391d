"""What scikit-learn had: folds over a known number of rows, and the Boston houses."""

from collections.abc import Iterator
from functools import wraps
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np

from bital.compat.notes import note
from bital.compat.offline.copies import local
from bital.compat.patches import Patches
from bital.errors import MissingData


class _Folds:
    """Folds that are gone through as they are (`sklearn.cross_validation`).

    Args:
        rows: to part.
        labels: of them, where folds look at these.
        n_folds: parts.
        shuffle: whether rows are mixed first.
        random_state: the seed of that.
    """

    def __init__(
        self, rows: int, labels: Any, n_folds: int, shuffle: bool, random_state: Any
    ) -> None:
        from sklearn import model_selection

        name = type(self).__name__
        old = "y" if labels is not None else "n"
        told = "split(x, y)" if labels is not None else "split(x)"
        note(f"cross_validation.{name}({old}, n_folds)", f"model_selection.{name}(n_splits).{told}")
        seed = random_state if shuffle else None
        cls = getattr(model_selection, name)
        self._folds = cls(n_folds, shuffle=shuffle, random_state=seed)
        self._rows: Any = np.zeros(rows)
        self._labels = labels

    def __iter__(self) -> Iterator[Any]:
        return iter(self._folds.split(self._rows, self._labels))

    def __len__(self) -> int:
        return int(self._folds.get_n_splits())


class KFold(_Folds):
    """Folds of rows in their order.

    Args:
        n: rows.
        n_folds: parts.
        shuffle: whether rows are mixed first.
        random_state: the seed of that.
    """

    def __init__(
        self, n: Any, n_folds: int = 3, shuffle: bool = False, random_state: Any = None
    ) -> None:
        super().__init__(int(n), None, n_folds, shuffle, random_state)


class StratifiedKFold(_Folds):
    """Folds with every label's share in each.

    Args:
        y: labels.
        n_folds: parts.
        shuffle: whether rows are mixed first.
        random_state: the seed of that.
    """

    def __init__(
        self, y: Any, n_folds: int = 3, shuffle: bool = False, random_state: Any = None
    ) -> None:
        super().__init__(len(y), y, n_folds, shuffle, random_state)


def load_boston(return_X_y: bool = False) -> Any:  # noqa: N803 - scikit-learn's
    """Return the Boston houses: 506 rows of 13 numbers, and prices.

    Raises:
        MissingData: no local copy is there.
    """
    from sklearn.utils import Bunch

    path = local("boston_housing.csv", "tabular")
    if path is None:
        raise MissingData(
            "load_boston went with scikit-learn 1.2; its rows are read from "
            "<BITAL_DATA>/tabular/boston_housing.csv, which is not there. Put it there, a header "
            "and 14 columns with the price last, or use fetch_california_housing."
        )
    note("sklearn.datasets.load_boston()", "sklearn.datasets.fetch_california_housing()")
    names = path.read_text(encoding="utf-8").split("\n", 1)[0].replace('"', "").split(",")
    rows: Any = np.loadtxt(path, delimiter=",", skiprows=1)
    if return_X_y:
        return rows[:, :-1], rows[:, -1]
    return Bunch(
        data=rows[:, :-1],
        target=rows[:, -1],
        feature_names=np.array([name.upper() for name in names[:-1]]),
        DESCR=f"{len(rows)} houses of Boston, 1978",
        filename=str(path),
    )


def restore_encoder(preprocessing: ModuleType, patches: Patches) -> None:
    """Let OneHotEncoder take `sparse=`, as until scikit-learn 1.4."""
    cls = preprocessing.OneHotEncoder
    own = cls.__init__

    @wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if "sparse" in kwargs:
            note("OneHotEncoder(sparse=)", "sparse_output=")
            kwargs["sparse_output"] = kwargs.pop("sparse")
        own(self, *args, **kwargs)

    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    patches.set(cls, "__init__", __init__)
