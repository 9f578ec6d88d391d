"""What a search may choose: numbers in a range, whole numbers, or one of several values."""

from dataclasses import dataclass
from math import isfinite

from bital.errors import InvalidInput

Value = bool | int | float | str


@dataclass(frozen=True)
class Real:
    """A number from `low` to `high`.

    Raises:
        InvalidInput: an empty or endless range, or a logarithm of 0 or less.
    """

    low: float
    high: float
    log: bool = False
    """whether each factor is as likely, as for a learning rate, and not each difference"""

    def __post_init__(self) -> None:
        _check_range(self)


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`.

    Raises:
        InvalidInput: an empty range, a step below 1, or a logarithm of 0 or less.
    """

    low: int
    high: int
    step: int = 1
    """distance between candidates; 1 where `log` is True"""
    log: bool = False
    """whether each factor is as likely, and not each difference"""

    def __post_init__(self) -> None:
        _check_range(self)
        if any(type(n) is not int for n in (self.low, self.high, self.step)) or self.step < 1:
            raise InvalidInput(
                f"low, high and step must be whole numbers, step at least 1; got {self}."
            )
        if self.log and self.step != 1:
            raise InvalidInput(f"a logarithmic range has no step; got {self}. Leave one out.")


@dataclass(frozen=True)
class Choice:
    """One of several values.

    Raises:
        InvalidInput: fewer than two, one twice, or one that is no number, text or bool.
    """

    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        plain = all(isinstance(value, (bool, int, float, str)) for value in self.values)
        if len(self.values) < 2 or not plain:
            raise InvalidInput(
                "a choice must be among two values or more, each a number, text or True or False; "
                f"got {self.values!r}."
            )
        if len({(type(value), value) for value in self.values}) < len(self.values):
            raise InvalidInput(f"a choice's values must differ; got {self.values!r}.")


Setting = Real | Whole | Choice


def allows(setting: Setting, value: object) -> bool:
    """Return whether a search may choose this value."""
    if isinstance(setting, Choice):
        return any(type(value) is type(one) and value == one for one in setting.values)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    inside = setting.low <= value <= setting.high
    if isinstance(setting, Whole):
        return inside and isinstance(value, int) and not (value - setting.low) % setting.step
    return inside


def _check_range(setting: Real | Whole) -> None:
    numbers = (setting.low, setting.high)
    if any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers) or not all(
        map(isfinite, numbers)
    ):
        raise InvalidInput(f"low and high must be finite numbers; got {setting}.")
    if not setting.low < setting.high:
        raise InvalidInput(f"low must be below high; got {setting}.")
    if setting.log and setting.low <= 0:
        raise InvalidInput(f"a logarithmic range must begin above 0; got {setting}.")
