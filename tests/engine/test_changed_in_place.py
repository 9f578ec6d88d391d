"""Arrays that a callback changes in place are seen changed, wherever they lie, as in Keras."""

from typing import Any

import keras
import numpy as np
import pytest

from engine import made
from engine.parity import check_same

X, Y = made.iris(60)


def lying(array: Any, offset: int, contiguous: bool = True) -> np.ndarray:
    """Return a copy that begins so many bytes behind a multiple of 64."""
    wide = array if contiguous else np.repeat(array, 2, 0)
    space = np.empty(wide.nbytes + 128, np.uint8)
    start = -space.ctypes.data % 64 + offset
    made_ = space[start : start + wide.nbytes].view(wide.dtype).reshape(wide.shape)
    made_[...] = wide
    return made_ if contiguous else made_[::2]


class Changing(keras.callbacks.Callback):
    def __init__(self, array: Any) -> None:
        super().__init__()
        self.array = array

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.array[...] = self.array[::-1].copy() if epoch else 0


@pytest.mark.parametrize("contiguous", [True, False])
@pytest.mark.parametrize("offset", [0, 4, 16])
@pytest.mark.parametrize("which", ["x", "y", "sample_weight", "validation_data"])
def test_seen(which: str, offset: int, contiguous: bool) -> None:
    given: dict[str, Any] = {
        "x": X,
        "y": Y.astype(np.int32 if offset else np.int64),
        "sample_weight": np.linspace(0, 1, 60).astype(np.float32),
    }
    held: dict[str, Any] = {}

    def fresh() -> Any:
        array = given["x"] if which == "validation_data" else given[which]
        held["array"][...] = array
        return [Changing(held["array"])]

    held["array"] = lying(X if which == "validation_data" else given[which], offset, contiguous)
    data = given | ({} if which == "validation_data" else {which: held["array"]})
    check = (held["array"], Y) if which == "validation_data" else (X[:20], Y[:20])
    check_same(made.softmax, epochs=3, validation_data=check, callbacks=fresh, **data)
