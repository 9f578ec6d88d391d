"""TOML tables as frozen dataclasses: every key known, every value of its type."""

import tomllib
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from bital.errors import InvalidInput, UnknownName

Made = TypeVar("Made")


def read_toml(kind: type[Made], path: Path, what: str) -> Made:
    """Make a dataclass of a TOML file.

    Args:
        kind: as of `read`.
        path: of the file.
        what: whose file it is, as in "study".

    Raises:
        InvalidInput: it is not there, not TOML, or says what such a file cannot say.
    """
    try:
        return read(kind, tomllib.loads(path.read_text(encoding="utf-8-sig")), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"a {what}'s file must be text that can be read; {path} gave {type(error).__name__}. "
            "Correct the path."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"a {what}'s file must be TOML; {path}: {error}.") from error
    except RecursionError as error:
        raise InvalidInput(
            f"a {what}'s file must be TOML; {path} is nested too deeply to be read. "
            "Write it without so many brackets."
        ) from error


def read(kind: type[Made], table: Mapping[str, Any], where: str) -> Made:
    """Make a dataclass of a table.

    Args:
        kind: a dataclass whose fields are strings, numbers, booleans, tuples, mappings from
            strings, literals, dataclasses, `Any`, or unions of them.
        table: as `tomllib` reads it.
        where: what to call it in errors, as in "study.toml, arms.adam".

    Raises:
        UnknownName: a key that is no field.
        InvalidInput: a value of another type, or a field without a default that is missing.
    """
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in known:
            raise UnknownName(f"a key of {where}", key, known)
    for name, field in known.items():
        if name not in table and field.default is MISSING and field.default_factory is MISSING:
            raise InvalidInput(f"{where} must have {name}; it has none. Add {name} = ...")
    return kind(**{key: _value(hints[key], item, where, key) for key, item in table.items()})


def _value(hint: Any, value: Any, where: str, key: str) -> Any:
    """Return a value as its type says, or raise."""
    for option in _options(hint):
        if isinstance(option, type) and is_dataclass(option) and isinstance(value, dict):
            return read(option, value, f"{where}, {key}")
        if get_origin(option) is tuple and isinstance(value, list):
            item = get_args(option)[0]
            return tuple(_value(item, each, where, key) for each in value)
        if _maps(option) and isinstance(value, dict):
            item = get_args(option)[1]
            return {
                name: _value(item, each, f"{where}, {key}", name) for name, each in value.items()
            }
        if _fits(option, value):
            return float(value) if option is float else value
    wanted = " or ".join(_said(option) for option in _options(hint))
    raise InvalidInput(f"{where}: {key} must be {wanted}; got {value!r}.")


def _options(hint: Any) -> list[Any]:
    union = get_origin(hint) in (Union, types.UnionType)
    return [o for o in (get_args(hint) if union else (hint,)) if o is not types.NoneType]


def _maps(option: Any) -> bool:
    return isinstance(get_origin(option), type) and issubclass(get_origin(option), Mapping)


def _fits(option: Any, value: Any) -> bool:
    if option is Any:
        return True
    if get_origin(option) is Literal:
        return value in get_args(option)
    if option is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(option, type) and isinstance(value, option)


def _said(option: Any) -> str:
    if get_origin(option) is Literal:
        return " or ".join(f'"{name}"' for name in get_args(option))
    if get_origin(option) is tuple:
        return f"a list of {_PLURALS.get(get_args(option)[0], 'values')}"
    return _NAMES.get(option, "a table")


_NAMES = {str: "text", int: "a whole number", float: "a finite number", bool: "true or false"}
_PLURALS = {str: "texts", int: "whole numbers", float: "numbers"}
