"""Where the batches of a pass come from: rows on the device, rows on the host, any iterable."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import jax
import numpy as np
from keras.src.backend.jax.trainer import JAXEpochIterator
from keras.src.trainers.data_adapters.generator_data_adapter import GeneratorDataAdapter

from bital.engine.arrays import layout, narrowed, room_for, to_device
from bital.engine.order import EpochOrder, Orders
from bital.engine.passes import Pass

WINDOW_BYTES = 2**23
"""of batches gathered for one dispatch: some 10 MB are copied in a few milliseconds"""
WINDOW_BATCHES = 512

Room = Callable[[], int]
"""how many batches the next window should hold, from how long the last ones took"""


class Unit(NamedTuple):
    """Batches that a batch hook is told of as one: `steps_per_execution` of them, or fewer."""

    first: int
    stop: int
    tail: bool
    begins: bool = True
    ends: bool = True

    @property
    def batches(self) -> int:
        """Number of batches."""
        return self.stop - self.first + self.tail


class Window(NamedTuple):
    """Batches that lie in memory at once."""

    rows: Any
    order: Any
    span: Pass
    units: list[Unit]
    last: bool = False
    """whether it is known to end the pass"""


ANNOUNCED = Window(None, None, Pass(1, 0, 0, True), [Unit(0, 0, False, ends=False)], True)
"""a batch that Keras tells of before it finds that there is none"""


class Source(Protocol):
    """A pass over data, again and again."""

    def windows(self, room: Room) -> Iterator[Window]:
        """Yield one pass."""


class Resident:
    """Rows on the device.

    Args:
        rows: arrays, rows first.
        span: geometry of a pass.
        unit: batches a unit.
        orders: where an epoch's order comes from; None: the rows as they lie.
        lines: orders that the device holds at a time.
        anew: returns the rows as the user's arrays are now; None: nobody changes them.
    """

    def __init__(
        self,
        rows: Any,
        span: Pass,
        unit: int = 1,
        orders: Orders | None = None,
        lines: int = 1,
        anew: Callable[[], Any] | None = None,
    ) -> None:
        self.rows, self.span, self._anew = rows, span, anew
        self.capacity = lines
        self._unit, self._orders = unit, orders

    def refresh(self) -> None:
        """Read the user's arrays again if a callback may have changed them."""
        if self._anew is not None:
            self.rows = to_device(self._anew())

    @property
    def orders(self) -> Orders:
        """Where an epoch's order comes from."""
        assert self._orders is not None
        return self._orders

    def windows(self, room: Room) -> Iterator[Window]:
        """Yield one pass as one window."""
        self.refresh()
        epoch = _next(self._orders, self.span)
        units = units_of(self.span, epoch.first, epoch.stop, self._unit)
        order = jax.device_put(self.lines([epoch]))
        yield Window(self.rows, order, self.span, units, last=True)

    def lines(self, epochs: list[EpochOrder]) -> Any:
        """Return orders as the device reads them, or None for the rows as they lie."""
        if self._orders is None or not self._orders.shuffled:
            return None
        table = np.empty((self.capacity, self.span.rows), np.int32)
        for line, epoch in zip(table, epochs, strict=False):
            assert epoch.rows is not None
            line[:] = epoch.rows
        return table


