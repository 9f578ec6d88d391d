import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bital.data import load
from bital.errors import MissingData

from .made import (
    CYLINDERS,
    auto_mpg_table,
    auto_mpg_text,
    boston_table,
    boston_text,
    mnist_arrays,
    write_table,
)

os.environ.setdefault("KERAS_BACKEND", "jax")


@pytest.fixture(autouse=True)
def no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BITAL_DATA", raising=False)


def keras_shuffled(test_split: float, seed: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """What keras.datasets.boston_housing.load_data does with its file."""
    table = boston_table()
    indices = np.arange(len(table))
    np.random.RandomState(seed).shuffle(indices)
    x, y = table[indices, :-1], table[indices, -1]
    cut = int(len(x) * (1 - test_split))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


def openml(**request: object) -> SimpleNamespace:
    """What fetch_openml gives for autoMpg: nominal columns as places in the declared list."""
    assert request == {
        "name": "autoMpg",
        "version": 1,
        "as_frame": False,
        "parser": "liac-arff",
    }
    table = auto_mpg_table()
    names = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model", "origin"]
    categories = {
        "cylinders": [str(c) for c in CYLINDERS],
        "model": [str(year) for year in range(70, 83)],
        "origin": ["1", "3", "2"],
    }
    data = table[:, 1:].copy()
    for name, declared in categories.items():
        column = names.index(name)
        data[:, column] = [declared.index(f"{v:.0f}") for v in data[:, column]]
    return SimpleNamespace(
        data=data, target=table[:, 0], feature_names=names, categories=categories
    )


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_images_of_keras(name: str, monkeypatch: pytest.MonkeyPatch):
    a = mnist_arrays()
    arrays = (a["x_train"], a["y_train"]), (a["x_test"], a["y_test"])
    monkeypatch.setattr(f"keras.datasets.{name}.load_data", lambda: arrays)
    dataset = load(name)
    assert dataset.source == f"keras.datasets.{name}"
    np.testing.assert_array_equal(dataset.x[dataset.test_rows, ..., 0], a["x_test"])
    np.testing.assert_array_equal(dataset.y[:60_000], a["y_train"])


def test_boston_of_keras_is_the_file_in_its_own_order(
    hangul: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("keras.datasets.boston_housing.load_data", keras_shuffled)
    downloaded = load("boston")
    assert downloaded.source == "keras.datasets.boston_housing"
    write_table(hangul, "boston_housing.csv", boston_text(boston_table()))
    assert load("boston").fingerprint == downloaded.fingerprint


def test_auto_mpg_of_openml_is_the_file(hangul: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sklearn.datasets.fetch_openml", openml)
    downloaded = load("auto_mpg")
    assert downloaded.source.startswith("OpenML autoMpg, version 1; 6 rows")
    write_table(hangul, "auto-mpg.data", auto_mpg_text(auto_mpg_table()))
    assert load("auto_mpg").fingerprint == downloaded.fingerprint


def test_progress_stays_off_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def noisy(**request: object) -> SimpleNamespace:
        print("Downloading data")  # noqa: T201
        return openml(**request)

    monkeypatch.setattr("sklearn.datasets.fetch_openml", noisy)
    load("auto_mpg")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Downloading data" in captured.err


FAILURES = {
    "no network": Exception("URL fetch failure: None -- [Errno -2] Name or service not known"),
    "no library": ModuleNotFoundError("No module named 'tensorflow'"),
    "column renamed": KeyError("x_train"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_any_failure_is_missing_data(failure: Exception, monkeypatch: pytest.MonkeyPatch):
    def fails() -> None:
        raise failure

    monkeypatch.setattr("keras.datasets.mnist.load_data", fails)
    with pytest.raises(MissingData) as caught:
        load("mnist")
    assert str(failure) in str(caught.value)
    assert "mnist/mnist.npz" in str(caught.value)
    assert caught.value.__cause__ is failure


def test_a_table_with_other_columns_is_missing_data(monkeypatch: pytest.MonkeyPatch):
    def renamed(**request: object) -> SimpleNamespace:
        bunch = openml(**request)
        bunch.feature_names[0] = "cyl"
        return bunch

    monkeypatch.setattr("sklearn.datasets.fetch_openml", renamed)
    with pytest.raises(MissingData, match="'cylinders' is not in list"):
        load("auto_mpg")
