"""The first images of CIFAR-10, where no more are here."""

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np

TEST = 1000
"""images kept back as a test set"""


def first_images(folder: Path) -> Any:
    """Return ((x_train, y_train), (x_test, y_test)) from PNGs of one image a row.

    Args:
        folder: holds cifar10_batch_*.png, each row 1,024 RGB pixels, and labels_first4000.npy.
    """
    pages = [
        keras.utils.img_to_array(keras.utils.load_img(path), "channels_last", "uint8")
        for path in sorted(folder.glob("cifar10_batch_*.png"))
    ]
    x = np.concatenate(pages).reshape(-1, 32, 32, 3)
    y = np.load(folder / "labels_first4000.npy").astype("uint8").reshape(-1, 1)
    warnings.warn(
        f"BITAL_DATA holds the first {len(x)} of CIFAR-10's 60,000 images: {len(x) - TEST} to "
        f"train on and {TEST} to test on. For all of them put cifar-10-batches-py there.",
        stacklevel=2,
    )
    if keras.config.image_data_format() == "channels_first":
        x = x.transpose(0, 3, 1, 2)
    return (x[:-TEST], y[:-TEST]), (x[-TEST:], y[-TEST:])
