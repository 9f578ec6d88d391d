"""Methods that pandas's frames had."""

import re
import warnings
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any

from bital.compat.notes import note
from bital.compat.old.defaults import era
from bital.compat.old.source import Era
from bital.compat.patches import Patches


def restore(pandas: ModuleType, patches: Patches) -> None:
    """Give frames and series the methods of before, and columns of text NumPy's objects again."""
    frame, series = pandas.DataFrame, pandas.Series

    def append(self: Any, other: Any, ignore_index: bool = False, **options: Any) -> Any:
        note("frame.append(other)", "pandas.concat([frame, other])")
        if isinstance(other, dict):
            other = series(other)
        if isinstance(self, frame) and isinstance(other, series):
            other = other.to_frame().T.infer_objects()
        parts = [self, *(other if isinstance(other, list) else [other])]
        return pandas.concat(parts, ignore_index=ignore_index, sort=options.get("sort", False))

    def as_matrix(self: Any, columns: Any = None) -> Any:
        note("frame.as_matrix()", "frame.to_numpy()")
        return (self if columns is None else self[columns]).to_numpy()

    def ix(self: Any) -> Any:
        note("frame.ix[...]", "frame.loc[...] by labels, frame.iloc[...] by places")
        return _Either(self)

    def iteritems(self: Any) -> Any:
        note("frame.iteritems()", "frame.items()")
        return self.items()

    def swapaxes(self: Any, axis1: Any, axis2: Any, copy: Any = None) -> Any:
        """What `numpy.split` asks a frame for; rows stay rows."""
        return self if axis1 == axis2 else self.T

    for cls in (frame, series):
        for name, method in (("append", append), ("as_matrix", as_matrix), ("ix", property(ix)),
                             ("iteritems", iteritems), ("swapaxes", swapaxes)):  # fmt: skip
            if not hasattr(cls, name):
                patches.set(cls, name, method)
    if not hasattr(frame, "applymap"):
        patches.set(frame, "applymap", frame.map)
    _frequencies(pandas, patches)
    if era() is not Era.KERAS_3:
        with warnings.catch_warnings(), suppress(KeyError):  # pandas 4 will not have it
            warnings.simplefilter("ignore")
            before = pandas.get_option("future.infer_string")
            pandas.set_option("future.infer_string", False)
            patches.then(lambda: _again(pandas, before))


_LETTERS = {"H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns", "M": "ME",
            "Q": "QE", "Y": "YE", "A": "YE", "BM": "BME"}  # fmt: skip
_FREQUENCY = re.compile(r"(-?\d*)([A-Z]+)")


def _frequencies(pandas: ModuleType, patches: Patches) -> None:
    """Let dates be counted by the letters of before: `H` for hours."""

    def today(freq: Any) -> Any:
        found = _FREQUENCY.fullmatch(freq) if isinstance(freq, str) else None
        if found is None or found[2] not in _LETTERS:
            return freq
        note(f"freq={freq!r}", f"freq={found[1] + _LETTERS[found[2]]!r}")
        return found[1] + _LETTERS[found[2]]

    def taking(own: Any, place: int) -> Any:
        @wraps(own)
        def function(*args: Any, **kwargs: Any) -> Any:
            named = {n: today(v) if n in ("freq", "rule") else v for n, v in kwargs.items()}
            return own(*args[:place], *map(today, args[place : place + 1]), *args[place + 1 :],
                       **named)  # fmt: skip

        return function

    patches.set(pandas, "date_range", taking(pandas.date_range, 3))
    for cls in (pandas.DataFrame, pandas.Series):
        for name in ("resample", "asfreq"):
            patches.set(cls, name, taking(getattr(cls, name), 1))


def _again(pandas: ModuleType, before: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandas.set_option("future.infer_string", before)


class _Either:
    """Picks by labels, and by places where labels are no numbers."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def _key(self, key: Any) -> Any:
        if not isinstance(key, tuple):
            return _labelled(key, self._data.index)
        return tuple(_labelled(one, axis) for one, axis in zip(key, self._data.axes, strict=False))

    def __getitem__(self, key: Any) -> Any:
        return self._data.loc[self._key(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._data.loc[self._key(key)] = value


def _labelled(key: Any, labels: Any) -> Any:
    """Return the labels at places, labels as they are."""
    if labels.dtype.kind in "iuf":
        return key
    ends = [key.start, key.stop] if isinstance(key, slice) else key
    ends = ends if isinstance(ends, list) else [ends]
    return labels[key] if any(type(one) is int for one in ends) else key
