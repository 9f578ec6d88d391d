"""The user's callbacks: what each needs of a training, and Keras's list of them."""

from dataclasses import dataclass
from inspect import getclosurevars
from types import FunctionType, MethodType
from typing import Any

import keras
from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils import is_default

from bital.engine.keras_own import Trainer

BATCH_HOOKS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}

_OWN = (keras.callbacks.History, keras.callbacks.ProgbarLogger)
# They read logs and nothing else: it does not matter when in the next quarter second.
_TOLD = (keras.callbacks.CSVLogger, keras.callbacks.RemoteMonitor)
_CHANGING = (
    keras.Model,
    keras.Variable,
    keras.callbacks.Callback,
    keras.optimizers.Optimizer,
)
_LOGGING = ("train_step", "compute_metrics", "get_metrics_result")
_RULES = (keras.callbacks.EarlyStopping, keras.callbacks.ReduceLROnPlateau)


@dataclass(frozen=True, eq=False)
class Cast:
    """The callbacks of one training by what they need."""

    watchers: tuple[Any, ...]
    """may look at the model at the edge of each epoch, or change it"""
    rules: tuple[Any, ...]
    """decide from logs (`rules.rule_of`)"""
    schedulers: tuple[Any, ...]
    """set the learning rate from the number of the epoch"""
    hooked: tuple[Any, ...]
    """do something at each training batch"""
    tested: bool
    """whether any does something where a validation begins, ends or has a batch"""
    terminates: bool
    """whether TerminateOnNaN is among the rules"""

    @property
    def changing(self) -> bool:
        """Whether code of the user's runs between epochs: it may change arrays in place."""
        return any(
            not type(c).__module__.startswith("keras.")
            or isinstance(c, keras.callbacks.LambdaCallback)
            for c in self.watchers
        )


def cast(callbacks: Any, model: Any) -> Cast:
    """Sort callbacks by what they need.

    Args:
        callbacks: what `fit(callbacks=...)` was given: None, one, a nest of them or Keras's list.
        model: what is trained.
    """
    theirs = users(callbacks)
    steady = rate_index(model) is not None
    # A mean over an epoch stays infinite; a log of the model's own may be so for one batch.
    mean = all(getattr(type(model), name) is getattr(Trainer, name) for name in _LOGGING)
    terminates = [c for c in theirs if mean and type(c) is keras.callbacks.TerminateOnNaN]
    schedulers = [
        c
        for c in theirs
        if type(c) is keras.callbacks.LearningRateScheduler
        and not (c.verbose or _looks(c.schedule))
        and steady
    ]
    rules = [c for c in theirs if _is_rule(c) and (steady or not hasattr(c, "min_lr"))]
    if schedulers and (rules or terminates):
        schedulers = []  # a schedule is asked ahead of its epochs: all of them have to come
    sorted_out = {id(c) for c in (*terminates, *schedulers, *rules)}
    others = [c for c in theirs if id(c) not in sorted_out and type(c) not in _TOLD]
    return Cast(
        watchers=tuple(others),
        rules=(*rules, *terminates),
        schedulers=tuple(schedulers),
        hooked=tuple(c for c in others if hooked(c, "train")),
        tested=any(
            has_hook(c, hook)
            for c in others
            for hook in ("on_test_begin", "on_test_end", *BATCH_HOOKS["test"])
        ),
        terminates=bool(terminates),
    )


def users(callbacks: Any) -> list[Any]:
    """Return the callbacks that are the user's: all but a history and a progress bar."""
    flat = callbacks.callbacks if isinstance(callbacks, CallbackList) else callbacks
    return [callback for callback in keras.tree.flatten(flat or []) if type(callback) not in _OWN]


def listed(callbacks: Any, **settings: Any) -> CallbackList:
    """Return Keras's list of these callbacks; one that is a list already stays as it is."""
    if isinstance(callbacks, CallbackList):
        return callbacks
    return CallbackList(callbacks, **settings)


def hooked(callback: Any, kind: str) -> bool:
    """Whether a callback does something at each batch: "train", "test" or "predict"."""
    saves = (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)
    if type(callback) in saves and callback.save_freq == "epoch":
        return False
    return any(has_hook(callback, hook) for hook in BATCH_HOOKS[kind])


def has_hook(callback: Any, name: str) -> bool:
    """Whether a callback does something of its own when Keras calls this method."""
    return not is_default(getattr(callback, name))


def rate_index(model: Trainer) -> int | None:
    """Return which of the optimizer's variables is the learning rate; None where none is.

    A MultiOptimizer has one for each optimizer in it, and one of its own that nothing reads.
    """
    optimizer = model.optimizer
    if hasattr(optimizer, "optimizers"):
        return None
    rate = getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None)
    variables = getattr(optimizer, "variables", ())
    return next((at for at, variable in enumerate(variables) if variable is rate), None)


def _looks(schedule: Any) -> bool:
    """Whether a schedule has at hand what changes from epoch to epoch, the model for one."""
    function = schedule
    if not isinstance(schedule, (FunctionType, MethodType)):
        function = getattr(type(schedule), "__call__", None)  # noqa: B004
    try:
        names = getclosurevars(function)
    except (TypeError, ValueError):  # not written in Python, or not whole yet
        return True
    owner = getattr(schedule, "__self__", schedule)
    held = [owner, *names.nonlocals.values(), *names.globals.values()]
    held += getattr(owner, "__dict__", {}).values()
    return any(isinstance(value, _CHANGING) for value in held)


def _is_rule(callback: Any) -> bool:
    if type(callback) is keras.callbacks.ModelCheckpoint:
        return bool(callback.save_best_only) and callback.save_freq == "epoch"
    return type(callback) in _RULES
