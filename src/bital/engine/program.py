"""Training, evaluation and prediction as compiled programs over rows on the device."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax
from jaxtyping import Int32

from bital.engine.loop import Loop, Step, map_logs, short_rows, taken, traced_steps, zeros
from bital.engine.passes import Pass
from bital.engine.rules import Moment, Rule, watch
from bital.kernels.one_call import compiled_as_one
from bital.kernels.options import compiler_options
from bital.models import functional
from bital.models.functional import Logs, State


class Feed(NamedTuple):
    """What a program reads: arrays with a row axis first, or their shapes while it is traced."""

    rows: Any
    order: Any = None
    """int32 (lines, n): rows as visited, one line an epoch; None: as they lie"""
    validation: Any = None
    validation_order: Any = None
    """int32 (m,), likewise"""


class Segment(NamedTuple):
    """A part of a pass that runs without the host: batches of one epoch, or none."""

    line: int
    """which line of `Feed.order`"""
    first: int
    stop: int
    """full batches `first` to `stop` - 1 of that line"""
    reset: bool
    """start with fresh metrics"""
    tail: bool
    """end with the short last batch"""
    evaluate: bool = False
    """then run the validation pass"""
    epoch: int = -1
    """number of the epoch that ends here, for the rules; -1 when none does"""

    @property
    def steps(self) -> int:
        """Number of training steps."""
        return self.stop - self.first + bool(self.tail)


class Control(NamedTuple):
    """What a call is told: how many segments, which, and what the rules know."""

    count: Any
    """int32: segments to run; each of several replicas with rules can have its own"""
    segments: Int32[Any, "capacity fields"]
    rates: Any = None
    """float32 (capacity,): learning rate each segment starts with; None: as the state has it"""
    carries: tuple[Any, ...] = ()
    """one a rule"""
    since: Any = None
    """int32: what to add to the segments' epochs; None: nothing"""


class Ran(NamedTuple):
    """What a call leaves behind."""

    state: State
    logs: Logs
    """one line a segment: leaves have shape (capacity, ...)"""
    validation: Logs
    """likewise"""
    done: Any
    """int32: segments run; fewer than asked where a rule halted"""
    carries: tuple[Any, ...]


@dataclass(frozen=True)
class Program:
    """A function of state and data, traced for one model and one geometry of data."""

    run: Callable[..., Any]
    primitives: frozenset[str]
    """names of the operations inside"""
    dot_work: int = 0
    """multiply-adds of one step's matrix products, forward and backward"""
    one_call: bool = False
    """whether it is small enough to be one function, see `kernels.one_call`"""

    def compiled(self, donate: bool = False) -> jax.stages.Wrapped:
        """Return the function under `jit`; with `donate`, a call ends its state's arrays' life."""
        options = compiler_options(self.primitives)
        return jax.jit(self.run, donate_argnums=0 if donate else (), compiler_options=options)

    def compile(self, *args: Any, donate: bool = False) -> Callable[..., Any]:
        """Return the function compiled for arguments of these shapes, the fastest way there is."""
        one = None
        if self.one_call:
            options = compiler_options(self.primitives, one_call=True)
            donated = 0 if donate else ()
            settings = {"compiler_options": options, "donate_argnums": donated}
            one = compiled_as_one(self.run, settings, *args)
        return one or self.compiled(donate).lower(*args).compile()


def step_program(
    model: keras.Model,
    step: Step,
    state: State,
    feed: Feed,
    span: Pass,
    validation: Pass | None = None,
    *,
    capacity: int,
    rules: Sequence[Rule] = (),
    rate: int | None = None,
) -> Program:
    """Return the program `(state, feed, control) -> Ran` of a training or a test step.

    It runs up to `capacity` segments, so that one compiled program serves any number of epochs and
    any part of one. Mapped over an axis of replicas whose name it is told, `run(..., axis=name)`,
    one that is halted waits, unchanged, for the others.

    Args:
        model: built and compiled.
        step: `functional.train_step` or `functional.test_step`.
        state: arrays or shapes of the model's state.
        feed: arrays or shapes of one replica's data.
        span: geometry of a pass over the rows.
        validation: geometry of the validation pass, or None.
        capacity: lines of the log buffers.
        rules: what may halt the loop after an epoch.
        rate: which of the optimizer's values `Control.rates` sets.
    """
    loop = Loop(model, step, state, feed.rows, span)
    check = (
        Loop(model, functional.test_step, state, feed.validation, validation)
        if validation
        else None
    )

    def segment(state: State, last: Logs, feed: Feed, at: Segment) -> tuple[State, Logs, Logs, Any]:
        order = None if feed.order is None else feed.order[at.line]
        state = lax.cond(
            at.reset, partial(functional.reset_metrics, model), lambda state: state, state
        )
        state, last = loop.steps(state, last, feed.rows, order, at.first, at.stop)
        if span.tail:
            state, last = lax.cond(
                at.tail,
                lambda state, last: loop.short(state, last, feed.rows, order),
                lambda state, last: (state, last),
                state,
                last,
            )
        logs, checked = loop.results(state, last), {}
        if check is not None:
            state, checked = lax.cond(
                at.evaluate,
                lambda state: check.whole(state, feed.validation, feed.validation_order),
                lambda state: (state, map_logs(zeros, check.logs)),
                state,
            )
        return state, last, logs, checked

    def run(state: State, feed: Feed, control: Control, axis: str | None = None) -> Ran:
        waits = axis is not None and bool(rules)

        def body(carry: tuple[Any, ...]) -> tuple[Any, ...]:
            index, halted, last, before = carry
            at = Segment(*control.segments[index])
            state = before.state
            if rate is not None:
                state = _with_rate(state, rate, control.rates[index])
            state, last, logs, checked = segment(state, last, feed, at)
            named = logs | {f"val_{key}": value for key, value in checked.items()}

            epoch = at.epoch if control.since is None else at.epoch + control.since

            def moment(name: str) -> Moment:
                value: Any = named.get(name)
                if getattr(value, "shape", None) != ():  # there is no such log, or no number
                    return Moment(epoch, jnp.float32(0), jnp.bool_(False), state)
                known = jnp.bool_(True) if name in logs else at.evaluate != 0
                return Moment(epoch, value.astype(jnp.float32), known, state)

            ends = at.epoch >= 0
            carries, halts = watch(rules, before.carries, moment)
            after = Ran(
                state,
                _put(before.logs, index, logs),
                _put(before.validation, index, checked),
                before.done + 1,
                jax.tree.map(partial(jnp.where, ends), carries, before.carries),
            )
            halts = ends & halts
            if waits:
                # Logs need no care: nobody reads the lines after the last one that counts.
                kept = partial(jnp.where, halted)
                state, done, carries = jax.tree.map(
                    kept,
                    (before.state, before.done, before.carries),
                    (after.state, after.done, after.carries),
                )
                after = after._replace(state=state, done=done, carries=carries)
                halts |= index + 1 >= control.count
            return index + 1, halted | halts, last, after

        def more(carry: tuple[Any, ...]) -> Any:
            index, halted = carry[:2]
            if waits:
                return lax.pmin(halted.astype(jnp.int32), axis) == 0
            return (index < control.count) & ~halted

        start = Ran(
            state,
            _buffer(loop.logs, capacity),
            _buffer(check.logs if check else {}, capacity),
            jnp.int32(0),
            control.carries,
        )
        halted = control.count <= 0 if waits else jnp.bool_(False)
        carry = (jnp.int32(0), halted, loop.start(), start)
        ran: Ran = lax.while_loop(more, body, carry)[3]
        return ran

    primitives = loop.primitives | (check.primitives if check else frozenset())
    one_call = loop.small and (check is None or check.small)
    return Program(run, primitives, loop.dot_work, one_call)


