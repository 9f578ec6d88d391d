"""The order in which an epoch visits the rows, drawn from the generator Keras draws from."""

import warnings
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int32

from bital.engine.passes import Pass, filled_up

Shuffle = bool | Literal["batch"]


@runtime_checkable
class Generator(Protocol):
    """`numpy.random` itself or a `numpy.random.RandomState`."""

    def permutation(self, x: int, /) -> np.ndarray:
        """Return a random order of 0..x-1."""

    def get_state(self) -> Any:
        """Return where the generator stands."""

    def set_state(self, state: Any, /) -> None:
        """Go back to where it stood."""


class Mark(NamedTuple):
    """Where `Orders` stood."""

    generator: Any
    rows: Int32[np.ndarray, " n"] | None
    seen: int


class EpochOrder(NamedTuple):
    """The batches `first` to `stop` of one order of the rows make one epoch."""

    rows: Int32[np.ndarray, " n"] | None
    """row numbers, in the order of visit; None: as they lie"""
    first: int
    stop: int


class Orders:
    """Yields one order per epoch, as Keras's array adapter and epoch iterator would.

    With `steps_per_epoch` below a whole pass, an epoch goes on where the last one ended, and a new
    order is drawn when the rows are used up. Source: keras/src/trainers/epoch_iterator.py.

    Args:
        whole: the pass over all rows.
        shuffle: True draws one permutation a pass, "batch" one inside each batch, False none.
        steps: batches per epoch; None means the whole pass.
        generator: where permutations are drawn; `numpy.random` is what Keras uses.
        unit: batches that Keras runs at a time; it fills the last such execution of an epoch.
    """

    def __init__(
        self,
        whole: Pass,
        shuffle: Shuffle,
        steps: int | None,
        generator: Generator,
        unit: int = 1,
    ) -> None:
        self._whole, self._shuffle, self._steps, self._unit = whole, shuffle, steps, unit
        self._generator = generator
        self._rows: Int32[np.ndarray, " n"] | None = None
        self._seen = 0

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return self._steps or self._whole.batches

    @property
    def shuffled(self) -> bool:
        """Whether the rows are visited in another order than they lie in."""
        return bool(self._shuffle)

    def draw_for_build(self) -> None:
        """Draw and drop what Keras draws to look at one batch while it builds an unbuilt model."""
        if self._shuffle == "batch":
            self._generator.permutation(self._whole.batch)
        elif self._shuffle:
            self._generator.permutation(self._whole.rows)

    def mark(self) -> Mark:
        """Return where things stand, for `rewind`."""
        return Mark(self._generator.get_state(), self._rows, self._seen)

    def rewind(self, mark: Mark) -> None:
        """Forget the orders drawn since `mark`, in the generator too."""
        state, self._rows, self._seen = mark
        self._generator.set_state(state)

    def next(self) -> EpochOrder:
        """Return the next epoch's order; warns, as Keras does, when the rows end before it."""
        wanted = filled_up(self.steps, self._unit)
        first, stop = self._seen, min(self._seen + wanted, self._whole.batches)
        if filled_up(stop - first, self._unit) < wanted:
            warnings.warn(
                f"steps_per_epoch={self.steps} asks for more batches than are left: "
                f"this epoch has {stop - first} of {self._whole.batches} in the data.",
                stacklevel=2,
            )
        if self._shuffle == "batch":
            self._rows = self._draw_batches(first, stop)
        elif self._shuffle and first == 0:
            self._rows = self._generator.permutation(self._whole.rows).astype(np.int32)
        self._seen = stop % self._whole.batches
        return EpochOrder(self._rows, first, stop)

    def _draw_batches(self, first: int, stop: int) -> Int32[np.ndarray, " n"]:
        """Return the rows as they lie, but for the batches `first` to `stop` - 1."""
        rows = np.arange(self._whole.rows, dtype=np.int32)
        for start in range(first * self._whole.batch, self._whole.rows, self._whole.batch)[
            : stop - first
        ]:
            end = min(start + self._whole.batch, self._whole.rows)
            rows[start:end] = self._generator.permutation(end - start) + start
        return rows
