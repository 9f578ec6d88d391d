"""A user's own CSV and NPZ files become datasets; what is wrong with them is told."""

import io
import os
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bital.data.scaling import scaled
from bital.data.sources.own import Task, arrays, table
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


@pytest.mark.parametrize("shape", [(40,), (40, 1), (40, 1, 1), (40, 3, 2)])
def test_arrays_of_any_shape_keep_their_digits(shape: tuple[int, ...], tmp_path: Path) -> None:
    times = np.broadcast_to(
        (1_700_000_000 + np.arange(40)).reshape(-1, *[1] * (len(shape) - 1)), shape
    )
    np.savez(tmp_path / "a.npz", x=times, y=np.arange(40) % 2)
    data, _ = arrays(tmp_path / "a.npz", "classification")
    assert len(np.unique(scaled(data, np.arange(40)).reshape(40, -1)[:, 0])) == 40


@pytest.mark.parametrize("kind", ["int64", "float64"])
def test_images_that_float32_rounds_away_are_refused(kind: str, tmp_path: Path) -> None:
    x = (1_700_000_000 + np.arange(40)).astype(kind).reshape(40, 1, 1, 1)
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(40) % 2)
    with pytest.raises(InvalidInput, match=r"x of a.npz has 40 distinct ones and 1 would be left"):
        arrays(tmp_path / "a.npz", "classification")


def test_few_far_values_may_not_hide_the_others(tmp_path: Path) -> None:
    rows = [f"{n % 2 if n < 1000 else 10**9 * n},{'uv'[n % 2]}" for n in range(1020)]
    with pytest.raises(InvalidInput, match=r"has 22 distinct ones and 21 would be left"):
        table(write(tmp_path, "\n".join(["a,y", *rows])), "y")


@pytest.mark.parametrize(
    ("task", "odd"), [("", "NA"), ("", "nan"), ("regression", "NA"), ("regression", "inf")]
)
def test_the_odd_cell_of_a_target_is_named(task: Task, odd: str, tmp_path: Path) -> None:
    text = f"a,키\n1,1.5\n2,{odd}\n3,2.5\n"
    with pytest.raises(InvalidInput, match=f"column '키' of 동물.csv holds '{odd}' in data row 2"):
        table(write(tmp_path, text), "키", task)


def test_numbers_beside_a_word_may_be_said_to_be_classes(tmp_path: Path) -> None:
    data, _ = table(write(tmp_path, "a,y\n1,3\n2,more\n3,4\n"), "y", "classification")
    assert data.classes == ("3", "4", "more")


def test_quantities_that_do_not_fit_or_do_not_vary_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"up to 3.4e38; the target of 동물.csv has 1e\+300"):
        table(write(tmp_path, "a,y\n1,1.5\n2,1e300\n"), "y")
    with pytest.raises(InvalidInput, match=r"target must vary; that of 동물.csv is 1.5 in every"):
        table(write(tmp_path, "a,y\n1,1.5\n2,1.50\n"), "y")


def test_not_a_number_in_an_array_is_placed(tmp_path: Path) -> None:
    x = np.zeros((5, 3))
    x[2, 1] = np.nan
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(5) % 2)
    with pytest.raises(InvalidInput, match="1 NaN or infinite values, the first in row 2, at 1"):
        arrays(tmp_path / "a.npz", "classification")


def test_unicode_forms_of_a_class_in_an_array_are_one(tmp_path: Path) -> None:
    forms = np.array(["가", unicodedata.normalize("NFD", "가"), "나"])
    np.savez(tmp_path / "a.npz", x=np.arange(3.0), y=forms, who=forms)
    data, groups = arrays(tmp_path / "a.npz", groups="who")
    assert (data.classes, data.y.tolist()) == (("가", "나"), [0, 0, 1])
    assert groups is not None
    assert groups.tolist() == ["가", "가", "나"]


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ({"x_test": np.zeros((2, 1))}, "of y_test there is none"),
        ({"y_test": np.zeros(2, int)}, "of x_test there is none"),
        ({"x_test": np.zeros((2, 3)), "y_test": np.zeros(2, int)}, r"of shape \(2, 3\)"),
        ({"x_test": np.array(1.0), "y_test": np.array(1)}, r"of shape \(\)"),
        ({"x": np.array(1.0), "y": np.array(1)}, "a single number"),
        ({"x": np.zeros((0, 3)), "y": np.zeros(0, int)}, "at least two classes"),
    ],
)
def test_arrays_that_do_not_belong_together(
    held: dict[str, np.ndarray], told: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", **{"x": np.zeros((4, 1)), "y": np.arange(4) % 2} | held)
    with pytest.raises(InvalidInput, match=told):
        arrays(tmp_path / "a.npz", "classification")


def test_sizes_that_no_memory_holds_are_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    declared = {"descr": "<f4", "fortran_order": False, "shape": (10**13,)}
    np.lib.format.write_array_header_1_0(header, declared)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for name in ("x", "y"):
            archive.writestr(f"{name}.npy", header.getvalue())
    with pytest.raises(InvalidInput, match=r"whole \.npz archive .* MemoryError"):
        arrays(tmp_path / "a.npz", "classification")


def test_an_archive_larger_than_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((10_000, 10)), y=np.arange(10_000) % 2)
    monkeypatch.setattr("os.sysconf", lambda name: 100)
    with pytest.raises(InvalidInput, match=r"must fit into memory; the arrays of a\.npz take"):
        arrays(tmp_path / "a.npz", "classification")


def test_whole_numbers_longer_than_64_bits_are_quantities_too(tmp_path: Path) -> None:
    rows = [f"{n},{n * 10**30}" for n in range(20)]
    data, _ = table(write(tmp_path, "\n".join(["a,y", *rows])), "y", "regression")
    np.testing.assert_allclose(data.y, np.arange(20) * 1e30, rtol=1e-6)
    rows = [f"{n},{10**30 + n}" for n in range(20)]
    with pytest.raises(InvalidInput, match="has 20 distinct ones and 1 would be left"):
        table(write(tmp_path, "\n".join(["a,y", *rows])), "y", "regression")
