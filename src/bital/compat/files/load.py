"""`load_model`, `load_weights` and `model_from_json` for files of every era."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import keras
from keras.src.legacy.saving import json_utils, legacy_h5_format, saving_options, saving_utils
from keras.src.saving import saving_api
from keras.src.saving.serialization_lib import SafeModeScope

from bital.compat.files import archive, build, compiled, hdf5, operations, weights
from bital.compat.files.build import Means
from bital.compat.files.self_contained import check_self_contained, opened
from bital.compat.files.unreadable import UnreadableFile, readable
from bital.compat.notes import quiet
from bital.errors import InvalidInput


@quiet()
def load_model(
    filepath: Any,
    custom_objects: Any = None,
    compile: bool = True,  # noqa: A002 (Keras's name for it)
    safe_mode: bool | None = None,
) -> Any:
    """Return the model in a file of any Keras.

    Args:
        filepath: `.keras`, `.h5`, `.hdf5`, or any name with HDF5 inside.
        custom_objects: classes and functions by the names the file has; for a Lambda layer whose
            code cannot or may not be read, its function by the layer's name.
        compile: whether to compile it as it was saved.
        safe_mode: False to run code that the file carries.

    Raises:
        CarriesCode: the file carries code, and safe mode is on.
        UnreadableFile: the file is damaged.
        InvalidInput: the file is none of a model, is not self-contained, or has what no Keras 3
            model can have.
    """
    means = Means({} if custom_objects is None else custom_objects, safe_mode)
    if isinstance(filepath, h5py.File):
        with readable(f"{filepath.filename}"):
            check_self_contained(filepath)
            return _from_hdf5(filepath, means, compile)
    _check_file(filepath)
    if hdf5.is_hdf5(filepath):
        with readable(f"{filepath}"), opened(filepath) as file:
            return _from_hdf5(file, means, compile)
    if _is_archive_of_keras_2(filepath):
        with readable(f"{filepath}"):
            return archive.load(filepath, means, compile)
    if Path(str(filepath)).is_dir() and (Path(filepath) / "saved_model.pb").is_file():
        raise InvalidInput(
            f"a model file must hold a Keras model; {filepath} is a TensorFlow SavedModel, a "
            "program of TensorFlow's own. Where TensorFlow is installed, load it there and save "
            "it as .h5, or build the model and load weights from .h5."
        )
    safe = {} if safe_mode is None else {"safe_mode": safe_mode}
    with _keras_reads(filepath):
        return saving_api.load_model(filepath, custom_objects, compile, **safe)


@quiet()
def load_weights(
    model: Any, filepath: Any, skip_mismatch: bool = False, by_name: bool = False, **kwargs: Any
) -> None:
    """Set a model's weights from a file of any Keras: of weights, or of a whole model.

    Args:
        model: built.
        filepath: with any suffix.
        skip_mismatch: leave layers whose shapes differ as they are.
        by_name: only layers of the same name.
        kwargs: what Keras 3's own `load_weights` takes besides.

    Raises:
        UnreadableFile: the file is damaged.
        InvalidInput: the file's layers are not the model's, or it is not self-contained.
    """
    if Path(f"{filepath}.index").is_file():
        raise InvalidInput(
            f"weights must lie in HDF5 to be read; {filepath} is a TensorFlow checkpoint "
            f"({Path(str(filepath)).name}.index). Where TensorFlow is installed, load it there and "
            "call save_weights('weights.h5')."
        )
    _check_file(filepath)
    if hdf5.is_hdf5(filepath):
        with readable(f"{filepath}"):
            with opened(filepath) as file:
                if not hdf5.is_of_keras_3(file):
                    weights.load(hdf5.weights_group(file), model, by_name, skip_mismatch)
                    return
            archive.load_weights_file(model, filepath, skip_mismatch, **kwargs)
    elif _is_archive_of_keras_2(filepath):
        with readable(f"{filepath}"):
            archive.load_weights(model, filepath, skip_mismatch, **kwargs)
    else:
        with _keras_reads(filepath):
            saving_api.load_weights(model, filepath, skip_mismatch=skip_mismatch, **kwargs)


def model_from_json(
    json_string: str, custom_objects: Any = None, safe_mode: bool | None = None
) -> Any:
    """Return the model that a JSON string of any Keras describes, with fresh weights."""
    with readable("this JSON"):
        config = json.loads(json_string)
    return model_from_config(config, custom_objects, safe_mode)


@quiet()
def model_from_config(
    config: dict[str, Any], custom_objects: Any = None, safe_mode: bool | None = None
) -> Any:
    """Return the model that a configuration of any Keras describes, with fresh weights."""
    if not isinstance(config, Mapping):
        raise InvalidInput(
            "a model's configuration must be a JSON object, a dictionary of class_name and config; "
            f"got {type(config).__name__} ({str(config)[:80]}). Take what to_json() wrote."
        )
    if "module" in config and "keras_version" not in config:  # Keras 3
        safe = {} if safe_mode is None else {"safe_mode": safe_mode}
        with readable("this configuration", clear=(ValueError, TypeError)):
            return keras.saving.deserialize_keras_object(config, custom_objects or {}, **safe)
    with readable("this configuration"):
        return build.model(config, Means(custom_objects or {}, safe_mode))


def _from_hdf5(file: Any, means: Means, compiles: bool) -> Any:
    stored = hdf5.text(file.attrs.get("model_config"))
    if stored is None:
        raise InvalidInput(
            "a model file must hold the model's configuration; this one holds weights only. Build "
            "the model (model_from_json, or its code), then call load_weights."
        )
    if hdf5.origin(file).era >= 3:
        model = _of_keras_3(file, json_utils.decode(stored), means)
    else:
        model = build.model(json.loads(stored), means)
        weights.load(hdf5.weights_group(file), model)
    training = hdf5.text(file.attrs.get("training_config"))
    if compiles and training is not None:
        compiled.compile_as_saved(model, json.loads(training), file, means.custom)
    return model


def _of_keras_3(file: Any, config: Any, means: Means) -> Any:
    config, named = operations.told_apart(config)
    custom = {**means.custom, **named}
    safe = means.safe_mode is not False
    with saving_options.keras_option_scope(use_legacy_config=True), SafeModeScope(safe):
        try:
            with keras.saving.custom_object_scope(custom):
                model = saving_utils.model_from_config(config, custom)
            group = hdf5.weights_group(file)
            weights.check_size(group, model)
            legacy_h5_format.load_weights_from_hdf5_group(group, model)
        except ValueError as error:  # Keras's own words for its own file
            raise InvalidInput(str(error)) from error
    return model


def _check_file(path: Any) -> None:
    """Raise if a path is a pipe, on which reading waits for ever, or no file of the kind it says.

    Raises:
        InvalidInput: the path is neither a file nor a folder.
        UnreadableFile: the name is that of a model file, the content is not.
    """
    if not isinstance(path, str | Path) or not Path(path).exists() or Path(path).is_dir():
        return
    if not Path(path).is_file():
        raise InvalidInput(
            f"a model file must be a regular file; {path} is a pipe or a device. Check the path."
        )
    if (
        Path(path).suffix in (".keras", ".h5", ".hdf5")
        and not hdf5.is_hdf5(path)
        and not zipfile.is_zipfile(path)
    ):
        raise UnreadableFile(
            f"a model file must be HDF5 or a .keras archive; {path} is neither "
            f"({Path(path).stat().st_size} bytes). It is damaged or cut off: get it again."
        )


@contextmanager
def _keras_reads(path: Any) -> Iterator[None]:
    """Let Keras read a path, checked if it is an archive; its own words are left as they are."""
    if not isinstance(path, str | Path) or not Path(path).is_file():
        yield
        return
    with readable(f"{path}", clear=(ValueError, TypeError)):
        if zipfile.is_zipfile(path):
            archive.check_small(path)
        yield


def _is_archive_of_keras_2(path: Any) -> bool:
    if not isinstance(path, str | Path) or not Path(path).is_file():
        return False
    with readable(f"{path}"):
        return zipfile.is_zipfile(path) and archive.is_of_keras_2(path)
