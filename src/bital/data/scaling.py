"""Inputs brought to a common range, with nothing learned from rows held out."""

import numpy as np
from jaxtyping import Float32, Float64, Int, Shaped

from bital.data.dataset import Dataset
from bital.errors import InvalidInput


def scaled(dataset: Dataset, rows: Int[np.ndarray, " r"]) -> Float32[np.ndarray, "n ..."]:
    """Scale the inputs of every row, learning only from `rows`.

    "standard" subtracts the mean of `rows` and divides by their standard deviation (divisor r),
    column by column; a column that is constant in `rows` is only shifted, so it is 0 there.
    "unit" divides by `dataset.peak` and learns nothing.

    Args:
        dataset: the dataset; its `scaling` chooses the method.
        rows: training rows, numbers from 0 to n - 1; at least one for "standard".

    Returns:
        Inputs of all n rows in their order, dimensionless.

    Raises:
        InvalidInput: "standard" without a row to learn from, or a row the dataset has not.
    """
    if dataset.scaling == "unit":
        shares: Float32[np.ndarray, "n ..."] = np.divide(dataset.x, dataset.peak, dtype=np.float32)
        return shares
    count = len(dataset.x)
    if len(rows) == 0 or not 0 <= int(rows.min()) <= int(rows.max()) < count:
        got = f"rows from {int(rows.min())} to {int(rows.max())}" if len(rows) else "no row"
        raise InvalidInput(
            f"standard scaling of {dataset.name} learns from at least one row numbered 0 to "
            f"{count - 1}; got {got}. Pass the train rows of a split of this dataset."
        )
    center, spread = _statistics(dataset.x[rows])
    scores: Float32[np.ndarray, "n ..."] = ((dataset.x - center) / spread).astype(np.float32)
    return scores


def _statistics(
    x: Shaped[np.ndarray, "r ..."],
) -> tuple[Float64[np.ndarray, "..."], Float64[np.ndarray, "..."]]:
    # The mean of equal values can miss them by one rounding, and a standard deviation of 1e-17
    # would then blow that up: constant columns are recognised by their range.
    low = x.min(axis=0)
    constant = low == x.max(axis=0)
    center = np.where(constant, low, x.mean(axis=0, dtype=np.float64))
    spread = np.where(constant, 1.0, x.std(axis=0, dtype=np.float64))
    return center, spread
