"""Images decoded once: what a file holds after reading, converting and resizing."""

import os
from threading import Lock
from typing import Any

import numpy as np
from jaxtyping import Float
from keras.config import floatx
from keras.src.utils.image_utils import img_to_array, load_img

from bital.compat.preprocessing.image_file import check_image_file
from bital.engine.memory import budget


class Decoded:
    """Decoded files, as long as the memory budget lasts.

    What no longer fits is decoded each time: epochs visit every file once, so a cache that threw
    out old images for new ones would throw out each one before its turn came again.
    """

    def __init__(self) -> None:
        self._images: dict[Any, np.ndarray] = {}
        self._lock = Lock()
        self._room: int | None = None

    def read(self, path: str, data_format: str, **how: Any) -> Float[np.ndarray, "d1 d2 d3"]:
        """Return the pixels of a file as Keras's default float, free to be written to.

        Args:
            path: the file; changed on disk, it is read again.
            data_format: "channels_last" or "channels_first".
            how: what `keras.utils.load_img` takes besides the path.

        Raises:
            InvalidInput: the file is a pipe, or has a program inside.
        """
        found = os.stat(path)
        key = (path, found.st_mtime_ns, found.st_size, data_format, *how.values())
        image = self._images.get(key)
        if image is None:
            check_image_file(path)
            with load_img(path, **how) as opened:
                exact = None if opened.mode.startswith("I") else "uint8"  # 16 and 32 bit greys
                image = img_to_array(opened, data_format, exact)
            self._keep(key, image)
        return image.astype(floatx())

    def _keep(self, key: Any, image: np.ndarray) -> None:
        with self._lock:
            if self._room is None:
                self._room = budget() // 2
            if image.nbytes <= self._room and key not in self._images:
                self._room -= image.nbytes
                self._images[key] = image


IMAGES = Decoded()
"""of this process, so that a second generator over the same folder finds them too"""
