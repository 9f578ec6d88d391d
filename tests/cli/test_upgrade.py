"""`bital upgrade`."""

import re
from pathlib import Path

import pytest

from bital.cli.main import main

OLD = "from keras.layers.core import Dense\n\nDense(output_dim=3)  # three\n"
NEW = "from keras.layers import Dense\n\nDense(units=3)  # three\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "수업.py"
    path.write_bytes(OLD.replace("\n", "\r\n").encode())
    return path


def test_a_diff_changes_nothing(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrade", str(script)]) == 0
    said = capsys.readouterr().out
    assert "-Dense(output_dim=3)  # three" in said
    assert "+Dense(units=3)  # three" in said
    assert script.read_bytes() == OLD.replace("\n", "\r\n").encode()


def test_write_changes_the_file_and_nothing_else(script: Path) -> None:
    assert main(["upgrade", str(script), "--write"]) == 0
    assert script.read_bytes() == NEW.replace("\n", "\r\n").encode()
    assert [p.name for p in script.parent.iterdir()] == [script.name]


def test_what_is_no_python_3_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.py"
    path.write_text("print 'hello'\n")
    assert main(["upgrade", str(path)]) == 2
    assert "must be Python 3" in capsys.readouterr().err
    assert main(["upgrade", str(tmp_path / "none.py")]) == 2


KOREAN = "from keras.layers.core import Dense\n\nDense(output_dim=3)  # 셋\n"


@pytest.mark.parametrize(
    ("first", "encoding", "end"),
    [
        ("# -*- coding: cp949 -*-\n", "cp949", "\n"),
        ("#!/usr/bin/env python\n# vim: set fileencoding=euc-kr :\n", "euc-kr", "\r\n"),
        ("", "utf-8-sig", "\r\n"),
        ("# coding: utf-8\n", "utf-8-sig", "\n"),
    ],
)
def test_encoding_line_ends_and_permissions_stay(
    tmp_path: Path, first: str, encoding: str, end: str
) -> None:
    def file(text: str) -> bytes:
        return (first + text).replace("\n", end).encode(encoding)

    path, link = tmp_path / "셋.py", tmp_path / "link.py"
    path.write_bytes(file(KOREAN))
    path.chmod(0o750)
    link.symlink_to(path)
    assert main(["upgrade", str(link), "--write"]) == 0
    assert path.read_bytes() == file(
        KOREAN.replace("layers.core", "layers").replace("output_dim", "units")
    )
    assert path.stat().st_mode & 0o777 == 0o750
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("korean.py", KOREAN.encode("cp949"), "in the encoding that its first lines name"),
        ("binary.py", bytes(range(256)), "must be text in UTF-8"),
        ("wide.py", KOREAN.encode("utf-16"), "must be text in UTF-8"),
        ("odd.py", b"# coding: klingon\n", "unknown encoding: klingon"),
        ("hex.py", b"# coding: hex\n", "'hex' is not a text encoding"),
        ("both.py", b"\xef\xbb\xbf# coding: cp949\n", "encoding problem"),
        ("nothing.py", b"x = '\0'\n", "must be text; "),
        ("deep.py", b"x = " + b"(" * 5000 + b")" * 5000, "must be Python 3.*too many nested"),
        ("chain.py", b"x = a" + b".b" * 20_000, "must have expressions of some hundred parts"),
        ("sum.py", b"x = 1" + b" + 1" * 900, "must have expressions of some hundred parts"),
        ("book.ipynb", b"{}", "is a notebook.*nbconvert --to script"),
    ],
)
def test_what_is_no_text_of_python_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["upgrade", str(path), "--write"]) == 2
    assert re.search(says, capsys.readouterr().err)
    assert path.read_bytes() == content


def test_an_empty_script_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.py").touch()
    assert main(["upgrade", str(tmp_path / "empty.py")]) == 0
    assert capsys.readouterr() == ("", "")
