"""`tf.RaggedTensor`: rows of many lengths, as NumPy holds them outside of compiled models."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import numpy as np
from keras import ops

from bital.compat.facade.types import DType, TensorShape, constant
from bital.compat.text.words import Text, is_text, text

_ENTRYWISE = {
    "abs", "add", "cast", "divide", "exp", "log", "maximum", "minimum", "multiply", "negative",
    "pow", "round", "sigmoid", "sign", "sqrt", "square", "subtract", "tanh", "equal", "not_equal",
    "greater", "greater_equal", "less", "less_equal", "logical_not", "relu", "one_hot",
}  # fmt: skip


class RaggedTensor:
    """Rows of many lengths: the entries of all of them, and where each row ends.

    Args:
        values: entries (entries, ...), or rows of a further ragged axis.
        row_splits: (rows + 1,): 0, and behind which entry each row ends.
    """

    __array_ufunc__ = None  # an array beside it leaves arithmetic to it

    def __init__(self, values: Any, row_splits: Any) -> None:
        self.values = values if isinstance(values, RaggedTensor) else _entries(values)
        self._splits = [int(n) for n in np.asarray(row_splits).tolist()]
        rising = all(a <= b for a, b in zip(self._splits, self._splits[1:], strict=False))
        if not rising or self._splits[:1] != [0] or self._splits[-1] != len(self.values):
            raise ValueError(
                f"row_splits rise from 0 to the number of entries, {len(self.values)}; "
                f"got {self._splits}."
            )

    @staticmethod
    def from_row_splits(values: Any, row_splits: Any, **_: Any) -> "RaggedTensor":
        """Return rows that end behind these entries."""
        return RaggedTensor(values, row_splits)

    @staticmethod
    def from_row_lengths(values: Any, row_lengths: Any, **_: Any) -> "RaggedTensor":
        """Return rows of these lengths."""
        return RaggedTensor(values, [0, *np.cumsum(np.asarray(row_lengths, dtype=int))])

    @staticmethod
    def from_value_rowids(
        values: Any, value_rowids: Any, nrows: Any = None, **_: Any
    ) -> "RaggedTensor":
        """Return rows by the row that each entry is in."""
        lengths = np.bincount(np.asarray(value_rowids), minlength=int(nrows or 0))
        return RaggedTensor.from_row_lengths(values, lengths)

    @staticmethod
    def from_tensor(tensor: Any, lengths: Any = None, padding: Any = None) -> "RaggedTensor":
        """Return a tensor's rows, cut to lengths or before what pads them."""
        array = np.asarray(tensor)
        if lengths is None:
            kept = array != padding if padding is not None else np.ones(array.shape[:2], bool)
            lengths = [int(np.flatnonzero(row)[-1]) + 1 if row.any() else 0 for row in kept]
        rows = [row[: int(n)] for row, n in zip(array, np.asarray(lengths), strict=True)]
        return stack(rows)

    @property
    def row_splits(self) -> Any:
        """Where rows end."""
        return constant(np.array(self._splits, dtype=np.int32))

    @property
    def flat_values(self) -> Any:
        """The entries of all rows, whatever axes are ragged."""
        return self.values.flat_values if isinstance(self.values, RaggedTensor) else self.values

    @property
    def dtype(self) -> Any:
        """Of the entries."""
        kind = self.flat_values.dtype
        return DType("string") if kind.kind in "US" else DType(str(kind))

    @property
    def ragged_rank(self) -> int:
        """How many axes are ragged."""
        return 1 + getattr(self.values, "ragged_rank", 0)

    @property
    def shape(self) -> TensorShape:
        """Rows, None for the ragged axis, and the rest."""
        return TensorShape((len(self), None, *tuple(self.values.shape)[1:]))

    def get_shape(self) -> TensorShape:
        """Return the shape."""
        return self.shape

    def nrows(self, **_: Any) -> int:
        """Return the number of rows."""
        return len(self)

    def row_lengths(self, axis: int = 1, **_: Any) -> Any:
        """Return how many entries each row has."""
        if axis == 2:
            return self.with_values(self.values.row_lengths())
        return constant(np.diff(self._splits).astype(np.int32))

    def value_rowids(self, **_: Any) -> Any:
        """Return the row of each entry."""
        lengths = np.diff(self._splits)
        return constant(np.repeat(np.arange(len(self)), lengths).astype(np.int32))

    def bounding_shape(self, axis: Any = None, **_: Any) -> Any:
        """Return the shape that holds all rows."""
        sizes = np.array(np.shape(self.to_tensor()), dtype=np.int32)
        return constant(sizes if axis is None else sizes[axis])

    def with_values(self, values: Any) -> "RaggedTensor":
        """Return rows of the same lengths with other entries."""
        return RaggedTensor(values, self._splits)

    def with_flat_values(self, values: Any) -> "RaggedTensor":
        """Return the same rows, whatever axes are ragged, with other entries."""
        inner = self.values
        is_ragged = isinstance(inner, RaggedTensor)
        return self.with_values(inner.with_flat_values(values) if is_ragged else values)

    def to_list(self) -> list[Any]:
        """Return nested lists."""
        return [
            row.to_list() if isinstance(row, RaggedTensor) else np.asarray(row).tolist()
            for row in self
        ]

    def to_tensor(self, default_value: Any = None, name: Any = None, shape: Any = None) -> Any:
        """Return rows of one length, what is missing filled up at their ends."""
        inner = self.values.to_tensor(default_value) if self.ragged_rank > 1 else self.values
        array = np.asarray(inner)
        lengths = np.diff(self._splits)
        sizes = list(shape) if shape is not None else []
        rows = sizes[0] if sizes and sizes[0] is not None else len(self)
        width = sizes[1] if len(sizes) > 1 and sizes[1] is not None else max(lengths, default=0)
        is_words = array.dtype.kind in "US"
        kind = object if is_words else array.dtype
        fill = default_value if default_value is not None else "" if is_words else 0
        whole = np.full((int(rows), int(width), *array.shape[1:]), fill, dtype=kind)
        for at, (start, length) in enumerate(zip(self._splits, lengths, strict=False)):
            if at < len(whole):
                kept = min(int(length), int(width))
                whole[at, :kept] = array[start : start + kept]
        return text(whole) if is_words else constant(whole)

    def numpy(self) -> Any:
        """Return an array of arrays, or one array where all rows are of one length."""
        rows = [np.asarray(row.numpy()) for row in self]
        if len({row.shape for row in rows}) == 1:
            return np.stack(rows)
        made = np.empty(len(rows), dtype=object)
        made[:] = rows
        return made

    def __len__(self) -> int:
        return len(self._splits) - 1

    def __iter__(self) -> Iterator[Any]:
        return (self[at] for at in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            rows = self[key[0]]
            if not isinstance(key[0], slice):
                return rows[key[1:] if len(key) > 2 else key[1]]
            return stack([row[key[1:] if len(key) > 2 else key[1]] for row in rows])
        if isinstance(key, slice):
            return stack([self[at] for at in range(*key.indices(len(self)))])
        at = range(len(self))[int(key)]
        return self.values[self._splits[at] : self._splits[at + 1]]

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            "Keras on JAX computes with rows of one length; got a RaggedTensor, whose rows have "
            "many. Pad it with .to_tensor(), and mask (Embedding(mask_zero=True), Masking)."
        )

    def __repr__(self) -> str:
        return f"<tf.RaggedTensor {self.to_list()}>"


