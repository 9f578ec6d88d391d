"""Hyperparameters by name: what they may be, and where a model keeps them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from typing import Any, NamedTuple

import keras
import numpy as np

from bital.engine.callbacks import rate_index
from bital.errors import InvalidInput, UnknownName

_DOMAINS: dict[str, tuple[str, Callable[[float], bool]]] = {
    "learning_rate": ("a number of at least 0", lambda v: v >= 0),
    "dropout": ("a fraction from 0 to below 1", lambda v: 0 <= v < 1),
    "l1": ("a number of at least 0", lambda v: v >= 0),
    "l2": ("a number of at least 0", lambda v: v >= 0),
    "label_smoothing": ("a fraction from 0 to 1", lambda v: 0 <= v <= 1),
}


def checked(hyper: Mapping[str, Any] | None) -> dict[str, tuple[float, ...]]:
    """Return values by name, as tuples of one per replica, or of one for all.

    Raises:
        UnknownName: there is no such hyperparameter.
        InvalidInput: a value is outside its domain.
    """
    values: dict[str, tuple[float, ...]] = {}
    for name, given in (hyper or {}).items():
        if name not in _DOMAINS:
            raise UnknownName("a key of hyper", name, _DOMAINS)
        listed = np.atleast_1d(np.asarray(given))
        rule, holds = _DOMAINS[name]
        if listed.ndim != 1 or listed.dtype.kind not in "iuf" or not listed.size:
            raise InvalidInput(f"hyper[{name!r}] must be a list of numbers; got {given!r}.")
        for value in listed.tolist():
            if not (np.isfinite(value) and holds(value)):
                raise InvalidInput(f"each of hyper[{name!r}] must be {rule}; got {value!r}.")
        values[name] = tuple(map(float, listed.tolist()))
    return values


class Place(NamedTuple):
    """Where a model keeps a hyperparameter."""

    holder: Any
    key: str

    def read(self) -> Any:
        """Return what is there."""
        kept = self.holder
        return kept[self.key] if isinstance(kept, dict) else getattr(kept, self.key)

    def write(self, value: Any) -> None:
        """Put something else there."""
        if isinstance(self.holder, dict):
            self.holder[self.key] = value
        else:
            setattr(self.holder, self.key, value)


def places(model: keras.Model, name: str) -> list[Place]:
    """Return where a model has `name`, one of "dropout", "l1", "l2", "label_smoothing".

    Args:
        model: built, its loss too.
        name: of the hyperparameter.

    Raises:
        InvalidInput: it has it nowhere, or where it cannot be a number of a program.
    """
    if name == "dropout":
        found = _rates(model)
        missing = "Dropout, SpatialDropout or AlphaDropout layer"
    elif name == "label_smoothing":
        found = _smoothings(model)
        missing = "loss of Keras's that takes label_smoothing"
    else:
        found = [Place(each, name) for each in _regularizers(model) if hasattr(each, name)]
        missing = f"L1L2 or {name.upper()} regularizer of Keras's"
    if not found:
        raise InvalidInput(
            f"hyper[{name!r}] needs a model with at least one {missing}; "
            f"{model.name!r} has none. Add one, with any value, or leave {name!r} out."
        )
    return found


def check_rate(model: keras.Model) -> None:
    """Raise `InvalidInput` unless the model's learning rate is one number that can be set."""
    if rate_index(model) is None:
        raise InvalidInput(
            "hyper['learning_rate'] needs an optimizer whose learning rate is a number; "
            f"{type(model.optimizer).__name__} has a schedule, or several. "
            "Compile the model with learning_rate=0.001 or the like."
        )


@contextmanager
def applied(model: keras.Model, values: Mapping[str, Any]) -> Iterator[None]:
    """Let the model have these values while in the context; the old ones return in any case."""
    found = [(place, values[name]) for name in values for place in places(model, name)]
    kept = [(place, place.read()) for place, _ in found]
    try:
        for place, value in found:
            place.write(value)
        yield
    finally:
        for place, value in kept:
            place.write(value)


def _rates(model: keras.Model) -> list[Place]:
    layers = [each for each in model._flatten_layers() if isinstance(each, _DROPOUTS)]
    for layer in layers:
        if isinstance(layer, keras.layers.GaussianDropout):
            raise InvalidInput(
                "hyper['dropout'] cannot set GaussianDropout's rate, which Keras computes with "
                f"outside the program; {layer.name!r} is one. Use Dropout, or one study a rate."
            )
        if not hasattr(layer, "seed_generator"):
            raise InvalidInput(
                "hyper['dropout'] needs layers made with a rate above 0, which have a seed; "
                f"{layer.name!r} was made with 0. Make it with any other rate."
            )
    return [Place(layer, "rate") for layer in layers]


_DROPOUTS = (keras.layers.Dropout, keras.layers.AlphaDropout, keras.layers.GaussianDropout)


def _regularizers(model: keras.Model) -> list[Any]:
    """Return Keras's own regularizers of weights and activities, each once."""
    own = (keras.regularizers.L1, keras.regularizers.L2, keras.regularizers.L1L2)
    of_weights = [getattr(weight, "regularizer", None) for weight in model.trainable_variables]
    layers = model._flatten_layers()
    of_layers = [getattr(layer, "activity_regularizer", None) for layer in layers]
    return list({id(r): r for r in (*of_weights, *of_layers) if type(r) in own}.values())


def _smoothings(model: keras.Model) -> list[Place]:
    found: dict[int, Place] = {}
    for entry in getattr(model._compile_loss, "_flat_losses", None) or ():
        options = getattr(entry.loss, "_fn_kwargs", None)
        function: Any = getattr(entry.loss, "fn", None)
        if options is None or not str(getattr(function, "__module__", "")).startswith("keras."):
            continue
        if "label_smoothing" in signature(function).parameters:
            options.setdefault("label_smoothing", 0.0)
            found[id(options)] = Place(options, "label_smoothing")
    return list(found.values())
