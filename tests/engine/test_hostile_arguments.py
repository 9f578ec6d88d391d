"""Arguments and files that break a rule meet bital's own words before the first step."""

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.engine import snapshot
from bital.errors import InvalidInput
from engine import made

X, Y = made.iris(60)
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


class Empty(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 0

    def __getitem__(self, index: int) -> Any:
        return X, Y


class Long(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Any:
        return X, Y.astype(np.int64) + 2**32


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "labels of 64 bits": ({"y": Y.astype(np.int64) + 2**32}, "fit into 32 bits"),
    "labels of 64 bits unsigned": ({"y": Y.astype(np.uint64) + 2**63}, "fit into 32 bits"),
    "huge float labels": ({"y": np.full(60, 1e20, np.float32)}, "got labels from 1e\\+20"),
    "validation": ({"validation_data": (X, Y.astype(np.int64) - 2**32)}, "fit into 32 bits"),
    "dataset": ({"x": Long(), "y": None}, "fit into 32 bits"),
    "empty dataset": ({"x": Empty(), "y": None}, "at least one batch"),
    "no x": ({"x": None}, "x must be arrays"),
    "no y": ({"y": None}, "y must be given"),
    "masked": ({"x": np.ma.masked_less(X, 1)}, "is masked"),
    "freq": ({"validation_freq": 0}, "validation_freq must be an integer of at least 1"),
    "shuffle": ({"shuffle": "nope"}, "shuffle must be True, False"),
    "save_every": ({"save_every": "nonsense"}, "save_every must be"),
    "class_weight list": ({"class_weight": [1.0, 2.0]}, "class_weight must be a dict"),
    "class_weight text": ({"class_weight": {"0": 1.0}}, "class indices"),
    "resume": ({"resume": ""}, "resume must name a folder"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    settings, message = REFUSED[case]
    with pytest.raises(InvalidInput, match=message):
        bital.fit(made.softmax(), **({"x": X, "y": Y, "verbose": 0} | settings))


def test_an_infinite_rate_is_refused() -> None:
    model = made.softmax(optimizer=keras.optimizers.SGD(float("inf")))
    with pytest.raises(InvalidInput, match="finite"):
        bital.fit(model, X, Y, verbose=0)


def test_big_endian_arrays_are_converted() -> None:
    keras.utils.set_random_seed(1)
    one = bital.fit(made.softmax(), X, Y, verbose=0).history
    keras.utils.set_random_seed(1)
    assert bital.fit(made.softmax(), X.astype(">f4"), Y, verbose=0).history == one


def resumed(folder: Path, **settings: Any) -> Any:
    return bital.fit(made.softmax(), X, Y, verbose=0, resume=folder, **settings)


@pytest.mark.parametrize("content", ["npy", b"", b"half", 5, None, {"list": []}, {"dict": []}])
def test_damaged_files(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "training.npz"
    if content == "npy":
        with path.open("wb") as file:
            np.save(file, X)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        snapshot.write(path, content)
    with pytest.raises(InvalidInput, match="Delete it to start anew"):
        resumed(tmp_path)


def test_a_file_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidInput, match="can be written to"):
        resumed(tmp_path / "file")
    (tmp_path / "training.npz").mkdir()
    with pytest.raises(InvalidInput, match="cannot be read"):
        resumed(tmp_path)


def test_leftovers_of_a_killed_write_are_swept(tmp_path: Path) -> None:
    (tmp_path / "training.npz.999999999.part").write_bytes(b"half")
    resumed(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["training.npz"]


def test_a_callback_whose_list_holds_itself(tmp_path: Path) -> None:
    callback = keras.callbacks.LambdaCallback()
    callback.mine = []
    callback.mine.append(callback.mine)
    assert len(resumed(tmp_path, callbacks=[callback]).epoch) == 1


ROWLESS: dict[str, dict[str, Any]] = {
    "validation_data": {"validation_data": (X[:0], Y[:0])},
    "negative split": {"validation_split": -0.5},
    "x": {"x": X[:0], "y": Y[:0]},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", ROWLESS)
def test_installed_no_rows_are_as_in_keras(case: str) -> None:
    def outcome() -> Any:
        keras.utils.set_random_seed(1)
        try:
            given = {"x": X, "y": Y, "verbose": 0} | ROWLESS[case]
            return made.softmax().fit(**given).history
        except Exception as error:  # noqa: BLE001
            return type(error)

    keras_own = outcome()
    bital.install()
    try:
        assert outcome() == keras_own
    finally:
        bital.uninstall()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore")
def test_a_forked_process_is_told() -> None:
    model = made.softmax()
    bital.fit(model, X, Y, verbose=0)
    child = os.fork()
    if not child:
        try:
            bital.fit(model, X, Y, verbose=0)
        except InvalidInput:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
