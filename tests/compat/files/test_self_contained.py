"""Old model files that point to other files' bytes, or to nothing: refused before any is read."""

import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from bital.compat.files import self_contained
from bital.compat.files.load import load_model, load_weights
from bital.compat.files.self_contained import opened
from bital.errors import InvalidInput
from compat.files.made import drawn, sequential, write

SECRET = np.arange(15, dtype="f4")
DENSE = sequential(("Dense", {"name": "d", "units": 3, "batch_input_shape": [None, 4]}))


def model() -> keras.Model:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")])


def held(made: keras.Model) -> list[np.ndarray]:
    return [np.asarray(v.value) for v in made.weights]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Raw numbers; and beside them, secret.h5 with a layer that would fit."""
    arrays = [SECRET[:12].reshape(4, 3), SECRET[12:]]
    write(tmp_path / "secret.h5", {"d": arrays})
    (tmp_path / "secret.raw").write_bytes(SECRET.tobytes())
    return tmp_path / "secret.raw"


def external_group(file: Any, folder: Path) -> None:
    file["d"] = h5py.ExternalLink(str(folder / "secret.h5"), "/d")


def external_array(file: Any, folder: Path) -> None:
    file["d/w0:0"] = h5py.ExternalLink(str(folder / "secret.h5"), "/d/w0:0")


def soft_to_external(file: Any, folder: Path) -> None:
    file["far"] = h5py.ExternalLink(str(folder / "secret.h5"), "/d")
    file["d"] = h5py.SoftLink("/far")


def soft(file: Any, folder: Path) -> None:
    file["own"] = drawn(0, (4, 3))[0]
    file["d/w0:0"] = h5py.SoftLink("/own")


def soft_in_a_circle(file: Any, folder: Path) -> None:
    file["d"] = h5py.SoftLink("/d")


def external_storage(file: Any, folder: Path) -> None:
    place = [(str(folder / "secret.raw"), 0, 48)]
    file.create_dataset("d/w0:0", (4, 3), "f4", external=place)


def virtual(file: Any, folder: Path) -> None:
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "secret.h5"), "d/w0:0", (4, 3))
    file.create_virtual_dataset("d/w0:0", layout)


def out_of_the_way(file: Any, folder: Path) -> None:
    """A part that no reader asks for: the rule is the file's."""
    file["a/b/c"] = h5py.ExternalLink("/etc/passwd", "/")


POINTING = [
    external_group,
    external_array,
    soft_to_external,
    soft,
    soft_in_a_circle,
    external_storage,
    virtual,
    out_of_the_way,
]


def completed(file: Any) -> None:
    """Give a file what else its layer needs, as Keras 2 writes it."""
    file.attrs["layer_names"] = [b"d"]
    file.attrs["keras_version"] = b"2.2.4"
    if isinstance(file.get("d", getlink=True), h5py.HardLink):
        group = file["d"]
        group.attrs["weight_names"] = [b"w0:0", b"w1:0"]
        group["w1:0"] = np.zeros(3, "f4")


def weights_of_keras_2(path: Path, point: Callable[[Any, Path], None]) -> None:
    with h5py.File(path, "w") as file:
        point(file, path.parent)
        completed(file)


def model_of_keras_2(path: Path, point: Callable[[Any, Path], None]) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(DENSE)
        point(file.create_group("model_weights"), path.parent)
        completed(file["model_weights"])


def optimizer_of_keras_2(path: Path, point: Callable[[Any, Path], None]) -> None:
    write(path, {"d": drawn(0, (4, 3), (3,))}, DENSE, {"optimizer_config": {}})
    with h5py.File(path, "a") as file:
        point(file.create_group("optimizer_weights"), path.parent)


def model_of_keras_3(path: Path, point: Callable[[Any, Path], None]) -> None:
    model().save(path)
    with h5py.File(path, "a") as file:
        del file["model_weights/d"]
        point(file["model_weights"], path.parent)


def in_layers_of_an_archive(path: Path, point: Callable[[Any, Path], None]) -> None:
    weights = path.with_suffix(".part")
    with h5py.File(weights, "w") as file:
        point(file.create_group("_layer_checkpoint_dependencies"), path.parent)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
        archive.writestr("config.json", json.dumps(DENSE))
        archive.write(weights, "model.weights.h5")


MODELS = [
    model_of_keras_2,
    optimizer_of_keras_2,
    model_of_keras_3,
    in_layers_of_an_archive,
]


