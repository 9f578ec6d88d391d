"""Text tables as numbers, with the line or column to blame when they are not."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from bital.errors import InvalidInput


def comma_separated(path: Path, label: str, columns: Sequence[str]) -> Float64[np.ndarray, "n d"]:
    """Read a CSV file of numbers whose header is known.

    Args:
        path: the file, UTF-8, one header line.
        label: its name in error messages.
        columns: the header, in order; case does not matter.

    Returns:
        One row per line, one column per header entry.

    Raises:
        InvalidInput: another header, or a cell that is blank or no number.
    """
    import polars as pl

    try:
        frame = pl.read_csv(path, infer_schema_length=0)  # every cell as text
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInput(
            f"{label} must be a CSV file; reading it gave {type(error).__name__}: {error}. "
            "Fetch it again."
        ) from error
    if [name.strip().lower() for name in frame.columns] != list(columns):
        raise InvalidInput(
            f"{label} must have the columns {', '.join(columns)}; found "
            f"{', '.join(frame.columns)}. Fetch it again, or rename its columns."
        )
    numbers = frame.select(pl.all().str.strip_chars().cast(pl.Float64, strict=False))
    for name in frame.columns:
        blank = numbers[name].is_null()
        if blank.any():
            line = int(blank.arg_true()[0])
            raise InvalidInput(
                f"{label} must hold a number in every cell; column {name} has "
                f"{frame[name][line]!r} in data row {line + 1}. Fetch it again."
            )
    return numbers.to_numpy()


def space_separated(path: Path, label: str, columns: int) -> Float64[np.ndarray, "n d"]:
    """Read lines of blank-separated numbers, each followed by one quoted text that is dropped.

    Args:
        path: the file, UTF-8, without a header.
        label: its name in error messages.
        columns: numbers per line.

    Returns:
        One row per line; NaN where the file has "?".

    Raises:
        InvalidInput: a line with another number of fields, or a field that is no number.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{label} must be a text file; reading it gave {type(error).__name__}. Fetch it again."
        ) from error
    rows = []
    for number, line in enumerate(lines, start=1):
        fields = line.partition('"')[0].split()
        try:
            row = [float("nan") if field == "?" else float(field) for field in fields]
        except ValueError:
            row = []
        if len(row) != columns:
            raise InvalidInput(
                f"{label} must hold {columns} numbers and a quoted name on every line; line "
                f"{number} is {line[:60]!r}. Fetch it again."
            )
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(-1, columns)
