"""Names that other libraries have no more."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bital.compat import mode
from bital.compat.notes import forget, told


@pytest.fixture(autouse=True)
def _old() -> Iterator[None]:
    with mode.compat(["from keras.layers.core import Dense\nDense(3, init='zero')"]):
        yield


@pytest.mark.parametrize(
    ("name", "today"),
    [("int", int), ("float_", np.float64), ("product", np.prod), ("Inf", np.inf)],
)
def test_numpy_answers_to_its_old_names(name: str, today: Any) -> None:
    assert getattr(np, name) is today
    assert f"numpy.{name}" in {note.old for note in told()}


def test_numpy_still_says_what_it_never_had() -> None:
    with pytest.raises(AttributeError, match="nonesuch"):
        np.nonesuch  # type: ignore[attr-defined]  # noqa: B018


def test_frames_have_their_old_methods() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, 2], "b": [3.0, 4.0]}, index=["x", "y"])
    assert len(frame.append({"a": 5, "b": 6.0}, ignore_index=True)) == 3
    assert frame.as_matrix(columns=["b"]).tolist() == [[3.0], [4.0]]
    assert frame.ix[1, "a"] == frame.ix["y", 0] == 2
    frame.ix["x", "b"] = 9.0
    assert [name for name, _ in frame.iteritems()] == ["a", "b"]
    assert frame["b"].iloc[0] == 9.0


def test_scikit_learns_modules_moved() -> None:
    from sklearn.cross_validation import (  # type: ignore[import-not-found]
        KFold,
        StratifiedKFold,
        train_test_split,
    )

    forget()
    parts = [sorted(np.arange(6)[test] // 3) for _, test in StratifiedKFold([0] * 3 + [1] * 3, 3)]
    assert parts == [[0, 1]] * 3
    assert [one.old for one in told()] == ["cross_validation.StratifiedKFold(y, n_folds)"]
    assert [len(test) for _, test in KFold(6, n_folds=3)] == [2, 2, 2]
    assert len(train_test_split(np.arange(8))) == 2
    from sklearn.preprocessing import OneHotEncoder

    assert OneHotEncoder(sparse=False).fit_transform([[1], [2]]).shape == (2, 2)


def test_pictures_of_scipy() -> None:
    from scipy.misc import imresize, toimage  # type: ignore[attr-defined]

    assert imresize(np.zeros((4, 6, 3), np.uint8), 50).shape == (2, 3, 3)
    assert np.asarray(toimage(np.array([[0.0, 1.0]]))).tolist() == [[0, 255]]


def test_dates_by_letters_of_before() -> None:
    import pandas as pd

    hours = pd.date_range("2009-01-01", periods=4, freq="2H")
    assert (hours[1] - hours[0]).total_seconds() == 7200
    assert len(pd.Series(range(4), index=hours).resample("4H").mean()) == 2
    assert ("freq='2H'", "freq='2h'") in told()
