"""Replicas with callbacks, each of which may end or slow down when it will."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from bital.engine.family import Family
from bital.engine.group import Ended, Group, Member, columns
from bital.engine.program import Feed, Ran, Segment, segment_table
from bital.engine.rules import Best, resumed
from bital.engine.seat import Seat
from bital.models.functional import Logs, State

_NOWHERE = State([], [], [], [])


class Deciding(Group):
    """Trains replicas until their callbacks stop them.

    A replica that a rule of the program halts waits, unchanged, for the others of its group. The
    callbacks then decide; where they decide otherwise than the rule foresaw, the program is run
    again up to the epoch they chose, so that the answer is always theirs.

    Args:
        family: what compiled the program.
        members: the replicas.
        rows: the rows and the held-out rows on the device.
        seats: the replicas' callbacks.
        rate: which of the optimizer's values is the learning rate; None where a schedule gives it.
    """

    def __init__(
        self,
        family: Family,
        members: Sequence[Member],
        rows: tuple[Any, Any],
        seats: Sequence[Seat],
        rate: int | None,
    ) -> None:
        super().__init__(family, members, rows)
        self.seats, self._rate, self._epochs = seats, rate, 0
        carries = family.carries(members[0].state)
        self.carries = tuple(self.packing.stacked([c] * len(members)) for c in carries)

    def left(self, epochs: int) -> int:
        """Return how many epochs there are to go, for whoever has the most."""
        self._epochs = epochs
        return max(map(self._left, self.seats))

    def call(self, count: int, ahead: int) -> int:
        """Run some epochs; return how many replica epochs that were."""
        flight = _Flight(self, self._feed(count))
        ran = flight.run([min(count, self._left(seat)) for seat in self.seats], count + ahead)
        done = np.atleast_1d(np.asarray(ran.done)).tolist()[: len(self.seats)]
        logs, patches = self.logs_of(ran), dict[int, State]()
        for r, (seat, epochs) in enumerate(zip(self.seats, done, strict=True)):
            told = 0
            for line in _lines(logs, r, epochs):
                if seat.ends_at_nan and not np.isfinite(line.get("loss", 0.0)):
                    line, patches[r] = flight.broken_off(r, told)  # noqa: PLW2901
                    seat.stop_training = True
                seat.tell(line)
                told += 1
                if seat.stop_training or seat.optimizer.asked:
                    break
            if told < epochs and r not in patches:
                patches[r] = flight.after(r, told)
            if seat.optimizer.asked:
                state = patches[r] if r in patches else self.packing.part(ran.state, r)
                patches[r] = self._at_its_rate(seat, state)
            self._lines[r].drop(told)
        self.carries = self._settled(flight, ran.carries)
        self.state = self.packing.patched(ran.state, patches)
        return sum(done)

    def ended(self) -> list[Ended]:
        """Return where each replica is now, its callbacks told that training has ended."""
        states = self.packing.parts(self.state, len(self.seats))
        every = []
        for r, (seat, state) in enumerate(zip(self.seats, states, strict=True)):
            seat.end()
            every.append(Ended(state, seat.history, self._wanted(r, seat)))
        return every

    def _left(self, seat: Seat) -> int:
        return 0 if seat.stop_training else self._epochs - seat.epoch

    def _at_its_rate(self, seat: Seat, state: State) -> State:
        """Return a state with the learning rate that a callback has asked for."""
        assert self._rate is not None
        moments = list(state.optimizer)
        moments[self._rate] = np.asarray(seat.optimizer.learning_rate, moments[self._rate].dtype)
        seat.optimizer.asked = False
        return state._replace(optimizer=moments)

    def _settled(self, flight: "_Flight", carries: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return what the rules go on with: what the callbacks know."""
        return tuple(
            self._known(flight, j, after) if isinstance(after, Best) else after
            for j, after in enumerate(carries)
        )

    def _known(self, flight: "_Flight", j: int, after: Best) -> Best:
        before: Best = self.carries[j]
        known, patches = [], dict[int, Any]()
        for r, seat in enumerate(self.seats):
            callback, rate = seat.callbacks[j], seat.optimizer.learning_rate
            carry: Best = resumed(seat.rules[j], callback, _NOWHERE, rate)
            known.append(carry._replace(weights=None))
            kept = getattr(callback, "best_weights", None)
            if kept is None or kept.index == self.packing.part(after.epoch, r):
                continue
            if kept.index == self.packing.part(before.epoch, r):
                patches[r] = self.packing.part(before.weights, r)
            else:
                state = flight.after(r, kept.index + 1 - flight.since[r])
                patches[r] = (state.trainable, state.non_trainable)
        weights = self.packing.patched(after.weights, patches)
        stacked: Best = self.packing.stacked(known)
        return stacked._replace(weights=weights)

    def _wanted(self, r: int, seat: Seat) -> Any:
        """Return the weights that a callback has restored, or None."""
        if seat.restored is None:
            return None
        kept = [getattr(callback, "best_weights", None) for callback in seat.callbacks]
        return self.packing.part(self.carries[kept.index(seat.restored)].weights, r)


class _Flight:
    """One call of a program, and what it can be asked afterwards.

    Args:
        group: whose call, not yet run.
        feed: what it reads.
    """

    def __init__(self, group: Deciding, feed: Feed) -> None:
        self._group, self._feed = group, feed
        self._before, self._carries = group.state, group.carries
        self.since = [seat.epoch for seat in group.seats]
        """the epoch each replica begins with"""

    def run(self, counts: Sequence[int], drawn: int) -> Ran:
        """Run so many epochs of each replica, and draw orders meanwhile."""
        return self._run(self._before, counts, drawn=drawn)

    def after(self, r: int, epochs: int) -> State:
        """Return a replica's state after so many epochs."""
        state: State = self._group.packing.part(self._all_after(r, epochs), r)
        return state

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
        (line,) = _lines(group.logs_of(ran), r, 1)
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
        return [count if other == r else 0 for other in range(len(self.since))]

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
            group.packing.stacked([np.int32(n) for n in self.since]),
        )
        return group.run(state, self._feed, control, drawn)


def _part(full: int, line: int, first: int, stop: int, evaluate: bool = False) -> Segment:
    """Return the batches `first` to `stop` - 1 of an epoch, the short last one among them."""
    return Segment(line, min(first, full), min(stop, full), first == 0, stop > full, evaluate)


def _lines(logs: Logs, r: int, count: int) -> Iterator[Logs]:
    """Yield a replica's logs, an epoch at a time."""
    by_name = columns(jax.tree.map(lambda a: a[r, :count], logs))
    for i in range(count):
        yield {key: values[i] for key, values in by_name.items()}
