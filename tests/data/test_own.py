"""A user's own CSV and NPZ files become datasets; what is wrong with them is told."""

from pathlib import Path

import numpy as np
import pytest

from bital.data.sources.own import arrays, table
from bital.errors import InvalidInput, UnknownName

CSV = "키,weight,city,note,kind\n1.5,2,a,x,고양이\n2.5,3,b,y,개\n3.5,4,a,z,개\n"


def write(folder: Path, text: str = CSV) -> Path:
    path = folder / "동물.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_text_is_classes(tmp_path: Path) -> None:
    data, groups = table(write(tmp_path), "kind", ignore=["note"], groups="city")
    assert (data.name, data.task, data.source) == ("동물", "classification", "동물.csv")
    assert data.features == ("키", "weight")
    np.testing.assert_array_equal(data.x, np.array([[1.5, 2], [2.5, 3], [3.5, 4]], np.float32))
    assert data.classes == ("개", "고양이")
    assert data.y.tolist() == [1, 0, 0]
    assert groups is not None
    assert groups.tolist() == ["a", "b", "a"]


def test_fractions_are_quantities(tmp_path: Path) -> None:
    data, groups = table(write(tmp_path), "키", ignore=["note", "city", "kind"])
    assert data.task == "regression"
    assert data.y.tolist() == [1.5, 2.5, 3.5]
    assert data.features == ("weight",)
    assert groups is None


def test_whole_numbers_must_be_said_to_be_either(tmp_path: Path) -> None:
    ignore = ["note", "city", "kind"]
    with pytest.raises(InvalidInput, match='Say task = "classification" or task = "regression"'):
        table(write(tmp_path), "weight", ignore=ignore)
    assert table(write(tmp_path), "weight", "regression", ignore)[0].y.tolist() == [2, 3, 4]
    named = table(write(tmp_path), "weight", "classification", ignore)[0]
    assert (named.classes, named.y.tolist()) == (("2", "3", "4"), [0, 1, 2])


@pytest.mark.parametrize(
    ("text", "target", "told"),
    [
        (CSV, "", "target of 동물.csv must be one of"),
        (CSV, "kidn", "Did you mean 'kind'"),
        (CSV, "kind", "column 'city' of 동물.csv holds 'a'. Make it numbers, or leave it out"),
        ("a,b\n1,x\n,y\n", "b", "has none in column 'a', data row 2"),
        ("a,b\n1,x\n2,\n", "b", "has none in column 'b', data row 2"),
        ("", "b", "must be a CSV file with a header; .*NoDataError"),
    ],
)
def test_what_is_wrong_is_told(text: str, target: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=told):
        table(write(tmp_path, text), target)


def test_unknown_columns(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"ignore of 동물.csv.*got 'nope'"):
        table(write(tmp_path), "kind", ignore=["nope"])
    with pytest.raises(UnknownName, match=r"groups of 동물.csv.*Did you mean 'city'"):
        table(write(tmp_path), "kind", groups="cty")
    with pytest.raises(InvalidInput, match="a regression's target must be numbers"):
        table(write(tmp_path), "kind", "regression", ["note", "city"])


def test_arrays_with_their_own_test_rows(tmp_path: Path) -> None:
    path = tmp_path / "images.npz"
    x = np.arange(5 * 4, dtype=np.uint8).reshape(5, 2, 2, 1)
    y = np.array([7, 9, 7, 9, 9])
    np.savez(path, x=x[:3], y=y[:3], x_test=x[3:], y_test=y[3:], who=np.arange(5))
    data, groups = arrays(path, "classification", "who")
    np.testing.assert_array_equal(data.x, x)
    assert (data.scaling, data.peak, data.classes) == ("unit", 255.0, ("7", "9"))
    assert data.y.tolist() == [0, 1, 0, 1, 1]
    assert data.test_rows is not None
    assert data.test_rows.tolist() == [3, 4]
    assert groups is not None
    assert groups.tolist() == [0, 1, 2, 3, 4]


def test_arrays_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros((2, 3)), labels=np.zeros(2))
    with pytest.raises(UnknownName, match=r"an array of a.npz must be one of labels, x; got 'y'"):
        arrays(path)
    path.write_bytes(b"no archive")
    with pytest.raises(InvalidInput, match=r"a whole \.npz archive"):
        arrays(path)
