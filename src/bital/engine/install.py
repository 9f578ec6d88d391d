"""`bital.install`: `keras.Model.fit`, `evaluate` and `predict` through the compiled engine."""

from functools import wraps
from inspect import signature
from typing import Any

from bital.engine.evaluate import infer, measure
from bital.engine.fit import train
from bital.engine.fitspec import FitSpec
from bital.engine.keras_own import METHODS, Trainer
from bital.models.backend import require_jax

_OURS = {
    "fit": lambda model, *args, **kwargs: train(model, FitSpec(*args, **kwargs)),
    "evaluate": measure,
    "predict": infer,
}


def install() -> None:
    """Let every Keras model train, evaluate and predict through bital, until `uninstall()`.

    Programs need no change and give the same answers: what bital cannot compile, Keras carries out
    as before. Unlike `bital.fit`, the installed methods raise only what Keras raises: data with NaN
    or labels that do not fit the loss are trained on. Installing twice is installing once.

    Raises:
        WrongBackend: Keras does not run on JAX.
    """
    require_jax()
    for name, ours in _OURS.items():
        setattr(Trainer, name, _method(name, ours))


def uninstall() -> None:
    """Give Keras its own methods back."""
    for name, own in METHODS.items():
        setattr(Trainer, name, own)


def load_ipython_extension(ipython: Any) -> None:
    """Install, as `%load_ext bital` asks for."""
    install()


def unload_ipython_extension(ipython: Any) -> None:
    """Uninstall, as `%unload_ext bital` asks for."""
    uninstall()


def _method(name: str, ours: Any) -> Any:
    """Return Keras's method with our body: its signature, docstring and name."""
    own = signature(METHODS[name])

    @wraps(METHODS[name])
    def method(*args: Any, **kwargs: Any) -> Any:
        own.bind(*args, **kwargs)  # raises TypeError
        return ours(*args, **kwargs)

    return method
