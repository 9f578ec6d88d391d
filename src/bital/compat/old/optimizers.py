"""Optimizers with `lr`, `decay` and the other words of Keras 1 and 2."""

import importlib
from functools import wraps
from inspect import signature
from typing import Any

import keras
from keras import ops

from bital.compat.notes import note
from bital.compat.old.arguments import OPTIMIZERS
from bital.compat.old.translate import names_of, translated
from bital.compat.patches import Patches

Optimizer = keras.optimizers.Optimizer


def patch_optimizers(patches: Patches) -> None:
    """Let every optimizer take old arguments and answer to old attributes."""
    for name in dir(keras.optimizers):
        cls = getattr(keras.optimizers, name)
        if isinstance(cls, type) and issubclass(cls, Optimizer) and cls is not Optimizer:
            patches.set(cls, "__init__", _init(cls))
    legacy = importlib.import_module("keras.optimizers.legacy")
    for name in set(dir(legacy)) & set(dir(keras.optimizers)):
        if not name.startswith("_"):
            patches.set(legacy, name, getattr(keras.optimizers, name))
    base = next(cls for cls in Optimizer.__mro__ if "_get_current_learning_rate" in vars(cls))
    rate = base._get_current_learning_rate
    patches.set(base, "_get_current_learning_rate", _by_fractions(rate))
    patches.set(Optimizer, "lr", property(_rate, _set_rate))
    patches.set(Optimizer, "decay", property(lambda self: self.__dict__.get("_bital_decay", 0.0)))
    patches.set(Optimizer, "_backend_update_step", _update_step(Optimizer._backend_update_step))
    patches.set(Optimizer, "get_weights", lambda self: [v.numpy() for v in self.variables])
    patches.set(Optimizer, "set_weights", _set_weights)
    patches.set(Optimizer, "weights", property(lambda self: self.variables))
    patches.set(Optimizer, "minimize", _minimize)
    patches.set(Optimizer, "get_updates", _get_updates)
    patches.set(Optimizer, "apply_gradients", _apply_gradients(Optimizer.apply_gradients))
    patches.set(Optimizer, "_create_all_weights", lambda self, variables: self.build(variables))


def _by_fractions(own: Any) -> Any:
    @wraps(own)
    def get_current_learning_rate(self: Any) -> Any:
        """A program's own schedule was given the step as a fraction, not as a whole number."""
        schedule = self._learning_rate
        of_keras = type(schedule).__module__.startswith("keras.")
        if of_keras or not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
            return own(self)
        return schedule(ops.cast(self._iterations, "float32"))

    return get_current_learning_rate


def _init(cls: type) -> Any:
    own = cls.__init__  # type: ignore[misc]
    known = [name for name in names_of(own) if name != "epsilon"]

    @wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        decay = kwargs.pop("decay", None)
        own(self, *args, **translated(OPTIMIZERS, kwargs, known=known))
        if decay:
            note("decay=", "learning_rate=keras.optimizers.schedules.InverseTimeDecay(...)")
            self.__dict__["_bital_decay"] = float(decay)

    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    return __init__


def _rate(self: Any) -> Any:
    note("optimizer.lr", "optimizer.learning_rate")
    return self._learning_rate


def _set_rate(self: Any, value: Any) -> None:
    note("optimizer.lr", "optimizer.learning_rate")
    self.learning_rate = value


def _update_step(own: Any) -> Any:
    @wraps(own)
    def update_step(self: Any, grads: Any, variables: Any, learning_rate: Any) -> Any:
        decay = self.__dict__.get("_bital_decay")
        if decay:  # as Keras 2 did: from step to step, on top of what `lr` is set to
            step = ops.cast(self._iterations, "float32")
            learning_rate = ops.convert_to_tensor(learning_rate) / (1.0 + decay * step)
        return own(self, grads, variables, learning_rate)

    return update_step


def _set_weights(self: Any, weights: Any) -> None:
    for variable, value in zip(self.variables, weights, strict=True):
        variable.assign(value)


def _apply_gradients(own: Any) -> Any:
    @wraps(own)
    def apply_gradients(self: Any, grads_and_vars: Any, *args: Any, **kwargs: Any) -> Any:
        """TensorFlow's took a name and let None pass with a warning."""
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        if not pairs:
            raise ValueError(
                "No gradients provided for any variable: each is None. Compute the loss inside "
                "the tape, from what the variables are in."
            )
        if not self.built:
            self.build([v for _, v in pairs])
        known = {id(v) for v in self._trainable_variables}
        if all(id(v) in known for _, v in pairs):
            return self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return own(self, pairs)

    return apply_gradients


def _minimize(
    self: Any, loss: Any, var_list: Any = None, grad_loss: Any = None, name: Any = None,
    tape: Any = None, **ignored: Any,
) -> Any:  # fmt: skip
    """Carry out one step that lowers a loss: a function, or a tensor with its tape."""
    from bital.compat.tape.tape import GradientTape

    value, recorded = loss, tape
    if callable(loss):
        with GradientTape() as recorded:
            value = loss()
    elif tape is None:
        raise ValueError(
            "optimizer.minimize takes a function that returns the loss, or a tensor and tape=; "
            f"got {type(loss).__name__} without a tape."
        )
    variables = list(var_list() if callable(var_list) else var_list)
    grads = recorded.gradient(value, variables, grad_loss)
    return self.apply_gradients(zip(grads, variables, strict=True))


def _get_updates(self: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """Return what `K.function(updates=)` carries out: a step along a symbolic loss's gradient."""
    from bital.compat.symbolic.function import Step
    from bital.compat.symbolic.gradients import gradients

    given = dict(zip(("loss", "params") if len(args) < 3 else ("params", "_", "loss"), args,
                     strict=False), **kwargs)  # fmt: skip
    if isinstance(given.get("loss"), list):  # Keras 1 and early 2 put the parameters first
        given["loss"], given["params"] = given["params"], given["loss"]
    params = list(given["params"])
    return [Step(self, gradients(given["loss"], params), params)]
