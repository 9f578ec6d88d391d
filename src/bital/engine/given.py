"""Data as the user gave it, and how it reaches the device."""

from types import GeneratorType
from typing import Any

import keras
import numpy as np

from bital.engine import arrays, checks, memory
from bital.engine.build import build
from bital.engine.keras_own import Trainer
from bital.engine.order import Mark, Orders, Shuffle
from bital.engine.pace import capacity
from bital.engine.passes import default_batch_size, steps_of, whole_pass
from bital.engine.sources import WINDOW_BATCHES, Batches, Drawn, Fed, Resident, most_batches


class Given:
    """Data for a training, an evaluation or a prediction.

    Dense arrays that fit into the memory budget lie on the device; larger ones are drawn from the
    host a few batches at a time; everything else comes from Keras's own iterator.

    Args:
        x: what Keras takes as `x`.
        y: labels.
        sample_weight: weights of rows.
        batch_size: rows a step, or None.
        steps: batches a pass, or None.
        unit: the model's `steps_per_execution`.
        strict: whether what Keras lets pass is an error: NaN, text, labels a loss cannot mean.
        finite: whether NaN is an error then.
        name: what to call the data in errors.

    Raises:
        InvalidInput: `strict`, and the data breaks a rule.
        ValueError: Keras does not take the data.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        batch_size: int | None,
        steps: int | None,
        unit: int = 1,
        strict: bool = False,
        finite: bool = True,
        name: str = "",
    ) -> None:
        self._data = x, y, sample_weight
        if strict:
            checks.check_source(x, name)
            self._data = arrays.native((x, y, sample_weight))
        self._batch_size, self._steps, self._unit, self._strict = batch_size, steps, unit, strict
        self._finite, self._name = strict and finite, name
        self._read: Any = None  # as Keras would read them, batch by batch
        self._rows: Any = None  # as the device takes them
        self._orders: Orders | None = None
        self._made: Batches | None = None
        self._trains = False
        self._shuffle: Shuffle = False
        self._class_weight: Any = None

    def for_passes(self) -> "Given":
        """Return this data in the order it lies in, for an evaluation or a prediction."""
        self._take()
        if self._rows is not None:
            self._span = steps_of(self._rows, self._batch_size, self._steps, self._unit)
        return self

    def for_training(self, shuffle: Shuffle, class_weight: Any) -> "Given":
        """Return this data in a new order each epoch."""
        self._trains, self._shuffle, self._class_weight = True, shuffle, class_weight
        self._take()
        if self._rows is None:
            return self
        rows, steps = arrays.count_rows(self._rows), self._steps
        self._span = whole_pass(rows, default_batch_size(self._batch_size, steps, rows))
        self._orders = Orders(self._span, shuffle, steps, np.random, self._unit)
        return self

    def _take(self) -> None:
        if not arrays.are_arrays(*self._data):
            return
        if self._strict:
            checks.check_lengths(*self._data, self._name)
            checks.check_numbers(*self._data, self._name)
        self._read = arrays.as_keras_reads(*self._data, self._class_weight)
        if self._read is not None:
            if self._strict:
                checks.check_integers(self._read, self._name or "x, y or sample_weight")
            self._rows = arrays.narrowed(self._read)
        if self._finite and self._rows is not None:
            checks.check_finite(self._rows, self._name or "x, y or sample_weight")
        self.resident = self._rows is not None and memory.fits(self._rows)

    def _batches(self) -> Batches:
        """Keras's iterator; making one may look at the data, a generator's first batch say."""
        if self._made is None:
            x, y, sample_weight = self._data
            self._made = Batches(
                x,
                y,
                sample_weight,
                batch_size=self._batch_size,
                steps_per_epoch=self._steps,
                shuffle=self._shuffle,
                class_weight=self._class_weight,
                steps_per_execution=self._unit,
            )
        return self._made

    resident: bool = False
    """whether the data lies on the device"""

    @property
    def why_not_resident(self) -> str:
        """Why the data is not on the device; empty where it is."""
        if self.resident:
            return ""
        if self._rows is None:
            return f"{type(self._data[0]).__name__} is read batch by batch"
        size, most = (f"{n / 1e6:,.0f} MB" for n in (memory.size(self._rows), memory.budget()))
        return f"{size} of data is more than the {most} of BITAL_MEMORY"

    @property
    def used_up(self) -> bool:
        """Whether what is drawn is gone: from a generator."""
        return isinstance(self._data[0], GeneratorType)

    @property
    def begins_anew(self) -> bool:
        """Whether each epoch's data can be had again by whoever has only the epoch's number."""
        if self._rows is not None:
            return True
        return not self.used_up and self._steps is None

    @property
    def arrays(self) -> Any:
        """The rows, where the data is made of arrays."""
        return self._rows

    @property
    def source_given(self) -> Any:
        """What the user gave as `x`."""
        return self._data[0]

    @property
    def position(self) -> Any:
        """Where the next epoch begins within an order of the rows; see `set_position`."""
        return self._orders.mark()[1:] if self._orders is not None else None

    def set_position(self, position: Any) -> None:
        """Let the next epoch begin where one was to begin."""
        if self._orders is not None:
            self._orders.rewind(Mark(self._orders.mark().generator, *position))

    @property
    def resident_bytes(self) -> int:
        """Bytes the data takes on the device."""
        return memory.size(self._rows) if self.resident else 0

    @property
    def rows(self) -> int:
        """Number of rows a pass visits."""
        return self._span.rows

    @property
    def steps(self) -> int | None:
        """Batches in a pass; None where nobody knows before the data is read."""
        if self._rows is None:
            return self._steps
        return self._span.batches if self._orders is None else self._orders.steps

    @property
    def told_steps(self) -> int | None:
        """Batches in a pass as Keras tells callbacks; None where nobody knows yet."""
        if self._rows is not None:
            return self._steps or self._span.batches
        steps: int | None = self._batches().num_batches
        return steps

    @property
    def windows(self) -> int:
        """Fewest dispatches of a pass over data that is not resident."""
        steps = self.steps
        assert steps is not None
        if self._rows is None:
            return -(-steps // WINDOW_BATCHES)
        batch = memory.size(self._rows) // self._span.rows * self._span.batch
        return -(-steps // most_batches(batch, steps))

    def build(self, model: Trainer, held_out: "Given | None" = None) -> None:
        """Build what of the model is not built yet, as Keras would from this data."""
        if self._rows is None:
            model._symbolic_build(iterator=self._batches())
            if self._trains:  # an evaluation begins anew with each pass
                self._batches().reset()
            return
        build(
            model,
            self._rows,
            self._orders,
            batch=self._span.batch if self._span.full else self._span.tail,
            held_out=held_out._rows if held_out is not None else None,
            strict=self._strict,
        )

    def build_for_prediction(self, model: Trainer) -> None:
        """Build the model's weights on one batch, if they are not there yet."""
        if all(layer.built for layer in model._flatten_layers()):
            return
        if self._rows is None:
            _, _, batches = next(iter(self._batches()))
            first = next(batches)
            self._batches().reset()
        else:
            first = arrays.first_rows(self._rows, self._span.batch)
        with keras.StatelessScope():
            model(keras.utils.unpack_x_y_sample_weight(first)[0])

    def source(
        self,
        ahead: bool = False,
        hooked: bool = False,
        again: bool = False,
        changing: bool = False,
    ) -> Resident | Drawn | Fed:
        """Return the batches.

        Args:
            ahead: whether many epochs may run in one dispatch.
            hooked: whether batch hooks listen.
            again: whether every pass begins where the data begins.
            changing: whether a callback may change the arrays between passes.
        """
        anew = (lambda: arrays.narrowed(self._read)) if changing else None
        if self._rows is None:
            if not isinstance(self._data[0], GeneratorType):
                self._batches()  # now, for it may find something wrong with the data
            look = checks.check_integers if self._strict else None
            return Fed(self._batches, self._unit, ahead=not hooked, again=again, look=look)
        if not self.resident:
            return Drawn(self._rows, self._span, self._unit, self._orders, anew)
        lines = capacity(self._span.rows) if ahead else 1
        rows = arrays.to_device(self._rows)
        return Resident(rows, self._span, self._unit, self._orders, lines, anew)
