"""`tf.train`: checkpoints of models, optimizers and variables, as NumPy archives."""

import os
import re
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from bital.compat.facade.absent import absent
from bital.compat.facade.v1 import train as _v1
from bital.compat.files.unreadable import readable
from bital.compat.notes import note
from bital.compat.old.saving import Loaded, remember
from bital.errors import InvalidInput

_own = absent("tf.train")


def __getattr__(name: str) -> Any:
    found = getattr(_v1, name, None)
    return found if found is not None else _own(name)


class Checkpoint:
    """Saves and restores what it is given by name.

    Args:
        root: a model, for `Checkpoint(model)`.
        parts: models, layers, optimizers and variables.
    """

    def __init__(self, root: Any = None, **parts: Any) -> None:
        note("tf.train.Checkpoint", "model.save_weights, or keras.callbacks.BackupAndRestore")
        self._parts = parts if root is None else {"root": root, **parts}
        self.save_counter = 0
        self.__dict__.update(parts)

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Write the next file of this prefix; returns its path."""
        self.save_counter += 1
        return self.write(f"{file_prefix}-{self.save_counter}")

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Write a file; returns its path."""
        path = Path(str(file_prefix))
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {
            f"{name}/{at}": np.asarray(v.value)
            for name, part in self._parts.items()
            for at, v in enumerate(_variables(part))
        }
        temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
        with temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        os.replace(temporary, path)
        remember(str(path))
        return str(path)

    def restore(self, save_path: Any, options: Any = None) -> Loaded:
        """Assign what a file holds; None, as of a folder without checkpoints, does nothing."""
        if save_path is None:
            return Loaded()
        with open(str(save_path), "rb") as file, readable(str(save_path)):
            if not zipfile.is_zipfile(file):
                raise InvalidInput(
                    f"a checkpoint to restore must be one that bital wrote; {save_path} is none. "
                    "Load TensorFlow's own where TensorFlow is installed."
                )
            with np.load(file) as arrays:
                self._restore(arrays)
        return Loaded()

    def _restore(self, arrays: Any) -> None:
        for name, part in self._parts.items():
            held = [key for key in arrays.files if key.startswith(f"{name}/")]
            if isinstance(part, keras.optimizers.Optimizer) and len(held) > 2:
                _build(part, self._parts)
            for at, variable in enumerate(_variables(part)):
                if f"{name}/{at}" in arrays.files:
                    _check_shape(arrays, f"{name}/{at}", variable)
                    variable.assign(arrays[f"{name}/{at}"])

    read = restore


class CheckpointManager:
    """Keeps the newest checkpoints of a folder."""

    def __init__(self, checkpoint: Checkpoint, directory: Any, max_to_keep: Any = 5,
                 checkpoint_name: str = "ckpt", **_: Any) -> None:  # fmt: skip
        self._checkpoint, self._prefix = checkpoint, Path(str(directory)) / checkpoint_name
        self._keep = max_to_keep

    @property
    def checkpoints(self) -> list[str]:
        """The files, oldest first."""
        pattern = re.compile(re.escape(self._prefix.name) + r"-(\d+)$")
        folder = self._prefix.parent
        numbered = [
            (int(match[1]), str(path))
            for path in (folder.iterdir() if folder.is_dir() else ())
            if (match := pattern.match(path.name))
        ]
        return [path for _, path in sorted(numbered)]

    @property
    def latest_checkpoint(self) -> str | None:
        """The newest file."""
        return self.checkpoints[-1] if self.checkpoints else None

    def save(self, checkpoint_number: Any = None, **_: Any) -> str:
        """Write a file and delete the oldest that are too many."""
        number = int(checkpoint_number) if checkpoint_number is not None else (
            int(self.checkpoints[-1].rsplit("-", 1)[1]) + 1 if self.checkpoints else 1
        )  # fmt: skip
        path = self._checkpoint.write(f"{self._prefix}-{number}")
        if self._keep:
            for old in self.checkpoints[: -self._keep]:
                os.remove(old)
        return path

    def restore_or_initialize(self) -> str | None:
        """Restore the newest file, if there is any."""
        self._checkpoint.restore(self.latest_checkpoint)
        return self.latest_checkpoint


def latest_checkpoint(checkpoint_dir: Any, latest_filename: Any = None) -> str | None:
    """Return the newest checkpoint of a folder."""
    listed = Path(str(checkpoint_dir)) / (latest_filename or "checkpoint")
    if not listed.is_file():
        return None
    found = re.search(r'model_checkpoint_path: "(.*)"', listed.read_text(encoding="utf-8"))
    return None if found is None else str(Path(str(checkpoint_dir)) / found[1])


def _check_shape(arrays: Any, key: str, variable: Any) -> None:
    """Raise before an array is read if it is not a variable's."""
    with arrays.zip.open(f"{key}.npy") as stored:
        version = np.lib.format.read_magic(stored)
        read = {(1, 0): np.lib.format.read_array_header_1_0}
        shape, *_ = read.get(version, np.lib.format.read_array_header_2_0)(stored)
    if shape != tuple(variable.shape):
        raise InvalidInput(
            f"a checkpoint must hold the arrays of what it is restored to; {key!r} has shape "
            f"{shape} there, {tuple(variable.shape)} here. Check the model."
        )


def _variables(part: Any) -> list[Any]:
    return [part] if isinstance(part, keras.Variable) else list(part.variables)


def _build(optimizer: Any, parts: dict[str, Any]) -> None:
    """Give an optimizer its variables, if there is only one model they can be for."""
    models = [one for one in parts.values() if isinstance(one, keras.Model)]
    if not optimizer.built and len(models) == 1:
        optimizer.build(models[0].trainable_variables)
