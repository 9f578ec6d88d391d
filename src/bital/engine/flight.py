"""One call of a program for replicas with callbacks, and what it can be asked afterwards."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from bital.engine.group import Group, columns
from bital.engine.program import Feed, Ran, Segment, segment_table
from bital.models.functional import Logs, State


class Flight:
    """One call of a program, and what it can be asked afterwards.

    Args:
        group: whose call, not yet run.
        feed: what it reads.
        carries: what the rules know.
        since: the epoch each replica begins with.
    """

    def __init__(
        self, group: Group, feed: Feed, carries: tuple[Any, ...], since: Sequence[int]
    ) -> None:
        self._group, self._feed, self._before = group, feed, group.state
        self._carries, self._since = carries, since

    def run(self, counts: Sequence[int], drawn: int) -> Ran:
        """Run so many epochs of each replica, and draw orders meanwhile."""
        return self._run(self._before, counts, drawn=drawn)

    def after(self, r: int, epochs: int) -> State:
        """Return a replica's state after so many epochs."""
        state: State = self._group.packing.part(self._all_after(r, epochs), r)
        return state

    def after_epoch(self, r: int, epoch: int) -> State:
        """Return a replica's state after an epoch of this number, if this call ran it."""
        return self.after(r, epoch + 1 - self._since[r])

    def broken_off(self, r: int, epochs: int) -> tuple[Logs, State]:
        """Return logs and state where the epoch after so many has a batch that is not finite.

        Keras's TerminateOnNaN ends training at that batch; what is left is the validation.
        """
        group, train = self._group, self._group.family.shared.train
        begin = self._all_after(r, epochs)
        unit = group.family.shared.model.steps_per_execution
        stop = min((self._first_bad(begin, r, epochs) // unit + 1) * unit, train.batches)
        checks = group.family.shared.check is not None
        ran = self._run(begin, self._only(r, 1), [_part(train.full, epochs, 0, stop, checks)])
        (line,) = lines_of(group.logs_of(ran), r, 1)
        return line, group.packing.part(ran.state, r)

    def _first_bad(self, state: Any, r: int, line: int) -> int:
        """Return the number of an epoch's first batch that is not finite."""
        group, train = self._group, self._group.family.shared.train
        room = group.compiled.lines
        for first in range(0, train.batches, room):
            batches = range(first, min(first + room, train.batches))
            parts = [_part(train.full, line, k, k + 1) for k in batches]
            ran = self._run(state, self._only(r, len(parts)), parts)
            finite = np.isfinite(group.logs_of(ran)["loss"][r, : len(parts)])
            if not finite.all():
                return first + int(finite.argmin())
            state = ran.state
        return train.batches - 1

    def _all_after(self, r: int, epochs: int) -> Any:
        """Return a state of the group in which one replica is that far."""
        if not epochs:
            return self._before
        return self._run(self._before, self._only(r, epochs)).state

    def _only(self, r: int, count: int) -> list[int]:
        return [count if other == r else 0 for other in range(len(self._since))]

    def _run(
        self,
        state: Any,
        counts: Sequence[int],
        segments: Sequence[Segment] | None = None,
        drawn: int = 0,
    ) -> Ran:
        group = self._group
        # Those that fill the group up do not run.
        numbers = [*counts, *[0] * (group.packing.width - len(counts))]
        table = group.compiled.epochs
        if segments is not None:
            table = segment_table(segments, group.compiled.lines)
        control = group.family.control(
            group.packing.stacked([np.int32(n) for n in numbers]),
            table,
            self._carries,
            group.packing.stacked([np.int32(n) for n in self._since]),
        )
        return group.run(state, self._feed, control, drawn)


def _part(full: int, line: int, first: int, stop: int, evaluate: bool = False) -> Segment:
    """Return the batches `first` to `stop` - 1 of an epoch, the short last one among them."""
    return Segment(line, min(first, full), min(stop, full), first == 0, stop > full, evaluate)


def lines_of(logs: Logs, r: int, count: int) -> Iterator[Logs]:
    """Yield a replica's logs, an epoch at a time."""
    by_name = columns(jax.tree.map(lambda a: a[r, :count], logs))
    for i in range(count):
        yield {key: values[i] for key, values in by_name.items()}
