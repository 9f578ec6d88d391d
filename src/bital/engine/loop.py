"""The model's step over the batches of a pass, traced once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras
from jax import lax

from bital.engine.blocks import routed
from bital.engine.passes import Pass
from bital.kernels.library import mode
from bital.kernels.materialize import once
from bital.kernels.one_call import fits_one_call
from bital.kernels.rewrite import Traced
from bital.models import functional
from bital.models.functional import Logs, State

Step = Callable[[keras.Model, State, Any], tuple[Logs, State]]


class Loop:
    """The model's step over the batches of a pass.

    Args:
        model: built and compiled.
        step: the training or the test step.
        state: arrays or shapes of the model's state.
        rows: arrays or shapes of data, rows first.
        span: geometry of the pass.
    """

    def __init__(self, model: keras.Model, step: Step, state: State, rows: Any, span: Pass) -> None:
        self._model, self._span = model, span
        self._full, self._tail = traced_steps(model, step, state, rows, span)
        traced = [body for body in (self._full, self._tail) if body is not None]
        self.primitives = frozenset[str]().union(*(t.primitives for t in traced))
        """names of the operations inside"""
        self.dot_work = traced[0].dot_work
        """multiply-adds of one step's matrix products"""
        self.small = fits_one_call(self.primitives, max(t.largest for t in traced))
        """whether the pass can be part of a program that is one function"""
        results = jax.eval_shape(partial(functional.metric_results, model), state)
        own: Logs = traced[0].out_shape[0]
        # Keras reports its metrics' results unless a custom step returns logs of other names.
        self._own = not (isinstance(own, dict) and set(own) == set(results))
        self.logs: Logs = dict(own if self._own else results)
        """shapes of what `results` returns"""

    def start(self) -> Logs:
        """Return the carry that stands for "no step yet"."""
        return map_logs(zeros, self.logs) if self._own else {}

    def steps(
        self, state: State, last: Logs, rows: Any, order: Any, first: Any, stop: Any
    ) -> tuple[State, Logs]:
        """Run the full batches `first` to `stop` - 1."""
        if self._full is None:
            return state, last
        step, span = self._full, self._span

        def body(index: Any, carry: tuple[State, Logs]) -> tuple[State, Logs]:
            batch = taken(rows, order, index, span)
            # One function would take a row from the data anew for each use of it.
            return self._step(step, carry, jax.tree.map(once, batch) if self.small else batch)

        carry: tuple[State, Logs] = lax.fori_loop(first, stop, body, (state, last))
        return carry

    def short(self, state: State, last: Logs, rows: Any, order: Any) -> tuple[State, Logs]:
        """Run the short last batch."""
        assert self._tail is not None
        return self._step(self._tail, (state, last), short_rows(rows, order, self._span))

    def whole(self, state: State, rows: Any, order: Any) -> tuple[State, Logs]:
        """Run the pass from fresh metrics to its results."""
        state = functional.reset_metrics(self._model, state)
        state, last = self.steps(state, self.start(), rows, order, 0, self._span.full)
        if self._tail is not None:
            state, last = self.short(state, last, rows, order)
        return state, self.results(state, last)

    def results(self, state: State, last: Logs) -> Logs:
        """Return the epoch's logs after its last step."""
        results = last if self._own else functional.metric_results(self._model, state)
        return map_logs(_strong, results)

    def _step(self, step: Traced, carry: tuple[State, Logs], batch: Any) -> tuple[State, Logs]:
        state, last = carry
        logs, state = step(state, batch)
        return state, map_logs(_strong, logs) if self._own else last


def traced_steps(
    model: keras.Model, step: Step, state: State, rows: Any, span: Pass
) -> tuple[Traced | None, Traced | None]:
    """Return a step traced for full batches and for the short last one, where there are any."""
    replace = jax.default_backend() == "cpu" and mode() != "off"

    def traced(size: int) -> Traced:
        lead = () if span.stacked else (size,)
        shapes = jax.tree.map(lambda a: jax.ShapeDtypeStruct((*lead, *a.shape[1:]), a.dtype), rows)
        own = partial(step, model)
        try:
            with routed(model):
                return Traced(own, state, shapes, replace=replace)
        except (TypeError, NotImplementedError):
            # A custom step's jax.jvp meets a kernel, which has no forward-mode derivative; any
            # other error comes again.
            return Traced(own, state, shapes, replace=replace)

    return traced(span.batch) if span.full else None, traced(span.tail) if span.tail else None


def taken(rows: Any, order: Any, index: Any, span: Pass) -> Any:
    """Return full batch `index`, in the order given, or as the rows lie with None."""
    if span.stacked:
        return jax.tree.map(lambda a: lax.dynamic_index_in_dim(a, index, keepdims=False), rows)
    return _slice(rows, order, index * span.batch, span.batch)


def short_rows(rows: Any, order: Any, span: Pass) -> Any:
    """Return the short last batch."""
    return _slice(rows, order, span.full * span.batch, span.tail)


def _slice(rows: Any, order: Any, start: Any, size: int) -> Any:
    if order is None:
        return jax.tree.map(lambda a: lax.dynamic_slice_in_dim(a, start, size), rows)
    at = lax.dynamic_slice_in_dim(order, start, size)
    return jax.tree.map(lambda a: a.at[at].get(mode="promise_in_bounds"), rows)


def map_logs(function: Callable[..., Any], *logs: Mapping[str, Any]) -> Logs:
    """Apply a function to each value of logs of the same names."""
    mapped: Logs = jax.tree.map(function, *(dict(each) for each in logs))
    return mapped


def zeros(shape: Any) -> jax.Array:
    """Return zeros of an array's or a shape's shape and dtype."""
    return jnp.zeros(shape.shape, shape.dtype)


def _strong(value: Any) -> jax.Array:
    return lax.convert_element_type(value, jnp.result_type(value))
