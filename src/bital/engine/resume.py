"""A training that is saved as it goes and goes on where it was, to the bit."""

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

from bital.engine import same_training, snapshot
from bital.engine.facts import Facts
from bital.engine.given import Given
from bital.engine.keras_own import Trainer
from bital.errors import InvalidInput
from bital.models.functional import State, read_state, write_state

NAME = "training.npz"
_FORMAT = 2
_CHANGES = ("learning_rate",)
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
        changed: settings that may differ on purpose; "learning_rate" is the only one.
        model: built and compiled.
        data: training data.
        held_out: validation data, or None.
        callbacks: Keras's list.
        settings: arguments that have to be the same when training goes on, by name.
        epochs: the number of the last epoch.

    Raises:
        InvalidInput: an argument breaks a rule; the data cannot be begun anew; the folder cannot
            be written to; it holds another training, or one of more epochs.
    """

    def __init__(
        self,
        folder: Any,
        every: int | str,
        changed: str | tuple[str, ...],
        *,
        model: Trainer,
        data: Given,
        held_out: Given | None,
        callbacks: CallbackList,
        settings: dict[str, Any],
        epochs: int,
    ) -> None:
        self._path = Path(folder).expanduser() / NAME
        self._epochs, self._seconds = parsed(every)
        self._changed = _checked_changes(changed)
        self._model, self._data = model, data
        if not data.begins_anew:
            raise InvalidInput(
                "resume needs data that can be begun anew at any epoch: arrays, or a dataset "
                "without steps_per_epoch; a generator cannot. Use a keras.utils.PyDataset."
            )
        facts = Facts()
        for name, value in settings.items():
            facts.add(name, value)
        found = same_training.facts_of(model, data, held_out, callbacks.callbacks)
        self._facts = facts.found | found
        self._rate = same_training.learning_rate(model)
        self._new_rate: float | None = None
        self._saved: Any = None
        self._first: list[dict[str, Any]] = []
        if self._path.exists():
            self._saved = _checked(snapshot.read(self._path), self._path)
            self._check(epochs)

    def _check(self, epochs: int) -> None:
        """Raise unless the saved training is this one, as far as it has come."""
        theirs, mine = self._saved["facts"], self._facts
        for name in dict.fromkeys((*theirs, *mine)):
            there, here = theirs.get(name, "not there"), mine.get(name, "not there")
            if there == here:
                continue
            rate = name == same_training.RATE
            if rate and self._rate is not None and "learning_rate" in self._changed:
                self._new_rate = self._rate
                continue
            hint = ', pass changed="learning_rate" to go on with the new one' if rate else ""
            raise InvalidInput(
                f"resume goes on with the same training; {name} was {there} in {self._path} and "
                f"is {here} now. Set it back{hint}, choose another folder, or delete that file."
            )
        if epochs < self._saved["epoch"]:
            raise InvalidInput(
                f"epochs must be at least as many as are saved; {self._path} holds "
                f"{self._saved['epoch']}, and epochs is {epochs}. Ask for more epochs or choose "
                "another folder."
            )

    def leave(self) -> None:
        """Record with which rate this training began, for one of the same model after it."""
        same_training.left(self._model, self._rate)

    def before(self, callbacks: CallbackList) -> None:
        """Restore what has to be in place before `on_train_begin`."""
        if self._saved is None:
            return
        write_state(self._model, State(*map(list, self._saved["state"])))
        if self._new_rate is not None:
            same_training.set_learning_rate(self._model, self._new_rate)
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
            "format": _FORMAT,
            "facts": self._facts,
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


def check_folder(folder: Any, every: Any) -> None:
    """Raise unless a training can be saved in a folder; None is no folder.

    Raises:
        InvalidInput: `every` is no number or time; the folder cannot be made or written to.
    """
    parsed(every)
    if folder is None:
        return
    if not str(folder).strip():
        raise InvalidInput("resume must name a folder; got an empty name.")
    snapshot.prepare(Path(folder).expanduser() / NAME)


def parsed(every: Any) -> tuple[int | None, float | None]:
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


def _checked_changes(changed: Any) -> tuple[str, ...]:
    names = (changed,) if isinstance(changed, str) else tuple(changed)
    for name in names:
        if name not in _CHANGES:
            raise InvalidInput(
                f'changed must be "learning_rate", all that resume can change; got {name!r}.'
            )
    return names


def _checked(saved: Any, path: Path) -> Any:
    """Return what a file holds if this version of bital can go on with it."""
    if isinstance(saved, dict) and "print" in saved and "format" not in saved:
        raise InvalidInput(
            f"{path} was written by an older bital, which did not record what has to be the same "
            "for a training to go on. Finish it with that version, or delete it to start anew."
        )
    if not isinstance(saved, dict) or saved.get("format") != _FORMAT or _KEYS - saved.keys():
        raise InvalidInput(
            f"{path} must be a training saved by bital.fit(resume=...), format {_FORMAT}; it holds "
            "something else. Delete it to start anew."
        )
    return saved


_KEYS = {
    "facts", "epoch", "stopped", "state", "callbacks", "files", "random", "numpy", "seeds",
    "position",
}  # fmt: skip


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