def scoring_program(
    model: keras.Model, state: State, rows: Any, spans: Mapping[str, Pass]
) -> Program:
    """Return the program `(state, rows, chosen) -> logs` of test passes, one a name.

    Args:
        model: built and compiled.
        state: arrays or shapes of its state.
        rows: arrays or shapes of data.
        spans: geometry of each pass; `chosen` has the numbers of the rows it visits.
    """
    loops = {
        name: Loop(model, functional.test_step, state, rows, span) for name, span in spans.items()
    }

    def run(state: State, rows: Any, chosen: Mapping[str, Any]) -> dict[str, Logs]:
        return {name: loop.whole(state, rows, chosen[name])[1] for name, loop in loops.items()}

    return Program(run, frozenset[str]().union(*(loop.primitives for loop in loops.values())))


def prediction_program(model: keras.Model, state: State, rows: Any, span: Pass) -> Program:
    """Return the program `(state, rows, stop, tail) -> (state, outputs)`.

    It runs the first `stop` full batches and, with `tail`, the short last one; outputs have a row
    axis first, and what was not asked for is zeros.
    """
    full, tail = traced_steps(model, functional.predict_step, state, rows, span)
    traced = [body for body in (full, tail) if body is not None]
    # Most outputs have a row for each row of the batch, but a model may make more or fewer.
    heights = [jax.tree.map(lambda a: a.shape[0], body.out_shape[0]) for body in traced]
    counts = (span.full, 1) if full is not None else (1,)
    shapes = jax.tree.map(
        lambda a, *each: jax.ShapeDtypeStruct(
            (sum(n * count for n, count in zip(each, counts, strict=False)), *a.shape[1:]), a.dtype
        ),
        traced[0].out_shape[0],
        *heights,
    )

    def run(state: State, rows: Any, stop: Any, with_tail: Any) -> tuple[State, Any]:
        def part(step: Any, batch: Any, index: Any, carry: tuple[State, Any]) -> tuple[State, Any]:
            state, outputs = carry
            new, state = step(state, batch)
            return state, jax.tree.map(
                lambda all_, one, each: lax.dynamic_update_slice_in_dim(all_, one, index * each, 0),
                outputs,
                new,
                heights[0],
            )

        carry = state, jax.tree.map(zeros, shapes)
        if full is not None:
            carry = lax.fori_loop(
                0, stop, lambda i, carry: part(full, taken(rows, None, i, span), i, carry), carry
            )
        if tail is not None:
            carry = lax.cond(
                with_tail,
                lambda carry: part(tail, short_rows(rows, None, span), span.full, carry),
                lambda carry: carry,
                carry,
            )
        return carry

    return Program(run, frozenset[str]().union(*(t.primitives for t in traced)))


def segment_table(segments: Sequence[Segment], capacity: int) -> Int32[np.ndarray, "capacity 7"]:
    """Return segments as the array a program reads."""
    table = np.zeros((capacity, len(Segment._fields)), np.int32)
    if segments:
        table[: len(segments)] = segments
    return table


def _with_rate(state: State, rate: int, value: Any) -> State:
    moments = list(state.optimizer)
    moments[rate] = value.astype(moments[rate].dtype)
    return state._replace(optimizer=moments)


def _put(buffer: Logs, index: Any, logs: Logs) -> Logs:
    return map_logs(
        lambda values, value: lax.dynamic_update_index_in_dim(values, value, index, 0), buffer, logs
    )


def _buffer(logs: Logs, capacity: int) -> Logs:
    return map_logs(lambda v: jnp.zeros((capacity, *v.shape), v.dtype), logs)
