"""A user's own CSV and NPZ files become datasets; what is wrong with them is told."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from bital.data.scaling import scaled
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
        (CSV, "kind", "column 'city' of 동물.csv holds 'a' in data row 1, and 3 such"),
        ("a,b\n1,x\n,y\n", "b", "has none in column 'a', data row 2"),
        ("a,b\n1,x\n2,\n", "b", "has none in column 'b', data row 2"),
        ("", "b", "must be a CSV file with a header; 동물.csv is empty"),
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


def seconds(shift: int) -> str:
    """Rows that tell their class by when they were: one every 20 seconds."""
    rows = [f"{shift + 20 * (n % 3) + n % 6},{n % 7},{'abc'[n % 3]}" for n in range(90)]
    return "\n".join(["time,noise,y", *rows]) + "\n"


@pytest.mark.parametrize("shift", [0, 1_700_000_000, 1_700_000_000_000, 2**50])
def test_differences_are_kept_however_large_the_numbers(shift: int, tmp_path: Path) -> None:
    small, _ = table(write(tmp_path, seconds(0)), "y")
    data, _ = table(write(tmp_path, seconds(shift)), "y")
    rows = np.arange(60)
    np.testing.assert_allclose(scaled(data, rows), scaled(small, rows), atol=1e-6)


@pytest.mark.parametrize("shift", [10**19, 10**30, 2**60])
def test_columns_whose_values_fall_together_are_refused(shift: int, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"column 'time' of 동물.csv has 6 distinct ones and"):
        table(write(tmp_path, seconds(shift)), "y")


def test_a_constant_column_and_other_spellings_of_numbers_are_read(tmp_path: Path) -> None:
    text = "a,b,c,y\n1,1.0,true,u\n1, 1.00 ,FALSE,v\n1,1e0,true,v\n"
    data, _ = table(write(tmp_path, text), "y")
    assert data.x.tolist() == [[1, 1, 1], [1, 1, 0], [1, 1, 1]]


def test_fractions_with_many_digits_are_read(tmp_path: Path) -> None:
    values = np.random.default_rng(0).uniform(0, 1, 5000)
    rows = "".join(f"{value!r},{'uv'[n % 2]}\n" for n, value in enumerate(values.tolist()))
    data, _ = table(write(tmp_path, "a,y\n" + rows), "y")
    np.testing.assert_array_equal(data.x[:, 0], values)


def test_a_target_that_float32_rounds_away_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{n},{1_700_000_000 + n}.5\n" for n in range(50))
    with pytest.raises(InvalidInput, match=r"the target of 동물.csv has 50 distinct ones and"):
        table(write(tmp_path, "a,y\n" + rows), "y")


def test_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"two classes; the target .* has 'x' in every"):
        table(write(tmp_path, "a,y\n1,x\n2,x\n"), "y")
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 1)), y=np.ones(3, int))
    with pytest.raises(InvalidInput, match=r"two classes; the target .* has '1' in every"):
        arrays(tmp_path / "a.npz", "classification")


def test_unicode_forms_of_one_name_are_one(tmp_path: Path) -> None:
    text = unicodedata.normalize("NFD", "높이,품종\n1,가\n") + "2,가\n3,나\n"
    data, _ = table(write(tmp_path, text), unicodedata.normalize("NFD", "품종"))
    assert data.features == ("높이",)
    assert (data.classes, data.y.tolist()) == (("가", "나"), [0, 0, 1])


def test_whole_numbers_longer_than_64_bits_are_names_of_classes(tmp_path: Path) -> None:
    text = f"a,y\n1,{10**30}\n2,{10**30 + 1}\n"
    with pytest.raises(InvalidInput, match="whole numbers may be classes or quantities"):
        table(write(tmp_path, text), "y")
    data, _ = table(write(tmp_path, text), "y", "classification")
    assert data.classes == (str(10**30), str(10**30 + 1))


def test_arrays_keep_their_digits_too(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    times = 1_700_000_000 + np.arange(40)
    np.savez(path, x=np.stack([times, times % 7], 1), y=np.arange(40) % 2)
    data, _ = arrays(path, "classification")
    assert len(np.unique(scaled(data, np.arange(40))[:, 0])) == 40
    np.savez(path, x=(2**60 + np.arange(40))[:, None], y=np.arange(40) % 2)
    with pytest.raises(InvalidInput, match=r"column 0 of x in a.npz has 40 distinct ones"):
        arrays(path, "classification")
    np.savez(path, x=np.array([["a"], ["b"]]), y=np.arange(2))
    with pytest.raises(InvalidInput, match="inputs must be numbers"):
        arrays(path, "classification")


def test_images_of_16_bits_in_arrays_are_scaled_by_their_peak(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    x = np.array([0, 65535], np.uint16).reshape(2, 1, 1, 1)
    np.savez(path, x=x, y=np.arange(2))
    data, _ = arrays(path, "classification")
    assert scaled(data, np.arange(2)).reshape(-1).tolist() == [0, 1]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    for read in (lambda path: table(path, "y"), arrays):
        with pytest.raises(InvalidInput, match="data must be a regular file"):
            read(tmp_path / "a.csv")
