"""Keras's downloads, served from local copies first."""

import importlib
from functools import wraps
from pathlib import Path
from typing import Any

import keras
from keras.src.utils import file_utils

from bital.compat.offline import cifar, copies, tables
from bital.compat.patches import Patches
from bital.data.sources.folder import root
from bital.errors import MissingData

_DATASETS = (
    *("boston_housing", "california_housing", "cifar10", "cifar100"),
    *("fashion_mnist", "imdb", "mnist", "reuters"),
)


def patch_downloads(patches: Patches) -> None:
    """Let data sets, weights and `get_file` find what BITAL_DATA holds.

    What Keras has in its own cache comes first, then BITAL_DATA, then the network; where none of
    them has it, the error names the places.
    """
    get_file = _get_file(file_utils.get_file)
    patches.set(file_utils, "get_file", get_file)
    patches.set(keras.utils, "get_file", get_file)
    for name in _DATASETS:
        patches.set(importlib.import_module(f"keras.src.datasets.{name}"), "get_file", get_file)
    patches.set(keras.datasets.cifar10, "load_data", _cifar10(keras.datasets.cifar10.load_data))


def _get_file(own: Any) -> Any:
    @wraps(own)
    def get_file(fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> Any:
        subfolder = kwargs.get("cache_subdir", "datasets")
        name = str(fname) if fname else Path(str(origin).split("?")[0]).name
        cache = Path(kwargs.get("cache_dir") or copies.keras_home()) / subfolder / name
        forced = kwargs.get("force_download", False)
        if not forced and not Path(name).is_absolute() and not cache.exists():
            found = copies.local(name, subfolder) or tables.made(name)
            if found is not None:
                return str(found.parent if name.endswith("-target") else found)
        try:
            return own(fname, origin, *args, **kwargs)
        except Exception as error:
            if not str(error).startswith("URL fetch failure"):
                raise
            raise MissingData(
                f"{name} must be here or within reach of the network; it is in neither, and "
                f"downloading it failed ({error}). Fetch {origin} elsewhere and put it at "
                f"{copies.where_to_put(name, subfolder)}."
            ) from error

    return get_file


def _cifar10(own: Any) -> Any:
    @wraps(own)
    def load_data() -> Any:
        whole = ("cifar-10-batches-py", "cifar-10-batches-py-target")
        cached = any((copies.keras_home() / "datasets" / name).exists() for name in whole)
        folder = root()
        if not cached and folder is not None and copies.local(whole[0]) is None:
            first = folder / "cifar10"
            if (first / "labels_first4000.npy").is_file():
                return cifar.first_images(first)
        return own()

    return load_data
