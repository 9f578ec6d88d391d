"""How one pass over rows divides into batches."""

import warnings
from dataclasses import dataclass
from typing import Any

from bital.engine.arrays import count_rows


@dataclass(frozen=True)
class Pass:
    """`full` batches of `batch` rows, then one of `tail` rows if `tail` is not 0.

    Special cases derive from this one: a batch of 1 is stochastic gradient descent, a batch of all
    rows is batch gradient descent.
    """

    batch: int
    full: int
    tail: int
    stacked: bool = False
    """whether the arrays have an axis of batches before that of rows; `batch` is 1 then"""

    @property
    def batches(self) -> int:
        """Number of batches, the short last one included."""
        return self.full + (self.tail > 0)

    @property
    def rows(self) -> int:
        """Number of rows the pass visits."""
        return self.full * self.batch + self.tail


def whole_pass(rows: int, batch_size: int) -> Pass:
    """Return the pass that visits every row once."""
    batch = min(rows, batch_size)
    return Pass(batch, rows // batch, rows % batch)


def limited(whole: Pass, steps: int | None, unit: int = 1) -> Pass:
    """Return the first `steps` batches of a pass; warns, as Keras does, where there are fewer.

    Keras runs `unit` batches at a time and fills the last such execution.
    """
    if not steps:
        return whole
    filled = filled_up(steps, unit)
    if filled > filled_up(whole.batches, unit):
        warnings.warn(
            f"steps={steps} asks for more batches than the data has; all {whole.batches} are used.",
            stacklevel=3,
        )
    return whole if filled >= whole.batches else Pass(whole.batch, filled, 0)


def filled_up(batches: int, unit: int) -> int:
    """Return the number of batches with the last execution of `unit` of them filled."""
    return -(-batches // unit) * unit


def default_batch_size(batch_size: int | None, steps: int | None, rows: int) -> int:
    """Return Keras's batch size: as given, else what makes `steps` batches, else 32.

    Source: keras/src/trainers/data_adapters/array_data_adapter.py.
    """
    if batch_size:
        return batch_size
    return -(-rows // steps) if steps else 32


def steps_of(arrays: Any, batch_size: int | None, steps: int | None, unit: int = 1) -> Pass:
    """Return the pass that Keras's evaluate or predict makes over normalised arrays."""
    rows = count_rows(arrays)
    return limited(whole_pass(rows, default_batch_size(batch_size, steps, rows)), steps, unit)
