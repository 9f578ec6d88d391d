"""Callbacks that a study's file names."""

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import keras

from bital.errors import InvalidInput, UnknownName
from bital.workbench.given import Functions

KNOWN = {
    each.__name__: each
    for each in (
        keras.callbacks.EarlyStopping,
        keras.callbacks.LearningRateScheduler,
        keras.callbacks.ReduceLROnPlateau,
        keras.callbacks.SwapEMAWeights,
        keras.callbacks.TerminateOnNaN,
    )
}
"""Keras's own that change how a run is trained; the others write files, draw or print"""

Callbacks = Callable[[], Sequence[keras.callbacks.Callback]]


def callbacks(
    where: str, given: str | Mapping[str, Mapping[str, Any]], functions: Functions
) -> Callbacks:
    """Return a function that makes an arm's callbacks anew for each run.

    Args:
        where: what to call the arm in errors.
        given: names of Keras's callbacks with their arguments, or a function that returns a list.
        functions: finds those that are named.

    Raises:
        UnknownName: a callback or an argument that is none.
        InvalidInput: a value that it cannot be given.
    """
    if isinstance(given, str):
        return functions.named(given)
    found = {name: _arguments(where, name, each, functions) for name, each in given.items()}
    make = partial(_made, found)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Keras warns of a mode it does not know, and goes on
            make()
    except (TypeError, ValueError, UserWarning) as error:
        raise InvalidInput(f"{where}: callbacks cannot be made; {error}") from error
    return make


def _made(found: Mapping[str, Mapping[str, Any]]) -> list[keras.callbacks.Callback]:
    return [KNOWN[name](**arguments) for name, arguments in found.items()]


def _arguments(
    where: str, name: str, given: Mapping[str, Any], functions: Functions
) -> Mapping[str, Any]:
    """Return a callback's arguments, functions imported."""
    if name not in KNOWN:
        hint = ' Or name a function that returns a list of callbacks: callbacks = "models.py:mine".'
        raise UnknownName(f"callback of {where}", name, KNOWN, hint)
    known = {
        key: each.default
        for key, each in inspect.signature(KNOWN[name]).parameters.items()
        if each.kind is not each.VAR_KEYWORD and key != "verbose"
    }
    found = dict(given)
    for key, value in given.items():
        if key not in known:
            raise UnknownName(f"an argument of {name} in {where}", key, known)
        if key == "schedule" and isinstance(value, str):
            found[key] = functions.named(value)
        elif not _fits(known[key], value):
            raise InvalidInput(
                f"{where}: {key} of {name} must be {_KINDS[_kind(known[key])]}; got {value!r}."
            )
    return found


_KINDS = {
    bool: "true or false",
    str: "text",
    float: "a number",
    type: 'a function, as in "models.py:halved"',
}


def _kind(default: Any) -> type:
    """Return what an argument is, by its default; a number where that is None."""
    if default is inspect.Parameter.empty:
        return type
    return type(default) if isinstance(default, (bool, str)) else float


def _fits(default: Any, value: Any) -> bool:
    kind = _kind(default)
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, kind)
