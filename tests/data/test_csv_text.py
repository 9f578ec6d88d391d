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


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04" + b"\0" * 90, "is an Excel workbook or another ZIP archive"),
        (b"\x1f\x8b\x08" + b"\0" * 90, "is a gzip archive"),
        (b"a,y\n1,u\n2,v\n3,\0\n", r"line 4 of .* holds a zero byte"),
        (b'a,y\n1,"u ""x"""\n2,v"w\n', "line 3 has one inside of a cell"),
        (b"a\tb, c\ty\n1\t2\tu\n", "the header of .* has tabs"),
    ],
)
def test_what_is_no_table_of_commas_is_named(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InvalidInput, match=told):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(end: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(end.join(["a,y", "1,u", "2,v", ""]).encode())
    assert read(tmp_path / "a.csv").rows() == [("1", "u"), ("2", "v")]
