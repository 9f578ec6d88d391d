"""Weights and models in files of any suffix."""

import os
from functools import wraps
from pathlib import Path
from typing import Any

import h5py
import keras
from keras.src.legacy.saving import legacy_h5_format

from bital.compat.notes import note
from bital.compat.patches import Patches

_HDF5 = (".h5", ".hdf5", ".hdf")


def patch_saving(patches: Patches) -> None:
    """Let `save_weights` and `save` take any path."""
    model = keras.Model
    patches.set(model, "save_weights", _save_weights(model.save_weights))
    patches.set(model, "save", _save(model.save))


def _save_weights(own: Any) -> Any:
    @wraps(own)
    def save_weights(self: Any, filepath: Any, overwrite: bool = True, **more: Any) -> None:
        path = str(filepath)
        more.pop("save_format", None)
        more.pop("options", None)
        if path.endswith((".weights.h5", ".weights.json")):
            own(self, filepath, overwrite, **more)
            return
        note("save_weights(any suffix)", "a path that ends in '.weights.h5'")
        with _whole(path) as temporary, h5py.File(temporary, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, self)
        if not path.endswith(_HDF5):
            remember(path)

    return save_weights


class Loaded:
    """What TensorFlow returned from `load_weights`; everything has been read."""

    def expect_partial(self) -> "Loaded":
        """Return itself."""
        return self

    def assert_consumed(self) -> "Loaded":
        """Return itself."""
        return self


def _save(own: Any) -> Any:
    @wraps(own)
    def save(self: Any, filepath: Any, overwrite: bool = True, **more: Any) -> Any:
        path = str(filepath)
        for dropped in ("save_format", "include_optimizer", "signatures", "options", "save_traces"):
            if dropped in more and dropped != "include_optimizer":
                more.pop(dropped)
        if path.endswith((".keras", ".h5", ".hdf5")):
            return own(self, filepath, overwrite, **more)
        note("model.save(any suffix)", "a path that ends in '.keras'")
        more.pop("include_optimizer", None)
        with _whole(path) as temporary:
            own(self, temporary + ".keras", overwrite, **more)
            os.replace(temporary + ".keras", temporary)
        return None

    return save


class _whole:  # noqa: N801
    """A temporary path that becomes the file once all of it is written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._temporary = f"{path}.{os.getpid()}.part"

    def __enter__(self) -> str:
        folder = os.path.dirname(self._path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        return self._temporary

    def __exit__(self, kind: Any, *error: object) -> None:
        if kind is None:
            os.replace(self._temporary, self._path)
        elif os.path.exists(self._temporary):
            os.remove(self._temporary)


def remember(path: str) -> None:
    """Note the newest of a folder's checkpoints, which `tf.train.latest_checkpoint` returns."""
    folder = Path(path).parent
    (folder / "checkpoint").write_text(
        f'model_checkpoint_path: "{Path(path).name}"\n', encoding="utf-8"
    )
