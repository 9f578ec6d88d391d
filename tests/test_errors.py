"""Errors state the rule, what arrived and the next step; the exit code is on the class."""

import pytest

from bital import errors
from bital.errors import BitalError, InvalidInput, MissingData, UnknownName, WrongBackend


def test_one_base_and_an_exit_code_each() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert len(kinds) == 7
    assert all(issubclass(kind, BitalError) for kind in kinds)
    assert BitalError.exit_code == 1
    codes = [kind.exit_code for kind in (InvalidInput, UnknownName, MissingData, WrongBackend)]
    assert codes == [2, 2, 2, 2]


def test_bad_input_is_a_value_error_and_a_wrong_backend_a_runtime_error() -> None:
    # So that code that knows nothing of bital catches them.
    assert issubclass(InvalidInput, ValueError)
    assert issubclass(WrongBackend, RuntimeError)


@pytest.mark.parametrize(
    ("name", "near"),
    [("digit", ["digits"]), ("irsi", ["iris"]), ("zzz", []), ("", [])],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, near: list[str]) -> None:
    error = UnknownName("dataset", name, ["wine", "iris", "digits"])
    assert error.near == near
    said = str(error)
    assert said.startswith(f"dataset must be one of digits, iris, wine; got {name!r}.")
    assert ("Did you mean" in said) == bool(near)
    assert all(repr(n) in said for n in near)


def test_several_near_names_are_all_named() -> None:
    error = UnknownName("variant", "l2_drop", ["l2_dropout", "dropout", "l2"])
    assert str(error).endswith("Did you mean 'l2_dropout' or 'dropout'?")
