"""A folder of images as a dataset: a subfolder a class."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from unicodedata import normalize

import numpy as np
from jaxtyping import UInt8

from bital.data.dataset import Dataset
from bital.data.sources.image_file import Size, check_size, check_total, read
from bital.data.sources.regular_file import check_regular
from bital.errors import InvalidInput

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
LAYOUT = (
    "a subfolder for each class with its images, or such folders named train and test, train and "
    "val, or all three"
)
_PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_Classes = dict[str, list[Path]]


def images(path: str | Path, size: Size | None = None) -> Dataset:
    """Read images, their subfolders' names as classes; grey where all are, else RGB.

    Images of 16 bits a channel are brought to 8. Names may be in any script; names that differ only
    in Unicode's form are one class. Hidden files and folders and other files are passed over.

    Args:
        path: a folder with a subfolder for each class, or with such folders named train (or
            training), val (or valid, validation) and test (or testing), in any case. Images of
            val join those of train, out of which each split draws its validation rows.
        size: (height, width) in pixels to bring every image to; that of the images, if it is one,
            when None.

    Returns:
        The dataset, uint8; test rows are those of the folder "test".

    Raises:
        InvalidInput: another layout, a file that is no whole single image, images of several
            sizes, or more than memory can hold.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise InvalidInput(f"a folder of images must be there; {path} is no folder.")
    if size is not None:
        check_size(size)
    parts = _parts(folder)
    train = _joined(parts["train"], parts["val"])
    test = parts["test"]
    if len(train) < 2 or not all(train.values()) or set(test) - set(train):
        said = ", ".join(f"{name}: {len(files)}" for name, files in [*train.items(), *test.items()])
        raise InvalidInput(
            f"a folder of images must have {LAYOUT}; {folder} has {said or 'none'}. Give the "
            "folder above the classes'."
        )
    classes = tuple(train)
    named = [(file, name) for part in (train, test) for name in part for file in part[name]]
    count = sum(map(len, train.values()))
    joined = ", val joined to train" if parts["val"] else ""
    return Dataset(
        name=_name(folder.resolve()),
        task="classification",
        x=_read([file for file, _ in named], size),
        y=np.array([classes.index(name) for _, name in named], np.int32),
        classes=classes,
        source=f"folder {_name(folder.resolve())}{joined}",
        test_rows=np.arange(count, len(named), dtype=np.int32) if test else None,
        scaling="unit",
        peak=255.0,
    )


def _parts(folder: Path) -> dict[str, _Classes]:
    """Return the images of each class in each part; without parts, all in "train"."""
    found: dict[str, _Classes] = {"train": {}, "val": {}, "test": {}}
    folders = list(_folders(folder))
    names = [_PARTS.get(each.name.lower(), "") for each in folders]
    if not any(names):
        return found | {"train": _files(folder)}
    if not all(names) or "train" not in names or len(set(names)) == 1:
        said = ", ".join(each.name for each in folders)
        raise InvalidInput(
            f"a folder of images must have {LAYOUT}; {folder} has the folders {said}. Rename them, "
            "or move classes into train."
        )
    for each, name in zip(folders, names, strict=True):
        found[name] = _joined(found[name], _files(each))
    return found


def _folders(folder: Path) -> Iterator[Path]:
    found = [each for each in folder.iterdir() if each.is_dir()]
    yield from sorted((f for f in found if not f.name.startswith((".", "__"))), key=_name)


def _files(folder: Path) -> _Classes:
    """Return the images of each class."""
    classes: _Classes = {}
    for each in _folders(folder):
        found = (file for file in each.rglob("*") if file.suffix.lower() in ENDINGS)
        visible = [
            file for file in found if not _hidden(file.relative_to(each)) and not file.is_dir()
        ]
        classes[_name(each)] = classes.get(_name(each), []) + sorted(visible)
    return classes


def _joined(first: _Classes, second: _Classes) -> _Classes:
    names = sorted({*first, *second})
    return {name: first.get(name, []) + second.get(name, []) for name in names}


def _hidden(path: Path) -> bool:
    """Return whether a part of a path is hidden, as ._a.png of macOS's archives is."""
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _name(path: Path) -> str:
    """Return a name as it is typed: macOS writes Hangul as single letters."""
    return normalize("NFC", path.name)


def _read(files: Sequence[Path], size: Size | None) -> UInt8[np.ndarray, "n h w c"]:
    for file in files:
        check_regular(file, "an image")
    if size is not None:
        check_total(len(files), size)
    pictures = [read(files[0], size)]
    check_total(len(files), pictures[0].shape[:2])
    pictures += [read(file, size) for file in files[1:]]
    sizes = {picture.shape[:2] for picture in pictures}
    if len(sizes) > 1:
        said = ", ".join(f"{h}×{w}" for h, w in sorted(sizes)[:3])
        raise InvalidInput(
            f"images must be of one size; there are {len(sizes)}, as {said}. Say which to bring "
            "them to: bital.data.images(folder, size=(64, 64)), or image_size = [64, 64] in a file."
        )
    channels = max(picture.shape[2] for picture in pictures)
    return np.stack([np.repeat(p, channels // p.shape[2], axis=2) for p in pictures])