@pytest.mark.parametrize("point", POINTING)
@pytest.mark.parametrize("by_name", [False, True])
def test_weights_are_the_file_s_own(secret: Path, point: Any, by_name: bool) -> None:
    path = secret.with_name("weights.h5")
    weights_of_keras_2(path, point)
    made = model()
    before = held(made)
    with pytest.raises(InvalidInput, match="must hold its own arrays, and nothing else; this one"):
        load_weights(made, path, by_name=by_name)
    for old, new in zip(before, held(made), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("point", POINTING)
@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras saves so
def test_models_are_the_file_s_own(secret: Path, kind: Any, point: Any) -> None:
    path = secret.with_name("model.keras" if kind is in_layers_of_an_archive else "model.h5")
    kind(path, point)
    for load in (load_model, lambda path: load_weights(model(), path)):
        with pytest.raises(InvalidInput, match="must hold its own arrays, and nothing else"):
            load(path)


def test_an_open_file_is_asked_too(secret: Path) -> None:
    path = secret.with_name("model.h5")
    model_of_keras_2(path, external_group)
    with h5py.File(path) as file, pytest.raises(InvalidInput, match="a link to another file, '/mo"):
        load_model(file)


@pytest.mark.parametrize("point", ["storage", "link", "parent"])
def test_weights_of_keras_0(secret: Path, point: str) -> None:
    path = secret.with_name("k0.h5")
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = 1
        if point == "parent":
            file["layer_0"] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "/d")
        else:
            group = file.create_group("layer_0")
            group.attrs["nb_params"] = 2
            group["param_1"] = np.zeros(3, "f4")
        if point == "storage":
            group.create_dataset("param_0", (4, 3), "f4", external=[(str(secret), 0, 48)])
        if point == "link":
            group["param_0"] = h5py.ExternalLink(str(secret.with_suffix(".h5")), "/d/w0:0")
    with pytest.raises(InvalidInput, match="must hold its own arrays"):
        load_weights(model(), path)


@pytest.mark.parametrize(
    "values", ["text", "references", "lists", "nothing", "group"]
)  # fmt: skip
def test_weights_are_arrays_of_numbers(tmp_path: Path, values: str) -> None:
    path = tmp_path / "odd.h5"
    with h5py.File(path, "w") as file:
        file["d/x"] = drawn(0, (4, 3))[0]
        if values == "text":
            file["d/w0:0"] = np.array([b"a", b"b"])
        elif values == "references":
            file.create_dataset("d/w0:0", data=[file["d"].ref], dtype=h5py.ref_dtype)
        elif values == "lists":
            file.create_dataset("d/w0:0", (2,), h5py.vlen_dtype(np.float32))
        elif values == "nothing":
            file["d/w0:0"] = h5py.Empty("f4")
        else:
            file.create_group("d/w0:0")
        completed(file)
    with pytest.raises(InvalidInput, match=r"'w0:0' in '/d' is no array of numbers"):
        load_weights(model(), path)


def test_groups_in_a_circle_and_second_names_are_the_file_s_own(tmp_path: Path) -> None:
    kernel, bias = drawn(0, (4, 3), (3,))
    path = write(tmp_path / "w.h5", {"old": [kernel, bias]})
    with h5py.File(path, "a") as file:
        file["d"] = file["old"]  # how people rename layers
        file["old/itself"] = file["old"]
        file["old/root"] = file["/"]
        file.attrs["layer_names"] = [b"d"]
    made = model()
    load_weights(made, path)
    np.testing.assert_array_equal(held(made)[0], kernel)


def test_what_no_model_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as file:
        file["/".join("a" * 300)] = 1.0
    with pytest.raises(InvalidInput, match="more than 200 groups inside each other"):
        load_weights(model(), path)
    monkeypatch.setattr(self_contained, "MOST_LINKS", 10)
    with h5py.File(path, "w") as file:
        for i in range(20):
            file[f"a{i}"] = 1.0
    with pytest.raises(InvalidInput, match="more than 10 names"):
        load_weights(model(), path)


def test_compressed_weights_are_read(tmp_path: Path) -> None:
    kernel, bias = drawn(0, (4, 3), (3,))
    for compression in ("gzip", "lzf"):
        path = write(tmp_path / "w.h5", {"d": [kernel, bias]})
        with h5py.File(path, "a") as file:
            del file["d/w0:0"]
            file.create_dataset(
                "d/w0:0", data=kernel, compression=compression, shuffle=True, fletcher32=True
            )
        made = model()
        load_weights(made, path)
        np.testing.assert_array_equal(held(made)[0], kernel)


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ([1], "a chunk longer than its array's, in '/x'"),
        ([1, 1], "an array compressed twice, '/x'"),
        ([1, 2], "an array compressed twice, '/x'"),
        ([32000, 1], "an array compressed twice, '/x'"),
        ([32001], "an array compressed by HDF5's filter 32001, '/x'"),
    ],
)
def test_odd_compression(tmp_path: Path, filters: list[int], says: str) -> None:
    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as file:
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((12,))
        for each in filters:
            made.set_filter(each, h5py.h5z.FLAG_OPTIONAL, (4,) if each in (1, 2) else ())
        space, kind = h5py.h5s.create_simple((12,)), h5py.h5t.NATIVE_FLOAT
        array = h5py.h5d.create(file.id, b"x", kind, space, made)
        array.write_direct_chunk((0,), zlib.compress(bytes(self_contained.SMALL + 100)))
    with pytest.raises(InvalidInput, match=says), opened(path):
        pass
