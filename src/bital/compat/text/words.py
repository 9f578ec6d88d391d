"""Text in arrays, and the numbers that stand for it inside compiled models."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from bital.errors import InvalidInput

_NUMBERS: dict[str, int] = {}
_WORDS: list[str] = []


class Text(np.ndarray[Any, Any]):
    """An array of strings with what TensorFlow's string tensors have."""

    def numpy(self) -> Any:
        """Return bytes, as TensorFlow does: an array of them, or one."""
        made = np.array([str(one).encode() for one in self.ravel()], dtype=object)
        return made.reshape(self.shape) if self.ndim else made[0]

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return found if isinstance(found, np.ndarray) else text(found)

    def __iter__(self) -> Iterator[Any]:
        return (self[at] for at in range(len(self)))

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(str(self))

    def get_shape(self) -> tuple[int, ...]:
        """Return the shape."""
        return tuple(self.shape)


def text(value: Any) -> Text:
    """Return strings, bytes or lists of them as an array of strings."""
    array: Any = np.asarray(value)
    if array.dtype.kind in "SO":
        flat = [one.decode() if isinstance(one, bytes) else str(one) for one in array.ravel()]
        array = np.array(flat, dtype=str).reshape(array.shape)
    made: Text = array.view(Text)
    return made


def is_text(value: Any) -> bool:
    """Whether a value is a string, or an array or nested list of strings and nothing else."""
    if isinstance(value, str | bytes):
        return True
    if isinstance(value, list | tuple):
        return bool(value) and all(is_text(one) for one in value)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in "US" and kind:
        return True
    spoken = str(getattr(value, "dtype", ""))
    if kind == "O" or "string" in spoken or spoken == "str":
        flat = np.asarray(value).ravel()
        return bool(flat.size) and all(isinstance(one, str | bytes) for one in flat)
    return False


def numbers(value: Any) -> Any:
    """Return a number for each string: the same one for the same string, in this process."""
    array = text(value)
    kept = [_NUMBERS.setdefault(str(one), len(_NUMBERS)) for one in array.ravel().tolist()]
    _WORDS.extend(list(_NUMBERS)[len(_WORDS) :] if len(_WORDS) < len(_NUMBERS) else ())
    return np.array(kept, dtype=np.int32).reshape(array.shape)


def tensor(value: Any) -> Any:
    """Return what a layer is called on: text by its numbers, other values as they are."""
    if is_text(value):
        return keras.ops.convert_to_tensor(numbers(value))
    symbolic = isinstance(value, keras.KerasTensor)
    return value if symbolic else keras.ops.convert_to_tensor(value)


def words(value: Any) -> Any:
    """Return the strings (objects) that numbers stand for."""
    array: Any = np.asarray(value)
    made = np.empty(array.shape, dtype=object)
    # A Sequential makes its inputs fractions.
    made.ravel()[:] = [_WORDS[int(n)] for n in array.ravel()]
    return made


def batches(data: Any) -> Iterator[Any]:
    """Return the arrays of what a layer adapts to: an array, a list, or a dataset of either.

    Raises:
        InvalidInput: it is none of these.
    """
    batched = isinstance(data, list | tuple) and any(hasattr(one, "shape") for one in data)
    if is_text(data) or hasattr(data, "__array__") or (isinstance(data, list) and not batched):
        yield np.asarray(data)
    elif hasattr(data, "__iter__"):
        for batch in data:
            yield np.asarray(keras.tree.flatten(batch)[0])
    else:
        raise InvalidInput(
            "adapt takes an array, a list or a dataset of batches; got "
            f"{type(data).__name__}. Give it the texts or values themselves."
        )
