"""One pass over data, dispatched part by part."""

import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bital.engine.arrays import layout, places
from bital.engine.cache import remembered
from bital.engine.hooks import Hooks
from bital.engine.keras_own import Trainer
from bital.engine.loop import Step
from bital.engine.pace import Pace
from bital.engine.passes import Pass, filled_up
from bital.engine.program import Control, Feed, Ran, Segment, segment_table, step_program
from bital.engine.sources import ANNOUNCED, Source, Unit, Window
from bital.models import functional
from bital.models.functional import Logs, State

SEGMENTS = 512
"""segments that one call of a program may run"""


class Ready(NamedTuple):
    """A compiled program and how fast it has been found to be."""

    program: Callable[[State, Feed, Control], Ran]
    pace: Pace
    donates: bool = False
    """whether a call ends the life of the arrays of the state it is given"""

    def __call__(self, state: State, feed: Feed, control: Control) -> Ran:
        """Dispatch it."""
        return self.program(state, feed, control)


class Passed(NamedTuple):
    """What a pass leaves behind, or a part of it."""

    state: State
    logs: Logs | None = None
    """those of the last step; None where there was no step"""
    steps: int = 0
    stopped: bool = False
    """whether a batch hook ended it early"""
    seen: bool = False
    """whether a batch hook looked at the model after the last step, and may have changed metrics"""
    validation: Logs | None = None
    """what the validation inside the program gave, where there is one and it was asked for"""


class _Part(NamedTuple):
    window: Window
    units: list[Unit]
    last: bool


