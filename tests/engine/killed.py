"""A training to be killed: `python killed.py FOLDER OUT KIND`."""

import sys
from typing import Any

import keras
import numpy as np

import bital
from engine import made

X, Y = made.iris(120)
C = keras.callbacks


class Slowed(C.Callback):
    """A watcher with a memory of its own: every epoch takes a little, and is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.losses.append(logs["loss"])


class Rows(keras.utils.PyDataset):
    """Shuffles its rows after every epoch, by `numpy.random`."""

    def __init__(self) -> None:
        super().__init__()
        self.order = np.arange(96)

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        rows = slice(24 * index, 24 * index + 24)
        return X[rows], Y[rows]


def train(folder: str, kind: str) -> tuple[keras.Model, Any, list[Any]]:
    """Train with everything that has a state; `kind` says how the data comes."""
    keras.utils.set_random_seed(5)
    model = made.regularised(optimizer=keras.optimizers.Adam(0.01))
    callbacks = [
        C.EarlyStopping(patience=400, restore_best_weights=True),
        C.ReduceLROnPlateau(patience=25, factor=0.7),
        C.CSVLogger(f"{folder}.csv"),
        C.ModelCheckpoint(f"{folder}.keras", save_best_only=True),
    ]
    if kind == "watched":
        callbacks.append(Slowed())
    data = {"x": Rows()} if kind == "dataset" else {"x": X, "y": Y, "steps_per_epoch": 3}
    history = bital.fit(
        model,
        **data,
        batch_size=None if kind == "dataset" else 24,
        validation_data=(X[96:], Y[96:]),
        epochs=120,
        callbacks=callbacks,
        verbose=0,
        resume=folder,
        save_every=1 if kind != "seconds" else "0.05s",
    )
    return model, history, callbacks


def left(model: keras.Model, history: Any, callbacks: list[Any]) -> dict[str, Any]:
    """Return all that has to be the same to the bit."""
    values = [v.value for v in (*model.variables, *model.optimizer.variables)]
    said = {
        "history": repr(history.history),
        "epochs": repr(history.epoch),
        "best": repr([getattr(c, "best", None) for c in callbacks]),
        "losses": repr([getattr(c, "losses", None) for c in callbacks]),
        "numpy": repr(np.random.get_state()[1:]),
    }
    return {f"value{i}": np.asarray(v) for i, v in enumerate(values)} | {
        name: np.array(text) for name, text in said.items()
    }


if __name__ == "__main__":
    folder, out, kind = sys.argv[1:]
    np.savez(out, **left(*train(folder, kind)))
