"""Functions of pictures that SciPy had."""

from typing import Any

import numpy as np

from bital.compat.notes import note
from bital.compat.preprocessing.image_file import check_image_file


def imread(name: Any, flatten: bool = False, mode: str | None = None) -> Any:
    """Return a file's pixels: (rows, columns, 3), or fractions in one channel if flattened."""
    from PIL import Image

    note("scipy.misc.imread(path)", "numpy.asarray(PIL.Image.open(path))")
    check_image_file(name)
    with Image.open(name) as opened:
        picture: Any = opened
        if mode is not None:
            picture = picture.convert(mode)
        elif picture.mode == "P":
            picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
        return np.array(picture.convert("F") if flatten else picture)


def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> Any:
    """Return pixels of another size as bytes; `size` is (rows, columns), a share or per cent."""
    from PIL import Image

    note("scipy.misc.imresize(a, size)", "PIL.Image.fromarray(a).resize((columns, rows))")
    picture = toimage(arr, mode=mode)
    if isinstance(size, tuple | list):
        sizes = (int(size[1]), int(size[0]))
    else:
        share = size / 100 if isinstance(size, int | np.integer) else size
        sizes = (int(picture.size[0] * share), int(picture.size[1] * share))
    kind = {"cubic": "BICUBIC"}.get(interp, interp.upper())
    return np.array(picture.resize(sizes, getattr(Image.Resampling, kind)))


def imsave(name: Any, arr: Any, format: str | None = None) -> None:  # noqa: A002 - SciPy's
    """Write pixels to a file, their range stretched over the bytes'."""
    note("scipy.misc.imsave(path, a)", "PIL.Image.fromarray(a).save(path)")
    toimage(arr).save(name, format=format)


def toimage(
    arr: Any, high: Any = 255, low: Any = 0, cmin: Any = None, cmax: Any = None, mode: Any = None
) -> Any:
    """Return a picture of pixels; what is no byte is stretched from cmin..cmax to low..high."""
    from PIL import Image

    data: Any = np.asarray(arr)
    if data.ndim == 3 and data.shape[0] in (3, 4) and data.shape[2] not in (3, 4):
        data = data.transpose(1, 2, 0)
    if data.dtype != np.uint8:
        least = data.min() if cmin is None else cmin
        most = data.max() if cmax is None else cmax
        spread = (data - least) * (high - low) / ((most - least) or 1) + low
        data = np.clip(spread, low, high).round().astype(np.uint8)
    picture = Image.fromarray(data)
    return picture if mode is None else picture.convert(mode)
