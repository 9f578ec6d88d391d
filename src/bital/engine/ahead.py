"""Many epochs in one dispatch, their callbacks told afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import jax
import numpy as np
from keras.callbacks import History
from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils.python_utils import pythonify_logs

from bital.engine.callbacks import Cast, rate_index
from bital.engine.dispatch import SEGMENTS, Ready, compiled, line_of
from bital.engine.keras_own import Trainer
from bital.engine.order import EpochOrder, Mark
from bital.engine.passes import Pass
from bital.engine.program import Control, Feed, Ran, Segment, segment_table
from bital.engine.rules import resumed, rule_of
from bital.engine.sources import Resident
from bital.engine.standin import StandIn, Weights
from bital.models import functional
from bital.models.functional import Logs, State, read_state, write_state


class Ahead:
    """Epochs that run ahead of callbacks which only decide from logs.

    The program halts where a rule foresees that its callback will act. The callbacks themselves
    then decide, on a stand-in for the model; where they decide otherwise than foreseen, the
    program is run again up to that epoch, so that the answer is always theirs.

    Args:
        model: built and compiled.
        source: training rows on the device.
        check: validation rows on the device, or None.
        callbacks: Keras's list.
        cast: the user's callbacks among them; no watchers.
    """

    def __init__(
        self,
        model: Trainer,
        source: Resident,
        check: Resident | None,
        callbacks: CallbackList,
        cast: Cast,
    ) -> None:
        self._model, self._source, self._check = model, source, check
        self._callbacks, self._cast = callbacks, cast
        self._kept: Ready | None = None
        self._alone = False
        self.dispatches = 0

    def room(self, left: int) -> int:
        """Return how many epochs to run next; 0 where one is to run by itself."""
        alone, self._alone = self._alone, False
        if alone:
            return 0
        fitting = self._program.pace.steps() // self._source.span.batches
        return min(fitting, self._source.capacity, SEGMENTS, left)

    def ready(self, state: State, feed: Feed, span: Pass) -> Ready:
        """Return the same program for a part of one epoch, without rules at work."""
        kept = self._program

        def program(state: State, feed: Feed, control: Control) -> Ran:
            rates = None
            if self._rate is not None:
                rates = np.full(SEGMENTS, state.optimizer[self._rate], np.float32)
            full = self._feed(feed.order)
            ran: Ran = kept.program(state, full, self._control(control, state, rates))
            return ran

        return Ready(program, kept.pace)

    @property
    def _program(self) -> Ready:
        if self._kept is None:
            self._rules = tuple(map(rule_of, self._cast.rules))
            self._rate = rate_index(self._model) if self._cast.schedulers else None
            self._kept = compiled(
                self._model,
                functional.train_step,
                read_state(self._model),
                self._feed(self._source.lines([])),
                self._source.span,
                validation=self._check.span if self._check is not None else None,
                rules=self._rules,
                rate=self._rate,
            )
        return self._kept

    def run(self, epochs: range, evaluates: Callable[[int], bool]) -> tuple[int, Logs]:
        """Run epochs and tell the callbacks; return how many were run and the last one's logs."""
        model, started = self._model, time.perf_counter()
        state = read_state(model)
        at = rate_index(model)
        rate = float(state.optimizer[at]) if at is not None else None
        rates = [np.nan if rate is None else rate] * len(epochs)
        flight = _Flight(self, state)
        stand_in = StandIn(model, rates, flight.bring)
        with self._acting(stand_in):
            epochs = self._scheduled(epochs, stand_in, rates)
            stand_in.optimizer.forget()
            orders, marks = self._orders(epochs)
            segments = [
                self._segment(line, order, epoch, evaluates(epoch))
                for line, (epoch, order) in enumerate(zip(epochs, orders, strict=True))
            ]
            control = Control(np.int32(len(segments)), segment_table(segments, SEGMENTS))
            table = np.resize(np.asarray(rates, np.float32), SEGMENTS)
            control = self._control(control, state, table, rate)
            flight.run(self._feed(self._source.lines(orders)), control)
            seconds = time.perf_counter() - started
            self._program.pace.record(sum(s.steps for s in segments[: flight.done]), seconds)
            each = seconds / flight.done
            told, logs = 0, {}
            try:
                for index, (segment, line) in enumerate(
                    zip(segments, flight.lines(), strict=False)
                ):
                    if self._cast.terminates and not np.isfinite(line.get("loss", 0.0)):
                        self._alone = True  # its batches have to be looked at one by one
                        break
                    stand_in.index, told, logs = index, index + 1, line
                    self._tell(segment, logs, each)
                    if model.stop_training or stand_in.optimizer.asked() is not None:
                        break
            finally:
                state = flight.after(told)
                asked = stand_in.optimizer.asked()
                if asked is not None and at is not None:
                    new = np.asarray(asked, state.optimizer[at].dtype)
                    moments = [*state.optimizer[:at], jax.numpy.asarray(new)]
                    state = state._replace(optimizer=[*moments, *state.optimizer[at + 1 :]])
                write_state(model, state)
                self._settle_weights(flight, epochs)
                if told < len(marks):
                    self._source.orders.rewind(marks[told])
        return told, logs

    def _tell(self, segment: Segment, logs: Logs, seconds: float) -> None:
        """Tell that an epoch began and ended; none of these callbacks hears of a validation."""
        callbacks, epoch = self._callbacks, segment.epoch
        for callback in callbacks.callbacks:
            if callback not in self._cast.schedulers:
                callback.on_epoch_begin(epoch, {})
        if callbacks._progbar is not None:  # it shows how long what is over already took
            callbacks._progbar.progbar._start -= seconds
        callbacks.on_epoch_end(epoch, logs)

    @contextmanager
    def _acting(self, stand_in: StandIn) -> Any:
        """Let rules and schedulers talk to the stand-in, and histories, which it costs less."""
        histories = [c for c in self._callbacks.callbacks if type(c) is History]
        acting = (*self._cast.rules, *self._cast.schedulers, *histories)
        for callback in acting:
            callback.set_model(stand_in)
        try:
            yield
        finally:
            for callback in acting:
                callback.set_model(self._model)
            if histories:
                self._model.history = histories[-1]

    def _scheduled(self, epochs: range, stand_in: StandIn, rates: list[float]) -> range:
        """Ask schedules for the learning rates of epochs to come; fewer epochs where one fails."""
        for index, epoch in enumerate(epochs if self._cast.schedulers else ()):
            stand_in.index = index
            rates[index] = rates[max(index - 1, 0)]
            try:
                for scheduler in self._cast.schedulers:
                    scheduler.on_epoch_begin(epoch)
            except Exception:
                if index == 0:
                    raise
                return epochs[:index]  # the next dispatch meets the error in its place
        return epochs

    def _orders(self, epochs: range) -> tuple[list[EpochOrder], list[Mark]]:
        orders, marks = [], []
        for _ in epochs:
            if self._cast.rules:  # which may end training with orders drawn that Keras never draws
                marks.append(self._source.orders.mark())
            orders.append(self._source.orders.next())
        return orders, marks

    def _segment(self, line: int, order: EpochOrder, epoch: int, evaluate: bool) -> Segment:
        full = self._source.span.full
        stop, tail = min(order.stop, full), order.stop > full
        return Segment(line, order.first, stop, True, tail, evaluate, epoch)

    def _feed(self, lines: Any) -> Feed:
        return Feed(self._source.rows, lines, self._check.rows if self._check else None)

    def _control(
        self, control: Control, state: State, rates: Any, rate: float | None = None
    ) -> Control:
        carries = tuple(
            resumed(rule, callback, state, rate)
            for rule, callback in zip(self._rules, self._cast.rules, strict=True)
        )
        return control._replace(rates=None if self._rate is None else rates, carries=carries)

    def _settle_weights(self, flight: "_Flight", epochs: range) -> None:
        """Give EarlyStopping the weights that it has seen a stand-in for."""
        for callback, carry in zip(self._cast.rules, flight.carries, strict=True):
            kept = getattr(callback, "best_weights", None)
            if not isinstance(kept, Weights):
                continue
            if int(carry.epoch) == epochs[kept.index]:
                groups = carry.weights
            else:
                state = flight.after(kept.index + 1)
                groups = state.trainable, state.non_trainable
            model = self._model
            variables = (*model.trainable_variables, *model.non_trainable_variables)
            values = {id(v): a for v, a in zip(variables, chain(*groups), strict=True)}
            callback.best_weights = [np.array(values[id(w)]) for w in model.weights]