class Dispatcher:
    """Runs the steps of a pass.

    While the device computes one window, the host gathers the next. Where batch hooks want to hear
    of every batch, several run ahead of them; when a hook turns out to look at the model, its
    state after just that batch is computed again, and what follows runs from there.

    A program that donates is given copies; only where every batch is looked at is it given what it
    left itself, as Keras's step is, for nobody will ask for that again.

    Args:
        model: built and compiled.
        step: `functional.train_step` or `functional.test_step`.
        source: where the batches come from.
        hooks: None where nobody listens to batches.
        finite: makes the hooks to use once the loss is not finite; None: it does not matter.
        show: told of the steps done so far and their logs, a few times a second.
        ready: returns the program for a state and a feed; None: one without validation or rules.
    """

    def __init__(
        self,
        model: Trainer,
        step: Step,
        source: Source,
        *,
        hooks: Hooks | None = None,
        finite: Callable[[], Hooks] | None = None,
        show: Callable[[int, Logs], None] = lambda steps, logs: None,
        ready: Callable[[State, Feed, Pass], Ready] | None = None,
    ) -> None:
        self._model, self._step, self._source = model, step, source
        self._hooks, self._finite, self._show, self._ready = hooks, finite, show, ready
        self._pace = Pace()  # that of the program used last
        self._kept: dict[Any, Ready] = {}
        self._window: Window | None = None
        self._left: State | None = None  # by this pass's last call
        self._spare: State | None = None  # the last one in this pass that was given as a copy
        self._reach, self._unseen = 1, 0
        self.dispatches = 0

    def run(self, state: State, evaluate: bool = False) -> Passed:
        """Run one pass, and with `evaluate` the validation inside the program behind it.

        Only one execution is run where someone has asked to stop already: Keras looks after it.
        """
        passed = Passed(state)
        self._kept.clear()
        self._window = self._left = self._spare = None
        pending: tuple[Any, ...] | None = None
        parts = self._parts(self._source.windows(self._pace_steps))
        if self._model.stop_training and self._step is functional.train_step:
            parts = (_Part(p.window, p.units[:1], True) for p in islice(parts, 1))
        for part in parts:
            if part.window is ANNOUNCED:
                if self._hooks is not None:
                    step = filled_up(passed.steps, self._model.steps_per_execution)
                    self._hooks.begin(step, partial(_state_of, passed))
                continue
            if pending is not None:
                passed = self._finished(*pending)
                pending = None
                if passed.stopped:
                    return passed
                assert passed.logs is not None
                self._show(passed.steps, passed.logs)
            if self._hooks is not None:
                passed = self._hooked(self._hooks, part, passed)
                if passed.stopped:
                    return passed
            else:
                ends = evaluate and part.last
                segment = _segment(part.units, passed.steps == 0)._replace(evaluate=ends)
                started = time.perf_counter()
                pending = part, passed, self._call(part, passed.state, [segment]), ends, started
        return self._finished(*pending) if pending is not None else passed

    def _pace_steps(self) -> int:
        return self._pace.steps()

    def _parts(self, windows: Iterator[Window]) -> Iterator[_Part]:
        """Divide windows that take long."""
        for window in windows:
            units, at = window.units, 0
            while at < len(units):
                upto = at + max(1, self._pace_steps() // max(units[at].batches, 1))
                yield _Part(window, units[at:upto], window.last and upto >= len(units))
                at = upto

    def _call(self, part: _Part, state: State, segments: list[Segment]) -> Ran:
        feed = self._fed(part.window, state)
        self.dispatches += 1
        control = _control(tuple(segments))
        if self._program.donates and (state is not self._left or len(segments) > 1):
            self._spare = state
            state = _copied(state)
        ran = self._program(state, feed, control)
        self._left = ran.state
        return ran

    def _fed(self, window: Window, state: State) -> Feed:
        """Return a window as the program reads it, which is compiled if need be."""
        if window is not self._window:
            feed = Feed(window.rows, window.order)
            if self._hooks is not None and len(window.units) > 1:
                feed = jax.device_put(feed)  # else it would be with each of many calls
            self._window, self._feed = window, feed
            self._program = self._fitting(state, feed, window.span)
            self._pace = self._program.pace
        return self._feed

    def _fitting(self, state: State, feed: Feed, span: Pass) -> Ready:
        key = layout(feed)
        if key not in self._kept:
            self._kept[key] = (self._ready or self._plain)(state, feed, span)
        return self._kept[key]

    def _plain(self, state: State, feed: Feed, span: Pass) -> Ready:
        donate = self._hooks is not None and self._step is functional.train_step
        return compiled(self._model, self._step, state, feed, span, donate=donate)

    def _finished(self, part: _Part, before: Passed, ran: Ran, ends: bool, began: float) -> Passed:
        jax.block_until_ready(ran)
        done = sum(unit.batches for unit in part.units)
        self._pace.record(done, time.perf_counter() - began)
        logs = line_of(ran.logs, 0)
        if self._finite is not None and not np.isfinite(logs.get("loss", 0.0)):
            return self._hooked(self._finite(), part, before)
        checked = line_of(ran.validation, 0) if ends else None
        return Passed(ran.state, logs, before.steps + done, validation=checked)

    def _hooked(self, hooks: Hooks, part: _Part, before: Passed) -> Passed:
        """Run a part with hooks told of every unit."""
        passed = before
        try:
            for reached in self._chunks(hooks, part, before):
                passed = reached
        finally:
            hooks.attach(partial(self._readable, passed.state))
        return passed

    def _readable(self, reached: State) -> State:
        """Return what was reached, or where an error came after it was given away, what is left."""
        left = (state for state in (self._left, self._spare) if state is not None)
        return next((state for state in (reached, *left) if _is_there(state)), reached)

    def _chunks(self, hooks: Hooks, part: _Part, passed: Passed) -> Iterator[Passed]:
        units, begun = part.units, False
        while units:
            looked = False
            if units[0].begins and not begun:
                looked = hooks.begin(passed.steps, partial(_state_of, passed))
                if looked:
                    passed = passed._replace(state=hooks.state())
                    yield passed
                    self._seen()
            self._fed(part.window, passed.state)  # compiled while the model has its values
            hooks.detach()
            ahead = _Ahead(self, part, passed, units[: min(self._reach, SEGMENTS)])
            passed, done, looked_later, begun = ahead.told(hooks)
            yield passed
            if passed.stopped:
                return
            self._unseen += done
            if looked_later:
                self._seen()
            elif not looked:
                self._reach = min(2 * self._reach, self._pace_steps())
            units = units[done:]

    def _seen(self) -> None:
        """Next time run as many units ahead as went unseen this time."""
        self._reach, self._unseen = max(1, self._unseen), 0


class _Ahead:
    """Units that have run before their hooks are told."""

    def __init__(self, owner: Dispatcher, part: _Part, before: Passed, units: list[Unit]) -> None:
        self._owner, self._part, self._before, self._units = owner, part, before, units
        began = time.perf_counter()
        self._ran = self._run(len(units))
        self._ran.done.block_until_ready()
        steps = sum(unit.batches for unit in units)
        owner._pace.record(steps, time.perf_counter() - began)

    def told(self, hooks: Hooks) -> tuple[Passed, int, bool, bool]:
        """Tell the hooks until one looks at the model.

        Returns:
            Where training stands, units told of, whether the model was looked at, and whether the
            next unit's beginning has been announced.
        """
        size = self._owner._model.steps_per_execution
        lines = jax.tree.map(np.asarray, self._ran.logs)
        passed = self._before
        for index, unit in enumerate(self._units):
            if index and unit.begins and hooks.begin(passed.steps, partial(self._state, index)):
                return passed._replace(state=hooks.state()), index, True, True
            logs, steps = line_of(lines, index), passed.steps + unit.batches
            passed = passed._replace(logs=logs, steps=steps, seen=False)
            if not unit.ends:
                continue
            last = (steps - 1) // size * size + size - 1
            looked = hooks.end(last, logs, partial(self._state, index + 1))
            if looked or hooks.stopped:
                state = hooks.state() if looked else self._state(index + 1)
                passed = passed._replace(state=state, stopped=hooks.stopped, seen=looked)
                return passed, index + 1, True, False
        return passed._replace(state=self._ran.state), len(self._units), False, False

    def _state(self, count: int) -> State:
        """Return the state after `count` of the units."""
        if count == 0:
            return self._before.state
        return (self._ran if count == len(self._units) else self._run(count)).state

    def _run(self, count: int) -> Ran:
        first = self._before.steps == 0
        segments = [_segment([u], first and not i) for i, u in enumerate(self._units[:count])]
        return self._owner._call(self._part, self._before.state, segments)


def compiled(
    model: Trainer,
    step: Step,
    state: State,
    feed: Feed,
    span: Pass,
    donate: bool = False,
    **settings: Any,
) -> Ready:
    """Return the program of a step, compiled now or kept from before.

    Args:
        model: built and compiled.
        step: `functional.train_step` or `functional.test_step`.
        state: the model's.
        feed: what it is to read.
        span: geometry of the feed.
        donate: whether it may compute in the memory of the state it is given.
        **settings: `step_program`'s.
    """
    extra = tuple(sorted(settings.items()))

    def make() -> Ready:
        program = step_program(model, step, state, feed, span, capacity=SEGMENTS, **settings)
        control = Control(np.int32(0), segment_table([], SEGMENTS))
        if settings.get("rate") is not None:
            control = control._replace(rates=np.zeros(SEGMENTS, np.float32))
        carries = tuple(rule.init(state) for rule in settings.get("rules", ()))
        control = control._replace(carries=carries)
        return Ready(program.compile(state, feed, control, donate=donate), Pace(), donate)

    key = (step.__name__, span, donate, extra, layout((state, feed)), places((state, feed)))
    ready: Ready = remembered(model, key, make)
    return ready


@lru_cache(maxsize=256)
def _control(segments: tuple[Segment, ...]) -> Control:
    """Return segments on the device; where every batch is looked at, each epoch has the same."""
    control = Control(np.int32(len(segments)), segment_table(segments, SEGMENTS))
    return jax.device_put(control)  # type: ignore[no-any-return]


def line_of(logs: Logs, line: int) -> Logs:
    """Return one line of a program's logs as NumPy values."""
    return jax.tree.map(lambda values: np.asarray(values)[line], logs)  # type: ignore[no-any-return]


@jax.jit
def _copied(state: State) -> State:
    return jax.tree.map(jnp.copy, state)  # type: ignore[no-any-return]


def _is_there(state: State) -> bool:
    """Whether arrays have not been given away and what was to compute them did not fail."""
    try:
        jax.block_until_ready(state)
    except RuntimeError:
        return False
    return True


def _state_of(passed: Passed) -> State:
    return passed.state


def _segment(units: list[Unit], reset: bool) -> Segment:
    """Return units that follow each other as one segment."""
    return Segment(0, units[0].first, units[-1].stop, reset, units[-1].tail)
