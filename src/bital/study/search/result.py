"""What a search found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bital.study.result import StudyResult
from bital.study.search.space import Value


@dataclass(frozen=True)
class Trial:
    """Settings that were tried."""

    number: int
    """from 0, in order"""
    settings: Mapping[str, Value]
    epochs: int
    """passes over the training rows before it was judged last"""
    score: float
    """the metric after that, the mean over its seeds; NaN where a run diverged"""
    whole: bool
    """whether it was trained to its end; False: given up, or diverged"""


@dataclass(frozen=True, eq=False)
class SearchResult:
    """A search's trials, and its winner trained anew."""

    name: str
    metric: str
    """what trials were judged by"""
    better: Literal["higher", "lower"]
    trials: tuple[Trial, ...]
    winner: Trial
    """the best of those trained to their end"""
    reused: int
    """runs that came from the store"""
    confirmed: StudyResult
    """the winner, and the settings to start with, on fresh seeds"""
    seconds: float
    """wall time of search and confirmation"""

    @property
    def optimism(self) -> float:
        """How much the search's best score flatters: above 0 where fresh seeds do worse."""
        scores = next(arm for arm in self.confirmed.arms if arm.name == WINNER).scores
        gap = self.winner.score - float(scores[self.metric].mean())
        return gap if self.better == "higher" else -gap


WINNER, START = "winner", "start"
"""names of the arms of the confirming study"""
