"""The host's side of a training: what to dispatch next, and what to tell callbacks."""

import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import keras
import numpy as np
from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils.python_utils import pythonify_logs

from bital.engine.cache import persist_compilation, remembered
from bital.engine.callbacks import has_hook
from bital.engine.order import EpochOrder, Orders
from bital.engine.pace import Pace, capacity
from bital.engine.passes import Pass
from bital.engine.plan import Plan
from bital.engine.program import Feed, Lines, Segment, segment_table, training_program
from bital.models.functional import Logs, State, read_state, write_state


class _Ready(NamedTuple):
    """A compiled program and how fast it has been found to be."""

    program: Callable[..., Any]
    pace: Pace


class Training:
    """One run of `fit`.

    Where nobody looks at the model between epochs, many epochs go into one dispatch, as many as fit
    into a quarter of a second; a long epoch is dispatched in parts of that length, so that progress
    shows and Ctrl-C is heard. The state is never donated: whenever a call is interrupted, the last
    finished epoch is still whole.

    Args:
        model: built and compiled.
        train: training arrays on the device, rows first.
        validation: validation arrays on the device, or None.
        whole: geometry of a pass over the training rows.
        check: geometry of the validation pass, or None.
        orders: where each epoch's order of rows comes from.
        callbacks: Keras's list, the history and progress bar included.
        watchers: the user's callbacks among them.
    """

    def __init__(
        self,
        *,
        model: keras.Model,
        train: Any,
        validation: Any,
        whole: Pass,
        check: Pass | None,
        orders: Orders,
        callbacks: CallbackList,
        watchers: list[Any],
    ) -> None:
        self._model, self._orders, self._callbacks = model, orders, callbacks
        self._whole, self._check = whole, check
        self._watched = bool(watchers)
        self._tested = any(
            has_hook(w, hook) for w in watchers for hook in ("on_test_begin", "on_test_end")
        )
        self._capacity = 1 if self._watched else capacity(whole.rows)
        self._train, self._validation = train, validation
        self._logs: dict[str, Any] = {}
        names = ", ".join(sorted({type(w).__name__ for w in watchers}))
        self.plan = Plan(
            "epoch" if self._watched else "epochs",
            f"{names} may look at the model after each epoch" if self._watched else "",
        )

    def run(self, epochs: range, validation_freq: Any) -> None:
        """Train; on any exception the model is left at the last finished epoch."""
        model = self._model
        model.stop_training = False
        self._callbacks.on_train_begin()
        # BackupAndRestore says in on_train_begin where to go on.
        epoch, stop = model._initial_epoch or epochs.start, epochs.stop
        self._state = read_state(model)
        self._freq = validation_freq
        finished = False
        try:
            if epoch < stop:
                self._program, self._pace = self._compile()
            while epoch < stop:
                fitting = self._pace.steps() // self._whole.batches
                if self._watched or fitting < 1:
                    self._one_epoch(epoch)
                    epoch += 1
                else:
                    count = min(fitting, self._capacity, stop - epoch)
                    self._many_epochs(range(epoch, epoch + count))
                    epoch += count
                if model.stop_training:
                    break
            finished = True
        finally:
            if not self._watched:  # who is watched over holds each epoch's weights already
                write_state(model, self._state)
            if isinstance(model.optimizer, keras.optimizers.Optimizer) and stop > 0:
                model.optimizer.finalize_variable_values(model.trainable_weights)
            if finished:
                self._callbacks.on_train_end(logs=self._logs)

    def _compile(self) -> "_Ready":
        """Return the program, compiled by running none of its segments, or the one kept."""
        persist_compilation()
        feed = self._feed([])
        shapes = jax.tree.map(lambda a: (a.shape, str(a.dtype)), feed)

        def make() -> _Ready:
            program = training_program(
                self._model, self._state, feed, self._whole, self._check, self._capacity
            ).compiled()
            table = segment_table([], self._capacity)
            jax.block_until_ready(program(self._state, feed, table, 0))
            return _Ready(program, Pace())

        key = ("fit", self._whole, self._check, self._capacity, str(shapes))
        ready: _Ready = remembered(self._model, key, make)
        return ready

    def _feed(self, orders: list[EpochOrder]) -> Feed:
        if not self._orders.shuffled:
            return Feed(self._train, None, self._validation)
        lines = np.zeros((self._capacity, self._whole.rows), np.int32)
        for line, order in zip(lines, orders, strict=False):
            assert order.rows is not None
            line[:] = order.rows
        return Feed(self._train, jax.device_put(lines), self._validation)

    def _call(self, state: State, feed: Feed, segments: list[Segment]) -> tuple[State, Lines]:
        start = time.perf_counter()
        table = segment_table(segments, self._capacity)
        state, lines = jax.block_until_ready(self._program(state, feed, table, len(segments)))
        steps = sum(s.stop - s.first + s.tail for s in segments)
        self._pace.record(steps, time.perf_counter() - start)
        return state, jax.tree.map(np.asarray, lines)

    def _segment(self, line: int, order: EpochOrder, evaluate: bool) -> Segment:
        full = self._whole.full
        tail = order.stop > full
        return Segment(line, order.first, min(order.stop, full), True, tail, evaluate)

    def _evaluates(self, epoch: int) -> bool:
        return self._check is not None and bool(self._model._should_eval(epoch, self._freq))

    def _many_epochs(self, epochs: Iterable[int]) -> None:
        """Run whole epochs in one dispatch, then tell the history and the bar about each."""
        numbers = list(epochs)
        orders = [self._orders.next() for _ in numbers]
        segments = [
            self._segment(line, order, self._evaluates(epoch))
            for line, (epoch, order) in enumerate(zip(numbers, orders, strict=True))
        ]
        start = time.perf_counter()
        self._state, lines = self._call(self._state, self._feed(orders), segments)
        each = (time.perf_counter() - start) / len(numbers)
        for line, (epoch, segment) in enumerate(zip(numbers, segments, strict=True)):
            self._callbacks.on_epoch_begin(epoch)
            self._backdate(each)
            self._logs = _line(lines.train, line)
            if segment.evaluate:
                self._tested_logs(lines, line)
            self._callbacks.on_epoch_end(epoch, self._logs)

    def _one_epoch(self, epoch: int) -> None:
        """Run one epoch, in parts if it is long."""
        if self._watched:
            self._model.reset_metrics()
        self._callbacks.on_epoch_begin(epoch)
        state = read_state(self._model) if self._watched else self._state
        order = self._orders.next()
        if self._model.stop_training:  # Keras asks only after a batch
            order = order._replace(
                stop=min(order.first + self._model.steps_per_execution, order.stop)
            )
        feed = self._feed([order])
        whole = self._segment(0, order, self._evaluates(epoch) and not self._tested)
        done, reset = whole.first, True
        while True:
            upto = min(done + self._pace.steps(), whole.stop)
            ends = upto == whole.stop
            part = Segment(0, done, upto, reset, ends and whole.tail, ends and whole.evaluate)
            state, lines = self._call(state, feed, [part])
            done, reset = upto, False
            if ends:
                break
            self._show(done - whole.first, _line(lines.train, 0))
        self._logs = _line(lines.train, 0)
        if self._tested and self._evaluates(epoch):
            write_state(self._model, state)
            self._callbacks.on_test_begin()
            last = Segment(0, 0, 0, False, False, True)
            state, lines = self._call(read_state(self._model), feed, [last])
            write_state(self._model, state)
            self._tested_logs(lines, 0, begin=False)
            state = read_state(self._model)  # on_test_end may have put other weights back
        elif whole.evaluate:
            self._tested_logs(lines, 0)
        if self._watched:
            write_state(self._model, state)
        self._state = state
        self._callbacks.on_epoch_end(epoch, self._logs)

    def _tested_logs(self, lines: Lines, line: int, begin: bool = True) -> None:
        if begin:
            self._callbacks.on_test_begin()
        logs = pythonify_logs(_line(lines.validation, line))
        self._callbacks.on_test_end(logs)
        self._logs.update({f"val_{key}": value for key, value in logs.items()})

    def _show(self, steps: int, logs: dict[str, Any]) -> None:
        if self._callbacks._progbar is not None:
            self._callbacks._progbar.on_train_batch_end(steps - 1, pythonify_logs(logs))

    def _backdate(self, seconds: float) -> None:
        """Let the bar show how long an epoch took that is over before it was announced."""
        if self._callbacks._progbar is not None:
            self._callbacks._progbar.progbar._start -= seconds


def _line(logs: Logs, line: int) -> Logs:
    return jax.tree.map(lambda values: values[line], logs)  # type: ignore[no-any-return]
