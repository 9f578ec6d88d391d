"""Keras's own image functions, by the arguments they once had too."""

import importlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from keras.src.utils import image_utils

from bital.compat.patches import Patches

_NAMES = ("array_to_img", "img_to_array", "load_img", "save_img")


def patch_images(patches: Patches) -> None:
    """Let `keras.preprocessing.image` and `keras.utils` take `grayscale=` and `dim_ordering=`."""
    for home in ("keras.preprocessing.image", "keras.utils"):
        module = importlib.import_module(home)
        for name in _NAMES:
            patches.set(module, name, _ours(name))


def _ours(name: str) -> Callable[..., Any]:
    @wraps(getattr(image_utils, name))
    def call(*args: Any, **kwargs: Any) -> Any:
        from bital.compat.preprocessing import image  # takes time that few programs need

        return getattr(image, name)(*args, **kwargs)

    return call
