"""Arrays as published, from a file or the network, made into the datasets they are."""

import numpy as np
from jaxtyping import Float, Shaped

from bital.data.dataset import Dataset
from bital.errors import InvalidInput

BOSTON_COLUMNS = (
    *("crim", "zn", "indus", "chas", "nox", "rm", "age"),
    *("dis", "rad", "tax", "ptratio", "black", "lstat", "medv"),
)
AUTO_MPG_COLUMNS = (
    *("mpg", "cylinders", "displacement", "horsepower"),
    *("weight", "acceleration", "model_year", "origin"),
)
IMAGE_CLASSES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
}
ORIGINS = ("usa", "europe", "japan")  # 1, 2, 3 in the file


def images(
    name: str,
    train: tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]],
    test: tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]],
    source: str,
) -> Dataset:
    """Make MNIST or Fashion-MNIST of its four arrays: the 60,000 training rows, then the test rows.

    Args:
        name: mnist or fashion_mnist.
        train: images (60000, 28, 28) and labels (60000,), unsigned bytes.
        test: images (10000, 28, 28) and labels (10000,), unsigned bytes.
        source: provenance, also the name in error messages.

    Raises:
        InvalidInput: other shapes or types.
    """
    for part, count, (x, y) in (("training", 60_000, train), ("test", 10_000, test)):
        _expect(source, f"{part} images", x, (count, 28, 28), np.dtype(np.uint8))
        _expect(source, f"{part} labels", y, (count,), np.dtype(np.uint8))
    return Dataset(
        name=name,
        task="classification",
        x=np.concatenate([train[0], test[0]])[..., np.newaxis],  # (n, h, w, c)
        y=np.concatenate([train[1], test[1]]).astype(np.int32),
        classes=IMAGE_CLASSES[name],
        source=source,
        test_rows=np.arange(60_000, 70_000, dtype=np.int32),
        scaling="unit",
        peak=255.0,
    )


def boston(table: Float[np.ndarray, "n d"], source: str) -> Dataset:
    """Make Boston housing of its 506 rows in `BOSTON_COLUMNS`; the target is medv, in $1,000.

    Raises:
        InvalidInput: another shape.
    """
    _expect(source, "the table", table, (506, len(BOSTON_COLUMNS)), table.dtype)
    return Dataset(
        name="boston",
        task="regression",
        x=table[:, :-1].astype(np.float32),
        y=table[:, -1].astype(np.float32),
        features=BOSTON_COLUMNS[:-1],
        source=source,
    )


def auto_mpg(table: Float[np.ndarray, "n d"], source: str) -> Dataset:
    """Make Auto MPG of its 398 rows in `AUTO_MPG_COLUMNS`; the target is miles per gallon.

    Rows without horsepower are dropped, and the origin becomes three columns of 0 and 1.

    Raises:
        InvalidInput: another shape, or an origin other than 1, 2 and 3.
    """
    _expect(source, "the table", table, (398, len(AUTO_MPG_COLUMNS)), table.dtype)
    known = ~np.isnan(table[:, AUTO_MPG_COLUMNS.index("horsepower")])
    origin = table[known, -1:]
    one_hot = origin == np.arange(1, len(ORIGINS) + 1)  # (n, 3)
    if not one_hot.any(axis=1).all():
        odd = sorted({str(o) for o in origin[~one_hot.any(axis=1), 0]})
        raise InvalidInput(
            f"{source} must have the origins 1, 2 and 3; found {', '.join(odd)}. Fetch it again."
        )
    return Dataset(
        name="auto_mpg",
        task="regression",
        x=np.hstack([table[known, 1:-1], one_hot]).astype(np.float32),
        y=table[known, 0].astype(np.float32),
        features=(*AUTO_MPG_COLUMNS[1:-1], *(f"origin_{o}" for o in ORIGINS)),
        source=f"{source}; {int((~known).sum())} rows without horsepower dropped",
    )


def _expect(
    source: str,
    what: str,
    array: Shaped[np.ndarray, "..."],
    shape: tuple[int, ...],
    dtype: np.dtype[np.generic],
) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise InvalidInput(
            f"{source} must hold {what} of shape {shape} and type {dtype}; found shape "
            f"{array.shape} and type {array.dtype}. Fetch it again."
        )
