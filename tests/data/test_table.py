from pathlib import Path

import numpy as np
import pytest

from bital.data.sources import table
from bital.errors import InvalidInput

COMMA = {
    "empty": ("", "must be a CSV file"),
    "other columns": ("a,c\n1,2\n", "columns a, b; found a, c"),
    "a word": ("a,b\n1,2\n3,없음\n", "column b has '없음' in data row 2"),
    "cut in a row": ("a,b\n1,2\n3", "column b has None in data row 2"),
    "too many cells": ("a,b\n1,2,3\n", "must be a CSV file"),
}
SPACE = {
    "a word": ('1 2 "x"\n3 two "y"\n', "line 2 is '3 two"),
    "too few": ('1 2 "x"\n3 "y"\n', "2 numbers and a quoted name on every line; line 2"),
    "too many": ('1 2 3 "x"\n', "line 1"),
    "no quote": ("1 2 x\n", "line 1"),
}


@pytest.mark.parametrize(("text", "says"), COMMA.values(), ids=COMMA)
def test_a_comma_separated_file_is_refused(tmp_path: Path, text: str, says: str):
    path = tmp_path / "표.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=says) as caught:
        table.comma_separated(path, "folder/table.csv", ("a", "b"))
    assert "folder/table.csv" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(("text", "says"), SPACE.values(), ids=SPACE)
def test_a_space_separated_file_is_refused(tmp_path: Path, text: str, says: str):
    path = tmp_path / "표.data"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=says):
        table.space_separated(path, "folder/table.data", 2)


def test_text_in_another_encoding_is_refused(tmp_path: Path):
    path = tmp_path / "표.data"
    path.write_bytes('1 2 "없음"'.encode("cp949"))
    with pytest.raises(InvalidInput, match=r"must be a text file.*UnicodeDecodeError"):
        table.space_separated(path, "folder/table.data", 2)


def test_blanks_quotes_and_case_do_not_matter(tmp_path: Path):
    path = tmp_path / "표.csv"
    path.write_text('"A", b\n1, 2.5\n-3,4e2\n', encoding="utf-8")
    got = table.comma_separated(path, "table.csv", ("a", "b"))
    np.testing.assert_array_equal(got, [[1, 2.5], [-3, 400]])


def test_a_question_mark_is_a_missing_number(tmp_path: Path):
    path = tmp_path / "표.data"
    path.write_text('1.  ?\t"vw 1131 deluxe sedan"\n2 3 "mazda"\n', encoding="utf-8")
    got = table.space_separated(path, "table.data", 2)
    np.testing.assert_array_equal(got, [[1, np.nan], [2, 3]])
