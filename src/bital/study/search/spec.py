"""Everything that is chosen in a search."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bital.errors import InvalidInput, UnknownName
from bital.study.arm import check_size
from bital.study.search.space import Choice, Real, Setting, Value, Whole, allows
from bital.study.splits import Holdout
from bital.study.words import Language, Words, check_language

if TYPE_CHECKING:
    import keras

BATCH = "batch_size"
"""the one setting that is the training's and not the builder's"""
QUESTION = Words(
    "How good is the best of {} settings?", "설정 {}가지 가운데 가장 좋은 것은 얼마나 좋은가?"
)
LABELS = {
    "winner": Words("winner", "찾은 설정"),
    "start": Words("start", "처음 설정"),
}


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much a search tries, and what it judges by; the same in Python, a file and options.

    The docstrings below the attributes are also the command line's help.
    """

    trials: int = 30
    """settings to try"""

    epochs: int = 20
    """passes over the training rows of a trial that is not given up, and of the winner"""

    batch_size: int = 32
    """rows per step, where the space does not have it"""

    metric: str = "val_accuracy"
    """what trials are judged by: "val_" and "loss" or a compiled metric"""

    better: Literal["higher", "lower"] | None = None
    """which values of the metric are better; what Keras says of it when None"""

    trial_seeds: int = 1
    """seeds of each trial, whose mean counts"""

    seeds: int = 10
    """fresh seeds for the winner, none of which a trial had"""

    halving: int = 3
    """of trials with as many epochs one in so many goes on to as many times more (successive
    halving); 1 trains every trial to its end"""

    validation: float = 0.2
    """fraction of all rows; drawn anew for each fresh seed"""

    test: float = 0.2
    """fraction of all rows, set aside before the search; the data's own test rows go before"""

    stratify: bool = True
    """whether classes keep their proportions"""

    seed: int = 0
    """of the search's own draws"""

    language: Language = "en"
    """of the report: en or ko"""


@dataclass(frozen=True, eq=False)
class Search(Effort):
    """Settings to try, and how many of them; the winner is trained anew on fresh seeds.

    Raises:
        InvalidInput: a choice that cannot be.
        UnknownName: a setting to start with that is not in the space.
    """

    build: "Callable[..., keras.Model]"
    """returns a new compiled model for one keyword a setting; `batch_size` is not given to it"""

    space: Mapping[str, Setting]
    """what to choose, by name"""

    data: Any
    """as of a design: arrays, a dataset, or the name of one"""

    start: Mapping[str, Value] = field(default_factory=dict, kw_only=True)
    """settings to try first, and to compare the winner with in the end; none or all of them"""

    groups: Sequence[Any] | None = field(default=None, kw_only=True)
    """group of each row: no group is in two parts"""

    name: str = field(default="search", kw_only=True)
    """what reports and the store call it"""

    question: str = field(default="", kw_only=True)
    """what it is to answer, for reports"""

    def __post_init__(self) -> None:
        if not callable(self.build):
            raise InvalidInput(
                "build must be a function from settings to a compiled model; got "
                f"{type(self.build).__name__}."
            )
        check_language(self.language)
        kinds = (Real, Whole, Choice)
        if not isinstance(self.space, Mapping) or not self.space:
            raise InvalidInput(
                "space must name at least one setting, as in "
                '{"learning_rate": Real(1e-4, 1e-1, log=True)}; got ' + f"{self.space!r}."
            )
        for name, setting in self.space.items():
            if not isinstance(name, str) or not name.isidentifier():
                raise InvalidInput(f"a setting is given as a keyword; {name!r} cannot be one.")
            if not isinstance(setting, kinds):
                raise InvalidInput(
                    f"{name} must be a Real, Whole or Choice; got {type(setting).__name__}."
                )
        for each in ("trials", "epochs", "batch_size", "trial_seeds", "seeds", "halving"):
            check_size(each, getattr(self, each))
        if type(self.seed) is not int or not 0 <= self.seed < 2**32:
            raise InvalidInput(
                f"seed must be an integer from 0 to 2**32 - 1; got {self.seed!r}. Try 0."
            )
        if not self.metric.startswith("val_"):
            raise InvalidInput(
                f'trials are judged by validation rows, as in "val_accuracy"; got {self.metric!r}. '
                "Test rows have no part in a search."
            )
        self._check_start()
        _ = Holdout(self.validation, self.test)
        if not self.validation:
            raise InvalidInput("trials are judged by validation rows; validation must be above 0.")

    @property
    def rungs(self) -> tuple[int, ...]:
        """Epochs after which a trial may be given up, the last of which is the whole."""
        found = [self.epochs]
        while self.halving > 1 and found[0] // self.halving and len(found) < 3:
            found.insert(0, found[0] // self.halving)
        return tuple(found)

    def _check_start(self) -> None:
        for name, value in self.start.items():
            if name not in self.space:
                raise UnknownName("setting to start with", name, self.space)
            if not allows(self.space[name], value):
                raise InvalidInput(
                    f"{name}={value!r} to start with must be in its range; {self.space[name]}."
                )
        missing = [name for name in self.space if name not in self.start]
        if self.start and missing:
            raise InvalidInput(
                f"start must have every setting or none; it lacks {', '.join(missing)}."
            )
