"""`.keras` archives of Keras 2.12 to 2.15: Keras 3's layout, other names."""

import io
import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import h5py
from keras.src.saving import saving_api

from bital.compat.files import build, compiled
from bital.compat.files.build import Means
from bital.compat.files.hdf5 import OLD_LAYERS


def is_of_keras_2(path: Any) -> bool:
    """Whether Keras 2 wrote an archive."""
    with zipfile.ZipFile(path) as archive:
        if "metadata.json" not in archive.namelist():
            return False
        version = json.loads(archive.read("metadata.json"))["keras_version"]
    return int(version.split(".")[0]) < 3


def load(path: Any, means: Means, compiles: bool) -> Any:
    """Return the model in an archive of Keras 2."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
        stored = io.BytesIO(archive.read("model.weights.h5"))
    model = build.model(config, means)
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "model.weights.h5"
        weights.write_bytes(stored.getbuffer())
        load_weights(model, weights)
        training = config.get("compile_config") or {}
        if compiles and training.get("optimizer"):
            with h5py.File(weights) as file:
                state = _ordered(file["optimizer/vars"]) if "optimizer/vars" in file else []
            training = {**training, "optimizer_config": training["optimizer"]}
            compiled.compile_as_saved(model, training, {}, means.custom)
            compiled.restore(model, state)
    return model


def load_weights(model: Any, path: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Set weights from a file in the layout that `.weights.h5` has since Keras 2.12."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.weights.h5"  # Keras reads this layout under this suffix only
        shutil.copyfile(path, copy)
        with h5py.File(copy, "a") as file:
            if OLD_LAYERS in file:
                _renamed(file)
        saving_api.load_weights(model, copy, skip_mismatch=skip_mismatch, **kwargs)


def _renamed(group: Any) -> None:
    for name in list(group):
        if isinstance(group[name], h5py.Group):
            _renamed(group[name])
        if name == OLD_LAYERS:
            group.move(name, "layers")


def _ordered(group: Any) -> list[Any]:
    return [group[str(i)][()] for i in range(len(group))]
