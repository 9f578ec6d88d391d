"""Training, evaluation and prediction as compiled programs over arrays on the device."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax
from jaxtyping import Int32

from bital.engine.passes import Pass
from bital.kernels.options import compiler_options
from bital.kernels.rewrite import Traced
from bital.models import functional
from bital.models.functional import Logs, State

# Multiply-adds a step. On 2 cores with 10 replicas packing won 1.6x at 4e5 and lost 2.5x at 1.6e6.
PACKED_WORK = 800_000

Step = Callable[[keras.Model, State, Any], tuple[Logs, State]]


class Feed(NamedTuple):
    """What a program reads: arrays with a row axis first, or their shapes while it is traced."""

    train: Any
    order: Any
    """int32 (capacity, n): rows of `train` as visited, one line an epoch; None: as they lie"""
    validation: Any = None
    validation_order: Any = None
    """int32 (m,), likewise"""


class Segment(NamedTuple):
    """A part of training that runs without the host: batches of one epoch, or none."""

    line: int
    """which line of `Feed.order`"""
    first: int
    stop: int
    """full batches `first` to `stop` - 1 of that line"""
    reset: bool
    """start with fresh metrics"""
    tail: bool
    """end with the short last batch"""
    evaluate: bool
    """then run the validation pass"""


class Lines(NamedTuple):
    """What segments report, one line each; leaves have shape (capacity, ...)."""

    train: Logs
    validation: Logs


@dataclass(frozen=True)
class Program:
    """A function of state and data, traced for one model and one geometry of data."""

    run: Callable[..., Any]
    primitives: frozenset[str]
    """names of the operations inside"""
    dot_work: int = 0
    """multiply-adds of one step's matrix products, forward and backward"""

    def compiled(self, in_axes: Any = None) -> jax.stages.Wrapped:
        """Return the function under `jit`; with `in_axes`, over a leading axis of replicas too."""
        run = self.run if in_axes is None else jax.vmap(self.run, in_axes=in_axes)
        return jax.jit(run, compiler_options=compiler_options(self.primitives))

    @property
    def packs(self) -> bool:
        """Whether replicas are faster in one program over a replica axis than in turn.

        On a CPU that axis makes XLA's matrix products and convolutions slow; it pays only where a
        step is so small that starting its operations is what takes the time.
        """
        if jax.default_backend() != "cpu":
            return True
        return "conv_general_dilated" not in self.primitives and self.dot_work <= PACKED_WORK


class _Loop:
    """The model's step over the batches of a pass."""

    def __init__(
        self, model: keras.Model, step: Step, state: State, arrays: Any, span: Pass
    ) -> None:
        trace = partial(Traced, partial(step, model), replace=jax.default_backend() == "cpu")
        self._model, self._span = model, span
        self._full = trace(state, _shapes(arrays, span.batch)) if span.full else None
        self._tail = trace(state, _shapes(arrays, span.tail)) if span.tail else None
        traced = [t for t in (self._full, self._tail) if t is not None]
        self.primitives = frozenset[str]().union(*(t.primitives for t in traced))
        self.dot_work = traced[0].dot_work
        results = jax.eval_shape(partial(functional.metric_results, model), state)
        own: Logs = traced[0].out_shape[0]
        # Keras reports its metrics' results unless a custom step returns logs of other names.
        self._own = not (isinstance(own, dict) and set(own) == set(results))
        self.logs: Logs = dict(own if self._own else results)
        """shapes of what `results` returns"""

    def start(self) -> Logs:
        """Return the carry that stands for "no step yet"."""
        return _map(_zeros, self.logs) if self._own else {}

    def steps(
        self, state: State, last: Logs, arrays: Any, order: Any, first: Any, stop: Any
    ) -> tuple[State, Logs]:
        """Run the full batches `first` to `stop` - 1."""
        if self._full is None:
            return state, last
        step, batch = self._full, self._span.batch

        def body(index: Any, carry: tuple[State, Logs]) -> tuple[State, Logs]:
            return self._step(step, carry, _rows(arrays, order, index * batch, batch))

        carry: tuple[State, Logs] = lax.fori_loop(first, stop, body, (state, last))
        return carry

    def short(self, state: State, last: Logs, arrays: Any, order: Any) -> tuple[State, Logs]:
        """Run the short last batch."""
        assert self._tail is not None
        start = self._span.full * self._span.batch
        return self._step(self._tail, (state, last), _rows(arrays, order, start, self._span.tail))

    def whole(self, state: State, arrays: Any, order: Any) -> tuple[State, Logs]:
        """Run the pass from fresh metrics to its results."""
        state = functional.reset_metrics(self._model, state)
        state, last = self.steps(state, self.start(), arrays, order, 0, self._span.full)
        if self._tail is not None:
            state, last = self.short(state, last, arrays, order)
        return state, self.results(state, last)

    def results(self, state: State, last: Logs) -> Logs:
        """Return the epoch's logs after its last step."""
        results = last if self._own else functional.metric_results(self._model, state)
        return _map(_strong, results)

    def _step(self, step: Traced, carry: tuple[State, Logs], batch: Any) -> tuple[State, Logs]:
        state, last = carry
        logs, state = step(state, batch)
        return state, _map(_strong, logs) if self._own else last