class _Flight:
    """One dispatch of many epochs, and what it can be asked afterwards."""

    def __init__(self, owner: Ahead, state: State) -> None:
        self._owner, self._state = owner, state
        self._feed: Feed | None = None
        self.done = 0

    def run(self, feed: Feed, control: Control) -> None:
        """Run the program."""
        self._feed, self._control = feed, control
        self._ran: Ran = jax.block_until_ready(self._call(control))
        self.done = int(self._ran.done)
        self.carries = self._ran.carries

    def lines(self) -> Iterator[Logs]:
        """Yield the logs of each epoch, those of its validation included."""
        evaluated = np.asarray(self._control.segments)[:, Segment._fields.index("evaluate")]
        logs, checked = jax.tree.map(np.asarray, (self._ran.logs, self._ran.validation))
        both = logs | {f"val_{key}": values for key, values in checked.items()}
        if all(getattr(values, "ndim", 0) == 1 for values in both.values()):
            # Nearly always numbers: as columns of Python's own they are much faster to tell.
            columns = {key: values.tolist() for key, values in both.items()}
            for index in range(self.done):
                names = both if evaluated[index] else logs
                yield {key: columns[key][index] for key in names}
            return
        for index in range(self.done):
            line = line_of(logs, index)
            if evaluated[index]:  # results with names of their own become logs before the prefix
                results = pythonify_logs(line_of(checked, index))
                line |= {f"val_{key}": value for key, value in results.items()}
            yield line

    def after(self, count: int) -> State:
        """Return the state after so many epochs."""
        if count == 0 or self._feed is None:
            return self._state
        ran = self._ran
        if count != self.done:
            ran = self._call(self._control._replace(count=np.int32(count)))
        return ran.state

    def bring(self, index: int) -> None:
        """Give the model the state it had at the end of an epoch."""
        write_state(self._owner._model, self.after(index + 1))

    def _call(self, control: Control) -> Ran:
        self._owner.dispatches += 1
        assert self._feed is not None
        return self._owner._program(self._state, self._feed, control)
