"""`tf.data.Dataset`: rows in Python, with functions of rows compiled where they can be."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from bital.compat.facade.absent import absent
from bital.compat.facade.types import TensorSpec
from bital.compat.tape.recorder import concrete
from bital.compat.text.words import is_text, text

__getattr__ = absent("tf.data")

AUTOTUNE = -1
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2
_CHUNK = 1024  # rows that a compiled function takes at once

_for_all: ContextVar[bool] = ContextVar("for_all", default=False)


class OneByOne(Exception):
    """A function must be called for each row: it draws random numbers or leaves JAX."""


def not_for_all() -> None:
    """Say that what comes now may differ from row to row."""
    if _for_all.get():
        raise OneByOne


class Rows(Iterator[Any]):
    """An iterator that is also asked as TensorFlow's: `next()` and `get_next()`."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = iter(rows)

    def __next__(self) -> Any:
        return next(self._rows)

    next = get_next = __next__


class Dataset:
    """Rows that can be gone through again and again.

    Args:
        start: returns a new iterator of rows: arrays, or tuples or dicts of arrays.
        count: rows; -1 without end, -2 not known.
    """

    def __init__(self, start: Callable[[], Iterator[Any]], count: int) -> None:
        self._start, self._count = start, count

    def __iter__(self) -> Iterator[Any]:
        return Rows(_tensors(row) for row in self._start())

    def __len__(self) -> int:
        if self._count < 0:
            raise TypeError("The dataset has no length that is known; use steps_per_epoch.")
        return self._count

    def __bool__(self) -> bool:
        return True

    @staticmethod
    def from_tensor_slices(tensors: Any, name: Any = None) -> "Dataset":
        """Return a row for each entry of the first axis."""
        nest = _nest(tensors)
        flat = [_array(one) for one in keras.tree.flatten(nest)]
        rows = len(flat[0])
        if any(len(one) != rows for one in flat):
            raise ValueError(
                "from_tensor_slices takes arrays of one length; got "
                f"{', '.join(str(len(one)) for one in flat)} rows."
            )

        def start() -> Iterator[Any]:
            for at in range(rows):
                yield keras.tree.pack_sequence_as(nest, [one[at] for one in flat])

        return Dataset(start, rows)

    @staticmethod
    def from_tensors(tensors: Any, name: Any = None) -> "Dataset":
        """Return one row."""
        row = keras.tree.map_structure(_array, _nest(tensors))
        return Dataset(lambda: iter([row]), 1)

    @staticmethod
    def from_generator(generator: Any, *args: Any, **kwargs: Any) -> "Dataset":
        """Return what a function yields."""
        given = kwargs.get("args") or ()
        return Dataset(
            lambda: (keras.tree.map_structure(_array, _nest(row)) for row in generator(*given)),
            UNKNOWN_CARDINALITY,
        )

    @staticmethod
    def range(*args: int, **kwargs: Any) -> "Dataset":
        """Return whole numbers."""
        numbers = range(*args)
        return Dataset(lambda: (np.int32(n) for n in numbers), len(numbers))

    @staticmethod
    def zip(*datasets: Any, **kwargs: Any) -> "Dataset":
        """Return rows side by side."""
        parts = datasets[0] if len(datasets) == 1 else datasets
        parts = kwargs.get("datasets", parts)
        counts = [one._count for one in parts if one._count != INFINITE_CARDINALITY]
        count = min(counts) if counts else INFINITE_CARDINALITY
        return Dataset(
            lambda: (tuple(rows) for rows in zip(*(one._start() for one in parts), strict=False)),
            count,
        )

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool = True, seed: Any = None) -> "Dataset":
        """Return the paths that fit a pattern."""
        import glob

        patterns = [file_pattern] if isinstance(file_pattern, str) else list(file_pattern)
        paths = sorted(path for pattern in patterns for path in glob.glob(str(pattern)))
        listed = Dataset.from_tensor_slices(np.asarray(paths))
        return listed.shuffle(len(paths), seed) if shuffle else listed

    def shuffle(self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: Any = True,
                **_: Any) -> "Dataset":  # fmt: skip
        """Draw rows from a buffer that is kept full."""
        size = int(buffer_size)
        anew = random.Random(seed if seed is not None else int(np.random.randint(2**31)))
        first = anew.random()

        def start() -> Iterator[Any]:
            order = anew if reshuffle_each_iteration is not False else random.Random(first)
            buffer: list[Any] = []
            for row in self._start():
                if len(buffer) < size:
                    buffer.append(row)
                    continue
                at = order.randrange(size)
                drawn, buffer[at] = buffer[at], row
                yield drawn
            order.shuffle(buffer)
            yield from buffer

        return Dataset(start, self._count)

    def batch(self, batch_size: Any, drop_remainder: bool = False, **_: Any) -> "Dataset":
        """Join rows."""
        size = int(batch_size)

        def start() -> Iterator[Any]:
            rows = self._start()
            while True:
                part = list(itertools.islice(rows, size))
                if not part or (drop_remainder and len(part) < size):
                    return
                yield keras.tree.map_structure(lambda *ones: np.stack(ones), *part)

        count = self._count
        if count >= 0:
            count = count // size if drop_remainder else -(-count // size)
        return Dataset(start, count)

    def padded_batch(self, batch_size: int, padded_shapes: Any = None, padding_values: Any = 0,
                     drop_remainder: bool = False, name: Any = None) -> "Dataset":  # fmt: skip
        """Join rows of different lengths, zeros behind their ends."""

        def padded(ones: Any) -> Any:
            sizes = np.max([one.shape for one in ones], axis=0)
            made = np.zeros((len(ones), *sizes), ones[0].dtype)
            for at, one in enumerate(ones):
                made[at][tuple(slice(n) for n in one.shape)] = one
            return made

        def start() -> Iterator[Any]:
            rows = self._start()
            while part := list(itertools.islice(rows, batch_size)):
                if drop_remainder and len(part) < batch_size:
                    return
                yield keras.tree.map_structure(lambda *ones: padded(ones), *part)

        count = self._count if self._count < 0 else -(-self._count // batch_size)
        return Dataset(start, count)

    def unbatch(self, name: Any = None) -> "Dataset":
        """Take joined rows apart."""

        def start() -> Iterator[Any]:
            for joined in self._start():
                for at in range(len(keras.tree.flatten(joined)[0])):
                    yield keras.tree.map_structure(lambda one, at=at: one[at], joined)

        return Dataset(start, UNKNOWN_CARDINALITY)

    def map(self, map_func: Any, num_parallel_calls: Any = None, deterministic: Any = None,
            name: Any = None) -> "Dataset":  # fmt: skip
        """Apply a function to each row."""
        return Dataset(_Mapped(self._start, map_func), self._count)

    def replaced(self, function: Callable[[Any], Any]) -> "Dataset":
        """Return rows of NumPy arrays replaced one by one."""
        return Dataset(lambda: map(function, self._start()), self._count)

    def filter(self, predicate: Any, name: Any = None) -> "Dataset":
        """Keep rows for which a function is true."""

        def start() -> Iterator[Any]:
            return (row for row in self._start() if bool(_call(predicate, _tensors(row))))

        return Dataset(start, UNKNOWN_CARDINALITY)

    def flat_map(self, map_func: Any, name: Any = None) -> "Dataset":
        """Apply a function that returns a dataset, and join what comes."""

        def start() -> Iterator[Any]:
            for row in self._start():
                yield from _call(map_func, _tensors(row))._start()

        return Dataset(start, UNKNOWN_CARDINALITY)

    def interleave(self, map_func: Any, *args: Any, **kwargs: Any) -> "Dataset":
        """Apply a function that returns a dataset; they come one after the other."""
        return self.flat_map(map_func)

    def repeat(self, count: Any = None, name: Any = None) -> "Dataset":
        """Go through the rows so many times, or without end."""
        endless = count is None or count == -1

        def start() -> Iterator[Any]:
            for _ in itertools.count() if endless else range(int(count)):
                yield from self._start()

        known = self._count * int(count) if not endless and self._count >= 0 else self._count
        return Dataset(start, INFINITE_CARDINALITY if endless else known)

    def take(self, count: Any, name: Any = None) -> "Dataset":
        """Return the first rows."""
        n = int(count)
        known = n if self._count == INFINITE_CARDINALITY else min(self._count, n)
        end = n if n >= 0 else None
        return Dataset(
            lambda: itertools.islice(self._start(), end),
            known if self._count != UNKNOWN_CARDINALITY else UNKNOWN_CARDINALITY,
        )

    def skip(self, count: Any, name: Any = None) -> "Dataset":
        """Leave the first rows out."""
        known = max(0, self._count - int(count)) if self._count >= 0 else self._count
        return Dataset(lambda: itertools.islice(self._start(), int(count), None), known)

    def shard(self, num_shards: int, index: int, name: Any = None) -> "Dataset":
        """Return every so many rows."""
        known = self._count if self._count < 0 else len(range(index, self._count, num_shards))
        return Dataset(lambda: itertools.islice(self._start(), index, None, num_shards), known)

    def concatenate(self, dataset: "Dataset", name: Any = None) -> "Dataset":
        """Return rows and then others."""
        known = self._count + dataset._count if min(self._count, dataset._count) >= 0 else -2
        return Dataset(lambda: itertools.chain(self._start(), dataset._start()), known)

    def enumerate(self, start: int = 0, name: Any = None) -> "Dataset":
        """Return rows with their numbers."""
        return Dataset(
            lambda: ((np.int32(at), row) for at, row in enumerate(self._start(), start)),
            self._count,
        )

    def window(self, size: int, shift: Any = None, stride: int = 1, drop_remainder: bool = False,
               name: Any = None) -> "Dataset":  # fmt: skip
        """Return datasets of neighbouring rows."""
        step = size if shift is None else shift

        def start() -> Iterator[Any]:
            rows = list(self._start())
            for at in range(0, len(rows), step):
                part = rows[at : at + size * stride : stride]
                if drop_remainder and len(part) < size:
                    return
                yield Dataset(partial(iter, part), len(part))

        return Dataset(start, UNKNOWN_CARDINALITY)

    def cache(self, filename: Any = "", name: Any = None) -> "Dataset":
        """Keep the rows of the first time in memory."""
        kept: list[Any] = []
        done = [False]

        def start() -> Iterator[Any]:
            if done[0]:
                yield from kept
                return
            fresh = []
            for row in self._start():
                fresh.append(row)
                yield row
            kept[:], done[0] = fresh, True

        return Dataset(start, self._count)

    def prefetch(self, buffer_size: Any = None, name: Any = None) -> "Dataset":
        """Return the same: the engine draws ahead."""
        return self

    def with_options(self, options: Any, name: Any = None) -> "Dataset":
        """Return the same."""
        return self

    def apply(self, transformation_func: Any) -> "Dataset":
        """Return what a function makes of the dataset."""
        made: Dataset = transformation_func(self)
        return made

    def reduce(self, initial_state: Any, reduce_func: Any, name: Any = None) -> Any:
        """Join all rows by a function of (total, row)."""
        total = initial_state
        for row in self:
            total = reduce_func(total, row)
        return total

    def cardinality(self) -> Any:
        """Return the number of rows; -1 without end, -2 not known."""
        return jnp.asarray(self._count)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Return rows of NumPy arrays."""
        return Rows(self._start())

    def make_one_shot_iterator(self) -> Any:
        """Return an iterator with `get_next()` (TensorFlow 1)."""
        return iter(self)

    make_initializable_iterator = make_one_shot_iterator

    def get_single_element(self) -> Any:
        """Return the first row."""
        return next(iter(self))

    @property
    def element_spec(self) -> Any:
        """Shapes and types of a row."""
        row = next(self._start())
        return keras.tree.map_structure(lambda one: TensorSpec(one.shape, str(one.dtype)), row)


class _Mapped:
    """Starts rows to which a function was applied: many at once if it is the same for each."""

    def __init__(self, start: Callable[[], Iterator[Any]], function: Any) -> None:
        self._start, self._function = start, function
        self._many: Any = None  # compiled; False once it cannot be

    def __call__(self) -> Iterator[Any]:
        rows = self._start()
        while self._many is not False:
            part = list(itertools.islice(rows, _CHUNK))
            if not part:
                return
            made = self._together(part)
            if made is None:
                rows = itertools.chain(part, rows)
                break
            yield from made
        for row in rows:
            made = _call(self._function, _tensors(row))
            yield keras.tree.map_structure(_array, _nest(made))

    def _together(self, part: list[Any]) -> list[Any] | None:
        if not _alike(part):
            self._many = False
            return None
        joined = keras.tree.map_structure(lambda *ones: np.stack(ones), *part)
        if self._many is None:
            self._many = jax.jit(jax.vmap(lambda row: _nest(_call(self._function, row))))
        token = _for_all.set(True)
        try:
            made = jax.tree.map(np.asarray, self._many(joined))
        except Exception:  # noqa: BLE001 - whatever it is, row by row it is the program's own
            self._many = False
            return None
        finally:
            _for_all.reset(token)
        return [
            keras.tree.map_structure(lambda one, at=at: one[at], made) for at in range(len(part))
        ]


def for_keras(dataset: Dataset, again: bool) -> tuple[Any, int | None]:
    """Return a generator and its steps for `Model.fit` (again and again) or `evaluate`."""
    if not again:
        return (_batch(row) for row in dataset._start()), max(0, dataset._count) or None
    steps = dataset._count
    if steps == UNKNOWN_CARDINALITY:
        steps = sum(1 for _ in dataset._start())

    def forever() -> Iterator[Any]:
        while True:
            yield from (_batch(row) for row in dataset._start())

    return forever(), None if steps == INFINITE_CARDINALITY else steps


def _batch(row: Any) -> tuple[Any, ...]:
    return row if isinstance(row, tuple) else (row,)


def _call(function: Any, row: Any) -> Any:
    return function(*row) if isinstance(row, tuple) else function(row)


def _nest(value: Any) -> Any:
    """Return lists of arrays as tuples, lists of numbers as arrays."""
    if isinstance(value, dict):
        return {name: _nest(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_nest(one) for one in value)
    if isinstance(value, list):
        return np.asarray(value)
    return value


def _array(value: Any) -> Any:
    value = concrete(value)
    if isinstance(value, Dataset):
        return value
    made = np.asarray(value)
    if made.dtype == np.float64 and not isinstance(value, np.ndarray):
        return made.astype(np.float32)
    return made


def _alike(rows: Iterable[Any]) -> bool:
    shapes = {
        tuple((getattr(one, "shape", None), str(getattr(one, "dtype", ""))) for one in
              keras.tree.flatten(row))
        for row in rows
    }  # fmt: skip
    return len(shapes) == 1 and all(
        shape is not None and not kind.startswith(("<U", "object", "|S"))
        for shape, kind in next(iter(shapes))
    )


def _tensors(row: Any) -> Any:
    def tensor(one: Any) -> Any:
        if isinstance(one, Dataset):
            return one
        if getattr(one, "dtype", np.dtype("O")).kind in "USO":
            return text(one) if is_text(one) else one
        return jnp.asarray(one)

    return keras.tree.map_structure(tensor, row)
