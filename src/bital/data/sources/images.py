"""A folder of images as a dataset: a subfolder a class. The one module here that imports Pillow."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from bital.data.dataset import Dataset
from bital.errors import InvalidInput

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
GREY = ("1", "L")
LAYOUT = "a subfolder for each class with its images, or such folders named train and test"


def images(path: str | Path, size: tuple[int, int] | None = None) -> Dataset:
    """Read images, their subfolders' names as classes; grey where all are, else RGB.

    Args:
        path: a folder with a subfolder a class, or with such folders named "train" and "test";
            names may be in any script, other files and hidden folders are passed over.
        size: (height, width) to bring every image to; that of the images, if it is one, when None.

    Returns:
        The dataset, uint8; test rows are those of the folder "test".

    Raises:
        InvalidInput: another layout, a file that is no image, or images of several sizes.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise InvalidInput(f"a folder of images must be there; {path} is no folder.")
    parts = {each.name.lower(): each for each in _folders(folder)}
    split = set(parts) == {"train", "test"}
    train = _files(parts["train"] if split else folder)
    test = _files(parts["test"]) if split else {}
    if len(train) < 2 or not all(train.values()) or set(test) - set(train):
        said = ", ".join(f"{name}: {len(files)}" for name, files in [*train.items(), *test.items()])
        raise InvalidInput(
            f"a folder of images must have {LAYOUT}; {folder} has {said or 'none'}. Give the "
            "folder above the classes'."
        )
    classes = tuple(train)
    named = [(file, name) for part in (train, test) for name in part for file in part[name]]
    count = sum(map(len, train.values()))
    x = _read([file for file, _ in named], size)
    return Dataset(
        name=_name(folder.resolve()),
        task="classification",
        x=x,
        y=np.array([classes.index(name) for _, name in named], np.int32),
        classes=classes,
        source=f"folder {_name(folder.resolve())}",
        test_rows=np.arange(count, len(named), dtype=np.int32) if split else None,
        scaling="unit",
        peak=255.0,
    )


def _folders(folder: Path) -> list[Path]:
    found = [each for each in folder.iterdir() if each.is_dir()]
    return sorted((f for f in found if not f.name.startswith((".", "__"))), key=_name)


def _files(folder: Path) -> dict[str, list[Path]]:
    """Return the images of each class."""
    return {
        _name(each): sorted(file for file in each.rglob("*") if file.suffix.lower() in ENDINGS)
        for each in _folders(folder)
    }


def _name(path: Path) -> str:
    """Return a name as it is typed: macOS writes Hangul as single letters."""
    return unicodedata.normalize("NFC", path.name)


def _read(files: Sequence[Path], size: tuple[int, int] | None) -> UInt8[np.ndarray, "n h w c"]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    pictures, smooth = [], Image.Resampling.BILINEAR
    for file in files:
        try:
            with Image.open(file) as opened:
                picture = ImageOps.exif_transpose(opened)  # as a camera was held
                picture = picture.convert("L" if picture.mode in GREY else "RGB")
        except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
            raise InvalidInput(
                f"every image must be whole; reading {file} gave {type(error).__name__}: {error}. "
                "Repair or remove it."
            ) from error
        pictures.append(picture if size is None else picture.resize(size[::-1], smooth))
    sizes = {picture.size[::-1] for picture in pictures}
    if len(sizes) > 1:
        said = ", ".join(f"{h}×{w}" for h, w in sorted(sizes)[:3])
        raise InvalidInput(
            f"images must be of one size; there are {len(sizes)}, as {said}. Say which to bring "
            "them to: bital.data.images(folder, size=(64, 64)), or image_size = [64, 64] in a file."
        )
    mode = "L" if all(picture.mode == "L" for picture in pictures) else "RGB"
    arrays = np.stack([np.asarray(picture.convert(mode)) for picture in pictures])
    return arrays[..., None] if mode == "L" else arrays
