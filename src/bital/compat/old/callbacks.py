"""Callbacks with the arguments and files of Keras 1 and 2."""

import csv
from functools import wraps
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import keras

from bital.compat.imports import has_tensorflow
from bital.compat.notes import note
from bital.compat.old.logs import by_both_names
from bital.compat.patches import Patches

_Checkpoint = keras.callbacks.ModelCheckpoint
TensorBoard = keras.callbacks.TensorBoard


def patch_callbacks(patches: Patches) -> None:
    """Let checkpoints have any suffix and a period, and TensorBoard do without TensorFlow."""
    patches.set(_Checkpoint, "__init__", _checkpoint_init(_Checkpoint.__init__))
    patches.set(_Checkpoint, "on_epoch_end", _checkpoint_epoch(_Checkpoint.on_epoch_end))
    patches.set(_Checkpoint, "_get_file_path", _file_path(_Checkpoint._get_file_path))
    if not (has_tensorflow() and find_spec("tensorboard")):  # Keras's own needs both
        patches.set(keras.callbacks, "TensorBoard", ScalarLog)


class ScalarLog(keras.callbacks.Callback):
    """What TensorBoard is called where it is not installed: scalars as CSV in its folder.

    Args:
        log_dir: the folder.
        settings: what else TensorBoard takes; it concerns files that only it reads.
    """

    def __init__(self, log_dir: str = "logs", **settings: Any) -> None:
        super().__init__()
        instead = f"pip install tensorflow tensorboard; scalars go to {log_dir}/scalars.csv"
        note("TensorBoard(...)", instead)
        self.log_dir = log_dir

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Append an epoch."""
        folder = Path(self.log_dir)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "scalars.csv"
        new = not target.exists()
        with target.open("a", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            if new:
                rows.writerow(["epoch", *(logs or {})])
            rows.writerow([epoch, *(logs or {}).values()])


def _checkpoint_init(own: Any) -> Any:
    @wraps(own)
    def __init__(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        period = kwargs.pop("period", 1)
        path, weights_only = str(filepath), kwargs.get("save_weights_only", False)
        if len(args) >= 4:
            weights_only = args[3]
        right = (".weights.h5",) if weights_only else (".keras", ".h5")
        if path.endswith(right):
            own(self, filepath, *args, **kwargs)
        else:  # Keras looks at the suffix here and nowhere else
            note("ModelCheckpoint(any suffix)", f"a path that ends in {right[0]!r}")
            own(self, path + right[0], *args, **kwargs)
            self.filepath = path
        if period != 1:
            note("period=", "save_freq=, in batches")
        self.period, self._bital_waited = int(period), 0

    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    return __init__


def _file_path(own: Any) -> Any:
    @wraps(own)
    def get_file_path(self: Any, epoch: int, batch: Any, logs: Any) -> Any:
        return own(self, epoch, batch, by_both_names(logs or {}))

    return get_file_path


def _checkpoint_epoch(own: Any) -> Any:
    @wraps(own)
    def on_epoch_end(self: Any, epoch: int, logs: Any = None) -> None:
        self._bital_waited += 1
        if self._bital_waited >= self.period:
            self._bital_waited = 0
            own(self, epoch, logs)

    return on_epoch_end
