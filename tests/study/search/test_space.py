"""Settings: what may be chosen, and what cannot be a setting."""

from collections.abc import Callable

import pytest

from bital.errors import InvalidInput
from bital.study.search.space import Choice, Real, Setting, Whole, allows


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Real(1.0, 1.0), "low must be below high"),
        (lambda: Real(0.0, 1.0, log=True), "begin above 0"),
        (lambda: Real(float("nan"), 1.0), "finite"),
        (lambda: Real(True, 2.0), "finite numbers"),
        (lambda: Whole(1, 8, 0), "step at least 1"),
        (lambda: Whole(1, 8, 2, log=True), "has no step"),
        (lambda: Choice(("relu",)), "two values or more"),
        (lambda: Choice((1, 1)), "must differ"),
    ],
)
def test_what_cannot_be(make: Callable[[], Setting], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        make()


def test_one_and_true_are_two_choices() -> None:
    assert allows(Choice((1, True)), True)
    assert not allows(Choice((1, 2)), True)


@pytest.mark.parametrize(
    ("setting", "value", "may"),
    [
        (Real(0.1, 1.0), 0.1, True),
        (Real(0.1, 1.0), 1.1, False),
        (Real(0.1, 2.0), 1, True),
        (Whole(8, 32, 8), 24, True),
        (Whole(8, 32, 8), 25, False),
        (Whole(8, 32), 8.0, False),
        (Choice(("렐루", "tanh")), "렐루", True),
        (Choice(("렐루", "tanh")), "relu", False),
    ],
)
def test_values_in_and_out_of_a_range(setting: Setting, value: object, may: bool) -> None:
    assert allows(setting, value) is may
