"""A training that is saved as it goes and goes on where it was, to the bit."""

import os
import random
import re
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.callbacks.callback_list import CallbackList

from bital.engine import snapshot
from bital.engine.callbacks import rate_index
from bital.engine.given import Given
from bital.engine.keras_own import Trainer
from bital.errors import InvalidInput, UnknownName
from bital.models.functional import State, read_state, write_state

NAME = "training.npz"
CHANGEABLE = {"learning_rate": "optimizer.learning_rate"}
"""What `resume_changes` may name, and how its settings' names begin."""
_RATE = CHANGEABLE["learning_rate"]
_ABSENT = "nothing"
_HELD = (
    *("identity", "epoch", "stopped", "state", "callbacks", "files"),
    *("random", "numpy", "seeds", "position"),
)
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
        identity: what has to be the same when training goes on; see `identity.identity`.
        epochs: number of the last epoch that is asked for.
        changes: names in `CHANGEABLE` of what may differ, and then counts as it is now.

    Raises:
        InvalidInput: `every` is neither; the data cannot be begun anew; the folder cannot be
            written to, or holds another training or more epochs.
    """

    def __init__(
        self,
        folder: Any,
        every: int | str,
        model: Trainer,
        data: Given,
        identity: dict[str, Any],
        epochs: int,
        changes: Collection[str] = (),
    ) -> None:
        self._path = checkpoint_path(folder)
        self._epochs, self._seconds = parsed(every)
        self._model, self._data, self._changes = model, data, check_changes(changes)
        if not data.begins_anew:
            raise InvalidInput(
                "resume needs data that can be begun anew at any epoch: arrays, or a dataset "
                "without steps_per_epoch; a generator cannot. Use a keras.utils.PyDataset."
            )
        self._identity = identity
        self._saved: Any = None
        self._first: list[dict[str, Any]] = []
        snapshot.sweep(self._path)
        if self._path.exists():
            self._saved = _read(self._path)
            self._check(epochs)

    def _check(self, epochs: int) -> None:
        theirs = self._saved["identity"]
        for name in {**theirs, **self._identity}:
            there, here = theirs.get(name, _ABSENT), self._identity.get(name, _ABSENT)
            if there == here or any(name.startswith(CHANGEABLE[c]) for c in self._changes):
                continue
            if name == _RATE and here == self._saved_rate():
                continue  # the same model goes on, its rate lowered by a callback
            change = next((c for c, start in CHANGEABLE.items() if name.startswith(start)), None)
            step = f"pass resume_changes=[{change!r}], or choose" if change else "choose"
            raise InvalidInput(
                f"resume goes on with the same training; {self._path} holds one with another "
                f"{_setting(name)}: {there!r} there, {here!r} here. To go on with it, put that "
                f"back; else {step} another folder or delete that file."
            )
        if self._saved["epoch"] > epochs:
            raise InvalidInput(
                f"resume goes on; {self._path} holds {self._saved['epoch']} epochs, and epochs is "
                f"{epochs}. Ask for at least as many, or choose another folder."
            )

    def _saved_rate(self) -> Any:
        at = rate_index(self._model)
        return None if at is None else float(self._saved["state"][2][at])

    def before(self, callbacks: CallbackList) -> None:
        """Restore what has to be in place before `on_train_begin`."""
        if self._saved is None:
            return
        rate = self._identity.get(_RATE)
        write_state(self._model, State(*map(list, self._saved["state"])))
        if "learning_rate" in self._changes and rate is not None:
            self._model.optimizer.learning_rate = rate
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
            "identity": self._identity,
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


def checkpoint_path(folder: Any) -> Path:
    """Return the file in a folder that a training is saved in.

    Raises:
        InvalidInput: the name is empty, or no file can be written there.
    """
    if not str(folder):
        raise InvalidInput("resume must name a folder; got an empty text. Give it a name.")
    path = Path(folder).expanduser() / NAME
    for each in (path.parent, *path.parent.parents):
        if each.exists() or each.is_symlink():
            break
    if not each.is_dir() or not os.access(each, os.W_OK | os.X_OK) or path.is_dir():
        what = "a folder" if path.is_dir() else "no folder" if not each.is_dir() else "read-only"
        shown = path if path.is_dir() else each
        raise InvalidInput(
            f"resume must name a folder that files can be written to; {shown} is {what}. "
            "Choose another one."
        )
    return path


def _read(path: Path) -> dict[str, Any]:
    saved = snapshot.read(path)
    whole = isinstance(saved, dict) and set(_HELD) <= set(saved)
    if not whole:
        older = isinstance(saved, dict) and "print" in saved
        what = "an older version of bital wrote it" if older else "parts of it are missing"
        raise InvalidInput(
            f"{path} must be a training saved by bital.fit(resume=...); {what}. "
            "Delete it to start anew."
        )
    return saved


def check_changes(changes: Collection[str]) -> Collection[str]:
    """Return names of what may differ from the training that was saved.

    Raises:
        UnknownName: one that is not in `CHANGEABLE`.
    """
    if isinstance(changes, str):
        changes = [changes]
    for name in changes:
        if name not in CHANGEABLE:
            raise UnknownName("resume_changes", name, CHANGEABLE)
    return changes


def parsed(every: Any) -> tuple[int | None, float | None]:
    """Return `save_every` as epochs or seconds.

    Raises:
        InvalidInput: it is neither.
    """
    if isinstance(every, int) and not isinstance(every, bool) and every >= 1:
        return every, None
    time_ = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh])", every) if isinstance(every, str) else None
    if time_ is None:
        raise InvalidInput(
            "save_every must be a number of epochs from 1 on, or a time such as '30s', '10m' or "
            f"'1h'; got {every!r}."
        )
    return None, float(time_[1]) * _SECONDS[time_[2]]


def _setting(name: str) -> str:
    """Return a setting's name for an error: its last part of meaning, and where it stands."""
    return name.replace(".config.", ".")


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
