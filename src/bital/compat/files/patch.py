"""Keras's own functions, reading files of every era."""

from functools import wraps
from typing import Any

import keras

from bital.compat.files import load
from bital.compat.files.own import patch_lambdas
from bital.compat.notes import note
from bital.compat.old.saving import Loaded
from bital.compat.patches import Patches


def patch_files(patches: Patches) -> None:
    """Let `load_model`, `model_from_json`, `model_from_config` and `load_weights` read them."""
    for home in (keras.models, keras.saving):
        patches.set(home, "load_model", wraps(keras.saving.load_model)(load.load_model))
    patches.set(
        keras.models, "model_from_json", wraps(keras.models.model_from_json)(load.model_from_json)
    )
    patches.set(keras.models, "model_from_config", load.model_from_config)
    patches.set(keras.Model, "load_weights", _load_weights)
    patch_lambdas(patches)


def _load_weights(
    self: Any, filepath: Any, by_name: bool = False, skip_mismatch: bool = False, **kwargs: Any
) -> Loaded:
    """Set the weights from a file; `by_name` is Keras 2's second argument."""
    for dropped in ("options", "reshape"):
        kwargs.pop(dropped, None)
    if by_name:
        note("load_weights(by_name=True)", "load_weights(path, by_name=True) of a legacy .h5 file")
    load.load_weights(self, filepath, skip_mismatch, by_name, **kwargs)
    return Loaded()
