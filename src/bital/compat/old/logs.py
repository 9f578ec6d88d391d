"""Logs that answer to the names an era gave them: `acc` for `accuracy`, `lr` for its long name."""

from functools import wraps
from typing import Any

import keras
from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils import python_utils

from bital.compat.notes import note
from bital.compat.old.defaults import BEFORE, era
from bital.compat.patches import Patches

_PAIRS = {
    "acc": "accuracy",
    "lr": "learning_rate",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_error": "mse",
    "mean_squared_logarithmic_error": "msle",
}
_OTHER = {**_PAIRS, **{today: old for old, today in _PAIRS.items()}}


# What metrics were called until Keras 2.3 and TensorFlow 2, however compile() said them.
ONCE = {
    "accuracy": "acc",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
    "learning_rate": "lr",
}


def as_then(name: str) -> str:
    """Return what a program's Keras called a log."""
    if era() not in BEFORE:
        return name
    for today, old in ONCE.items():
        if name == today or name.endswith(f"_{today}"):
            return name[: len(name) - len(today)] + old
    return name


class Logs(dict[str, Any]):
    """A dictionary in which `acc` finds `accuracy` and the other way round."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        for today, old in ONCE.items():
            if dict.__contains__(self, key) and (key == old or key.endswith(f"_{old}")):
                note(f"{old!r} in logs", f"{today!r}, as compile(metrics=...) says it")
        return found

    def __missing__(self, key: Any) -> Any:
        other = alias(key, self)
        if other is None:
            raise KeyError(key)
        return dict.__getitem__(self, other)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(as_then(key) if isinstance(key, str) else key, value)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return a value by either name."""
        return self[key] if key in self else default  # noqa: SIM401 - by either name

    def __contains__(self, key: Any) -> bool:
        return dict.__contains__(self, key) or alias(key, self) is not None


def alias(key: Any, names: Any) -> str | None:
    """Return the name among `names` that another era's `key` means; None where none does."""
    if not isinstance(key, str):
        return None
    for word, other in _OTHER.items():
        if key == word or key.endswith(f"_{word}"):
            candidate = key[: len(key) - len(word)] + other
            if (
                dict.__contains__(names, candidate)
                if isinstance(names, dict)
                else candidate in names
            ):
                if era() not in BEFORE or word in ONCE.values():
                    note(f"{word!r} in logs", f"{other!r}, as compile(metrics=...) says it")
                return candidate
    return None


def by_both_names(logs: Any) -> dict[str, Any]:
    """Return logs with every name an era had for each, as for the names of files."""
    both = dict(logs)
    for name, value in logs.items():
        for word, other in _OTHER.items():
            if name == word or name.endswith(f"_{word}"):
                both.setdefault(name[: len(name) - len(word)] + other, value)
    return both


def patch_logs(patches: Patches) -> None:
    """Let histories, logs and monitors be read by either name."""
    patches.set(
        keras.callbacks.History, "__init__", _history_init(keras.callbacks.History.__init__)
    )
    patches.set(python_utils, "pythonify_logs", _pythonify(python_utils.pythonify_logs))
    patches.set(CallbackList, "set_params", _set_params(CallbackList.set_params))


def _history_init(own: Any) -> Any:
    @wraps(own)
    def __init__(self: Any) -> None:  # noqa: N807
        own(self)
        self.history = Logs()

    return __init__


def _pythonify(own: Any) -> Any:
    @wraps(own)
    def pythonify_logs(logs: Any) -> Any:
        """What Keras calls before it tells callbacks."""
        made = own(logs)
        return Logs({as_then(name): value for name, value in made.items()})

    return pythonify_logs


def _set_params(own: Any) -> Any:
    @wraps(own)
    def set_params(self: Any, params: Any) -> Any:
        params = dict(params or {})
        params.setdefault("nb_epoch", params.get("epochs"))
        return own(self, params)

    return set_params
