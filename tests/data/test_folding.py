"""Every row is tested on once a repeat, classes keep their share, groups stay whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bital.data.folding import folds
from bital.data.splitting import Rows, deal
from bital.errors import InvalidInput

counts = st.lists(st.integers(30, 60), min_size=1, max_size=4)
shares = st.sampled_from([0.0, 0.1, 0.25])


def made(sizes: list[int], groups: object = None, stratify: bool = True) -> Rows:
    labels = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return Rows("made", len(labels), labels if stratify else None, "abcd", groups)


@settings(deadline=None, max_examples=30)
@given(counts, st.integers(2, 6), st.integers(0, 3), shares, st.booleans())
def test_each_row_is_tested_on_once(
    sizes: list[int], k: int, repeat: int, validation: float, stratify: bool
) -> None:
    rows = made(sizes, stratify=stratify)
    dealt, again = folds(rows, k, repeat, validation), folds(rows, k, repeat, validation)
    assert len(dealt) == k
    tested = np.concatenate([one.test for one in dealt])
    assert sorted(tested.tolist()) == list(range(sum(sizes)))
    for one, same in zip(dealt, again, strict=True):
        parts = [one.train, one.validation, one.test]
        assert sorted(np.concatenate(parts).tolist()) == list(range(sum(sizes)))
        assert all(part.dtype == np.int32 for part in parts)
        assert abs(len(one.test) - sum(sizes) / k) < 1
        assert len(one.validation) == round((sum(sizes) - len(one.test)) * validation)
        np.testing.assert_array_equal(one.train, same.train)
        if stratify:
            labels = rows.labels
            assert labels is not None
            per_class = np.bincount(labels[one.test], minlength=len(sizes))
            assert (np.abs(per_class - np.array(sizes) / k) < 1).all()
    other = folds(rows, k, repeat + 1, validation)
    assert any(set(a.test) != set(b.test) for a, b in zip(dealt, other, strict=True))


@settings(deadline=None, max_examples=30)
@given(st.integers(6, 12), st.integers(2, 4), st.booleans(), st.integers(0, 5))
def test_groups_are_never_divided(count: int, k: int, stratify: bool, seed: int) -> None:
    groups = np.repeat([f"환자 {i}" for i in range(count)], 5)
    labels = np.tile(np.arange(5, dtype=np.int32) % 2, count)
    rows = Rows("made", 5 * count, labels if stratify else None, "ab", groups)
    for one in [*folds(rows, k, seed, 0.3), deal(rows, seed, 0.2, 0.3)]:
        parts = [one.train, one.validation, one.test]
        assert sorted(np.concatenate(parts).tolist()) == list(range(5 * count))
        members = [set(groups[part]) for part in parts]
        assert all(members)
        assert not (members[0] & members[1] | members[0] & members[2] | members[1] & members[2])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.sampled_from([(0, 0.2), (0.2, 0), (0, 0)]))
def test_a_share_of_nothing_leaves_its_part_empty(seed: int, shares: tuple[float, float]) -> None:
    one = deal(made([30, 30]), seed, *shares)
    assert (len(one.validation), len(one.test)) == (round(60 * shares[0]), round(60 * shares[1]))
    assert len(one.train) == 60 - len(one.validation) - len(one.test)


@pytest.mark.parametrize(
    ("rows", "k", "words"),
    [
        (made([10, 3]), 4, "class 'b' of made has 3 for k=4"),
        (made([3], stratify=False), 4, "at least as many rows as folds; made has 3 for k=4"),
        (made([10, 10], groups=[0] * 10 + [1] * 10), 2, "fold . of made is without class"),
        (made([10, 10], groups=[0] * 20), 2, "at least as many groups as folds; made has 1"),
        (Rows("made", 9, test=np.arange(3, dtype=np.int32)), 3, "comes with its own 3 test rows"),
    ],
    ids=["class", "rows", "class of groups", "groups", "test rows"],
)
def test_what_cannot_be_dealt_is_told(rows: Rows, k: int, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        folds(rows, k, 0, 0.0)


def test_groups_too_few_to_hold_out() -> None:
    with pytest.raises(InvalidInput, match="at least one group; made has 2"):
        deal(made([10, 10], groups=[0] * 10 + [1] * 10), 0, 0.1, 0.2)


def test_a_group_for_each_row() -> None:
    with pytest.raises(InvalidInput, match="20 rows and 3 groups"):
        made([10, 10], groups=[1, 2, 3])
