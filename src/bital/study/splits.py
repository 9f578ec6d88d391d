"""How a study deals rows into parts: the choices; `bital.study.deal` carries them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bital.errors import InvalidInput
from bital.study.arm import check_size
from bital.study.words import Language, Words

ANEW = Words("anew for each seed", "시드마다 새로")
ONCE = Words("once for all seeds", "모든 시드에 한 번만")
HOLDOUT = Words(
    "Holdout drawn {drawn}{kind}: validation {validation:g}, test {test:g}.",
    "홀드아웃, {drawn} 나눔{kind}: 검증 {validation:g}, 테스트 {test:g}.",
)
TIMES = Words(", {} times", ", {}회 반복")
KFOLD = Words(
    "{k}-fold{times}{kind}: validation {validation:g} of the other folds.",
    "{k}겹 교차 검증{times}{kind}: 나머지 폴드의 {validation:g}로 검증.",
)
BY_GROUP = Words(", by group", ", 같은 그룹은 함께")
BY_CLASS = Words(", by class", ", 클래스 비율 유지")


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

    def said(self, language: Language) -> str:
        """Return the choice as a sentence."""
        return HOLDOUT(language).format(
            drawn=(ONCE if self.fixed else ANEW)(language),
            kind=_kind(self.stratify, self.groups, language),
            validation=self.validation,
            test=self.test,
        )


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
            check_size(name, value)
        if not 0 <= self.validation < 1:
            raise InvalidInput(
                f"validation must be from 0 to below 1; got {self.validation}. Try 0.2."
            )

    def said(self, language: Language) -> str:
        """Return the choice as a sentence."""
        return KFOLD(language).format(
            k=self.k,
            times=TIMES(language).format(self.repeats) if self.repeats > 1 else "",
            kind=_kind(self.stratify, self.groups, language),
            validation=self.validation,
        )


def _kind(stratify: bool, groups: Any, language: Language) -> str:
    if groups is not None:
        return BY_GROUP(language)
    return BY_CLASS(language) if stratify else ""
