"""A pass of the model's outputs."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from keras.src.callbacks.callback_list import CallbackList

from bital.engine.arrays import layout, places
from bital.engine.cache import remembered
from bital.engine.callbacks import hooked, users
from bital.engine.keras_own import Trainer
from bital.engine.pace import Pace
from bital.engine.passes import Pass, filled_up
from bital.engine.program import prediction_program
from bital.engine.sources import ANNOUNCED, Source, Unit, Window
from bital.errors import InvalidInput
from bital.models.functional import State, read_state, write_state


class Prediction:
    """Predicts with the model as it is, telling callbacks as Keras does.

    Args:
        model: built; it need not be compiled.
        source: where the batches come from.
        callbacks: Keras's list.
    """

    def __init__(self, model: Trainer, source: Source, callbacks: CallbackList) -> None:
        self._model, self._source, self._callbacks = model, source, callbacks
        self._listening = any(hooked(callback, "predict") for callback in users(callbacks))
        self._pace = Pace()  # that of the program used last

    def run(self) -> Any:
        """Return NumPy arrays with rows first, in the structure of the model's outputs."""
        model, callbacks = self._model, self._callbacks
        model.stop_predicting = False
        callbacks.on_predict_begin()
        parts: list[Any] = []
        begun: list[Any] = []
        state, steps = read_state(model), 0
        for window, units in self._units():
            if self._listening and units[0].begins:
                state = self._told(state, callbacks.on_predict_batch_begin, self._filled(steps))
            if window is ANNOUNCED:
                continue
            state, outputs = self._call(window, state, units)
            begun.append(outputs)
            steps += sum(unit.batches for unit in units)
            if not units[-1].ends:
                continue
            parts.append(_joined(begun))
            begun = []
            last, logs = self._filled(steps) - 1, {"outputs": parts[-1]}
            if self._listening:
                state = self._told(state, callbacks.on_predict_batch_end, last, logs)
            elif callbacks._progbar is not None:
                callbacks._progbar.on_predict_batch_end(last)
            if model.stop_predicting:
                break
        write_state(model, state)
        callbacks.on_predict_end()
        if not parts:
            raise InvalidInput("there must be at least one batch to predict; the data gave none.")
        return _joined(parts)

    def _room(self) -> int:
        return self._pace.steps()

    def _units(self) -> Iterator[tuple[Window, list[Unit]]]:
        """Yield what to run at a time: a window, or one unit where hooks listen."""
        for window in self._source.windows(self._room):
            for units in [[u] for u in window.units] if self._listening else [window.units]:
                yield window, units

    def _filled(self, steps: int) -> int:
        return filled_up(steps, self._model.steps_per_execution)

    def _told(self, state: State, tell: Callable[..., None], *what: Any) -> State:
        """Call hooks with the model up to date; return its state after that."""
        write_state(self._model, state)
        tell(*what)
        return read_state(self._model)

    def _call(self, window: Window, state: State, units: list[Unit]) -> tuple[State, Any]:
        """Return the state after units and their outputs."""
        first, last = units[0], units[-1]
        span, rows = window.span, window.rows
        if self._listening:  # one unit at a time, cut out of the window
            span, rows = _cut(window, first)
            first = last = Unit(0, span.full, bool(span.tail))
        program, self._pace = self._program(state, rows, span)
        began = time.perf_counter()
        state, outputs = program(state, rows, np.int32(last.stop), np.bool_(last.tail))
        share = (last.stop + last.tail) / span.batches
        kept = jax.tree.map(lambda a: np.array(a[: round(len(a) * share)]), outputs)
        self._pace.record(last.stop + last.tail, time.perf_counter() - began)
        return state, kept

    def _program(self, state: State, rows: Any, span: Pass) -> tuple[Any, Pace]:
        def make() -> tuple[Any, Pace]:
            program = prediction_program(self._model, state, rows, span).compiled()
            lowered = program.lower(state, rows, np.int32(0), np.bool_(False))
            return lowered.compile(), Pace()

        key = ("predict", span, layout((state, rows)), places((state, rows)))
        kept: tuple[Any, Pace] = remembered(self._model, key, make)
        return kept


def _joined(parts: list[Any]) -> Any:
    if len(parts) == 1:
        return parts[0]
    return jax.tree.map(lambda *leaves: np.concatenate(leaves), *parts)


def _cut(window: Window, unit: Unit) -> tuple[Pass, Any]:
    """Return one unit of a window as rows of their own."""
    span = window.span
    start, stop = unit.first * span.batch, unit.stop * span.batch + (span.tail if unit.tail else 0)
    cut = Pass(span.batch, unit.stop - unit.first, span.tail if unit.tail else 0, span.stacked)
    return cut, jax.tree.map(lambda a: a[start:stop], window.rows)
