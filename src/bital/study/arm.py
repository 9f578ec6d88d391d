"""One way to train: a model's builder and how it is fitted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bital.errors import InvalidInput

if TYPE_CHECKING:
    import keras

Builder = Callable[[], "keras.Model"]


MOST = dict.fromkeys(("seeds", "trial_seeds", "trials", "k", "repeats"), 10_000)
"""how many of each a study can have: each of them is at least one training"""
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Arm:
    """What a study compares: any builder of compiled models, and how they are fitted.

    Raises:
        InvalidInput: a builder that cannot be called, or a size that cannot be.
    """

    build: Builder
    """returns a new compiled model, the same structure every time"""

    label: str = ""
    """what reports show; the arm's name when empty"""

    epochs: int | None = None
    """passes over the training rows; the study's when None"""

    batch_size: int | Literal["all"] | None = None
    """rows per step; "all" for every training row in one; the study's when None"""

    callbacks: "Callable[[], Sequence[keras.callbacks.Callback]] | None" = None
    """returns fresh callbacks for each run"""

    class_weight: Mapping[int, float] | None = None
    """weight of each class index in the training loss"""

    shuffle: bool = True
    """whether rows are visited in a new order each epoch"""

    def __post_init__(self) -> None:
        if not callable(self.build):
            raise InvalidInput(
                "an arm must be a function that returns a compiled model; got "
                f"{type(self.build).__name__}. Give the function, as in lambda: make(units=64)."
            )
        if self.callbacks is not None and not callable(self.callbacks):
            raise InvalidInput(
                "callbacks of an arm must be a function that returns new ones for each run; got "
                f"{type(self.callbacks).__name__}. Write lambda: [...] around them."
            )
        check_size("epochs", self.epochs)
        if self.batch_size != "all":
            check_size("batch_size", self.batch_size)


def check_size(name: str, value: Any) -> None:
    """Raise unless `value` is None or an integer from 1 to what a study can have of it."""
    if value is not None and (type(value) is not int or value < 1):
        raise InvalidInput(f"{name} must be an integer of at least 1; got {value!r}.")
    most = MOST.get(name, LARGEST)
    if value is not None and value > most:
        raise InvalidInput(
            f"{name} must be an integer of at least 1 and at most {most:,}, since each takes a run "
            f"or a number of 32 bits; got {value:.3g}."
            if value < 10**300
            else f"{name} must be at most {most:,}; got a number of {len(str(value))} digits."
        )
