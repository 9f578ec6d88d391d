"""A user's own table or arrays as a dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Shaped

from bital.data.dataset import Dataset
from bital.data.sources.folder import BROKEN_ARCHIVE
from bital.errors import InvalidInput, UnknownName

Task = Literal["", "classification", "regression"]
Groups = Shaped[np.ndarray, " n"] | None


def table(
    path: Path, target: str, task: Task = "", ignore: Sequence[str] = (), groups: str = ""
) -> tuple[Dataset, Groups]:
    """Read a CSV file with a header: numbers in every column but the target and the groups.

    Args:
        path: the file, UTF-8.
        target: column to predict: text or numbers.
        task: what is predicted; "" tells by the target: text are classes, fractions numbers.
        ignore: columns to leave out.
        groups: column of group names, no input; "" for none.

    Returns:
        The dataset, and the group of each row.

    Raises:
        UnknownName: a column that is not there.
        InvalidInput: another kind of file, an empty cell, or text where numbers are needed.
    """
    import polars as pl

    try:
        frame = pl.read_csv(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInput(
            f"data must be a CSV file with a header; reading {path} gave {type(error).__name__}: "
            f"{error}."
        ) from error
    for kind, names in (("target", [target]), ("ignore", ignore), ("groups", [groups])):
        for name in names:
            if name not in frame.columns and (name or kind == "target"):
                raise UnknownName(f"{kind} of {path.name}", name, frame.columns)
    inputs = [name for name in frame.columns if name not in {target, groups, *ignore}]
    for name in [*inputs, target]:
        if (empty := frame[name].is_null()).any():
            raise InvalidInput(
                f"every cell must hold a value; {path.name} has none in column {name!r}, data row "
                f"{int(empty.arg_true()[0]) + 1}. Fill it, or drop that row or column (ignore)."
            )
    for name in inputs:
        if not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Boolean):
            raise InvalidInput(
                f"inputs must be numbers; column {name!r} of {path.name} holds "
                f"{frame[name][0]!r}. Make it numbers, or leave it out (ignore)."
            )
    x = frame.select(pl.col(inputs).cast(pl.Float32)).to_numpy()
    column = frame[target]
    y = column.to_numpy() if column.dtype.is_numeric() else column.cast(pl.String).to_numpy()
    named = frame[groups].to_numpy() if groups else None
    return _dataset(path, x, y, task, features=tuple(inputs)), named


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
        InvalidInput: another kind of file, or arrays that contradict each other.
    """
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
    classes: tuple[str, ...] = ()
    if not task:
        if y.dtype.kind in "iu":
            raise InvalidInput(
                f"a target of whole numbers may be classes or quantities; that of {path.name} is. "
                'Say task = "classification" or task = "regression".'
            )
        task = "regression" if y.dtype.kind == "f" else "classification"
    if task == "classification":
        names, y = np.unique(y, return_inverse=True)
        classes, y = tuple(map(str, names.tolist())), y.astype(np.int32)
    elif y.dtype.kind not in "iuf":
        raise InvalidInput(
            f"a regression's target must be numbers; that of {path.name} holds {y.flat[0]!r}. "
            'Name another target, or say task = "classification".'
        )
    bytes_ = x.dtype == np.uint8
    return Dataset(
        name=path.stem,
        task=task,
        x=x if bytes_ else x.astype(np.float32),
        y=y if classes else y.astype(np.float32),
        classes=classes,
        source=path.name,
        scaling="unit" if x.ndim == 4 else "standard",
        peak=255.0 if bytes_ else 1.0,
        **more,
    )
