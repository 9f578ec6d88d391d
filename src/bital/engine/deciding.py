"""Replicas with callbacks, each of which may end or slow down when it will."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bital.engine.family import Family
from bital.engine.flight import Flight, lines_of
from bital.engine.group import Ended, Group, Member
from bital.engine.rules import Best, resumed
from bital.engine.seat import Seat
from bital.models.functional import State

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
        since = [seat.epoch for seat in self.seats]
        flight = Flight(self, self.feed(count), self.carries, since)
        ran = flight.run([min(count, self._left(seat)) for seat in self.seats], count + ahead)
        done = np.atleast_1d(np.asarray(ran.done)).tolist()[: len(self.seats)]
        logs, patches = self.logs_of(ran), dict[int, State]()
        for r, (seat, epochs) in enumerate(zip(self.seats, done, strict=True)):
            told = 0
            for line in lines_of(logs, r, epochs):
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
        moments: list[Any] = list(state.optimizer)
        moments[self._rate] = np.asarray(seat.optimizer.learning_rate, moments[self._rate].dtype)
        seat.optimizer.asked = False
        return state._replace(optimizer=moments)

    def _settled(self, flight: Flight, carries: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return what the rules go on with: what the callbacks know."""
        return tuple(
            self._known(flight, j, after) if isinstance(after, Best) else after
            for j, after in enumerate(carries)
        )

    def _known(self, flight: Flight, j: int, after: Best) -> Best:
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
                state = flight.after_epoch(r, kept.index)
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