def _binary(name: str, turned: bool = False) -> Callable[[Any, Any], Any]:
    def method(self: RaggedTensor, other: Any) -> Any:
        right = other.flat_values if isinstance(other, RaggedTensor) else other
        pair = (right, self.flat_values) if turned else (self.flat_values, right)
        return self.with_flat_values(getattr(ops, name)(*pair))

    return method


for _sign, _name in (("add", "add"), ("sub", "subtract"), ("mul", "multiply"),
                     ("truediv", "divide"), ("pow", "power")):  # fmt: skip
    setattr(RaggedTensor, f"__{_sign}__", _binary(_name))
    setattr(RaggedTensor, f"__r{_sign}__", _binary(_name, turned=True))
for _name in ("greater", "greater_equal", "less", "less_equal"):
    _sign = _name.replace("greater", "g").replace("less", "l").replace("_equal", "e")
    setattr(RaggedTensor, f"__{_sign if len(_sign) > 1 else _sign + 't'}__", _binary(_name))


def _entries(values: Any) -> Any:
    if isinstance(values, Text):
        return values
    return text(values) if is_text(values) else constant(values)


def ragged_constant(pylist: Any, dtype: Any = None, ragged_rank: Any = None, **_: Any) -> Any:
    """Return nested lists as rows of many lengths (`tf.ragged.constant`)."""
    rows = [list(row) for row in pylist]
    entries = [one for row in rows for one in row]
    lengths = [len(row) for row in rows]
    deeper = ragged_rank is None or ragged_rank > 1
    if deeper and any(isinstance(one, list | tuple | np.ndarray) for one in entries):
        rest = None if ragged_rank is None else ragged_rank - 1
        return RaggedTensor.from_row_lengths(ragged_constant(entries, dtype, rest), lengths)
    if is_text(entries):
        return RaggedTensor.from_row_lengths(text(entries), lengths)
    kind = dtype or (None if entries else "float32")
    return RaggedTensor.from_row_lengths(constant(entries, kind), lengths)


