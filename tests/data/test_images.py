"""A folder of images is a dataset, its subfolders the classes."""

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