class Drawn:
    """Rows on the host, drawn in an epoch's order a window at a time.

    Args:
        rows: NumPy arrays, rows first; memory-mapped ones are read as they are drawn.
        span: geometry of a pass.
        unit: batches a unit.
        orders: where an epoch's order comes from; None: the rows as they lie.
        anew: returns the rows as the user's arrays are now; None: nobody changes them.
    """

    def __init__(
        self,
        rows: Any,
        span: Pass,
        unit: int = 1,
        orders: Orders | None = None,
        anew: Callable[[], Any] | None = None,
    ) -> None:
        self._anew = anew
        self._rows, self._span, self._unit, self._orders = rows, span, unit, orders
        batch = sum(a.nbytes for a in jax.tree.leaves(rows)) // span.rows * span.batch
        self._most = max(unit, most_batches(batch, span.full))

    def windows(self, room: Room) -> Iterator[Window]:
        """Yield one pass."""
        if self._anew is not None:
            self._rows = self._anew()
        span, unit = self._span, self._unit
        epoch = _next(self._orders, span)
        at, stop = epoch.first, min(epoch.stop, span.full)
        tail = epoch.stop > span.full
        while at < stop:
            upto = min(at + max(1, min(self._most, room()) // unit) * unit, stop)
            units = units_of(Pass(1, upto - at, 0, True), 0, upto - at, unit)
            if tail and upto == stop and units[-1].batches < unit:
                units[-1] = units[-1]._replace(ends=False)
            rows = self._gathered(epoch, at * span.batch, (upto - at) * span.batch, self._most)
            yield Window(rows, None, Pass(1, self._most, 0, True), units)
            at = upto
        if tail:
            rows = self._gathered(epoch, span.full * span.batch, span.tail, 1)
            begins = (span.full - epoch.first) % unit == 0
            yield Window(rows, None, Pass(1, 1, 0, True), [Unit(0, 1, False, begins)])

    def _gathered(self, epoch: EpochOrder, start: int, count: int, batches: int) -> Any:
        """Return rows stacked by batches, room for `batches` of them."""
        size = self._span.tail if start == self._span.full * self._span.batch else self._span.batch

        def gather(array: np.ndarray) -> np.ndarray:
            out = room_for((batches * size, *array.shape[1:]), array.dtype)
            if epoch.rows is None:
                out[:count] = array[start : start + count]
            else:
                np.take(array, epoch.rows[start : start + count], 0, out[:count], "clip")
            return out.reshape(batches, size, *array.shape[1:])

        return jax.tree.map(gather, self._rows)


class Fed:
    """Batches from Keras's own iterator: generators, `PyDataset`, `tf.data`, loaders.

    Args:
        made: returns Keras's iterator; asked when the first pass begins, for the making of one may
            look at the data.
        unit: batches a unit.
        ahead: False where nothing may be drawn before it is needed.
        again: whether every pass begins where the data begins.
        look: raises if a batch breaks a rule; it is told what to call the data.
    """

    def __init__(
        self,
        made: Callable[[], "Batches"],
        unit: int = 1,
        ahead: bool = True,
        again: bool = False,
        look: Callable[[Any, str], None] | None = None,
    ) -> None:
        self._look = look
        self._made, self._unit, self._ahead, self._again = made, unit, ahead, again
        self._regular: Any = None

    def windows(self, room: Room) -> Iterator[Window]:
        """Yield one pass, as far as the data goes."""
        gathered: _Gathered | None = None
        announced, data = False, self._made()
        ahead = self._ahead or not isinstance(data.data_adapter, GeneratorDataAdapter)
        if self._again:
            data.reset()
        with data.catch_stop_iteration():
            for _, last, batches in data:
                for index in range(self._unit):
                    try:
                        batch = next(batches)
                        if self._look is not None:
                            self._look(batch, "a batch")
                        batch = narrowed(batch)
                    except StopIteration:
                        if index == 0:
                            announced = True
                            raise  # Keras counts and warns
                        break
                    if gathered is not None and not gathered.fits(batch):
                        yield gathered.window(ends=index == 0)
                        gathered = None
                    if gathered is None:
                        most = self._most_of(batch, data.num_batches) if ahead else self._unit
                        gathered = _Gathered(batch, most, begins=index == 0)
                    gathered.add(batch, begins=index == 0)
                # The data is told of the end of its pass only when the last step was taken.
                ends = data.num_batches is not None and last + 1 >= data.num_batches
                if gathered is not None and (
                    not ahead or ends or gathered.count + self._unit > min(gathered.most, room())
                ):
                    yield gathered.window()
                    gathered = None
        if gathered is not None:
            yield gathered.window()
        if announced:
            yield ANNOUNCED

    def _most_of(self, batch: Any, batches: int | None) -> int:
        """Many batches of the first one's shapes go into a window, but one of any other."""
        found = layout(batch)
        if self._regular is None:
            self._regular = found
        if found != self._regular:
            return self._unit
        size = sum(a.nbytes for a in jax.tree.leaves(batch))
        return max(self._unit, most_batches(size, batches))


class _Gathered:
    """Batches of equal shapes on their way into a window."""

    def __init__(self, batch: Any, most: int, begins: bool) -> None:
        self.most, self.count = most, 0
        self._units: list[Unit] = []
        self._layout = layout(batch)
        self._rows = jax.tree.map(lambda a: room_for((most, *a.shape), a.dtype), batch)

    def fits(self, batch: Any) -> bool:
        return self.count < self.most and layout(batch) == self._layout

    def add(self, batch: Any, begins: bool) -> None:
        def put(all_: np.ndarray, one: Any) -> None:
            all_[self.count] = one

        jax.tree.map(put, self._rows, batch)
        if begins or not self._units:
            self._units.append(Unit(self.count, self.count + 1, False, begins))
        else:
            self._units[-1] = self._units[-1]._replace(stop=self.count + 1)
        self.count += 1

    def window(self, ends: bool = True) -> Window:
        self._units[-1] = self._units[-1]._replace(ends=ends)
        return Window(self._rows, None, Pass(1, self.most, 0, True), self._units)


class Batches(JAXEpochIterator):  # type: ignore[misc]
    """Keras's iterator without its own transfer to the device."""

    def _get_iterator(self) -> Any:
        return self.data_adapter.get_jax_iterator()


def units_of(span: Pass, first: int, stop: int, unit: int) -> list[Unit]:
    """Return the batches `first` to `stop` - 1 of a pass as units."""
    full = span.full
    return [
        Unit(min(at, full), min(at + unit, stop, full), min(at + unit, stop) > full)
        for at in range(first, stop, unit)
    ]


def _next(orders: Orders | None, span: Pass) -> EpochOrder:
    return orders.next() if orders is not None else EpochOrder(None, 0, span.batches)


def most_batches(size: int, batches: int | None) -> int:
    """Return how many batches of `size` bytes go into a window, out of so many."""
    most = max(1, min(WINDOW_BATCHES, WINDOW_BYTES // max(size, 1)))
    return min(most, batches) if batches else most
