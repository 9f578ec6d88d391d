"""What people do with the runs of a store."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bital.errors import InvalidInput, StoreFailure
from bital.report.predictions import predictions_csv
from bital.report.runs import run_document, runs_csv, shapes
from bital.store.run import Run
from bital.store.selection import Selection
from bital.store.store import Store
from bital.workbench.target import check_target, whole_folder, write_whole

DEFAULT = "bital.db"
VARIABLE = "BITAL_STORE"
_LONGEST = 160  # bytes of a file name made of a run's


def open_store(place: str | None) -> Store:
    """Open a store that is there: the place given, else BITAL_STORE, else bital.db here."""
    return Store.open(place or os.environ.get(VARIABLE) or DEFAULT, create=False)


def chosen(store: Store, keys: Sequence[str], selection: Selection) -> list[Run]:
    """Return the runs with these keys' beginnings, or, where none is given, those selected.

    Raises:
        InvalidInput: both are given, a key is not one run's, or nothing is meant by it.
    """
    if keys and selection != Selection():
        raise InvalidInput(
            f"runs are chosen by keys or by filters; got both {' '.join(keys)} and {selection}. "
            "Leave one of them out."
        )
    runs = [store.run(key) for key in keys] if keys else store.runs(selection)
    if not runs:
        raise InvalidInput(
            f"at least one run must be meant; {store.place} has none such. "
            "`bital runs list` shows what it has."
        )
    return list({run.key: run for run in runs}.values())


def contents(store: Store, run: Run) -> dict[str, str]:
    """Say what each nest of arrays that a run left holds, or why that cannot be said."""
    found = {}
    for name in run.blobs:
        try:
            found[name] = shapes(store.read(run, name))
        except StoreFailure as error:
            found[name] = str(error)
    return found


def export_csv(runs: Sequence[Run], path: Path) -> None:
    """Write one row a run; with a byte-order mark, without which Excel misreads Hangul."""
    check_target(path)
    write_whole(path, lambda: runs_csv(runs).encode("utf-8-sig"))


def export_json(runs: Sequence[Run], path: Path) -> None:
    """Write a list of all that is known of each run but its arrays."""
    check_target(path)
    write_whole(path, lambda: _json([run_document(run) for run in runs]))


def export_folder(store: Store, runs: Sequence[Run], path: Path) -> None:
    """Write a new folder with one folder a run: run.json and a .npz file for each of its arrays."""
    with whole_folder(path) as folder:
        for run in runs:
            own = folder / folder_name(run)
            own.mkdir(parents=True)
            (own / "run.json").write_bytes(_json(run_document(run)))
            for name in run.blobs:
                (own / f"{_file_name(name)}.npz").write_bytes(store.file(run, name))


def export_predictions(store: Store, runs: Sequence[Run], path: Path) -> int:
    """Write what runs predicted, a row a run and row of its data; returns how many have kept it."""
    check_target(path)
    found = _with(runs, "predictions")
    kept = [(run, store.read(run, "predictions")) for run in found]
    write_whole(path, lambda: predictions_csv(kept).encode("utf-8-sig"))
    return len(found)


def export_weights(store: Store, runs: Sequence[Run], path: Path) -> int:
    """Write an .npz file a run into a new folder, arrays in the order of `get_weights`.

    Returns:
        How many have kept their weights.
    """
    found = _with(runs, "weights")
    with whole_folder(path) as folder:
        for run in found:
            file = folder / f"{folder_name(run)}.npz"
            file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(file, **store.read(run, "weights"))
    return len(found)


def _with(runs: Sequence[Run], name: str) -> list[Run]:
    """Return the runs that have kept something."""
    found = [run for run in runs if name in run.blobs]
    if not found:
        raise InvalidInput(
            f"at least one run must have kept its {name}; none of {len(runs)} has. Run its study "
            f"again with --keep {name}."
        )
    return found


def export_tensorboard(store: Store, runs: Sequence[Run], path: Path) -> None:
    """Write a new folder for `tensorboard --logdir`."""
    from bital.store.tensorboard import write_events

    with whole_folder(path) as folder:
        for run in runs:
            write_events(store, run, folder / folder_name(run))


def export_mlflow(store: Store, runs: Sequence[Run], uri: str) -> int:
    """Send runs to MLflow; returns how many were not there yet."""
    from bital.store.mlflow import track

    return track(store, runs, uri)


def folder_name(run: Run) -> str:
    """Return a run's own folder in an export, as in "overfitting/L2-seed3-0a1b2c3d4e5f"."""
    study = f"{_file_name(run.study)}/" if run.study else ""
    return f"{study}{_file_name(run.name or 'run')}-seed{run.origin.seed}-{run.key[:12]}"


def _file_name(text: str) -> str:
    """Return text that every file system takes as one name."""
    plain = "".join(
        "_" if mark in '/\\:*?"<>|' or not mark.isprintable() else mark for mark in text
    )
    cut = plain.encode()[:_LONGEST].decode(errors="ignore")
    return cut.strip(" .") or "_"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2).encode()
