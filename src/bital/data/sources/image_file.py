"""One image file as an array. The one module here that imports Pillow."""

import warnings
from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from bital.data.sources.machine_memory import check_fits
from bital.errors import InvalidInput

Size = tuple[int, int]
MOST_PIXELS = 2**27
"Pixels of the largest image that is read; 400 MB in RGB."
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_GREY = ("1", "L")
_SIXTEEN = ("I;16", "I;16B", "I;16L", "I;16N")


def read(file: Path, size: Size | None = None) -> UInt8[np.ndarray, "h w c"]:
    """Read an image as 8 bits a channel: one channel if it is grey, else three.

    A camera's note of how it was held is followed; transparency is dropped.

    Args:
        file: BMP, GIF, JPEG, PNG, PGM, PPM, TIFF or WebP, whatever its name ends in.
        size: (height, width) in pixels to bring it to; None keeps its own.

    Raises:
        InvalidInput: another format or a damaged file; more than `MOST_PIXELS`; several images in
            one file; 32 bits a channel.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            # Without a list of formats Pillow would hand PostScript to Ghostscript.
            with Image.open(file, formats=_FORMATS) as opened:
                _check(file, opened)
                plain = opened.format in ("PNG", "PPM")
                picture = _eight_bits(file, ImageOps.exif_transpose(opened), plain)
    except Image.DecompressionBombError as error:
        raise InvalidInput(_too_large(file, str(error))) from error
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(
            f"every image must be whole; reading {file} gave {type(error).__name__}: {error}. "
            "Repair or remove it."
        ) from error
    if size is not None:
        picture = picture.resize(size[::-1], Image.Resampling.BILINEAR)
    array: UInt8[np.ndarray, "h w c"] = np.asarray(picture)
    return array[..., None] if array.ndim == 2 else array


def check_size(size: Any) -> None:
    """Raise an error if a size is not two whole numbers from 1.

    Raises:
        InvalidInput: something else, or more pixels than `MOST_PIXELS`.
    """
    pair = isinstance(size, Sequence) and not isinstance(size, str) and len(size) == 2
    if (
        not pair
        or not all(isinstance(n, Integral) and not isinstance(n, bool) for n in size)
        or min(size) < 1
    ):
        raise InvalidInput(
            "an image's size must be two whole numbers from 1, its height and its width; got "
            f"{size!r}. Give size=(64, 64), or image_size = [64, 64] in a file."
        )
    if size[0] * size[1] > MOST_PIXELS:
        raise InvalidInput(
            f"an image may have {MOST_PIXELS:,} pixels at most; got {size[0]:,} times {size[1]:,}. "
            "Give a smaller size."
        )


def check_total(count: int, size: Size) -> None:
    """Raise an error if so many images of a size, in RGB, are more than the machine's memory.

    Raises:
        InvalidInput: they are.
    """
    needed = 3 * count * size[0] * size[1]
    what = f"{count:,} images of {size[0]}×{size[1]} pixels"
    check_fits(needed, what, "Give a smaller size, or fewer images.")


def _check(file: Path, opened: Any) -> None:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise InvalidInput(_too_large(file, f"it has {height:,} times {width:,}"))
    frames = getattr(opened, "n_frames", 1)
    if frames > 1 and opened.format != "MPO":  # a camera's JPEG with a preview
        raise InvalidInput(
            f"an image file must hold one image; {file} holds {frames}. Save those that are meant "
            "as files of their own, or remove it."
        )


def _too_large(file: Path, said: str) -> str:
    return (
        f"an image may have {MOST_PIXELS:,} pixels at most; of {file} Pillow says: {said}. "
        "Make it smaller."
    )


def _eight_bits(file: Path, picture: Any, plain: bool) -> Any:
    """Return a picture with 8 bits a channel; in a plain format, whole numbers have 16."""
    from PIL import Image

    if picture.mode in _SIXTEEN or (plain and picture.mode == "I"):
        values = np.asarray(picture).astype(np.float64) / 257  # 65535 becomes 255
        return Image.fromarray(np.rint(values).astype(np.uint8))
    if picture.mode in ("I", "F"):
        raise InvalidInput(
            f"an image must have 8 or 16 bits a channel; {file} has 32, of which "
            "nothing says what is white. Convert it to 8 bits."
        )
    return picture.convert("L" if picture.mode in _GREY else "RGB")
