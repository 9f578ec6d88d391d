"""`bital run`: the program's own output, exit code and traceback; its old words at the end."""

import subprocess
import sys
from pathlib import Path

import pytest

OLD = """
import sys
from keras.models import Sequential
from keras.layers.core import Dense
import numpy as np

model = Sequential([Dense(output_dim=1, input_dim=2), Dense(output_dim=1)])
model.compile('sgd', 'mse')
history = model.fit(np.ones((8, 2)), np.ones((8, 1)), nb_epoch=2, verbose=0)
print(len(history.history['loss']), sys.argv[1:])
"""
FAILS = """
import keras
import numpy as np

def own(x):
    raise LookupError("of its own")

model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", own_loss := lambda y, p: own(y))
model.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0)
"""


def run(*argv: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bital", *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def test_old_words_are_told_once_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(OLD, encoding="utf-8")
    done = run("run", str(tmp_path / "old.py"), "--rows", "8")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 ['--rows', '8']\n"
    assert done.stderr.count("nb_epoch=") == 1
    assert " → units=\n" in done.stderr
    assert "import keras.layers.core → import keras.layers\n" in done.stderr


def test_a_failure_shows_the_programs_frames_only(tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text(FAILS, encoding="utf-8")
    done = run("run", str(tmp_path / "fails.py"))
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("LookupError: of its own")
    assert "fails.py" in done.stderr
    assert "bital/" not in done.stderr
    assert "runpy" not in done.stderr


@pytest.mark.parametrize(("body", "code"), [("import sys; sys.exit(3)", 3), ("", 0)])
def test_the_exit_code_is_the_programs(tmp_path: Path, body: str, code: int) -> None:
    (tmp_path / "a.py").write_text(body, encoding="utf-8")
    assert run("run", str(tmp_path / "a.py")).returncode == code


def test_a_file_that_is_not_there_is_named() -> None:
    done = run("run", "no/such.py")
    assert done.returncode == 2
    assert "no/such.py" in done.stderr
