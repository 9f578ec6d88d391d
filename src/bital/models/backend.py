"""Keras on JAX: chosen before Keras is imported, checked before it is used."""

import os
import sys

from bital.errors import WrongBackend
from bital.models.compilation import persist_compilation
from bital.models.lighter import lighten


def prefer_jax() -> None:
    """Ask Keras for JAX, unless Keras is already here or KERAS_BACKEND says otherwise."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")
        lighten()


def require_jax() -> None:
    """Make sure that Keras runs on JAX, and keep what is compiled.

    Raises:
        WrongBackend: Keras was imported with another backend, or KERAS_BACKEND names one.
    """
    prefer_jax()
    import keras

    backend = keras.backend.backend()
    if backend != "jax":
        asked = os.environ.get("KERAS_BACKEND")
        where = f"KERAS_BACKEND={asked}" if asked == backend else "Keras's configuration file"
        raise WrongBackend(
            f"bital runs Keras on its JAX backend; Keras was imported with {backend!r} ({where}). "
            "Set KERAS_BACKEND=jax before Keras is imported, or import bital first, "
            "and start Python again."
        )
    persist_compilation()
