"""What XLA compiles is kept on disk, from a model's first weights on."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from bital.models.compilation import cache_folder, persist_compilation


def test_the_folder_is_bital_cache_or_the_user_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere")
    monkeypatch.delenv("BITAL_CACHE")
    assert cache_folder().name == "bital"


SCRIPT = """
import os, numpy as np, jax
if os.environ.get("OWN"):
    jax.config.update("jax_compilation_cache_dir", os.environ["OWN"])
if os.environ.get("OFF"):
    jax.config.update("jax_enable_compilation_cache", False)
import bital, keras
model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
bital.fit(model, np.ones((4, 2), "float32"), np.ones((4, 1), "float32"), verbose=0)
"""


@pytest.mark.parametrize("choice", ["none", "OWN", "OFF"])
def test_programs_are_kept_on_disk_unless_told_otherwise(tmp_path: Path, choice: str) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    environment = os.environ | {"BITAL_CACHE": str(ours)}
    if choice != "none":
        environment[choice] = str(theirs)
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True, timeout=120)
    assert ours.exists() == (choice == "none")
    if choice == "none":
        assert any((ours / "xla").iterdir())


def test_persisting_twice_changes_nothing() -> None:
    persist_compilation()
    chosen = jax.config.jax_compilation_cache_dir
    persist_compilation()
    assert jax.config.jax_compilation_cache_dir == chosen


def test_half_an_entry_on_disk_is_compiled_anew(tmp_path: Path) -> None:
    program = (
        "import bital, keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "model.compile(loss='mse')\n"
        "bital.fit(model, np.ones((8, 2)), np.ones((8, 1)), verbose=0)"
    )
    told = {"KERAS_BACKEND": "jax", "BITAL_CACHE": str(tmp_path)}
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | told,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stderr == ""
        entries = [path for path in (tmp_path / "xla").iterdir() if path.name.endswith("-cache")]
        assert entries
        for path in entries:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_first_weights_are_kept_on_disk(tmp_path: Path) -> None:
    program = "import bital, keras\nkeras.layers.Dense(3).build((1, 2))"
    told = {"KERAS_BACKEND": "jax", "BITAL_CACHE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=os.environ | told, check=True)
    assert any((tmp_path / "xla").iterdir())
