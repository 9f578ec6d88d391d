"""How data reaches `fit` where it is not arrays: a user's generator, a `keras.utils.PyDataset`."""

from collections.abc import Iterator

import numpy as np
from rows import Arrays, Row


def generator(row: Row, data: Arrays) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches without end, as `fit` wants them; every epoch in a fresh order."""
    random = np.random.default_rng(0)
    while True:
        order = random.permutation(len(data.x))
        for start in range(0, len(order), row.batch_size):
            rows = order[start : start + row.batch_size]
            yield data.x[rows], data.y[rows]


def pydataset(row: Row, data: Arrays):
    """The same batches from a PyDataset, which makes its next order when an epoch ends."""
    from keras.utils import PyDataset

    class Batches(PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.random = np.random.default_rng(0)
            self.on_epoch_end()

        def __len__(self) -> int:
            return row.batches

        def __getitem__(self, index: int):
            rows = self.order[index * row.batch_size : (index + 1) * row.batch_size]
            return data.x[rows], data.y[rows]

        def on_epoch_end(self) -> None:
            self.order = self.random.permutation(len(data.x))

    return Batches()


def fed(row: Row, data: Arrays) -> dict:
    """The arguments of `fit` that say what is trained on."""
    match row.feed:
        case "arrays":
            return {"x": data.x, "y": data.y, "batch_size": row.batch_size}
        case "generator":
            return {"x": generator(row, data), "steps_per_epoch": row.batches}
        case "pydataset":
            return {"x": pydataset(row, data)}
