"""Arguments whose default was another in the Keras a program was written for."""

from functools import wraps
from inspect import signature
from typing import Any, NamedTuple

import keras

from bital.compat.files.activations import hard_sigmoid
from bital.compat.notes import note
from bital.compat.old.source import Era
from bital.compat.patches import Patches

_ALONE = frozenset({Era.KERAS_0, Era.KERAS_1, Era.KERAS_2, Era.KERAS_23})
_OLD = _ALONE | {Era.TF_1, Era.TF_2}
_HARD = frozenset({Era.KERAS_0, Era.KERAS_1, Era.KERAS_2, Era.TF_1})
BEFORE = _HARD
"""eras that called metrics by other names"""

_EARLY = frozenset({Era.KERAS_0, Era.KERAS_1})
_FIRST = frozenset({Era.KERAS_0})


class Default(NamedTuple):
    """A default, and when it was."""

    owner: str
    """class or method, in `keras`"""

    argument: str
    value: Any
    eras: frozenset[Era]


DEFAULTS = (
    Default("optimizers.Adadelta", "learning_rate", 1.0, _ALONE),
    Default("optimizers.Adagrad", "learning_rate", 0.01, _ALONE),
    Default("optimizers.Adagrad", "initial_accumulator_value", 0.0, _ALONE),
    Default("optimizers.Adamax", "learning_rate", 0.002, _ALONE),
    Default("optimizers.Nadam", "learning_rate", 0.002, _ALONE),
    Default("layers.LSTM", "recurrent_activation", "hard_sigmoid", _HARD),
    Default("layers.LSTMCell", "recurrent_activation", "hard_sigmoid", _HARD),
    Default("layers.GRU", "recurrent_activation", "hard_sigmoid", _HARD),
    Default("layers.GRU", "reset_after", False, _ALONE | {Era.TF_1}),
    Default("layers.GRUCell", "recurrent_activation", "hard_sigmoid", _HARD),
    Default("layers.GRUCell", "reset_after", False, _ALONE | {Era.TF_1}),
    Default("layers.ConvLSTM2D", "recurrent_activation", "hard_sigmoid", _OLD),
    Default("layers.BatchNormalization", "momentum", 0.9, _FIRST),
    Default("layers.BatchNormalization", "epsilon", 1e-6, _FIRST),
    Default("initializers.Orthogonal", "gain", 1.1, _EARLY),
    Default("Model.fit", "epochs", 100, _FIRST),
    Default("Model.fit", "batch_size", 128, _FIRST),
    Default("Model.fit", "epochs", 10, frozenset({Era.KERAS_1})),
)
"""what differs from Keras 3; the small numbers that optimizers divide by stay Keras 3's"""

_now = {"era": Era.KERAS_3}


def era() -> Era:
    """Return the era of the program that runs."""
    return _now["era"]


def stands_alone() -> bool:
    """Whether the program is of a Keras before TensorFlow took it in."""
    return _now["era"] in _ALONE


def patch_defaults(patches: Patches, era: Era) -> None:
    """Give calls that leave an argument out its era's default. Comes before other patches.

    Args:
        patches: what undoes it.
        era: of the program; nothing changes for Keras 3.
    """
    _now["era"] = era
    if era is Era.KERAS_3:
        return
    for module in (keras.activations, keras.src.activations):
        patches.set(module, "get", _get(module.get))
    patches.set(keras.activations, "hard_sigmoid", hard_sigmoid)
    by_owner: dict[str, dict[str, Any]] = {}
    for one in DEFAULTS:
        if era in one.eras:
            by_owner.setdefault(one.owner, {})[one.argument] = one.value
    for owner, values in by_owner.items():
        home, _, name = owner.rpartition(".")
        if home == "Model":
            from bital.engine.keras_own import Trainer

            patches.set(Trainer, name, _with_defaults(getattr(Trainer, name), name, values))
        else:
            cls = getattr(getattr(keras, home), name)
            patches.set(cls, "__init__", _with_defaults(cls.__init__, name, values))


def _with_defaults(own: Any, name: str, defaults: dict[str, Any]) -> Any:
    known = signature(own)

    @wraps(own)
    def function(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = known.bind_partial(self, *args, **kwargs).arguments
        given = {**given, **given.get("kwargs", {})}
        for argument, value in defaults.items():
            if argument not in given:
                kwargs[argument] = value
                note(f"{name}() without {argument}=", f"{argument}={_spoken(value)}, as then")
        return own(self, *args, **kwargs)

    function.__signature__ = known  # type: ignore[attr-defined]
    return function


def _spoken(value: Any) -> str:
    if value == "hard_sigmoid":
        return "lambda x: ops.clip(0.2 * x + 0.5, 0, 1)"
    return repr(value)


def _get(own: Any) -> Any:
    @wraps(own)
    def get(identifier: Any) -> Any:
        """Until Keras 3, hard_sigmoid was 0.2 x + 0.5 between 0 and 1."""
        return hard_sigmoid if identifier == "hard_sigmoid" else own(identifier)

    return get
