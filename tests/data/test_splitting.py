from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bital.data import Dataset, Split, split
from bital.errors import InvalidInput

from .made import classification, regression

counts = st.lists(st.integers(1, 60), min_size=1, max_size=5)
fractions = st.floats(0.05, 0.6)
seeds = st.integers(0, 2**40)


def parts(one: Split) -> list[np.ndarray]:
    return [one.train, one.validation, one.test]


def outcome(dataset: Dataset, seed: int, validation: float, test: float) -> list[int] | str:
    try:
        return [len(rows) for rows in parts(split(dataset, seed, validation, test))]
    except InvalidInput as error:
        return str(error)


@settings(deadline=None)
@given(counts, seeds, st.sampled_from([0.1, 0.2, 0.3]), st.sampled_from([0.1, 0.2, 0.3]))
def test_parts_are_disjoint_cover_every_row_and_repeat(sizes, seed, validation, test):
    dataset = classification([size + 30 for size in sizes])
    one, again = (split(dataset, seed, validation, test) for _ in range(2))
    assert sorted(np.concatenate(parts(one)).tolist()) == list(range(len(dataset.x)))
    for rows, same in zip(parts(one), parts(again), strict=True):
        assert rows.dtype == np.int32
        np.testing.assert_array_equal(rows, same)


@settings(deadline=None)
@given(counts, seeds, st.sampled_from([0.1, 0.2, 0.3]), st.sampled_from([0.1, 0.2, 0.3]))
def test_classes_keep_their_share_within_one_row_a_cut(sizes, seed, validation, test):
    dataset = classification([size + 30 for size in sizes])
    one = split(dataset, seed, validation, test)

    def per_class(rows: np.ndarray) -> np.ndarray:
        return np.bincount(dataset.y[rows], minlength=len(dataset.classes))

    everything = np.arange(len(dataset.x))
    rest = np.concatenate([one.train, one.validation])
    for drawn, source in ((one.test, everything), (one.validation, rest)):
        due = per_class(source) * len(drawn) / len(source)
        assert (np.abs(per_class(drawn) - due) < 1).all()


@settings(deadline=None)
@given(counts, seeds, seeds, fractions, fractions)
def test_sizes_and_refusals_do_not_depend_on_the_seed(sizes, a, b, validation, test):
    dataset = classification(sizes)
    assert outcome(dataset, a, validation, test) == outcome(dataset, b, validation, test)


@settings(deadline=None)
@given(counts, seeds, fractions, fractions)
def test_whatever_is_not_refused_trains_on_every_class(sizes, seed, validation, test):
    dataset = classification(sizes)
    try:
        one = split(dataset, seed, validation, test)
    except InvalidInput:
        return
    assert set(dataset.y[one.train].tolist()) == set(range(len(sizes)))


def test_numbers_are_shuffled_and_cut():
    one = split(regression(100), seed=0, validation=0.25, test=0.1)
    assert [len(rows) for rows in parts(one)] == [65, 25, 10]
    assert sorted(np.concatenate(parts(one)).tolist()) == list(range(100))
    assert (np.diff(one.train) < 0).any()


def test_seeds_deal_differently():
    dealt = {tuple(split(classification([40, 40]), seed).test.tolist()) for seed in range(10)}
    assert len(dealt) == 10


def test_official_test_rows_are_kept_and_validation_is_a_share_of_the_rest():
    official = np.array([9, 3, 30], dtype=np.int32)
    dataset = replace(classification([23, 20]), test_rows=official)
    one = split(dataset, seed=1, validation=0.25, test=0.99)
    np.testing.assert_array_equal(one.test, official)
    assert (len(one.train), len(one.validation)) == (30, 10)
    assert sorted(np.concatenate(parts(one)).tolist()) == list(range(43))


REFUSED = {
    "no validation": (classification([9, 9]), {"validation": 0.0}, "between 0 and 1"),
    "all test": (classification([9, 9]), {"test": 1.0}, "got 0.2 and 1.0"),
    "nothing to train on": (classification([9, 9]), {"validation": 0.5, "test": 0.5}, "leave rows"),
    "NaN": (classification([9, 9]), {"test": float("nan")}, "got 0.2 and nan"),
    "negative seed": (classification([9, 9]), {"seed": -1}, "seed must be 0 or greater; got -1"),
    "class of two": (classification([50, 2]), {}, "class 'class 1' of made has 2"),
    "fewer rows than classes": (
        classification([3, 3, 3]),
        {"test": 0.1},
        "3 rows, one per class; made would give train 6, validation 2, test 1",
    ),
    "too few numbers": (regression(3), {"test": 0.1}, "at least one row"),
}


@pytest.mark.parametrize(("dataset", "change", "says"), REFUSED.values(), ids=REFUSED)
def test_impossible_requests_are_refused(dataset: Dataset, change: dict[str, float], says: str):
    with pytest.raises(InvalidInput, match=says):
        split(dataset, **{"seed": 0, **change})
