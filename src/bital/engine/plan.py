"""Which path a training takes, and why."""

from dataclasses import dataclass
from typing import Any, Literal

import keras
from keras.src.distribution import distribution_lib
from keras.src.utils import io_utils

from bital.engine.callbacks import has_hook, idle_in_batches
from bital.engine.keras_own import Trainer

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
_TEST_BATCH_HOOKS = ("on_test_batch_begin", "on_test_batch_end")
_PREDICT_BATCH_HOOKS = ("on_predict_batch_begin", "on_predict_batch_end")
# What Keras's method calls on the model and a program cannot: an override has to be called.
_REPLACED = {
    "fit": ("make_train_function", "evaluate", "make_test_function"),
    "evaluate": ("make_test_function",),
    "predict": ("make_predict_function",),
}
_SETTINGS = ("is_nnx_enabled", "max_epochs", "max_steps_per_epoch")


@dataclass(frozen=True)
class Plan:
    """How a call is carried out."""

    path: Literal["epochs", "epoch", "keras"]
    """many epochs in one dispatch, one epoch because the host looks in between, or Keras's loop"""
    reason: str
    """why not a faster path; empty when there is none faster"""


def say(message: str) -> None:
    """Show a line where Keras shows its progress, once per process."""
    if message not in _said:
        _said.add(message)
        io_utils.print_msg(f"bital: {message}")


_said: set[str] = set()


def overridden(model: keras.Model, method: str) -> bool:
    """Whether the model's class has its own version of one of Keras's methods."""
    return getattr(type(model), method) is not getattr(Trainer, method)


def keras_reason(model: keras.Model, callbacks: Any, method: str) -> str | None:
    """Return why only Keras's own loop can carry out `method`, or None.

    Args:
        model: compiled, where `method` needs it.
        callbacks: the user's callbacks, flat.
        method: "fit", "evaluate" or "predict".
    """
    for name in _REPLACED[method]:
        if overridden(model, name):
            return f"{type(model).__name__} overrides {name}()"
    for reason, holds in {
        "run_eagerly=True asks for every step in Python": model.run_eagerly,
        "jit_compile=False, or a layer that cannot be compiled": not model.jit_compile,
        "a keras.distribution is set": distribution_lib.distribution() is not None,
        **{f"keras.config.{name}() is set": _setting(name) for name in _SETTINGS},
    }.items():
        if holds:
            return reason
    hooks = {
        "fit": _BATCH_HOOKS + _TEST_BATCH_HOOKS,
        "evaluate": _TEST_BATCH_HOOKS,
        "predict": _PREDICT_BATCH_HOOKS,
    }[method]
    for callback in callbacks:
        for hook in hooks:
            if has_hook(callback, hook) and not idle_in_batches(callback):
                return f"{type(callback).__name__} has {hook}()"
    return None


def _setting(name: str) -> bool:
    """Whether a setting of Keras's is on; older releases do not have all of them."""
    return bool(getattr(keras.config, name, bool)())
