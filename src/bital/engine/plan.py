"""Which path a training takes, and why."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Literal

import keras
from keras.src.distribution import distribution_lib
from keras.src.utils import io_utils

from bital.engine import memory
from bital.engine.callbacks import Cast
from bital.engine.dispatch import SEGMENTS
from bital.engine.given import Given
from bital.engine.keras_own import Trainer
from bital.engine.pace import capacity

Path = Literal["epochs", "epoch", "chunks", "keras"]

_PATHS = {
    "epochs": "many epochs a dispatch",
    "epoch": "one epoch a dispatch",
    "chunks": "chunks of steps",
    "keras": "Keras's own loop",
}

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

    path: Path
    """many epochs in one dispatch; one epoch, because the host looks in between; chunks of steps,
    because data comes from the host or batch hooks listen; or Keras's own loop"""
    reason: str = ""
    """why not a faster path; empty when there is none faster"""
    dispatches: int | None = None
    """calls of compiled programs: the fewest it can take, or, in a history, those made; None where
    nobody knows"""
    memory: int | None = None
    """bytes on the device: data, the model before and after a dispatch, its optimizer as far as it
    is built; what a step needs in between comes on top"""
    kernels: str = ""
    """what the operations run on, see `blocks.kernels_used`; empty with Keras's own loop"""

    def __str__(self) -> str:
        """Return the plan in words."""
        return _PATHS[self.path] + (f": {self.reason}" if self.reason else "")


def planned(model: Trainer, cast: Cast, train: Given, held_out: Given | None, epochs: int) -> Plan:
    """Return the plan for data and callbacks that a program can train on.

    Args:
        model: compiled; it need not be built.
        cast: the user's callbacks.
        train: training data.
        held_out: validation data, or None.
        epochs: how many.
    """
    names = ", ".join(sorted({type(c).__name__ for c in cast.hooked or cast.watchers}))
    steps = train.steps
    outside = held_out is not None and not held_out.resident
    state = 2 * sum(memory.size([v.value for v in group]) for group in _groups(model))
    data = train.resident_bytes + (held_out.resident_bytes if held_out is not None else 0)
    plan = Plan("epochs", memory=state + data)
    if train.used_up and cast.hooked:
        verb = "hears" if len(cast.hooked) == 1 else "hear"
        return Plan("keras", f"{names} {verb} of every batch of a generator, drawn one by one")
    if not train.resident:
        chunks = None if steps is None else epochs * train.windows
        return replace(plan, path="chunks", reason=train.why_not_resident, dispatches=chunks)
    if cast.hooked:
        reason = f"{names} {'hears' if ',' not in names else 'hear'} of every batch"
        return replace(plan, path="chunks", reason=reason, dispatches=epochs)
    if cast.watchers:
        reason = f"{names} may look at the model after each epoch"
        return replace(plan, path="epoch", reason=reason, dispatches=epochs)
    if outside:
        assert held_out is not None
        reason = f"validation_data: {held_out.why_not_resident}"
        return replace(plan, path="epoch", reason=reason, dispatches=epochs)
    return replace(plan, dispatches=ceil(epochs / min(capacity(train.rows), SEGMENTS)))


def _groups(model: Trainer) -> tuple[list[Any], ...]:
    optimizer = getattr(model, "optimizer", None)
    rest = [] if optimizer is None else optimizer.variables
    return model.trainable_variables, model.non_trainable_variables, rest


def say(message: str) -> None:
    """Show a line where Keras shows its progress, once per process."""
    if message not in _said:
        _said.add(message)
        io_utils.print_msg(f"bital: {message}")


_said: set[str] = set()


def overridden(model: Trainer, method: str) -> bool:
    """Whether the model's class has its own version of one of Keras's methods."""
    return getattr(type(model), method) is not getattr(Trainer, method)


def keras_reason(model: Trainer, method: str) -> str | None:
    """Return why only Keras's own loop can carry out `method`, or None.

    Args:
        model: compiled, where `method` needs it.
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
    return None


def _setting(name: str) -> bool:
    """Whether a setting of Keras's is on; older releases do not have all of them."""
    return bool(getattr(keras.config, name, bool)())
