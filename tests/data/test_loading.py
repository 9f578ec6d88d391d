from pathlib import Path

import numpy as np
import pytest

from bital.data import load, names, split
from bital.data.sources import download
from bital.errors import InvalidInput, MissingData, UnknownName

from .made import boston_table, boston_text, write_fashion, write_table

# name: shape of x, classes, features, official test rows; the counts their publishers state
PUBLISHED = {
    "digits": ((1797, 8, 8, 1), 10, 0, None),
    "iris": ((150, 4), 3, 4, None),
    "wine": ((178, 13), 3, 13, None),
    "breast_cancer": ((569, 30), 2, 30, None),
    "diabetes": ((442, 10), 0, 10, None),
    "boston": ((506, 13), 0, 13, None),
    "auto_mpg": ((392, 9), 0, 9, None),
    "mnist": ((70_000, 28, 28, 1), 10, 0, 10_000),
    "fashion_mnist": ((70_000, 28, 28, 1), 10, 0, 10_000),
}
BUNDLED = ("digits", "iris", "wine", "breast_cancer", "diabetes")


def no_network(name: str) -> None:
    raise OSError("Name or service not known")


@pytest.mark.parametrize("name", names())
def test_every_name_loads_what_was_published(name: str, request: pytest.FixtureRequest):
    folder = None if name in BUNDLED else request.getfixturevalue("real")
    shape, classes, features, official = PUBLISHED[name]
    dataset = load(name)
    assert dataset.x.shape == shape
    assert len(dataset.classes) == classes
    assert len(dataset.features) == features
    assert dataset.task == ("classification" if classes else "regression")
    assert (None if dataset.test_rows is None else len(dataset.test_rows)) == official
    assert dataset.source
    assert folder is None or str(folder) not in dataset.source
    assert split(dataset, seed=0).train.size > 0


def test_an_unknown_name_is_told_the_near_ones():
    with pytest.raises(UnknownName, match="Did you mean 'fashion_mnist'") as caught:
        load("fashion-mnist")
    assert "auto_mpg" in str(caught.value)


def test_the_folder_comes_before_the_network(hangul: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download, "fetch", no_network)
    write_table(hangul, "boston_housing.csv", boston_text(boston_table()))
    assert load("boston").source == "BITAL_DATA/tabular/boston_housing.csv"


def test_without_folder_or_network_the_error_says_what_to_put_where(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.delenv("BITAL_DATA", raising=False)
    monkeypatch.setattr(download, "fetch", no_network)
    with pytest.raises(MissingData) as caught:
        load("mnist")
    said = str(caught.value)
    assert "mnist needs mnist/mnist.npz below BITAL_DATA" in said
    assert "BITAL_DATA is not set" in said
    assert "OSError: Name or service not known" in said
    assert "MNIST as Keras publishes it" in said


def test_an_incomplete_set_of_files_names_the_absent_one(
    hangul: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(download, "fetch", no_network)
    write_fashion(hangul)
    (hangul / "fashion_mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(MissingData) as caught:
        load("fashion_mnist")
    absent = "fashion_mnist/t10k-labels-idx1-ubyte.gz"
    assert f"below BITAL_DATA; {absent} is not there" in str(caught.value)
    assert str(caught.value).endswith(f"put it there as {absent}.")


def test_a_download_that_is_another_dataset_is_missing_data(
    hangul: Path, monkeypatch: pytest.MonkeyPatch
):
    def other(name: str) -> None:
        raise InvalidInput("the table must have shape (506, 14)")

    monkeypatch.setattr(download, "fetch", other)
    with pytest.raises(MissingData, match=r"the table must have shape \(506, 14\)"):
        load("boston")


def test_a_folder_that_is_not_there_is_refused_only_where_it_matters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BITAL_DATA", str(tmp_path / "없음"))
    with pytest.raises(InvalidInput, match=r"BITAL_DATA must name a folder; got .*없음"):
        load("boston")
    assert np.isfinite(load("iris").x).all()
