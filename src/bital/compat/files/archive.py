"""`.keras` archives of Keras 2.12 to 2.15: Keras 3's layout, other names."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
from keras.src.saving import saving_api

from bital.compat.files import build, compiled, hdf5
from bital.compat.files.build import Means
from bital.compat.files.declared_size import SMALL, check_declared
from bital.compat.files.kernels import Origin
from bital.compat.files.self_contained import opened
from bital.errors import InvalidInput

_WEIGHTS = "model.weights.h5"


def is_of_keras_2(path: Any) -> bool:
    """Whether Keras 2 wrote an archive.

    Raises:
        InvalidInput: a member declares more bytes than its stored ones can mean.
    """
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            check_declared(
                f"the member {member.filename!r}", member.file_size, member.compress_size
            )
        if "metadata.json" not in archive.namelist():
            return False
        version = _json(archive, "metadata.json").get("keras_version")
    return Origin.of(version).era < 3


def check_small(path: Any) -> None:
    """Raise if the weights of a small archive are not self-contained; Keras 3 reads it then.

    Keras itself refuses what points elsewhere, and arrays of more than 4 GB that are hardly stored.
    Less than that is too much for a file of some kB; for 64 MB it is what they could be.

    Raises:
        InvalidInput: see `check_self_contained`.
    """
    with zipfile.ZipFile(path) as archive:
        if _WEIGHTS not in archive.namelist() or archive.getinfo(_WEIGHTS).file_size > SMALL:
            return
    with _extracted(path) as weights, opened(weights):
        pass


def load(path: Any, means: Means, compiles: bool) -> Any:
    """Return the model in an archive of Keras 2."""
    with zipfile.ZipFile(path) as archive:
        config = _json(archive, "config.json")
    model = build.model(config, means)
    training = config.get("compile_config") or {}
    with _extracted(path) as weights:
        _load_extracted(model, weights)
        if compiles and training.get("optimizer"):
            with opened(weights) as file:
                state = _ordered(file["optimizer/vars"]) if "optimizer/vars" in file else []
                training = {**training, "optimizer_config": training["optimizer"]}
                compiled.compile_as_saved(model, training, {}, means.custom)
                compiled.restore(model, state)
    return model


def load_weights(model: Any, path: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Set weights from an archive of Keras 2."""
    with _extracted(path) as weights:
        _load_extracted(model, weights, skip_mismatch, **kwargs)


def load_weights_file(model: Any, path: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Set weights from a file in the layout that `.weights.h5` has since Keras 2.12."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / _WEIGHTS  # Keras reads this layout under this suffix only
        shutil.copyfile(path, copy)
        _load_extracted(model, copy, skip_mismatch, **kwargs)


def _load_extracted(model: Any, path: Path, skip_mismatch: bool = False, **kwargs: Any) -> None:
    """Set weights from a file of our own, which is changed."""
    with opened(path) as file:
        groups = hdf5.groups_named(file, hdf5.OLD_LAYERS)
    if groups:
        with h5py.File(path, "a") as file:
            for group in groups:
                file.move(group, f"{group.rpartition('/')[0]}/layers")
    saving_api.load_weights(model, path, skip_mismatch=skip_mismatch, **kwargs)


@contextmanager
def _extracted(path: Any) -> Iterator[Path]:
    """Yield a copy of an archive's weights that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / _WEIGHTS
        with (
            zipfile.ZipFile(path) as archive,
            archive.open(_WEIGHTS) as stored,
            copy.open("wb") as file,
        ):
            shutil.copyfileobj(stored, file)
        yield copy


def _json(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    if archive.getinfo(name).file_size > SMALL:
        raise InvalidInput(
            f"{name} in an archive of Keras must be text of at most {SMALL >> 20} MB; it has "
            f"{archive.getinfo(name).file_size} bytes. Do not trust this file."
        )
    found = json.loads(archive.read(name))
    if not isinstance(found, dict):
        raise InvalidInput(
            f"{name} in an archive of Keras must hold a JSON object; it holds "
            f"{type(found).__name__}. The file is damaged, or not a model's."
        )
    return found


def _ordered(group: Any) -> list[Any]:
    return [hdf5.dataset(group, str(i)) for i in range(len(group))]
