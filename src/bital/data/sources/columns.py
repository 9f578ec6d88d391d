"""Columns of text as numbers, with the cell to blame if one is none."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32, Float64, Shaped

from bital.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

KEPT = 0.9
"Share of a column's distinct values, and of its rows, that float32 must keep apart."
PLENTY = 2**20
"Distinct values that are always enough: of millions, many fall together by chance."
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
        raise InvalidInput(
            f"inputs must be finite numbers; {_first(column, wrong, file)}. "
            "Make them numbers, drop those rows, or leave the column out (ignore)."
        )
    found: Float64[np.ndarray, " n"] = values.to_numpy()
    distinct = text.n_unique()
    if distinct != values.n_unique():
        distinct = len(set(map(Decimal, text.unique())))
    check_kept(f"column {column.name!r} of {file}", found, distinct)
    return found


def target(column: "pl.Series", file: str, task: str) -> Shaped[np.ndarray, " n"]:
    """Return the column to predict as `typed` does.

    Raises:
        InvalidInput: a regression's target with a cell that is no finite number; without a task,
            a column most of whose cells are numbers, as "NA" among them would make all of them
            classes.
    """
    import polars as pl

    wrong = ~column.cast(pl.Float64, strict=False).is_finite().fill_null(False)
    if wrong.any() and (task == "regression" or (not task and 2 * wrong.sum() < len(column))):
        rule = "a regression's target" if task else "a target that has numbers in most rows"
        raise InvalidInput(
            f"{rule} must be numbers in every row; {_first(column, wrong, file)}. Correct those "
            'cells, drop their rows, or say task = "classification".'
        )
    return typed(column)


def _first(column: "pl.Series", wrong: "pl.Series", file: str) -> str:
    """Return where the first wrong cell is, and how many there are."""
    row = int(wrong.arg_true()[0])
    return (
        f"column {column.name!r} of {file} holds {column[row]!r} in data row {row + 1}, and "
        f"{int(wrong.sum())} such cells in all"
    )


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
    label: str, values: Shaped[np.ndarray, " n"], distinct: int = 0, *, scaled: bool = True
) -> None:
    """Raise an error if float32 cannot keep a column's distinct values apart.

    A few values of many may fall together, as random fractions with sixteen digits do, but few rows
    may have such a value. NaN and infinity are left to `Dataset`, which refuses them.

    Args:
        label: of the column, for the error.
        values: the column.
        distinct: number of distinct values in the file, if the file tells more apart than `values`.
        scaled: whether the column is brought to mean 0 and standard deviation 1 first.

    Raises:
        InvalidInput: values are too large, or less than `KEPT` of the distinct values or of the
            rows stay apart and fewer than `PLENTY` values do.
    """
    given = np.sort(values)  # whole numbers stay whole: float64 has 53 bits
    if not len(given) or not np.isfinite(given).all():
        return
    rounded = _rounded(given.astype(np.float64), scaled)
    if not np.isfinite(rounded).all():
        raise InvalidInput(
            "float32, in which networks compute, holds numbers up to 3.4e38; "
            f"{label} has {max(given, key=abs):g}. Divide it by a constant, or drop that row."
        )
    new = given[1:] != given[:-1]
    stays = rounded[1:] != rounded[:-1]
    distinct, left = max(distinct, int(new.sum()) + 1), int(stays.sum()) + 1
    if left >= PLENTY:
        return
    group = np.concatenate([[0], np.cumsum(stays)])
    fell = np.bincount(group[1:], new & ~stays, minlength=left) > 0
    rows = int(fell[group].sum())
    if left < KEPT * distinct or rows > (1 - KEPT) * len(given):
        raise InvalidInput(
            f"float32, in which networks compute, must keep a column's values apart; {label} has "
            f"{distinct} distinct ones and {left} would be left. Subtract a constant from it, "
            "drop extreme values, or leave it out (ignore)."
        )


def _rounded(values: Float64[np.ndarray, " n"], scaled: bool) -> Float32[np.ndarray, " n"]:
    with np.errstate(over="ignore", invalid="ignore"):
        if scaled:
            spread = values.std()
            values = (values - values.mean()) / (spread if spread > 0 else 1.0)
        rounded: Float32[np.ndarray, " n"] = values.astype(np.float32)
    return rounded


def _is_truth(column: "pl.Series") -> bool:
    import polars as pl

    lower: Any = column.str.to_lowercase()
    return bool(lower.is_in(pl.Series(list(_TRUTH), dtype=pl.String).implode()).all())
