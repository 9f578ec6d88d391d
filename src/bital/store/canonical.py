"""One text for one value: what a key is the hash of."""

import json
from collections.abc import Mapping
from hashlib import sha256
from math import isfinite
from numbers import Integral, Rational, Real
from typing import Any

from bital.errors import InvalidInput

FLOAT = "$float"  # {"$float": "nan"}: JSON has no NaN and no infinity


def canonical(value: Any) -> str:
    """Write plain values as JSON in the one way that bital hashes and stores.

    Keys are sorted by code point, nothing is between tokens, text is as it came (not escaped, not
    normalised). A float is the shortest decimal that reads back to the same bits and always has a
    point or an exponent: 1 and 1.0 are two values, as are 0.0 and -0.0, because a needless second
    run costs less than a wrong match. NaN and infinities are {"$float": "nan" | "inf" | "-inf"};
    every NaN is one value. A tuple is written as a list.

    Args:
        value: None, bool, int, float, str, NumPy's integers and floats, and lists, tuples and
            mappings with text keys of them.

    Raises:
        InvalidInput: there is something else in it.
    """
    return json.dumps(
        _plain(value, "value"),
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=True,
        separators=_BARE,
    )


_BARE = (",", ":")


def read(text: str) -> Any:
    """Return the value that `canonical` wrote; what was a tuple is a list."""
    return json.loads(text, object_hook=_unmarked)


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical text: 64 hexadecimal digits."""
    return sha256(canonical(value).encode()).hexdigest()


def _plain(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, Real):
        return _number(value, where)
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        return _mapping(value, where)
    raise _refused(value, where)


def _number(value: Real, where: str) -> Any:
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Rational):  # a Fraction; NumPy's float32 is none
        raise _refused(value, where)
    number = float(value)
    return number if isfinite(number) else {FLOAT: str(number)}


def _refused(value: Any, where: str) -> InvalidInput:
    return InvalidInput(
        "what a run is found by must be made of None, booleans, numbers, text, lists and "
        f"mappings; {where} is a {type(value).__name__}. Give its name or its settings instead."
    )


def _mapping(value: Mapping[Any, Any], where: str) -> dict[str, Any]:
    plain = {}
    for key, item in value.items():
        if not isinstance(key, str) or (key == FLOAT and len(value) == 1):
            raise InvalidInput(
                f"keys must be text, and {FLOAT!r} alone is taken; {where} has the key {key!r}. "
                "Use another key."
            )
        plain[_text(key, where)] = _plain(item, f"{where}[{key!r}]")
    return plain


def _text(value: str, where: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"text must be writable as UTF-8; {where} has {value!r} ({error.reason}). "
            "Decode file names with the right encoding first."
        ) from error
    return str(value)


def _unmarked(pairs: dict[str, Any]) -> Any:
    return float(pairs[FLOAT]) if pairs.keys() == {FLOAT} else pairs
