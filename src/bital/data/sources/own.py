"""A user's own table or arrays as a dataset."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Shaped

from bital.data.dataset import Dataset
from bital.data.sources import columns, csv_text
from bital.data.sources.folder import BROKEN_ARCHIVE
from bital.data.sources.machine_memory import check_fits
from bital.data.sources.regular_file import check_regular
from bital.errors import BitalError, InvalidInput, UnknownName

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
    y = columns.target(frame[target], path.name, task)
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
    held = _held(path, ["x", "y", *([groups] if groups else [])], ["x_test", "y_test"])
    x, y, test_rows = held["x"], held["y"], None
    if not x.ndim or not y.ndim:
        raise InvalidInput(
            f"x and y must be arrays with rows first; {path.name} has a single number. Save one "
            "row for each example."
        )
    if "x_test" in held or "y_test" in held:
        first = len(x)
        x, y = (_with_test(path, held, name) for name in ("x", "y"))
        test_rows = np.arange(first, len(x), dtype=np.int32)
    named = _composed(held[groups]) if groups else None
    return _dataset(path, x, y, task, test_rows=test_rows), named


def _held(
    path: Path, needed: Sequence[str], optional: Sequence[str]
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Return arrays of an archive; no others are read.

    Raises:
        UnknownName: one that is needed is not there.
        InvalidInput: no regular file, no whole archive, or arrays that memory cannot hold.
    """
    check_regular(path, "data")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            for name in needed:
                if name not in archive.files:
                    raise UnknownName(f"an array of {path.name}", name, archive.files)
            names = [name for name in (*needed, *optional) if name in archive.files]
            sizes = [archive.zip.getinfo(f"{name}.npy").file_size for name in names]
            check_fits(sum(sizes), f"the arrays of {path.name}", "Save fewer rows.")
            return {name: archive[name] for name in names}
    except BitalError:
        raise
    except (*BROKEN_ARCHIVE, MemoryError) as error:
        raise InvalidInput(
            f"data must be a whole .npz archive of arrays; reading {path} gave "
            f"{type(error).__name__}: {error}. Save it with numpy.savez(path, x=x, y=y)."
        ) from error


def _with_test(
    path: Path, held: Mapping[str, Shaped[np.ndarray, "..."]], name: str
) -> Shaped[np.ndarray, "n ..."]:
    """Return an array with its test rows below.

    Raises:
        InvalidInput: there are none, or they are of another shape.
    """
    first, test = held[name], held.get(f"{name}_test")
    if test is None or not test.ndim or test.shape[1:] != first.shape[1:]:
        said = "there is none" if test is None else f"it is of shape {test.shape}"
        raise InvalidInput(
            f"x_test and y_test belong together, with rows like those of x and y; {path.name} has "
            f"{name} of shape {first.shape}, and of {name}_test {said}. Save both alike, or none."
        )
    return np.concatenate([first, test])


def _composed(names: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "..."]:
    """Return text in Unicode's composed form (NFC), anything else as it is."""
    if names.dtype.kind != "U":
        return names
    return np.array([unicodedata.normalize("NFC", name) for name in names.flat]).reshape(
        names.shape
    )


def _dataset(
    path: Path, x: Shaped[np.ndarray, "n ..."], y: Shaped[np.ndarray, " m"], task: Task, **more: Any
) -> Dataset:
    if x.dtype.kind not in "biuf":
        raise InvalidInput(
            f"inputs must be numbers; x of {path.name} holds {x.dtype}. Encode them as numbers."
        )
    if x.ndim == 4 and not _exact(x):
        columns.check_kept(f"x of {path.name}", x.reshape(-1), scaled=False)
    if x.ndim != 4 and not more.get("features") and x.size and x.dtype.itemsize > 2:
        for number, column in enumerate(x.reshape(len(x), -1).T):
            columns.check_kept(f"column {number} of x in {path.name}", column)
    # Images go to float32 by a factor; other inputs keep their digits until they are scaled.
    floats = np.float32 if x.ndim == 4 or x.dtype == np.float32 else np.float64
    small = x.dtype == np.uint8
    y, classes = _target(path, _composed(y), task)
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


def _exact(x: Shaped[np.ndarray, "n ..."]) -> bool:
    """Return whether float32 holds every value: few bits, or whole numbers up to 2 ** 24."""
    if x.dtype.itemsize <= 2 or x.dtype == np.float32:
        return True
    return x.dtype.kind in "iu" and (not x.size or -(2**24) <= x.min() <= x.max() <= 2**24)


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
        distinct = len(set(map(int, y))) if y.dtype.kind == "O" else 0
        y = y.astype(np.float64) if distinct else y
        columns.check_kept(f"the target of {path.name}", y.reshape(-1), distinct, scaled=False)
        if len(y) and (y == y.flat[0]).all():
            raise InvalidInput(
                f"a regression's target must vary; that of {path.name} is {y.flat[0]} in every "
                "row. Name another target, or add rows with other values."
            )
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
