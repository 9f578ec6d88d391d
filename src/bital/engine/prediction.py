"""A pass of the model's outputs."""

from typing import Any

import jax
import numpy as np
from keras.src.callbacks.callback_list import CallbackList

from bital.engine.arrays import layout
from bital.engine.cache import persist_compilation, remembered
from bital.engine.callbacks import hooked
from bital.engine.keras_own import Trainer
from bital.engine.pace import Pace
from bital.engine.passes import Pass
from bital.engine.program import prediction_program
from bital.engine.sources import Source, Unit, Window
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
        self._listening = any(hooked(callback, "predict") for callback in callbacks.callbacks)
        self._pace = Pace()

    def run(self) -> Any:
        """Return NumPy arrays with rows first, in the structure of the model's outputs."""
        model, callbacks = self._model, self._callbacks
        model.stop_predicting = False
        callbacks.on_predict_begin()
        parts: list[Any] = []
        state, steps = read_state(model), 0
        for window in self._source.windows(self._pace.steps):
            for units in [[u] for u in window.units] if self._listening else [window.units]:
                if self._listening:
                    write_state(model, state)
                    callbacks.on_predict_batch_begin(steps)
                    state = read_state(model)
                state, outputs = self._call(window, state, units)
                parts.append(outputs)
                steps += sum(unit.batches for unit in units)
                if self._listening:
                    write_state(model, state)
                    last = -(-steps // model.steps_per_execution) * model.steps_per_execution - 1
                    callbacks.on_predict_batch_end(last, {"outputs": outputs})
                    state = read_state(model)
                if model.stop_predicting:
                    break
            if model.stop_predicting:
                break
        write_state(model, state)
        callbacks.on_predict_end()
        if not parts:
            raise InvalidInput("there must be at least one batch to predict; the data gave none.")
        return jax.tree.map(lambda *leaves: np.concatenate(leaves), *parts)

    def _call(self, window: Window, state: State, units: list[Unit]) -> tuple[State, Any]:
        """Return the state after units and their outputs."""
        first, last = units[0], units[-1]
        span, rows = window.span, window.rows
        if self._listening:  # one unit at a time, cut out of the window
            span, rows = _cut(window, first)
            first = last = Unit(0, span.full, bool(span.tail))
        program = self._program(state, rows, span)
        state, outputs = program(state, rows, np.int32(last.stop), np.bool_(last.tail))
        share = (last.stop + last.tail) / span.batches
        return state, jax.tree.map(lambda a: np.array(a[: round(len(a) * share)]), outputs)

    def _program(self, state: State, rows: Any, span: Pass) -> Any:
        persist_compilation()

        def make() -> Any:
            program = prediction_program(self._model, state, rows, span).compiled()
            return program.lower(state, rows, np.int32(0), np.bool_(False)).compile()

        return remembered(self._model, ("predict", span, layout(rows)), make)


def _cut(window: Window, unit: Unit) -> tuple[Pass, Any]:
    """Return one unit of a window as rows of their own."""
    span = window.span
    start, stop = unit.first * span.batch, unit.stop * span.batch + (span.tail if unit.tail else 0)
    cut = Pass(span.batch, unit.stop - unit.first, span.tail if unit.tail else 0, span.stacked)
    return cut, jax.tree.map(lambda a: a[start:stop], window.rows)
