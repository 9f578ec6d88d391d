"""Columns of text as numbers, with the cell to blame if one is none."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float64, Shaped

from bital.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

KEPT = 0.9
"Share of a column's distinct values that float32 must keep apart."
_TRUTH = {"true": "1", "false": "0"}
_WHOLE = r"^[+-]?\d+$"


def check_filled(column: "pl.Series", file: str) -> None:
    """Raise an error if a cell is empty.

    Raises:
        InvalidInput: it names the first row without a value.
    """
    if (empty := column.is_null()).any():
        raise InvalidInput(
            f"every cell must hold a value; {file} has none in column {column.name!r}, data row "
            f"{int(empty.arg_true()[0]) + 1}. Fill it, or drop that row or column (ignore)."
        )


def numbers(column: "pl.Series", file: str) -> Float64[np.ndarray, " n"]:
    """Return a column's values; true is 1 and false 0.

    Raises:
        InvalidInput: an empty cell; one that holds no finite number, with its row; or values that
            are told apart by more digits than float32 has after scaling.
    """
    import polars as pl

    check_filled(column, file)
    text = column.str.to_lowercase().replace(_TRUTH) if _is_truth(column) else column
    values = text.cast(pl.Float64, strict=False)
    wrong = ~values.is_finite().fill_null(False)
    if wrong.any():
        row = int(wrong.arg_true()[0])
        raise InvalidInput(
            f"inputs must be finite numbers; column {column.name!r} of {file} holds "
            f"{column[row]!r} in data row {row + 1}, and {int(wrong.sum())} such cells in all. "
            "Make them numbers, drop those rows, or leave the column out (ignore)."
        )
    found: Float64[np.ndarray, " n"] = values.to_numpy()
    distinct = text.n_unique()
    if distinct != values.n_unique():
        distinct = len(set(map(Decimal, text.unique())))
    check_kept(f"column {column.name!r} of {file}", found, distinct)
    return found


def typed(column: "pl.Series") -> Shaped[np.ndarray, " n"]:
    """Return a column as int64 or float64 if every cell is a number, else as text."""
    import polars as pl

    values = column.cast(pl.Float64, strict=False)
    if values.is_null().any() or not values.is_finite().all():
        return column.str.normalize("NFC").to_numpy()
    if column.str.contains(_WHOLE).all():
        whole = column.cast(pl.Int64, strict=False)
        return (column if whole.is_null().any() else whole).to_numpy()
    return values.to_numpy()


def check_kept(
    label: str, values: Shaped[np.ndarray, " n"], distinct: int, *, scaled: bool = True
) -> None:
    """Raise an error if float32 cannot keep a column's distinct values apart.

    A few values of many may fall together, as random fractions with sixteen digits do.

    Args:
        label: of the column, for the error.
        values: the column.
        distinct: number of distinct values in the file.
        scaled: whether the column is brought to mean 0 and standard deviation 1 first.

    Raises:
        InvalidInput: fewer than `KEPT` of them are left.
    """
    values = values.astype(np.float64)
    if scaled and len(values):
        spread = values.std()
        values = (values - values.mean()) / (spread if spread > 0 else 1.0)
    left = len(np.unique(values.astype(np.float32)))
    if left < KEPT * distinct:
        raise InvalidInput(
            f"float32, in which networks compute, must keep a column's values apart; {label} has "
            f"{distinct} distinct ones and {left} would be left. Subtract a constant from it, "
            "drop extreme values, or leave it out (ignore)."
        )


def _is_truth(column: "pl.Series") -> bool:
    import polars as pl

    lower: Any = column.str.to_lowercase()
    return bool(lower.is_in(pl.Series(list(_TRUTH), dtype=pl.String).implode()).all())
