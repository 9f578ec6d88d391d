"""The orders in which one replica visits its rows, as lines of the table a program reads."""

from typing import Any

import numpy as np
from jaxtyping import Int

from bital.engine.order import Orders, Shuffle
from bital.engine.passes import Pass


class Lines:
    """Draws what Keras draws from `numpy.random`, ahead of time where asked to.

    Args:
        generator: where `numpy.random` stands when training begins.
        span: the pass over all rows.
        shuffle: as in `Orders`.
        rows: number of each row in the table of data; None: as they are counted.
    """

    def __init__(
        self,
        generator: np.random.RandomState,
        span: Pass,
        shuffle: Shuffle,
        rows: Int[np.ndarray, " n"] | None = None,
    ) -> None:
        self._generator, self._shuffle, self._rows = generator, shuffle, rows
        self._count = span.rows
        self._orders = Orders(span, shuffle, None, generator)
        self._orders.draw_for_build()  # each training is a new model's first
        self._ahead = np.empty((0, span.rows), np.int32)

    def ahead(self, count: int) -> None:
        """Have at least `count` epochs' orders drawn."""
        missing = count - len(self._ahead)
        if missing > 0:
            self._ahead = np.concatenate([self._ahead, self._drawn(missing)])

    def first(self, count: int) -> Int[np.ndarray, "epochs n"]:
        """Return the next epochs' orders; `drop` those that were used."""
        self.ahead(count)
        return self._ahead[:count]

    def drop(self, count: int) -> None:
        """Go on behind the first `count` orders."""
        self._ahead = self._ahead[count:]

    def _drawn(self, count: int) -> Any:
        lines: Any = np.tile(np.arange(self._count), (count, 1))
        if self._shuffle == "batch":
            orders: list[Any] = [self._orders.next().rows for _ in range(count)]
            lines = np.stack(orders)
        elif self._shuffle:
            shuffle = self._generator.shuffle
            for line in lines:
                shuffle(line)  # `permutation(n)` is this, in a new array
        return (lines if self._rows is None else self._rows[lines]).astype(np.int32)
