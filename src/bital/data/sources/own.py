"""A user's own table or arrays as a dataset."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Shaped

from bital.data.dataset import Dataset
from bital.data.sources import columns, csv_text
from bital.data.sources.folder import BROKEN_ARCHIVE
from bital.data.sources.regular_file import check_regular
from bital.errors import InvalidInput, UnknownName

Task = Literal["", "classification", "regression"]
Groups = Shaped[np.ndarray, " n"] | None


def table(
    path: Path, target: str, task: Task = "", ignore: Sequence[str] = (), groups: str = ""
) -> tuple[Dataset, Groups]:
    """Read a CSV file with a header: numbers in every column but the target and the groups.

    Args:
        path: the file; see `csv_text.read`.
        target: column to predict: text or numbers.
        task: what is predicted; "" tells by the target: text are classes, fractions numbers.
        ignore: columns to leave out.
        groups: column of group names, no input; "" for none.

    Returns:
        The dataset, and the group of each row.

    Raises:
        UnknownName: a column that is not there.
        InvalidInput: what `csv_text.read` and `columns.numbers` refuse; a single class.
    """
    frame = csv_text.read(path)
    target, groups = _typed(target), _typed(groups)
    ignored = set(map(_typed, ignore))
    for kind, names in (("target", [target]), ("ignore", ignored), ("groups", [groups])):
        for name in names:
            if name not in frame.columns and (name or kind == "target"):
                raise UnknownName(f"{kind} of {path.name}", name, frame.columns)
    inputs = [name for name in frame.columns if name not in {target, groups, *ignored}]
    if not inputs:
        raise InvalidInput(
            f"data must have a column to learn from; {path.name} has {', '.join(frame.columns)}, "
            "of which none is left. Ignore fewer columns."
        )
    for name in (target, *([groups] if groups else [])):
        columns.check_filled(frame[name], path.name)
    x = np.stack([columns.numbers(frame[name], path.name) for name in inputs], axis=1)
    y = columns.typed(frame[target])
    named = columns.typed(frame[groups]) if groups else None
    return _dataset(path, x, y, task, features=tuple(inputs)), named


def _typed(name: str) -> str:
    """Return a name as `csv_text.read` gives it."""
    return unicodedata.normalize("NFC", name.strip())


def arrays(path: Path, task: Task = "", groups: str = "") -> tuple[Dataset, Groups]:
    """Read an .npz file with x and y, rows first; x_test and y_test are its own test rows.

    Args:
        path: the file.
        task: what is predicted; "" tells by y: text are classes, fractions numbers.
        groups: name of an array with each row's group, test rows last; "" for none.

    Returns:
        The dataset, and the group of each row.

    Raises:
        UnknownName: an array that is not there.
        InvalidInput: another kind of file, arrays that contradict each other or hold no numbers,
            columns whose values float32 cannot keep apart, or a single class.
    """
    check_regular(path, "data")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            held = {name: archive[name] for name in archive.files}
    except BROKEN_ARCHIVE as error:
        raise InvalidInput(
            f"data must be a whole .npz archive of arrays; reading {path} gave "
            f"{type(error).__name__}: {error}."
        ) from error
    for name in filter(None, ("x", "y", groups)):
        if name not in held:
            raise UnknownName(f"an array of {path.name}", name, held)
    x, y, test_rows = held["x"], held["y"], None
    if "x_test" in held and "y_test" in held:
        test_rows = np.arange(len(x), len(x) + len(held["x_test"]), dtype=np.int32)
        x, y = np.concatenate([x, held["x_test"]]), np.concatenate([y, held["y_test"]])
    return _dataset(path, x, y, task, test_rows=test_rows), held.get(groups)


def _dataset(
    path: Path, x: Shaped[np.ndarray, "n ..."], y: Shaped[np.ndarray, " m"], task: Task, **more: Any
) -> Dataset:
    if x.dtype.kind not in "biuf":
        raise InvalidInput(
            f"inputs must be numbers; x of {path.name} holds {x.dtype}. Encode them as numbers."
        )
    if x.ndim == 2 and not more.get("features"):
        for number, column in enumerate(x.T):
            columns.check_kept(
                f"column {number} of x in {path.name}", column, len(np.unique(column))
            )
    # Images go to float32 by a factor; tables keep their digits until they are scaled.
    floats = np.float64 if x.ndim == 2 else np.float32
    small = x.dtype == np.uint8
    y, classes = _target(path, y, task)
    return Dataset(
        name=path.stem,
        task="classification" if classes else "regression",
        x=x if small else x.astype(floats),
        y=y,
        classes=classes,
        source=path.name,
        scaling="unit" if x.ndim == 4 else "standard",
        peak=float(np.iinfo(x.dtype).max) if x.dtype in (np.uint8, np.uint16) else 1.0,
        **more,
    )


def _target(
    path: Path, y: Shaped[np.ndarray, " n"], task: Task
) -> tuple[Shaped[np.ndarray, " n"], tuple[str, ...]]:
    """Return int32 class indices and the classes' names, or float32 numbers and none."""
    whole = y.dtype.kind in "iu" or (y.dtype.kind == "O" and all(map(_is_whole, y)))
    if not task and whole:
        raise InvalidInput(
            f"a target of whole numbers may be classes or quantities; that of {path.name} is. "
            'Say task = "classification" or task = "regression".'
        )
    if task == "regression" or (not task and y.dtype.kind == "f"):
        if y.dtype.kind not in "iuf" and not whole:
            raise InvalidInput(
                f"a regression's target must be numbers; that of {path.name} holds {y.flat[0]!r}. "
                'Name another target, or say task = "classification".'
            )
        columns.check_kept(f"the target of {path.name}", y, len(np.unique(y)), scaled=False)
        return y.astype(np.float32), ()
    names, numbers = np.unique(y, return_inverse=True)
    if len(names) < 2:
        said = repr(str(names[0])) if len(names) else "none"
        raise InvalidInput(
            f"classification needs at least two classes; the target of {path.name} has "
            f"{said} in every row. Name another target, or add rows of other classes."
        )
    return numbers.astype(np.int32).reshape(y.shape), tuple(map(str, names.tolist()))


def _is_whole(cell: Any) -> bool:
    """Return whether a cell is a whole number too long for 64 bits, which stays text."""
    return isinstance(cell, str) and cell.lstrip("+-").isdecimal()