def training_program(
    model: keras.Model,
    state: State,
    feed: Feed,
    train: Pass,
    validation: Pass | None,
    capacity: int,
) -> Program:
    """Return the program `(state, feed, segments, count) -> (state, Lines)`.

    It runs the first `count` of up to `capacity` segments (int32 (capacity, 6), the fields of
    `Segment`), so that one compiled program serves any number of epochs and any part of one.

    Args:
        model: built and compiled.
        state: arrays or shapes of the model's state.
        feed: arrays or shapes of one replica's data.
        train: geometry of a training epoch.
        validation: geometry of the validation pass, or None.
        capacity: lines of the log buffers.
    """
    loop = _Loop(model, functional.train_step, state, feed.train, train)
    check = (
        _Loop(model, functional.test_step, state, feed.validation, validation)
        if validation
        else None
    )

    def run(state: State, feed: Feed, segments: Any, count: Any) -> tuple[State, Lines]:
        def segment(index: Any, carry: tuple[State, Logs, Lines]) -> tuple[State, Logs, Lines]:
            state, last, lines = carry
            line, first, stop, reset, tail, evaluate = segments[index]
            order = None if feed.order is None else feed.order[line]
            state = lax.cond(
                reset, partial(functional.reset_metrics, model), lambda state: state, state
            )
            state, last = loop.steps(state, last, feed.train, order, first, stop)
            if train.tail:
                state, last = lax.cond(
                    tail,
                    lambda state, last: loop.short(state, last, feed.train, order),
                    lambda state, last: (state, last),
                    state,
                    last,
                )
            lines = lines._replace(train=_put(lines.train, index, loop.results(state, last)))
            if check is not None:
                state, logs = lax.cond(
                    evaluate,
                    lambda state: check.whole(state, feed.validation, feed.validation_order),
                    lambda state: (state, _map(_zeros, check.logs)),
                    state,
                )
                lines = lines._replace(validation=_put(lines.validation, index, logs))
            return state, last, lines

        lines = Lines(_buffer(loop.logs, capacity), _buffer(check.logs if check else {}, capacity))
        state, _, lines = lax.fori_loop(0, count, segment, (state, loop.start(), lines))
        return state, lines

    primitives = loop.primitives | (check.primitives if check else frozenset())
    return Program(run, primitives, loop.dot_work)


def evaluation_program(model: keras.Model, state: State, arrays: Any, span: Pass) -> Program:
    """Return the program `(state, arrays, order) -> (state, logs)`: one pass of the test step."""
    loop = _Loop(model, functional.test_step, state, arrays, span)
    return Program(loop.whole, loop.primitives)


def prediction_program(model: keras.Model, state: State, arrays: Any, span: Pass) -> Program:
    """Return the program `(state, arrays) -> outputs`, every output with a row axis first."""
    replace = jax.default_backend() == "cpu"
    step = partial(functional.predict_step, model)
    full = Traced(step, state, _shapes(arrays, span.batch), replace=replace) if span.full else None
    tail = Traced(step, state, _shapes(arrays, span.tail), replace=replace) if span.tail else None

    def run(state: State, arrays: Any) -> Any:
        parts = []
        if full is not None:
            outputs = lax.map(
                lambda i: full(state, _rows(arrays, None, i * span.batch, span.batch)),
                jnp.arange(span.full),
            )
            parts.append(jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), outputs))
        if tail is not None:
            parts.append(tail(state, _rows(arrays, None, span.full * span.batch, span.tail)))
        return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *parts)

    traced = [t.primitives for t in (full, tail) if t is not None]
    return Program(run, frozenset[str]().union(*traced))


def segment_table(segments: list[Segment], capacity: int) -> Int32[np.ndarray, "capacity 6"]:
    """Return segments as the array a training program reads."""
    table = np.zeros((capacity, len(Segment._fields)), np.int32)
    if segments:
        table[: len(segments)] = segments
    return table


def _shapes(arrays: Any, rows: int) -> Any:
    return jax.tree.map(lambda a: jax.ShapeDtypeStruct((rows, *a.shape[1:]), a.dtype), arrays)


def _rows(arrays: Any, order: Any, start: Any, size: int) -> Any:
    if order is None:
        return jax.tree.map(lambda a: lax.dynamic_slice_in_dim(a, start, size), arrays)
    rows = lax.dynamic_slice_in_dim(order, start, size)
    return jax.tree.map(lambda a: a.at[rows].get(mode="promise_in_bounds"), arrays)


def _map(function: Callable[..., Any], *logs: Mapping[str, Any]) -> Logs:
    mapped: Logs = jax.tree.map(function, *(dict(each) for each in logs))
    return mapped


def _put(buffer: Logs, index: Any, logs: Logs) -> Logs:
    return _map(lambda values, value: values.at[index].set(value), buffer, logs)


def _buffer(logs: Logs, capacity: int) -> Logs:
    return _map(lambda v: jnp.zeros((capacity, *v.shape), v.dtype), logs)


def _zeros(shape: Any) -> jax.Array:
    return jnp.zeros(shape.shape, shape.dtype)


def _strong(value: Any) -> jax.Array:
    return lax.convert_element_type(value, jnp.result_type(value))
