"""`bital upgrade`."""

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
