"""`tf.image`, and `tf.io` as far as pictures need it."""

import io
import random
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
from keras import ops

from bital.compat.facade.absent import absent
from bital.compat.facade.dataset import not_for_all

__getattr__ = absent("tf.image")


class ResizeMethod:
    """Names of ways to resize."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    LANCZOS3 = "lanczos3"
    AREA = "bilinear"


def resize(images: Any, size: Any, method: str = "bilinear", preserve_aspect_ratio: bool = False,
           antialias: bool = False, name: Any = None, **_: Any) -> Any:  # fmt: skip
    """Return images of another size, in float32 unless by nearest neighbours."""
    sizes = tuple(int(n) for n in np.asarray(size))
    images = images if hasattr(images, "shape") else ops.convert_to_tensor(images)
    given = images if method == "nearest" else ops.cast(images, "float32")
    if len(given.shape) == 3:
        return ops.image.resize(given[None], sizes, interpolation=method, antialias=antialias)[0]
    return ops.image.resize(given, sizes, interpolation=method, antialias=antialias)


resize_images = resize_bilinear = resize


def extract_patches(
    images: Any, sizes: Any, strides: Any, rates: Any = (1, 1, 1, 1), padding: str = "VALID",
    name: Any = None,
) -> Any:  # fmt: skip
    """Return the patches of images (rows, height, width, channels), one after another in depth."""
    return ops.image.extract_patches(
        images, tuple(sizes[1:3]), tuple(strides[1:3]), dilation_rate=tuple(rates[1:3]),
        padding=padding.lower(), data_format="channels_last",
    )  # fmt: skip


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: Any = None) -> Any:
    """Return whole numbers as fractions of the largest, and back."""
    kind, source = str(dtype), str(keras.backend.standardize_dtype(image.dtype))
    if kind == source:
        return image
    if "int" in source and "float" in kind:
        return ops.cast(image, kind) / np.iinfo(source).max
    if "float" in source and "int" in kind:
        return ops.cast(image * (np.iinfo(kind).max + 0.5), kind)
    return ops.cast(image, kind)


def flip_left_right(image: Any) -> Any:
    """Turn around sideways."""
    return ops.flip(image, axis=-2)


def flip_up_down(image: Any) -> Any:
    """Turn around upside down."""
    return ops.flip(image, axis=-3)


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Turn around sideways, every other time."""
    not_for_all()
    return flip_left_right(image) if random.random() < 0.5 else ops.convert_to_tensor(image)


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Turn around upside down, every other time."""
    not_for_all()
    return flip_up_down(image) if random.random() < 0.5 else ops.convert_to_tensor(image)


def rot90(image: Any, k: int = 1, name: Any = None) -> Any:
    """Turn by quarters, against the clock."""
    return ops.rot90(image, k=k, axes=(-3, -2))


def adjust_brightness(image: Any, delta: Any) -> Any:
    """Add to every entry."""
    return image + delta


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Spread entries around their channel's mean."""
    mean = ops.mean(images, axis=(-3, -2), keepdims=True)
    return (images - mean) * contrast_factor + mean


def random_brightness(image: Any, max_delta: float, seed: Any = None) -> Any:
    """Add the same random number to every entry."""
    not_for_all()
    return image + random.uniform(-max_delta, max_delta)


def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """Spread entries by a random factor."""
    not_for_all()
    return adjust_contrast(image, random.uniform(lower, upper))


def random_crop(value: Any, size: Any, seed: Any = None, name: Any = None) -> Any:
    """Cut out anywhere."""
    not_for_all()
    sizes = [int(n) for n in size]
    starts = [random.randint(0, whole - n) for whole, n in zip(value.shape, sizes, strict=True)]
    return value[tuple(slice(s, s + n) for s, n in zip(starts, sizes, strict=True))]


def central_crop(image: Any, central_fraction: float) -> Any:
    """Cut out the middle."""
    height, width = image.shape[-3], image.shape[-2]
    top = int((height - height * central_fraction) / 2)
    left = int((width - width * central_fraction) / 2)
    return image[..., top : height - top, left : width - left, :]


def crop_to_bounding_box(image: Any, offset_height: int, offset_width: int, target_height: int,
                         target_width: int) -> Any:  # fmt: skip
    """Cut out a box."""
    rows = slice(offset_height, offset_height + target_height)
    return image[..., rows, offset_width : offset_width + target_width, :]


def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    """Cut or pad around the middle."""
    for axis, size in ((-3, target_height), (-2, target_width)):
        have = image.shape[axis]
        if have > size:
            start = (have - size) // 2
            image = ops.take(image, ops.arange(start, start + size), axis=axis)
        elif have < size:
            before = (size - have) // 2
            widths = [(0, 0)] * len(image.shape)
            widths[axis] = (before, size - have - before)
            image = ops.pad(image, widths)
    return image


def rgb_to_grayscale(images: Any, name: Any = None) -> Any:
    """Return one channel."""
    weights = jnp.asarray([0.2989, 0.5870, 0.1140])
    made = ops.sum(ops.cast(images, "float32") * weights, axis=-1, keepdims=True)
    return ops.cast(made, images.dtype)


def grayscale_to_rgb(images: Any, name: Any = None) -> Any:
    """Return three equal channels."""
    return ops.repeat(images, 3, axis=-1)


def per_image_standardization(image: Any) -> Any:
    """Return mean 0 and deviation 1."""
    image = ops.cast(image, "float32")
    axes = (-3, -2, -1)
    count = float(np.prod(image.shape[-3:]))
    deviation = ops.maximum(ops.std(image, axis=axes, keepdims=True), 1.0 / np.sqrt(count))
    return (image - ops.mean(image, axis=axes, keepdims=True)) / deviation


def total_variation(images: Any, name: Any = None) -> Any:
    """Return the sum of absolute differences between neighbours."""
    rows = ops.abs(images[..., 1:, :, :] - images[..., :-1, :, :])
    columns = ops.abs(images[..., :, 1:, :] - images[..., :, :-1, :])
    axes = (-3, -2, -1)
    return ops.sum(rows, axis=axes) + ops.sum(columns, axis=axes)


def read_file(filename: Any, name: Any = None) -> bytes:
    """Return a file's bytes (`tf.io.read_file`)."""
    return Path(_text(filename)).read_bytes()


def decode_image(contents: Any, channels: Any = 0, **_: Any) -> Any:
    """Return a picture's (height, width, channels) in uint8."""
    mode = {1: "grayscale", 4: "rgba"}.get(int(channels or 3), "rgb")
    loaded = keras.utils.load_img(io.BytesIO(contents), color_mode=mode)
    return jnp.asarray(keras.utils.img_to_array(loaded).astype(np.uint8))


decode_jpeg = decode_png = decode_bmp = decode_image


def _text(value: Any) -> str:
    plain = value.item() if hasattr(value, "item") else value
    return plain.decode() if isinstance(plain, bytes) else str(plain)
