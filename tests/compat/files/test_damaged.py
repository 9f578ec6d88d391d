"""Damaged and odd model files end in one clear error, or load."""

import json
import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from bital.compat.files.load import load_model, load_weights, model_from_config, model_from_json
from bital.compat.files.unreadable import UnreadableFile, readable
from bital.errors import BitalError, InvalidInput
from compat.files.made import drawn, sequential, write

DATA = Path(os.environ.get("BITAL_DATA", "no data")) / "keras_models"
DENSE = sequential(("Dense", {"name": "d", "units": 3, "batch_input_shape": [None, 4]}))
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**70, 1e308, "", "banana", "__builtins__", [], {}, [[]], [1, 2, 3]),
    {"class_name": "Input"},
)


def archive(path: Path, **members: Any) -> Path:
    """Write an archive of Keras 2, its members changed; None leaves one out."""
    weights = path.with_suffix(".part")
    with h5py.File(weights, "w") as file:
        for i, array in enumerate(drawn(0, (4, 3), (3,))):
            file[f"_layer_checkpoint_dependencies/dense/vars/{i}"] = array
    held: dict[str, Any] = {
        "metadata.json": json.dumps({"keras_version": "2.13.1"}),
        "config.json": json.dumps(DENSE),
        "model.weights.h5": weights.read_bytes(),
        **{name.replace("_json", ".json"): content for name, content in members.items()},
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, content in held.items():
            if content is not None:
                file.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"metadata_json": "{}"}, "keras_version in a model file must be a version.*'None'"),
        ({"metadata_json": '{"keras_version": "banana"}'}, "as in 2.2.4; it is 'banana'"),
        ({"metadata_json": '{"keras_version": 2}'}, "it is '2'"),
        ({"metadata_json": "null"}, "metadata.json in .* must hold a JSON object; it holds None"),
        ({"metadata_json": "[1"}, r"m.keras cannot be read \(JSONDecodeError"),
        ({"metadata_json": "[" * 100_000}, r"m.keras cannot be read \(RecursionError"),
        ({"metadata_json": b"\xff"}, r"m.keras cannot be read \(UnicodeDecodeError"),
        ({"config_json": None}, "cannot be read .KeyError: .*config.json"),
        ({"config_json": "[]"}, "config.json in .* must hold a JSON object; it holds list"),
        ({"model.weights.h5": None}, "cannot be read .KeyError: .*model.weights.h5"),
        ({"model.weights.h5": b"no"}, "cannot be read .OSError"),
    ],
)
def test_archives_of_keras_2(tmp_path: Path, members: Any, says: str) -> None:
    path = archive(tmp_path / "m.keras")
    assert load_model(path).count_params() == 15
    with pytest.raises(InvalidInput, match=says):
        load_model(archive(path, **members))


def test_weights_of_an_archive_of_keras_2(tmp_path: Path) -> None:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    load_weights(made, archive(tmp_path / "m.keras"))
    np.testing.assert_array_equal(made.layers[0].kernel.value, drawn(0, (4, 3))[0])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("null", "must be a JSON object, .* got NoneType"),
        ("3", "got int"),
        ('["Sequential"]', "got list"),
        ("", "this JSON cannot be read .JSONDecodeError"),
        ("[" * 100_000, "this JSON cannot be read .RecursionError"),
        ("{}", "this is a None"),
        (
            '{"class_name": "Model"}',
            "config of 'Model' in a model file must be an object; it is 'N",
        ),
        ('{"class_name": "Sequential", "config": [3]}', "an object with class_name and config; on"),
        ('{"class_name": ["a"], "config": {}}', "an object with class_name and config; one is"),
        ('{"class_name": "Input", "config": {}}', "Keras 3 has no layer 'Input'"),
        ('{"class_name": "__builtins__", "config": {}}', "Keras 3 has no layer '__builtins__'"),
        ('{"class_name": "Dense", "config": {"units": "banana"}}', "cannot be read .ValueError"),
        ('{"class_name": "Sequential", "config": {"layers": 3}}', "cannot be read .TypeError"),
        ('{"class_name": "keras>Dense", "module": "os", "config": {"command": "touch x"}}', "os"),
    ],
)
def test_json(text: str, says: str) -> None:
    with pytest.raises((InvalidInput, TypeError), match=says):
        model_from_json(text)


def test_a_model_nested_deeply() -> None:
    config = sequential(("Dense", {"units": 1}))
    for _ in range(3000):
        config = {"class_name": "Sequential", "config": [config]}
    with pytest.raises(UnreadableFile, match="RecursionError"):
        model_from_config(config)


@pytest.mark.parametrize("version", ["banana", 3, "", np.zeros(2)])
def test_versions_in_hdf5(tmp_path: Path, version: Any) -> None:
    path = write(tmp_path / "m.h5", {"d": drawn(0, (4, 3), (3,))}, DENSE)
    with h5py.File(path, "a") as file:
        for group in (file, file["model_weights"]):
            group.attrs["keras_version"] = version
    with pytest.raises(InvalidInput, match="keras_version in a model file must be a version"):
        load_model(path)


def test_names_of_what_is_not_there(tmp_path: Path) -> None:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")])
    path = write(tmp_path / "w.h5", {"d": drawn(0, (4, 3), (3,))})
    for attribute, value, says in (
        ("layer_names", [b"e"], "it has no group 'e'"),
        ("layer_names", [3], "layer_names in a model file must be a list of names; in '/' it is"),
        ("layer_names", 3, "cannot be read"),
        ("nb_layers", 10**12, "it has no group 'layer_0'"),
    ):
        with h5py.File(path, "a") as file:
            file.attrs[attribute] = value
        with pytest.raises(InvalidInput, match=says):
            load_weights(made, path)


