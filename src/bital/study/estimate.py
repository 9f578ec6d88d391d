"""How much of a study is done, and how long the rest will take."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Moment:
    """What a study says of itself while it runs."""

    variant: str
    """label of the variant at work"""
    training: bool
    """False while it is only being built and compiled"""
    number: int
    """its number, from 1"""
    variants: int
    done: float
    """share of the whole study's expected work, 0 to 1"""
    seconds_left: float | None
    """None until something has been measured"""


Listener = Callable[[Moment], None]


class Estimate:
    """Expects each variant's cost from its arithmetic and corrects itself by what it measures.

    A variant costs its preparation, done first for all of them, its compilation and its steps; a
    step costs a fixed overhead plus its multiply-adds. The constants only weigh variants against
    each other: what is shown is scaled by the time the finished part took.

    Args:
        labels: of the variants, in order.
        steps: replica steps of each variant.
        multiply_adds: of one replica step, for each variant.
        listener: told of every change.
    """

    PREPARE = 0.5  # seconds
    COMPILE = 0.8  # seconds
    STEP = 4e-5  # seconds
    MULTIPLY_ADD = 3.5e-11  # seconds; forward and backward

    def __init__(
        self, labels: list[str], steps: int, multiply_adds: list[int], listener: Listener
    ) -> None:
        self._labels, self._steps, self._listener = labels, steps, listener
        per_step = [self.STEP + work * self.MULTIPLY_ADD for work in multiply_adds]
        self._train = [steps * cost for cost in per_step]
        self._prepared = self.PREPARE * len(labels)
        self._total = sum(self._train) + self._prepared + self.COMPILE * len(labels)
        self._started = time.perf_counter()
        self._finished = 0.0
        self._training = False
        self._index = 0
        self._steps_done = 0

    def prepare(self, index: int) -> None:
        """Tell that the variant of this index is being prepared, and those before it are."""
        self._index = index
        self._tell(self.PREPARE * index)

    def begin(self, index: int) -> None:
        """Tell that the variant of this index is next to train, and those before it are done."""
        self._training, self._index, self._steps_done = True, index, 0
        self._finished = self._prepared + sum(self._train[:index]) + self.COMPILE * index
        self._tell(self._finished)

    def steps(self, count: int) -> None:
        """Tell that so many replica steps of the present variant have been done."""
        self._steps_done += count
        if not self._steps_done:
            return
        share = min(self._steps_done / self._steps, 1.0)
        self._tell(self._finished + self.COMPILE + share * self._train[self._index])

    def _tell(self, expected: float) -> None:
        elapsed = time.perf_counter() - self._started
        left = None if expected == 0 else elapsed * (self._total - expected) / expected
        self._listener(
            Moment(
                self._labels[self._index],
                self._training,
                self._index + 1,
                len(self._labels),
                expected / self._total,
                left,
            )
        )
