"""Everything that is chosen in a study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

from bital.errors import InvalidInput, UnknownName
from bital.study.arm import Arm, Builder, check_size
from bital.study.keep import Kept, check_keep
from bital.study.splits import Holdout, KFold
from bital.study.words import Language, check_language

PARTS = ("train", "val", "test")


@dataclass(frozen=True, eq=False)
class Design:
    """One comparison: the same rows, splits, seeds and batch orders for every arm.

    Raises:
        InvalidInput: a choice that cannot be.
    """

    arms: Mapping[str, Arm | Builder]
    """what is compared, by name; a builder stands for `Arm(builder)`"""

    data: Any
    """(x, y) or (x, y, x_test, y_test) of arrays with rows first, a `bital.data.Dataset`, the name
    of one, or a folder of images with a subfolder a class. A dataset's inputs, and a regression's
    targets, are scaled by each run's training rows; arrays are taken as they are"""

    seeds: int | Sequence[int] = 10
    """of the splits, initial weights, batch orders and dropout; n stands for 0 to n - 1"""

    epochs: int = 10
    """passes over the training rows, where an arm does not say otherwise"""

    batch_size: int = 32
    """rows per step, where an arm does not say otherwise"""

    metric: str = "val_accuracy"
    """what the verdict compares: "train_", "val_" or "test_" and "loss" or a compiled metric"""

    better: Literal["higher", "lower"] | None = None
    """which values of the metric are better; what Keras says of it when None"""

    splits: Holdout | KFold = field(default_factory=Holdout)
    """which rows train, validate and test"""

    baseline: str | None = None
    """arm to compare the others with, chosen beforehand; the one of the best mean when None"""

    margin: float | None = None
    """difference of the metric too small to matter"""

    level: float = 0.95
    """1 - level is the rate of false findings allowed to the whole study"""

    name: str = "study"
    """what reports and the store call it"""

    question: str = ""
    """what it is to answer, for reports"""

    published: Mapping[str, float] = field(default_factory=dict)
    """by arm: figures that someone published for the metric, set beside what comes out"""

    language: Language = "en"
    """of reports: "en" or "ko"; labels and the question are the author's own"""

    keep: Sequence[Kept] = ()
    """what the store is to have of each run besides scores and history: "weights", "predictions" of
    validation and test rows"""

    def __post_init__(self) -> None:
        if not isinstance(self.arms, Mapping) or not self.arms:
            raise InvalidInput(
                "arms must be a mapping from names to builders or bital.Arm, at least one; got "
                f"{self.arms!r}."
            )
        for name in self.arms:
            if not isinstance(name, str) or not name or not name.isprintable():
                raise InvalidInput(f"arms must have names of printable text; got {name!r}.")
        if not isinstance(self.name, str) or not self.name.isprintable():
            raise InvalidInput(f"name must be one line of printable text; got {self.name!r}.")
        labels = [self.label(name) for name in self.arms]
        for label in labels:
            if labels.count(label) > 1:
                raise InvalidInput(
                    f"arms must be told apart by their labels; two have {label!r}. Change one."
                )
        check_language(self.language)
        check_keep(self.keep)
        _ = self.seed_numbers
        check_size("epochs", self.epochs)
        check_size("batch_size", self.batch_size)
        self._check_metric()
        if not isinstance(self.splits, (Holdout, KFold)):
            raise InvalidInput(
                f"splits must be bital.Holdout or bital.KFold; got {type(self.splits).__name__}."
            )
        for name in self.published:
            if name not in self.arms:
                raise UnknownName("an arm in published", name, self.arms)
        if self.baseline is not None and self.baseline not in self.arms:
            raise UnknownName("baseline", self.baseline, self.arms)
        if self.margin is not None and not (self.margin > 0 and isfinite(self.margin)):
            raise InvalidInput(f"margin must be a number above 0; got {self.margin!r}.")
        if not 0.5 <= self.level < 1:
            raise InvalidInput(f"level must be at least 0.5 and below 1; got {self.level!r}.")

    def arm(self, name: str) -> Arm:
        """Return the arm of a name, a bare builder as one."""
        found = self.arms[name]
        return found if isinstance(found, Arm) else Arm(found)

    def label(self, name: str) -> str:
        """Return what reports call an arm."""
        return self.arm(name).label or name

    @property
    def seed_numbers(self) -> tuple[int, ...]:
        """The seeds, each as a number."""
        asked: Any = self.seeds
        if isinstance(asked, int) and not isinstance(asked, bool) and asked > 0:
            check_size("seeds", asked)
            return tuple(range(asked))
        whole = isinstance(asked, (Sequence, range)) and not isinstance(asked, (str, bytes))
        listed = tuple(asked) if whole else ()
        if not listed or any(type(s) is not int or not 0 <= s < 2**32 for s in listed):
            raise InvalidInput(
                "seeds must be an integer of at least 1, or a list of integers from 0 to 2**32 - 1;"
                f" got {asked!r}."
            )
        if len(set(listed)) < len(listed):
            raise InvalidInput(f"seeds must differ; got {asked!r}.")
        return listed

    @property
    def part(self) -> str:
        """The rows that the metric is of: "train", "val" or "test"."""
        return self.metric.partition("_")[0]

    @property
    def measure(self) -> str:
        """The metric without its rows, as in "accuracy"."""
        return self.metric.partition("_")[2]

    def _check_metric(self) -> None:
        if self.part not in PARTS or not self.measure:
            raise InvalidInput(
                'metric must be "train_", "val_" or "test_" and the name of a log, as in '
                f'"val_accuracy"; got {self.metric!r}.'
            )
        if isinstance(self.splits, (Holdout, KFold)):
            empty = {"val": not self.splits.validation, "train": False, "test": False}
            if empty[self.part]:
                raise InvalidInput(
                    f"metric {self.metric!r} needs validation rows, and the splits have none. "
                    "Give validation=0.2, or another metric."
                )
