"""`python -m bital script.py`: the script as Python would run it, with the engine on."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from neighbour import ROWS
import keras
import numpy as np

x = np.random.rand(ROWS, 4).astype("float32")
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
history = model.fit(x, x[:, :1], epochs=2, verbose=0)
print(__name__, sys.argv[1:], history.bital.path, model.predict(x, verbose=0).shape)
"""


def run(*argv: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bital", *argv],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_script_trains_compiled(tmp_path: Path) -> None:
    folder = tmp_path / "수업"
    folder.mkdir()
    (folder / "neighbour.py").write_text("ROWS = 40\n", encoding="utf-8")
    (folder / "훈련.py").write_text(SCRIPT, encoding="utf-8")
    done = run(str(folder / "훈련.py"), "--epochs", "둘")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "__main__ ['--epochs', '둘'] epochs (40, 1)"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("import sys; sys.exit(7)", 7, ""),
        ("raise LookupError('its own')", 1, "LookupError: its own"),
        ("", 0, ""),
    ],
)
def test_a_script_ends_as_it_ends(tmp_path: Path, body: str, code: int, said: str) -> None:
    (tmp_path / "a.py").write_text(body, encoding="utf-8")
    done = run(str(tmp_path / "a.py"))
    assert done.returncode == code
    assert said in done.stderr


def test_a_script_that_is_not_there_is_named() -> None:
    done = run("no/such/script.py")
    assert done.returncode == 2
    assert done.stderr.startswith("bital: error: a script to run must be a file; no/such/script.py")
