"""How much of a study is done, and how long the rest will take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Moment:
    """What a study says of itself while it runs."""

    arm: str
    """label of the arm at work"""
    training: bool
    """False while it is only being built and compiled"""
    runs_done: int
    """runs that are finished, those found in the store among them"""
    runs: int
    """runs of the whole study"""
    done: float
    """share of the expected work, 0 to 1"""
    seconds_left: float | None
    """None until something has been measured"""
    best: str = ""
    """best arm so far and its mean, as in "L2 0.982"; empty until one is known"""


Listener = Callable[[Moment], None]


class Work(NamedTuple):
    """One job's share of a study."""

    label: str
    """of its arm"""
    steps: int
    """training steps of all its runs"""
    multiply_adds: int
    """of one step"""

    @property
    def training(self) -> float:
        """Seconds to expect of its training."""
        return self.steps * (Estimate.STEP + self.multiply_adds * Estimate.MULTIPLY_ADD)

    @property
    def seconds(self) -> float:
        """Seconds to expect of it in all."""
        return Estimate.PREPARE + Estimate.COMPILE + self.training


class Estimate:
    """Expects each job's cost from its arithmetic and corrects itself by what it measures.

    A job costs its preparation, its compilation and its steps; a step costs a fixed overhead plus
    its multiply-adds. The constants only weigh jobs against each other: what is shown is scaled by
    the time the finished part took.

    Args:
        jobs: all of them; several may be at work at once.
        runs: of the whole study.
        listener: told of every change.
        runs_done: runs that are finished before it begins.
    """

    PREPARE = 0.5  # seconds
    COMPILE = 0.8  # seconds
    STEP = 4e-5  # seconds
    MULTIPLY_ADD = 3.5e-11  # seconds; forward and backward

    def __init__(
        self, jobs: Sequence[Work], runs: int, listener: Listener, runs_done: int = 0
    ) -> None:
        self._jobs, self._runs, self._listener = jobs, runs, listener
        self.runs_done, self.best = runs_done, ""
        self._total = sum(job.seconds for job in jobs)
        self._started = time.perf_counter()
        self._preparing: int | None = None
        self._done = [0.0] * len(jobs)
        self._steps = [0] * len(jobs)

    def prepare(self, index: int) -> None:
        """Tell that the job of this index is being prepared."""
        self._settle()
        self._preparing = index
        self._tell(index, training=False)

    def begin(self, index: int) -> None:
        """Tell that the job of this index is next to train."""
        self._settle()
        self._done[index] = max(self._done[index], self.PREPARE)
        self._tell(index, training=True)

    def steps(self, index: int, count: int) -> None:
        """Tell that so many training steps of a job have been done since it was last told."""
        job, self._steps[index] = self._jobs[index], self._steps[index] + count
        if self._steps[index]:
            share = min(self._steps[index] / job.steps, 1.0)
            self._done[index] = self.PREPARE + self.COMPILE + share * job.training
            self._tell(index, training=True)

    def end(self, index: int) -> None:
        """Tell that a job is done."""
        self._done[index] = self._jobs[index].seconds
        self._tell(index, training=True)

    def _settle(self) -> None:
        if self._preparing is not None:
            self._done[self._preparing] = max(self._done[self._preparing], self.PREPARE)
            self._preparing = None

    def _tell(self, index: int, training: bool) -> None:
        elapsed, expected = time.perf_counter() - self._started, sum(self._done)
        left = None if expected == 0 else elapsed * (self._total - expected) / expected
        self._listener(
            Moment(
                self._jobs[index].label,
                training,
                self.runs_done,
                self._runs,
                expected / self._total,
                left,
                self.best,
            )
        )
