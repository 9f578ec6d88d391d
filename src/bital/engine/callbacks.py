"""The user's callbacks, in Keras's list."""

from typing import Any

import keras
from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils import is_default

_OWN = (keras.callbacks.History, keras.callbacks.ProgbarLogger)


def watchers(callbacks: Any) -> list[Any]:
    """Return the callbacks that are the user's: all but a history and a progress bar.

    Args:
        callbacks: what `fit(callbacks=...)` was given: None, one, a nest of them or Keras's list.
    """
    flat = callbacks.callbacks if isinstance(callbacks, CallbackList) else callbacks
    return [callback for callback in keras.tree.flatten(flat or []) if type(callback) not in _OWN]


def listed(callbacks: Any, **settings: Any) -> CallbackList:
    """Return Keras's list of these callbacks; one that is a list already stays as it is."""
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, **settings)


def has_hook(callback: Any, name: str) -> bool:
    """Whether a callback does something of its own when Keras calls this method."""
    return not is_default(getattr(callback, name))


def idle_in_batches(callback: Any) -> bool:
    """Whether a Keras callback's batch hooks do nothing with its present settings."""
    idle = (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)
    return type(callback) in idle and callback.save_freq == "epoch"
