"""Text cells as numbers; the cell that is none is named."""

import polars as pl
import pytest

from bital.data.sources.columns import numbers, typed
from bital.errors import InvalidInput


@pytest.mark.parametrize("cell", ["NA", "nan", "NaN", "inf", "-inf", "1,5", "1.2.3", "9" * 400])
def test_the_cell_that_is_no_finite_number_is_named(cell: str) -> None:
    column = pl.Series("p", ["-1.01", "2", cell, "4"])
    with pytest.raises(InvalidInput, match=rf"'p' of a.csv holds '{cell}' in data row 3, and 1 "):
        numbers(column, "a.csv")


def test_an_empty_cell_is_named() -> None:
    with pytest.raises(InvalidInput, match="has none in column 'p', data row 2"):
        numbers(pl.Series("p", ["1", None, "3"]), "a.csv")


def test_types_of_a_target() -> None:
    assert typed(pl.Series("y", ["1", "02"])).tolist() == [1, 2]
    assert typed(pl.Series("y", ["1", "2.5"])).tolist() == [1.0, 2.5]
    assert typed(pl.Series("y", ["1", "b"])).tolist() == ["1", "b"]
    assert typed(pl.Series("y", ["1", "nan"])).tolist() == ["1", "nan"]
    assert typed(pl.Series("y", [str(2**70), "1"])).tolist() == [str(2**70), "1"]