def stack(values: Any, axis: int = 0, name: Any = None) -> RaggedTensor:
    """Return rows of many lengths, one after another (`tf.ragged.stack`)."""
    rows: Sequence[Any] = list(values)
    if rows and isinstance(rows[0], RaggedTensor):
        return RaggedTensor.from_row_lengths(_joined(rows), [len(row) for row in rows])
    arrays = [np.asarray(row) for row in rows]
    whole = np.concatenate(arrays) if arrays else np.zeros(0, np.float32)
    return RaggedTensor.from_row_lengths(whole, [len(row) for row in arrays])


def _joined(parts: Sequence[Any]) -> Any:
    return stack([row for part in parts for row in part])


def concat(values: Any, axis: int = 0, name: Any = None) -> Any:
    """Return rows below each other, or joined row by row."""
    parts = [one if isinstance(one, RaggedTensor) else RaggedTensor.from_tensor(one)
             for one in values]  # fmt: skip
    if axis == 0:
        return _joined(parts)
    return stack(
        [np.concatenate([np.asarray(one) for one in rows]) for rows in zip(*parts, strict=True)]
    )


def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return the rows with a function done to their entries."""
    rows = next(one for one in args if isinstance(one, RaggedTensor))
    given = [one.flat_values if isinstance(one, RaggedTensor) else one for one in args]
    return rows.with_flat_values(op(*given, **kwargs))


def ragged_range(starts: Any, limits: Any = None, deltas: Any = 1, **_: Any) -> RaggedTensor:
    """Return a row of numbers for each start and limit (`tf.ragged.range`)."""
    first, last = (np.zeros_like(starts), starts) if limits is None else (starts, limits)
    pairs = np.broadcast_arrays(np.asarray(first), np.asarray(last), np.asarray(deltas))
    return stack(
        [
            np.arange(*triple, dtype=np.int32)
            for triple in zip(*map(np.atleast_1d, pairs), strict=True)
        ]
    )


def of_ragged(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of `tf` that also takes rows of many lengths, if it can be."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        first = args[0] if args else None
        if name == "concat" and isinstance(first, list | tuple):
            ragged = any(isinstance(one, RaggedTensor) for one in first)
            return (concat if ragged else function)(*args, **kwargs)
        if not any(isinstance(one, RaggedTensor) for one in args):
            return function(*args, **kwargs)
        if name in _ENTRYWISE:
            return map_flat_values(function, *args, **kwargs)
        if name.startswith("reduce_") and isinstance(first, RaggedTensor):
            axis = kwargs.pop("axis", args[1] if len(args) > 1 else None)
            if axis is None:
                return function(first.flat_values, **kwargs)
            if axis in (1, -1) and first.ragged_rank == 1:
                return ops.stack([function(row, axis=0, **kwargs) for row in first])
        raise NotImplementedError(
            f"tf.{name} of a RaggedTensor cannot be had without TensorFlow: pad it with "
            ".to_tensor(), or install TensorFlow."
        )

    return call
