"""A training that is saved as it goes and goes on where it was, to the bit."""

import hashlib
import random
import re
import time
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.callbacks.callback_list import CallbackList

from bital.engine import snapshot
from bital.engine.given import Given
from bital.engine.keras_own import Trainer
from bital.errors import InvalidInput
from bital.models.functional import State, read_state, write_state

NAME = "training.npz"
_HASHED = 2**24  # bytes of each array that tell one dataset from another
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_SEEDS = "global_seed_generator"  # where Keras keeps its own source of seeds


class Keeper:
    """Saves a training in a folder after epochs, and restores it.

    Saved are weights, optimizer, metrics, every random generator, the order of the data, the
    history, and of each callback the plain attributes (numbers, strings, arrays, nests of them)
    that have changed since training began. Those of a callback of your own are restored after its
    `on_train_begin`.

    Args:
        folder: where; it is made if it is not there.
        every: epochs as a number, or seconds, minutes or hours as in "30s", "10m", "1h".
        model: built and compiled.
        data: training data.
        settings: what else has to be the same when training goes on, by name.

    Raises:
        InvalidInput: `every` is neither; the data cannot be begun anew; the folder holds another
            training.
    """

    def __init__(
        self, folder: Any, every: int | str, model: Trainer, data: Given, settings: dict[str, Any]
    ) -> None:
        self._path = Path(folder).expanduser() / NAME
        self._epochs, self._seconds = _parsed(every)
        self._model, self._data = model, data
        if not data.begins_anew:
            raise InvalidInput(
                "resume needs data that can be begun anew at any epoch: arrays, or a dataset "
                "without steps_per_epoch; a generator cannot. Use a keras.utils.PyDataset."
            )
        self._print = settings | {
            "model": [[list(v.shape), str(v.dtype)] for v in _all(model)],
            "data": _fingerprint(data.arrays),
        }
        self._saved: Any = None
        self._first: list[dict[str, Any]] = []
        if self._path.exists():
            self._saved = snapshot.read(self._path)
            self._check()

    def _check(self) -> None:
        for name, mine in self._print.items():
            theirs = self._saved["print"].get(name)
            if theirs != mine:
                shown = (
                    f": {theirs!r} there, {mine!r} here" if name not in ("model", "data") else ""
                )
                raise InvalidInput(
                    f"resume goes on with the same call; {self._path} holds a training with "
                    f"another {name}{shown}. Choose another folder or delete that file."
                )

    def before(self, callbacks: CallbackList) -> None:
        """Restore what has to be in place before `on_train_begin`."""
        if self._saved is None:
            return
        write_state(self._model, State(*map(list, self._saved["state"])))
        for callback, size in zip(callbacks.callbacks, self._saved["files"], strict=True):
            if size is not None and Path(callback.filename).exists():
                callback.append = True
                with Path(callback.filename).open("r+b") as file:
                    file.truncate(size)  # rows of epochs that were not saved come again

    def begin(self, callbacks: CallbackList, epoch: int) -> int:
        """Restore the rest after `on_train_begin`; return the epoch to go on at."""
        self._callbacks, self._last = callbacks, time.monotonic()
        for callback in callbacks.callbacks:
            # Keras would do it later, and turn the sign of min_delta once more.
            if getattr(callback, "monitor_op", self) is None:
                callback._set_monitor_op()
        self._first = [_attributes(callback) for callback in callbacks.callbacks]
        self._next = epoch + self._epochs if self._epochs else None
        if self._saved is None:
            return epoch
        for callback, changed in zip(callbacks.callbacks, self._saved["callbacks"], strict=True):
            vars(callback).update(changed)
        self._model.stop_training = self._saved["stopped"]
        random.setstate(self._saved["random"])
        np.random.set_state(self._saved["numpy"])
        seeds = global_state.get_global_attribute(_SEEDS)
        if seeds is not None and self._saved["seeds"] is not None:
            seeds.state.assign(self._saved["seeds"])
        self._data.set_position(self._saved["position"])
        at: int = self._saved["epoch"]
        self._next = at + self._epochs if self._epochs else None
        self._saved = None
        return at

    def room(self, epoch: int) -> int:
        """Return how many epochs may run before the next save."""
        return 10**9 if self._next is None else max(1, self._next - epoch)

    def after(self, epoch: int, ended: bool) -> None:
        """Save, if it is time to.

        Args:
            epoch: the epoch that comes next.
            ended: whether training ends here.
        """
        due = self._next is not None and epoch >= self._next
        late = self._seconds is not None and time.monotonic() - self._last >= self._seconds
        if not (due or late or ended):
            return
        self._write(epoch)
        self._last = time.monotonic()
        self._next = epoch + self._epochs if self._epochs else None

    def _write(self, epoch: int) -> None:
        callbacks = self._callbacks.callbacks
        seeds = global_state.get_global_attribute(_SEEDS)
        changed = [
            {name: value for name, value in _attributes(c).items() if not _same(value, then, name)}
            for c, then in zip(callbacks, self._first, strict=True)
        ]
        value = {
            "print": self._print,
            "epoch": epoch,
            "stopped": bool(self._model.stop_training),
            "state": [list(group) for group in read_state(self._model)],
            "callbacks": changed,
            "files": [_file_size(callback) for callback in callbacks],
            "random": random.getstate(),
            "numpy": np.random.get_state(),
            "seeds": None if seeds is None else np.asarray(seeds.state.value),
            "position": self._data.position,
        }
        snapshot.write(self._path, value)


def _parsed(every: Any) -> tuple[int | None, float | None]:
    """Return epochs or seconds."""
    if isinstance(every, int) and not isinstance(every, bool) and every >= 1:
        return every, None
    time_ = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", every) if isinstance(every, str) else None
    if time_ is None:
        raise InvalidInput(
            "save_every must be a number of epochs from 1 on, or a time such as '30s', '10m' or "
            f"'1h'; got {every!r}."
        )
    return None, float(time_[1]) * _SECONDS[time_[2]]


def _all(model: Trainer) -> list[Any]:
    optimizer = [] if model.optimizer is None else model.optimizer.variables
    return [*model.variables, *optimizer]


def _fingerprint(arrays: Any) -> str:
    """Return a hash of arrays' shapes and of rows spread over them."""
    found = hashlib.blake2b(digest_size=16)
    for array in jax.tree.leaves(arrays):
        found.update(repr((array.shape, str(array.dtype))).encode())
        step = max(1, array.nbytes // _HASHED)
        found.update(np.ascontiguousarray(array[::step]).tobytes())
    return found.hexdigest()


def _attributes(callback: Any) -> dict[str, Any]:
    """Return copies of a callback's attributes that can be saved."""
    return {
        name: _copied(value)
        for name, value in vars(callback).items()
        if name not in ("params", "_model") and snapshot.is_plain(value)
    }


def _copied(value: Any) -> Any:
    """Return lists and dicts anew, since they will be added to."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _same(value: Any, first: dict[str, Any], name: str) -> bool:
    if name not in first:
        return False
    return repr(value) == repr(first[name]) and not jax.tree.leaves(
        jax.tree.map(lambda v: v if hasattr(v, "shape") else None, value)
    )


def _file_size(callback: Any) -> int | None:
    """Return how much of its file a CSVLogger has written, None for other callbacks."""
    if not isinstance(callback, keras.callbacks.CSVLogger):
        return None
    path = Path(callback.filename)
    return path.stat().st_size if path.exists() else 0
