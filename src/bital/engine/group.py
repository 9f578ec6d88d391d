"""Replicas that go through one program together, call after call."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from bital.engine.family import Family
from bital.engine.lines import Lines
from bital.engine.pace import Pace
from bital.engine.program import Control, Feed, Ran
from bital.models.functional import Logs, State

GROWTH = 4  # from call to call: the next orders are drawn while the last ones are trained on


class Member(NamedTuple):
    """What is a replica's own."""

    state: State
    """initial, hyperparameters included"""
    lines: Lines
    chosen: Any = None
    """row numbers it validates on"""


class Ended(NamedTuple):
    """Where a replica's training has led."""

    state: State
    history: Logs
    """by name, one value an epoch"""
    weights: Any = None
    """trainable and non-trainable values to end with instead, or None"""


class Group:
    """Trains up to `Packing.width` replicas for the same number of epochs.

    Args:
        family: what compiled the program.
        members: the replicas.
        rows: the rows and the held-out rows on the device.
    """

    def __init__(self, family: Family, members: Sequence[Member], rows: tuple[Any, Any]) -> None:
        self.family, self.compiled = family, family.compiled
        self.packing = self.compiled.packing
        self.state: Any = self.packing.stacked([member.state for member in members])
        self.rows, self._lines = rows, [member.lines for member in members]
        chosen = [member.chosen for member in members]
        self._chosen = self.packing.stacked(chosen) if family.shared.chosen else None
        self._logs: list[Logs] = []
        self._done = 0

    def train(self, epochs: int, stopped: Callable[[], bool], tell: Callable[[int], None]) -> None:
        """Train to the end.

        Args:
            epochs: how many.
            stopped: asked between calls whether to leave off.
            tell: told of the replica steps of each call.
        """
        pace, batches, count = Pace(), self.family.shared.train.batches, 0
        while (left := self.left(epochs)) and not stopped():
            fitting = max(1, pace.steps() // batches)
            count = min(fitting, GROWTH * max(count, 1), self.compiled.lines, left)
            started = time.perf_counter()
            told = self.call(count, min(GROWTH * count, left - count))
            pace.record(count * batches, time.perf_counter() - started)
            tell(told * batches)

    def left(self, epochs: int) -> int:
        """Return how many epochs there are to go, for whoever has the most."""
        return epochs - self._done

    def call(self, count: int, ahead: int) -> int:
        """Run some epochs; return how many replica epochs that were.

        Args:
            count: epochs to run.
            ahead: epochs that the next call may run.
        """
        control = self.family.control(count, self.compiled.epochs)
        ran = self.run(self.state, self.feed(count), control, count + ahead)
        self.state = ran.state
        for lines in self._lines:
            lines.drop(count)
        self._logs.append(jax.tree.map(lambda a: a[:, :count], self.logs_of(ran)))
        self._done += count
        return count * len(self._lines)

    def run(self, state: Any, feed: Feed, control: Control, drawn: int = 0) -> Ran:
        """Call the program; while it runs, have so many epochs' orders drawn."""
        ran: Ran = self.compiled.training(state, feed, control)
        for lines in self._lines:
            lines.ahead(drawn)
        return jax.block_until_ready(ran)  # type: ignore[no-any-return]

    def logs_of(self, ran: Ran) -> Logs:
        """Return a call's logs by name: (replicas, lines, ...)."""
        both = dict(ran.logs) | {f"val_{key}": value for key, value in ran.validation.items()}
        return jax.tree.map(self.packing.first, both)  # type: ignore[no-any-return]

    def ended(self) -> list[Ended]:
        """Return where each replica is now."""
        states = self.packing.parts(self.state, len(self._lines))
        if not self._logs:
            return [Ended(state, {}) for state in states]
        logs = jax.tree.map(lambda *parts: np.concatenate(parts, axis=1), *self._logs)
        return [
            Ended(state, columns(jax.tree.map(lambda a, r=r: a[r], logs)))
            for r, state in enumerate(states)
        ]

    def feed(self, count: int) -> Feed:
        """Return what a call of so many epochs reads."""
        order = None
        if self.family.shared.ordered:
            drawn = self.packing.stacked([lines.first(count) for lines in self._lines])
            epochs = int(self.packing.axis == 0)
            shape = list(drawn.shape)
            shape[epochs] = self.compiled.lines  # those behind `count` are not read
            order = np.empty(shape, drawn.dtype)
            order[(slice(None),) * epochs + (slice(count),)] = drawn
        return Feed(self.rows[0], order, self.rows[1], self._chosen)


def columns(logs: Logs) -> Logs:
    """Return each log's values, one an epoch, as Python's own."""
    return {
        key: values.tolist()
        if isinstance(values, np.ndarray)
        else [
            jax.tree.map(lambda a, i=i: a[i].tolist(), values)
            for i in range(len(jax.tree.leaves(values)[0]))
        ]
        for key, values in logs.items()
    }
