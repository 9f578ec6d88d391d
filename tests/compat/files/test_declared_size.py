"""Files that declare more than they store: refused, with the memory they ask for untouched."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from bital.compat.files.declared_size import EXPANSION, SMALL, check_declared
from bital.compat.files.load import load_model, load_weights
from bital.errors import InvalidInput
from compat.files.made import drawn, sequential, write

DENSE = sequential(("Dense", {"name": "d", "units": 3, "batch_input_shape": [None, 4]}))
ADAM = {"optimizer_config": {"class_name": "Adam", "config": {"lr": 0.5}}, "loss": "mse"}
HUGE = 3 << 30


def model() -> keras.Model:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")])


def archive(path: Path, config: bytes, weights: Path | None = None) -> None:
    """Write an archive of Keras 2; without weights, of three GB of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
        file.writestr("config.json", config)
        with file.open("model.weights.h5", "w", force_zip64=True) as member:
            if weights is not None:
                member.write(weights.read_bytes())
            else:
                for _ in range(HUGE >> 24):
                    member.write(bytes(1 << 24))


def array_of_holes(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"d"]
        file["d/b"] = np.zeros(3)
        file.create_dataset("d/w", (HUGE,), "f4")
        file["d"].attrs["weight_names"] = [b"w", b"b"]


def compressed_array(path: Path) -> None:
    """Below the walk's bound: 0.4 GB for 6 MB. The shape is not the model's."""
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"d"]
        file["d/b"] = np.zeros(3)
        made = file.create_dataset("d/w", (100 << 20,), "f4", chunks=(1 << 20,), compression="gzip")
        for i in range(0, 100 << 20, 1 << 20):
            made[i : i + (1 << 14)] = rng.normal(size=1 << 14)
        file["d"].attrs["weight_names"] = [b"w", b"b"]


def weights_named_often(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"d"]
        file.create_dataset("d/w", (15 << 20,), "f4")
        file["d"].attrs["weight_names"] = [b"w"] * 60


def optimizer_of_holes(path: Path) -> None:
    """Forty arrays, each of which may be there; together 2.4 GB of zeros."""
    write(path, {"d": drawn(0, (4, 3), (3,))}, DENSE, ADAM)
    with h5py.File(path, "a") as file:
        group = file.create_group("optimizer_weights")
        for i in range(40):
            group.create_dataset(f"w{i}", (15 << 20,), "f4")
        group.attrs["weight_names"] = [f"w{i}".encode() for i in range(40)]


def member_of_zeros(path: Path) -> None:
    archive(path, json.dumps(DENSE).encode())


def array_in_an_archive(path: Path) -> None:
    array_of_holes(path.with_suffix(".part"))
    archive(path, json.dumps(DENSE).encode(), path.with_suffix(".part"))


def array_in_an_archive_of_keras_3(path: Path) -> None:
    """Below Keras's own bound of 4 GB."""
    weights = path.with_suffix(".part")
    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/dense/vars/0", (900 << 20,), "f4")
        file["layers/dense/vars/1"] = np.zeros(3, "f4")
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "sequential",
            "layers": [
                {
                    "module": "keras.layers",
                    "class_name": "Dense",
                    "config": {"name": "d", "units": 3},
                }
            ],
            "build_input_shape": [None, 4],
        },
        "build_config": {"input_shape": [None, 4]},
    }
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        file.writestr("config.json", json.dumps(config))
        file.write(weights, "model.weights.h5")


REFUSED: dict[str, Callable[[Path], None]] = {
    "array_of_holes.h5": array_of_holes,
    "compressed_array.h5": compressed_array,
    "weights_named_often.h5": weights_named_often,
    "member_of_zeros.keras": member_of_zeros,
    "array_in_an_archive.keras": array_in_an_archive,
    "keras_3.keras": array_in_an_archive_of_keras_3,
}

_LOAD = """
import resource, sys, warnings
import bital, keras
from bital.compat.files.load import load_model, load_weights
warnings.simplefilter("ignore")
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")])
model.compile("adam", "mse")
model.optimizer.build(model.trainable_variables)
before = peak()
for path in sys.argv[1:]:
    for load in (load_model, lambda path: load_weights(model, path)):
        try:
            load(path)
            said = "loaded"
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        print(peak() - before, said)
"""


def test_no_more_memory_than_the_model_needs(tmp_path: Path) -> None:
    for name, put in REFUSED.items():
        put(tmp_path / name)
    optimizer_of_holes(tmp_path / "optimizer.h5")
    paths = [str(tmp_path / name) for name in (*REFUSED, "optimizer.h5")]
    found = subprocess.run(
        [sys.executable, "-c", _LOAD, *paths], capture_output=True, text=True, check=True
    )
    lines = found.stdout.splitlines()
    said = [line.partition(" ")[2] for line in lines]
    assert len(said) == 2 * len(paths)
    assert all("InvalidInput" in one for one in said[:-2]), said
    assert said[-2:] == ["loaded"] * 2
    assert max(int(line.split()[0]) for line in lines) < 200  # MB


def test_small_parts_and_stored_ones_are_let_through() -> None:
    check_declared("x", SMALL, 0)
    check_declared("x", SMALL * 2, SMALL * 2 // EXPANSION + 1)
    with pytest.raises(InvalidInput, match=r"x would take \d+ bytes, and 100 are stored"):
        check_declared("x", SMALL + 1, 100)


def test_text_of_an_archive_is_bounded(tmp_path: Path) -> None:
    weights = write(tmp_path / "w.h5", {"d": drawn(0, (4, 3), (3,))})
    text = np.random.default_rng(0).integers(97, 123, SMALL // 32, "u1").tobytes() * 33
    archive(tmp_path / "m.keras", b'"' + text + b'"', weights)
    with pytest.raises(InvalidInput, match=r"config\.json in an archive of Keras must be text of"):
        load_model(tmp_path / "m.keras")


def test_an_optimizer_of_another_model_is_not_read(tmp_path: Path) -> None:
    optimizer_of_holes(tmp_path / "m.h5")
    with pytest.warns(UserWarning, match="state of Adam does not fit"):
        load_model(tmp_path / "m.h5")


def test_a_mismatch_is_told_by_the_shapes_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "w.h5", {"d": drawn(0, (40, 30), (30,))})
    with pytest.raises(InvalidInput, match=r"shapes \[\(40, 30\), \(30,\)\] there"):
        load_weights(model(), path)
    with pytest.warns(UserWarning, match="It keeps its weights"):
        load_weights(model(), path, skip_mismatch=True)
