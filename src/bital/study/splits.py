"""How a study deals rows into parts: the choices; `bital.study.deal` carries them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bital.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Holdout:
    """A validation and a test set drawn once per seed; the data's own test rows go before `test`.

    Raises:
        InvalidInput: fractions that leave no rows to train on.
    """

    validation: float = 0.2
    """fraction of all rows, or of the rest where the data has its own test rows; 0 for none"""

    test: float = 0.2
    """fraction of all rows; 0 for none"""

    stratify: bool = True
    """whether classes keep their proportions; without classes or with groups nothing does"""

    groups: Sequence[Any] | None = None
    """group of each row, as a patient's number: no group is in two parts"""

    fixed: bool = False
    """whether every seed has the split that seed 0 draws"""

    def __post_init__(self) -> None:
        shares = (self.validation, self.test)
        if not all(0 <= share < 1 for share in shares) or sum(shares) >= 1:
            raise InvalidInput(
                "validation and test must each be from 0 to below 1 and leave rows for training; "
                f"got {self.validation} and {self.test}. Try 0.2 for each."
            )

    def __str__(self) -> str:
        """Return the choice as a sentence."""
        drawn = "once for all seeds" if self.fixed else "anew for each seed"
        kind = _kind(self.stratify, self.groups)
        return f"Holdout drawn {drawn}{kind}: validation {self.validation:g}, test {self.test:g}."


@dataclass(frozen=True, eq=False)
class KFold:
    """Each of k parts is tested on once; seeds are then of initial weights and batch order alone.

    Raises:
        InvalidInput: sizes that cannot be.
    """

    k: int = 5
    """parts, at least 2"""

    repeats: int = 1
    """how many times all rows are dealt anew"""

    validation: float = 0.2
    """fraction of the rows outside the tested part; 0 for none"""

    stratify: bool = True
    """whether classes keep their proportions; without classes nothing does"""

    groups: Sequence[Any] | None = None
    """group of each row, as a patient's number: no group is in two parts"""

    def __post_init__(self) -> None:
        for name, least in (("k", 2), ("repeats", 1)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise InvalidInput(f"{name} must be an integer of at least {least}; got {value!r}.")
        if not 0 <= self.validation < 1:
            raise InvalidInput(
                f"validation must be from 0 to below 1; got {self.validation}. Try 0.2."
            )

    def __str__(self) -> str:
        """Return the choice as a sentence."""
        times = f", {self.repeats} times" if self.repeats > 1 else ""
        kind = _kind(self.stratify, self.groups)
        return f"{self.k}-fold{times}{kind}: validation {self.validation:g} of the other folds."


def _kind(stratify: bool, groups: Any) -> str:
    return ", by group" if groups is not None else ", by class" if stratify else ""
