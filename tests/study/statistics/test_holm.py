"""Holm's correction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bital.study.statistics.holm import holm

P = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(P)
def test_between_the_raw_p_and_bonferronis(p: list[float]) -> None:
    found = np.array(holm(p))
    assert (found >= p).all()
    assert (found <= np.minimum(1, len(p) * np.array(p)) + 1e-15).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


@given(P, st.randoms())
def test_order_does_not_matter(p: list[float], random: object) -> None:
    order = list(range(len(p)))
    random.shuffle(order)  # type: ignore[attr-defined]
    assert holm([p[i] for i in order]) == pytest.approx([holm(p)[i] for i in order])


@given(P, st.floats(0.001, 0.2))
def test_is_the_step_down_rule(p: list[float], alpha: float) -> None:
    rejected, left = set(), sorted(range(len(p)), key=lambda i: p[i])
    while left and p[left[0]] * len(left) <= alpha:
        rejected.add(left.pop(0))
    assert {i for i, adjusted in enumerate(holm(p)) if adjusted <= alpha} == rejected