@pytest.mark.parametrize("name", ["m.h5", "m.keras", "m.hdf5"])
def test_files_that_are_cut_off_or_of_another_kind(tmp_path: Path, name: str) -> None:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")])
    whole = write(tmp_path / name, {"d": drawn(0, (4, 3), (3,))}, DENSE).read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2], whole[:50]):
        (tmp_path / name).write_bytes(content)
        for load in (load_model, lambda path: load_weights(made, path)):
            with pytest.raises(
                UnreadableFile, match=rf"{name} (is neither|cannot be read)"
            ) as said:
                load(tmp_path / name)
            assert isinstance(said.value, OSError)  # what programs of Keras 2 catch
    with pytest.raises(FileNotFoundError):
        load_weights(made, tmp_path / "none.h5")


@pytest.mark.parametrize("name", ["m.h5", "m.keras", "m"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="d")])
    for load in (load_model, lambda path: load_weights(made, path)):
        with pytest.raises(InvalidInput, match="must be a regular file"):
            load(tmp_path / name)


def test_bital_s_errors_and_warnings_are_left_as_they_are() -> None:
    for kind in (InvalidInput, UserWarning, MemoryError):
        with pytest.raises(kind, match=r"^this$"), readable("x"):
            raise kind("this")
    with pytest.raises(KeyError), readable("x", clear=(KeyError,)):
        raise KeyError("this")


def changed_json(rng: random.Random, value: Any) -> Any:
    """Return a value with one part gone, or of another kind."""
    places: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        inner = one.items() if isinstance(one, dict) else enumerate(one)
        for key, part in inner:
            places.append((one, key))
            if isinstance(part, dict | list):
                waiting.append(part)
    holder, key = rng.choice(places)
    if rng.random() < 0.3:
        del holder[key]
    else:
        holder[key] = rng.choice(ODD)
    return value


def changed_bytes(rng: random.Random, content: bytes) -> bytes:
    """Return a file cut off, or with some bytes changed."""
    if rng.random() < 0.3:
        return content[: rng.randrange(len(content))]
    made = bytearray(content)
    for _ in range(rng.choice([1, 3, 20, 200])):
        made[rng.randrange(min(len(made), rng.choice([100, 5000, len(made)])))] = rng.randrange(256)
    return bytes(made)


def changed_attribute(rng: random.Random, path: Path) -> None:
    """Change an attribute of an HDF5 file, or take a part of it away."""
    with h5py.File(path, "a") as file:
        parts: list[Any] = [file]
        file.visititems(lambda _, part: parts.append(part))
        part = rng.choice([file, rng.choice(parts)])
        if not part.attrs:
            del file[part.name]
            return
        name = rng.choice(list(part.attrs))
        stored = part.attrs[name]
        if name.endswith("config"):
            part.attrs[name] = json.dumps(changed_json(rng, json.loads(stored)))
        elif rng.random() < 0.3:
            del part.attrs[name]
        else:
            part.attrs[name] = rng.choice([b"banana", 3, -1, np.zeros(3), [b"x", b"y"], "", 2**62])


def attempt(rng: random.Random, source: Path, folder: Path) -> Callable[[], Any]:
    """Return what reads a damaged copy of a file."""
    path = folder / source.name
    if source.suffix == ".json":
        text = json.dumps(changed_json(rng, json.loads(source.read_text())))
        return lambda: model_from_json(text)
    shutil.copyfile(source, path)
    way = rng.random()
    if way < 0.4:
        path.write_bytes(changed_bytes(rng, source.read_bytes()))
    elif h5py.is_hdf5(path):
        changed_attribute(rng, path)
    else:
        with zipfile.ZipFile(source) as held:
            members = {name: held.read(name) for name in held.namelist()}
        name = rng.choice(sorted(members))
        if name.endswith(".json"):
            members[name] = json.dumps(changed_json(rng, json.loads(members[name]))).encode()
        else:
            members[name] = changed_bytes(rng, members[name])
        with zipfile.ZipFile(path, "w") as made:
            for name, content in members.items():
                made.writestr(name, content)
    if "weights" in source.name:
        model = model_from_json(source.with_name("fastml_KERAS_3layer.json").read_text())
        return lambda: load_weights(model, path)
    return lambda: load_model(path)


@pytest.mark.skipif(not DATA.is_dir(), reason="needs BITAL_DATA/keras_models")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_that_others_saved(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    sources = [path for path in sorted(DATA.iterdir()) if path.stat().st_size < 500_000]
    ended = {"loaded": 0, "refused": 0}
    for _ in range(30):
        source = rng.choice(sources)
        said = ended_in(attempt(rng, source, tmp_path))
        ended["refused" if said else "loaded"] += 1
        if isinstance(said, TypeError):  # Keras's own words for a class in a file of Keras 3
            said = ValueError(said) if "Could not locate class" in str(said) else said
        assert isinstance(said, BitalError | ValueError | None), (source, said)
        assert said is None or len(str(said)) > 60, (source, said)  # it says something
    assert min(ended.values()) > 2


def ended_in(read: Callable[[], Any]) -> Exception | None:
    try:
        read()
    except Exception as error:  # noqa: BLE001 - any kind, to be looked at
        return error
    return None
