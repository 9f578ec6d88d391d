"""CSV files of other encodings, separators and shapes: what is wrong is told."""

from pathlib import Path

import pytest

from bital.data.sources.csv_text import read
from bital.errors import InvalidInput

GOOD = "높이,이름\n1.5,가\n2.5,나\n"


def test_cells_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + b'a, b ,c\r\n 1 ,"x, y",\r\n2,,"  "\r\n')
    frame = read(path)
    assert frame.columns == ["a", "b", "c"]
    assert frame.rows() == [("1", "x, y", None), ("2", None, None)]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("cp949", "looks like CP949 or EUC-KR.*read_text.encoding='cp949'"),
        ("euc-kr", "looks like CP949 or EUC-KR"),
        ("utf-16", "looks like UTF-16.*encoding='utf-16'"),
        ("utf-16-le", "looks like UTF-16"),
    ],
)
def test_other_encodings(encoding: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD.encode(encoding))
    with pytest.raises(InvalidInput, match=rf"a CSV file must be UTF-8; .*{told}"):
        read(tmp_path / "a.csv")


def test_western_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("größe\n1\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"must be UTF-8; a\.csv is not"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("p;q;y\n1;2;3\n", r"has semicolons\. .*separator=';'"),
        ("p\tq\ty\n1\t2\t3\n", r"has tabs\. .*separator='\\t'"),
        ("p|y\n1|3\n", r"has vertical bars\."),
        ("a,b\n", "has none. Add the rows"),
        ("a,b", "has none. Add the rows"),
        ("", "a.csv is empty"),
        ("\n \n", "a.csv is empty"),
        ("y,q,r,y\n1,2,3,4\n", "a.csv has 'y' 2 times. Rename"),
        ("y,q, y \n1,2,3\n", "a.csv has 'y' 2 times"),
        ("가,\u1100\u1161\n1,2\n", "a.csv has '가' 2 times"),
        ("a,,b\n1,2,3\n", "a.csv has a column without a name"),
        ("a,b\n1,2\n3,4,5\n", "has 2 columns, and line 3 has 3 cells"),
        ('a,b\n1,"x\n2,y\n', "quotation marks must be closed"),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=told):
        read(tmp_path / "a.csv")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="FileNotFoundError"):
        read(tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="IsADirectoryError"):
        read(tmp_path)
