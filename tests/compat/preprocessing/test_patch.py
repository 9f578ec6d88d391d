"""Keras's image functions while the compatibility mode is on."""

from pathlib import Path

import keras
import numpy as np

from bital.compat.patches import Patches
from bital.compat.preprocessing.patch import patch_images


def test_old_arguments_are_taken_until_it_is_undone(tmp_path: Path) -> None:
    before = keras.utils.load_img
    patches = Patches()
    patch_images(patches)
    try:
        path = tmp_path / "x.png"
        keras.preprocessing.image.save_img(path, np.zeros((3, 4, 5)), dim_ordering="th")
        grey = keras.utils.load_img(path, grayscale=True)
        found = keras.preprocessing.image.img_to_array(grey, dim_ordering="th")
        assert found.shape == (1, 4, 5)
    finally:
        patches.undo()
    assert keras.utils.load_img is before
