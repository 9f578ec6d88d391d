"""`keras.preprocessing.image` of Keras 1 and 2: Keras's own numbers, each file decoded once."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from keras.preprocessing.image import smart_resize
from keras.src.legacy.preprocessing import image as legacy
from keras.src.legacy.preprocessing.image import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    flip_axis,
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
    transform_matrix_offset_center,
    validate_filename,
)
from keras.src.utils import image_utils  # Keras's own: compat mode puts ours in keras.utils

from bital.compat.notes import note
from bital.compat.preprocessing.image_file import check_image_file
from bital.compat.preprocessing.iterators import (
    DataFrameIterator,
    DirectoryIterator,
    Iterator,
    NumpyArrayIterator,
)
from bital.compat.preprocessing.renamed import renamed

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "apply_transform",
    "array_to_img",
    "flip_axis",
    "img_to_array",
    "list_pictures",
    "load_img",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
    "transform_matrix_offset_center",
    "validate_filename",
]


def _affine_transform(*args: Any, **kwargs: Any) -> Any:
    from scipy.ndimage import affine_transform  # loaded with the first image that needs it

    return affine_transform(*args, **kwargs)


# Keras 3.15 names it scipy.ndimage.interpolation.affine_transform, a namespace that SciPy warns
# of at each call and takes away in 2.0.
legacy.scipy = SimpleNamespace(
    ndimage=SimpleNamespace(interpolation=SimpleNamespace(affine_transform=_affine_transform))
)

array_to_img = renamed(dim_ordering="data_format")(image_utils.array_to_img)
img_to_array = renamed(dim_ordering="data_format")(image_utils.img_to_array)
save_img = renamed(dim_ordering="data_format")(image_utils.save_img)


_TABLE_ARGUMENTS = {
    "has_ext": "file names with their extension",
    "sort": "shuffle=False",
    "drop_duplicates": "dataframe.drop_duplicates()",
}
"""of flow_from_dataframe, without effect since Keras 2.3"""


class ImageDataGenerator(legacy.ImageDataGenerator):
    """Batches of images, transformed at random: Keras's own numbers, each file decoded once.

    The same `seed` gives the same batches on any number of cores.
    """

    @renamed(dim_ordering="data_format")
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    @renamed(X="x")
    def fit(self, *args: Any, **kwargs: Any) -> None:
        """Take means, deviations and the whitening matrix from (n, h, w, c) or (n, c, h, w)."""
        super().fit(*args, **kwargs)

    @renamed(X="x")
    def flow(self, *args: Any, **kwargs: Any) -> Any:
        """Return batches of an array; arguments as in Keras 2."""
        return self._batches(NumpyArrayIterator, super().flow, *args, **kwargs)

    def flow_from_directory(self, *args: Any, **kwargs: Any) -> Any:
        """Return batches of a folder with one folder a class; arguments as in Keras 2."""
        return self._batches(DirectoryIterator, super().flow_from_directory, *args, **kwargs)

    def flow_from_dataframe(self, *args: Any, **kwargs: Any) -> Any:
        """Return batches of the files that a pandas or polars table names; as in Keras 2."""
        for old in _TABLE_ARGUMENTS.keys() & kwargs.keys():
            note(f"{old}=", _TABLE_ARGUMENTS[old])
            del kwargs[old]
        if kwargs.get("class_mode") == "other":
            note("class_mode='other'", "class_mode='raw'")
            kwargs["class_mode"] = "raw"
        return self._batches(DataFrameIterator, super().flow_from_dataframe, *args, **kwargs)

    def _batches(self, kind: Any, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return our kind of iterator for the arguments that Keras's method takes."""
        bound = signature(method).bind(*args, **kwargs)
        bound.apply_defaults()  # the method shuffles, the iterator alone would not
        given = bound.arguments
        unknown = given.pop("kwargs", {})
        if unknown:
            raise TypeError(f"{method.__name__} takes no argument {', '.join(sorted(unknown))}.")
        own = {"data_format": self.data_format, "dtype": self.dtype}
        return kind(**given, image_data_generator=self, **own)


@wraps(image_utils.load_img)
def load_img(path: Any, grayscale: Any = False, **kwargs: Any) -> Any:
    """Read an image; `grayscale=True` is Keras 1's `color_mode="grayscale"`."""
    if isinstance(grayscale, str):  # Keras 3 has color_mode in its place
        kwargs["color_mode"] = grayscale
    elif grayscale:
        note("grayscale=True", "color_mode='grayscale'")
        kwargs["color_mode"] = "grayscale"
    check_image_file(path)
    return image_utils.load_img(path, **kwargs)


def apply_transform(
    x: np.ndarray,
    transform_matrix: np.ndarray,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
) -> np.ndarray:
    """Move an image's pixels by a 3 x 3 matrix that gives each new place its old one (Keras 1).

    Args:
        x: image, (rows, columns) besides the channel axis.
        transform_matrix: from `transform_matrix_offset_center`.
        channel_axis: 0 or 2.
        fill_mode: what lies beyond the edge, as in `scipy.ndimage.affine_transform`.
        cval: beyond the edge with `fill_mode="constant"`.
    """
    matrix, offset = transform_matrix[:2, :2], transform_matrix[:2, 2]
    channels = [
        _affine_transform(channel, matrix, offset, order=0, mode=fill_mode, cval=cval)
        for channel in np.moveaxis(x, channel_axis, 0)
    ]
    return np.stack(channels, axis=channel_axis)


def list_pictures(directory: Any, ext: Any = "jpg|jpeg|bmp|png|ppm|tif|tiff") -> list[str]:
    """Return the image files below a folder, sorted.

    Args:
        directory: the folder.
        ext: extensions: a tuple, or joined by `|` as in Keras 1.
    """
    endings = tuple(f".{e}" for e in (ext.split("|") if isinstance(ext, str) else ext))
    return [str(p) for p in sorted(Path(directory).rglob("*")) if p.name.lower().endswith(endings)]
