"""Rows as a study sees them: told classes, own test rows, scaled without a leak."""

from typing import Any

import keras
import numpy as np
import pytest

from bital import data
from bital.data.splitting import Split
from bital.errors import InvalidInput
from bital.study.splits import Holdout
from bital.study.table import table

from .small import rows

X, Y = rows()
SPLITS = [
    Split(np.arange(0, 60), np.arange(60, 75), np.arange(75, 90)),
    Split(np.arange(30, 90), np.arange(0, 15), np.arange(15, 30)),
]


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (Y, ("0", "1", "2")),
        (Y[:, None], ("0", "1", "2")),
        (Y.astype(np.int64) * 2 + 1, ("1", "3", "5")),
        (np.eye(3, dtype=np.float32)[Y], ("0", "1", "2")),
        ((Y > 0).astype(np.float32), ("0.0", "1.0")),
        (Y > 0, ("False", "True")),
        (np.arange(90), ()),  # hardly any value twice: numbers
        (np.linspace(0, 1, 90), ()),
        (np.stack([Y, Y], axis=1), ()),
    ],
    ids=str,
)
def test_classes_are_told(y: Any, classes: tuple[str, ...]) -> None:
    found = table((X, y))
    assert found.classes == classes
    assert found.task == ("classification" if classes else "regression")
    dealt = found.to_deal(Holdout())
    assert (dealt.labels is not None) == bool(classes)
    assert found.to_deal(Holdout(stratify=False)).labels is None


def test_arrays_are_taken_as_they_are() -> None:
    found = table((X.astype(np.float64), Y.astype(np.int64)))
    scaled = found.scaled(SPLITS)
    assert not scaled.own
    np.testing.assert_array_equal(scaled.rows[0], X)
    assert scaled.rows[1].dtype == np.int32
    assert found.scaled(SPLITS[:1]).rows[0] is scaled.rows[0]  # one copy for all
    assert found.shape == (4,)


def test_a_fingerprint_is_of_all_that_matters() -> None:
    given: list[Any] = [
        (X, Y),
        (X + 1, Y),
        (X, (Y + 1) % 3),
        (X[:60], Y[:60], X[60:], Y[60:]),
        (X[:50], Y[:50], X[50:], Y[50:]),
        ({"a": X[:, :2], "b": X[:, 2:]}, Y),
        ({"a": X[:, :2], "c": X[:, 2:]}, Y),
    ]
    prints = {table(each).fingerprint for each in given}
    assert len(prints) == len(given)
    assert table((X.copy(), Y.copy())).fingerprint in prints


def test_test_rows_come_last() -> None:
    found = table((X[:60], Y[:60], X[60:], Y[60:]))
    np.testing.assert_array_equal(found.x, X)
    assert found.test_rows is not None
    assert found.test_rows.tolist() == list(range(60, 90))


def test_a_dataset_is_scaled_by_each_runs_training_rows() -> None:
    iris = data.load("iris")
    scaled = table("iris").scaled(SPLITS)
    assert scaled.own
    for r, split in enumerate(SPLITS):
        np.testing.assert_array_equal(scaled.rows[0][r], data.scaled(iris, split.train))
        np.testing.assert_allclose(scaled.rows[0][r][split.train].mean(axis=0), 0, atol=1e-5)
    numbers = table(data.load("diabetes")).scaled(SPLITS)
    assert numbers.spread is not None
    for r, split in enumerate(SPLITS):
        part = numbers.rows[1][r][split.train]
        assert part.mean() == pytest.approx(0, abs=1e-5)
        assert part.std() == pytest.approx(1, abs=1e-5)
        assert numbers.spread[r] == pytest.approx(data.load("diabetes").y[split.train].std())


@pytest.mark.parametrize(
    "given",
    [None, X, (X,), (X, Y, X), (X, Y, X, Y[:-1]), (X, iter(Y)), (X[:0], Y[:0]), 5],
    ids=["none", "x", "one", "three", "uneven", "iterator", "empty", "number"],
)
def test_what_is_no_data(given: Any) -> None:
    with pytest.raises(InvalidInput):
        table(given)


class Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return X, Y


@pytest.mark.parametrize(
    "given",
    [iter([(X, Y)]), Batches(), (Batches(), None), (iter([X]), iter([Y]))],
    ids=["generator", "PyDataset", "PyDataset in a pair", "generators"],
)
def test_what_yields_batches_is_told_what_to_do(given: Any) -> None:
    with pytest.raises(InvalidInput, match=r"collect the batches .*zip\(\*batches.*folder"):
        table(given)
    x, y = map(np.concatenate, zip(*[(X, Y), (X, Y)], strict=True))
    assert table((x, y)).x.shape == (180, 4)


@pytest.mark.parametrize(("step", "start"), [(1.0, 0.0), (1e30, 0.0), (1.0, 1e7)])
def test_targets_of_any_size_are_scaled_alike(step: float, start: float) -> None:
    y = (start + step * np.arange(90)).astype(np.float32)
    found = table(data.Dataset("made", "regression", X, y)).scaled(SPLITS[:1]).rows[1][0]
    expected = (np.arange(90) - 29.5) / np.arange(60).std()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_targets_that_are_equal_in_the_training_rows_are_shifted() -> None:
    y = np.where(np.arange(90) < 60, 3, 5).astype(np.float32)
    found = table(data.Dataset("made", "regression", X, y)).scaled(SPLITS[:1]).rows[1][0]
    np.testing.assert_array_equal(found, np.where(np.arange(90) < 60, 0, 2))
