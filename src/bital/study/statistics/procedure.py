"""How arms are compared."""

from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

from bital.errors import InvalidInput, UnknownName
from bital.study.statistics.overlap import Overlap

Method = Literal["t", "sign_flip", "wilcoxon"]


@dataclass(frozen=True)
class Procedure:
    """One way to compare arms, fixed before their scores are seen.

    Raises:
        InvalidInput: a level, margin or combination that cannot be.
    """

    better: Literal["higher", "lower"] = "higher"
    """which scores are better"""
    level: float = 0.95
    """confidence level; 1 - level is the rate of false findings allowed to the whole family"""
    margin: float | None = None
    """difference too small to matter, above 0, in the score's unit; None: never "equivalent" """
    method: Method = "t"
    """test of a difference; "t" holds its level from two seeds on, the others need six at 0.95"""
    overlap: Overlap | None = None
    """how splits overlap; only "t" can be corrected for it"""

    def __post_init__(self) -> None:
        if not 0.5 <= self.level < 1:
            raise InvalidInput(f"level must be at least 0.5 and below 1; got {self.level}.")
        if self.margin is not None and not (self.margin > 0 and isfinite(self.margin)):
            raise InvalidInput(
                f"margin must be above 0, in the unit of the score; got {self.margin}."
            )
        if self.method not in get_args(Method):
            raise UnknownName("method", self.method, get_args(Method))
        if self.better not in ("higher", "lower"):
            raise UnknownName("better", self.better, ("higher", "lower"))
        if self.overlap is not None and self.method != "t":
            raise InvalidInput(
                f"overlapping splits can be corrected for in the t test only; got {self.method!r}. "
                'Use method="t", or splits that share no rows.'
            )

    @property
    def alpha(self) -> float:
        """Rate of false findings allowed."""
        return 1 - self.level
