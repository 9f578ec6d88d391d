"""A folder of images is a dataset, its subfolders the classes."""

import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bital import data
from bital.errors import InvalidInput


def draw(path: Path, value: int, size: tuple[int, int] = (6, 4), mode: str = "L") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size[::-1], value if mode == "L" else (value, 0, 0)).save(path)


def fill(folder: Path, classes: tuple[str, ...] = ("고양이", "개"), count: int = 3) -> Path:
    for index, name in enumerate(classes):
        for number in range(count):
            draw(folder / name / f"{number}.png", 40 * index + number)
    return folder


def test_classes_are_folders_of_any_name(tmp_path: Path) -> None:
    folder = fill(tmp_path / unicodedata.normalize("NFD", "사진"))
    (folder / "개" / "설명.txt").write_text("개", encoding="utf-8")
    (folder / ".cache").mkdir()
    (folder / "__MACOSX").mkdir()
    found = data.load(str(folder))
    assert (found.name, found.classes) == ("사진", ("개", "고양이"))
    assert found.x.shape == (6, 6, 4, 1)
    assert found.x.dtype == np.uint8
    assert found.x[:, 0, 0, 0].tolist() == [40, 41, 42, 0, 1, 2]
    assert found.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.test_rows is None
    assert (found.scaling, found.peak, found.image) == ("unit", 255.0, True)


def test_test_rows_of_one_s_own(tmp_path: Path) -> None:
    fill(tmp_path / "train")
    fill(tmp_path / "test", count=1)
    found = data.images(tmp_path)
    assert found.x.shape[0] == 8
    assert found.test_rows is not None
    assert found.test_rows.tolist() == [6, 7]
    assert found.y[6:].tolist() == [0, 1]


def test_colours_and_sizes(tmp_path: Path) -> None:
    fill(tmp_path)
    draw(tmp_path / "개" / "9.jpg", 200, (12, 8), "RGB")
    with pytest.raises(InvalidInput, match=r"one size; there are 2, as 6×4, 12×8\. Say which"):
        data.images(tmp_path)
    found = data.images(tmp_path, (3, 2))
    assert found.x.shape == (7, 3, 2, 3)
    assert found.x[3, 0, 0, 0] > 190
    assert found.x[3, 0, 0, 1] < 10


def test_what_is_no_such_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is no folder"):
        data.load(str(tmp_path / "none"))
    with pytest.raises(InvalidInput, match=r"a subfolder for each class .* has none"):
        data.images(tmp_path)
    fill(tmp_path, ("하나",))
    with pytest.raises(InvalidInput, match=r"has 하나: 3\. Give"):
        data.images(tmp_path)
    (tmp_path / "빈").mkdir()
    with pytest.raises(InvalidInput, match="빈: 0"):
        data.images(tmp_path)
    (tmp_path / "빈" / "깨진.png").write_bytes(b"no image")
    with pytest.raises(InvalidInput, match=r"깨진\.png gave UnidentifiedImageError"):
        data.images(tmp_path)
    fill(tmp_path / "b" / "train")
    fill(tmp_path / "b" / "test", ("말",))
    with pytest.raises(InvalidInput, match="말: 3"):
        data.images(tmp_path / "b")


@pytest.mark.parametrize(
    "names", [("train", "val"), ("Training", "validation"), ("train", "valid")]
)
def test_images_to_validate_with_join_those_to_train(
    names: tuple[str, str], tmp_path: Path
) -> None:
    for name in names:
        fill(tmp_path / name)
    found = data.images(tmp_path)
    assert found.classes == ("개", "고양이")
    assert len(found.x) == 12
    assert found.test_rows is None
    assert found.source.endswith("val joined to train")
    fill(tmp_path / "TEST", count=1)
    found = data.images(tmp_path)
    assert found.test_rows is not None
    assert found.test_rows.tolist() == [12, 13]
    assert found.y.tolist() == [0] * 6 + [1] * 6 + [0, 1]


@pytest.mark.parametrize(
    "names", [("train", "개"), ("val", "test"), ("train", "test", "고양이"), ("test",)]
)
def test_parts_beside_classes_are_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        fill(tmp_path / name)
    with pytest.raises(InvalidInput, match=r"has the folders .* Rename them"):
        data.images(tmp_path)


def test_real_folders_of_parts() -> None:
    root = Path(os.environ.get("BITAL_DATA", "")) / "images" / "cats_and_dogs_small"
    if not os.environ.get("BITAL_DATA") or not root.is_dir():
        pytest.skip("needs real data: set BITAL_DATA to a folder with images/cats_and_dogs_small")
    found = data.images(root, (8, 8))
    assert found.classes == ("cats", "dogs")
    assert len(found.x) == 1400
    assert found.test_rows is not None
    assert len(found.test_rows) == 200


def test_names_that_differ_in_unicode_s_form_are_one_class(tmp_path: Path) -> None:
    fill(tmp_path, ("가", "나"), 1)
    fill(tmp_path, (unicodedata.normalize("NFD", "가"),), 2)
    found = data.images(tmp_path)
    assert found.classes == ("가", "나")
    assert found.y.tolist() == [0, 0, 0, 1]


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "개" / "._0.png").write_bytes(b"resource fork")
    (tmp_path / "개" / ".cache").mkdir()
    draw(tmp_path / "개" / ".cache" / "0.png", 3)
    (tmp_path / "개" / "folder.png").mkdir()
    draw(tmp_path / "개" / "folder.png" / "9.png", 3)
    assert len(data.images(tmp_path).x) == 7


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    fill(tmp_path)
    os.mkfifo(tmp_path / "개" / "z.png")
    with pytest.raises(InvalidInput, match=r"regular file; .*z\.png is a pipe"):
        data.images(tmp_path)


@pytest.mark.parametrize(
    "size", [(0, 8), (-1, 8), (8.5, 8), (8,), "ab", 8, (True, 8), (8, 8, 8), (10**6, 10**6)]
)
def test_sizes_that_no_image_has(size: object, tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(InvalidInput, match=r"size must be two whole numbers|pixels at most"):
        data.images(tmp_path, size)  # type: ignore[arg-type]


def test_more_images_than_memory_holds(tmp_path: Path) -> None:
    fill(tmp_path, count=200)
    with pytest.raises(
        InvalidInput, match=r"must fit into memory; 400 images of 10000×10000 pixels"
    ):
        data.images(tmp_path, (10_000, 10_000))
