from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bital.data import load
from bital.data.sources import folder
from bital.errors import InvalidInput

from .made import (
    auto_mpg_table,
    auto_mpg_text,
    boston_table,
    boston_text,
    idx,
    mnist_arrays,
    write_fashion,
    write_table,
)


def test_an_empty_variable_is_no_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BITAL_DATA", "")
    assert folder.root() is None


def test_mnist_is_its_training_rows_then_its_test_rows(hangul: Path):
    arrays = mnist_arrays()
    (hangul / "mnist").mkdir()
    np.savez(hangul / "mnist" / "mnist.npz", **arrays)
    dataset = load("mnist")
    assert dataset.source == "BITAL_DATA/mnist/mnist.npz"
    np.testing.assert_array_equal(dataset.x[dataset.test_rows, ..., 0], arrays["x_test"])
    np.testing.assert_array_equal(dataset.y[:60_000], arrays["y_train"])


def test_fashion_mnist_reads_its_four_files_into_their_places(hangul: Path):
    write_fashion(hangul)
    arrays = mnist_arrays()
    dataset = load("fashion_mnist")
    np.testing.assert_array_equal(dataset.x[:60_000, ..., 0], arrays["x_train"])
    np.testing.assert_array_equal(dataset.y[dataset.test_rows], arrays["y_test"])


def test_boston_splits_off_its_last_column(hangul: Path):
    written = boston_table().astype(np.float32)
    write_table(hangul, "boston_housing.csv", boston_text(boston_table()))
    dataset = load("boston")
    np.testing.assert_array_equal(np.column_stack([dataset.x, dataset.y]), written)


def test_auto_mpg_drops_unknown_horsepower_and_spells_out_the_origin(hangul: Path):
    written = auto_mpg_table()
    write_table(hangul, "auto-mpg.data", auto_mpg_text(written))
    dataset = load("auto_mpg")
    known = written[~np.isnan(written[:, 3])].astype(np.float32)
    np.testing.assert_array_equal(dataset.y, known[:, 0])
    np.testing.assert_array_equal(dataset.x[:, :6], known[:, 1:7])
    origins = dataset.x[:, -3:]
    np.testing.assert_array_equal(origins.sum(axis=1), 1)
    np.testing.assert_array_equal(origins.argmax(axis=1) + 1, known[:, 7])
    assert dataset.source.endswith("6 rows without horsepower dropped")


WRONG = {
    "rows missing": ("boston", "boston_housing.csv", boston_text(boston_table()[:-1]), "(505, 14)"),
    "cars missing": ("auto_mpg", "auto-mpg.data", auto_mpg_text(auto_mpg_table()[1:]), "(397, 8)"),
    "a fourth origin": (
        "auto_mpg",
        "auto-mpg.data",
        auto_mpg_text(np.where(np.arange(8) == 7, 4.0, auto_mpg_table())),
        "found 4.0",
    ),
}


@pytest.mark.parametrize(("name", "file", "text", "says"), WRONG.values(), ids=WRONG)
def test_a_table_of_something_else_is_refused(
    hangul: Path, name: str, file: str, text: str, says: str
):
    write_table(hangul, file, text)
    with pytest.raises(InvalidInput) as caught:
        load(name)
    assert says in str(caught.value)
    assert f"BITAL_DATA/tabular/{file}" in str(caught.value)


def test_labels_in_the_place_of_images_are_refused(hangul: Path):
    write_fashion(hangul)
    labels = idx(mnist_arrays()["y_train"])
    (hangul / "fashion_mnist" / "train-images-idx3-ubyte.gz").write_bytes(labels)
    with pytest.raises(InvalidInput, match=r"\(60000, 28, 28\).*found shape \(60000,\)"):
        load("fashion_mnist")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_damaged_archive_is_refused_whatever_the_damage(hangul: Path, data: st.DataObject):
    path = hangul / "mnist" / "mnist.npz"
    path.parent.mkdir(exist_ok=True)
    small = {key: array[:3] for key, array in mnist_arrays().items()}
    np.savez_compressed(path, **small)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
    path.write_bytes(data.draw(st.sampled_from([whole[:place], flipped])))
    with pytest.raises(InvalidInput, match=r"mnist/mnist\.npz must (hold|be)"):
        load("mnist")


OTHER_CONTENT = {
    "not an archive": b"<html>not found</html>",
    "one array": np.zeros(3),
    "pickled objects": {"x_train": np.array([{}, None], dtype=object)},
    "other keys": {"train": np.zeros(3)},
}


@pytest.mark.parametrize("content", OTHER_CONTENT.values(), ids=OTHER_CONTENT)
def test_an_archive_of_something_else_is_refused(hangul: Path, content: object):
    path = hangul / "mnist" / "mnist.npz"
    path.parent.mkdir()
    with path.open("wb") as stream:
        if isinstance(content, bytes):
            stream.write(content)
        elif isinstance(content, dict):
            np.savez(stream, **content)
        else:
            np.save(stream, content)
    with pytest.raises(
        InvalidInput, match=r"BITAL_DATA/mnist/mnist\.npz must be a whole"
    ) as caught:
        load("mnist")
    assert str(hangul) not in str(caught.value)


def test_real_files_are_the_published_ones(real: Path):
    mnist, fashion = load("mnist"), load("fashion_mnist")
    # Class counts as LeCun, Cortes and Burges, and Xiao, Rasul and Vollgraf, published them.
    assert np.bincount(mnist.y[:60_000]).tolist() == [
        *(5923, 6742, 5958, 6131, 5842),
        *(5421, 5918, 6265, 5851, 5949),
    ]
    assert np.bincount(fashion.y[:60_000]).tolist() == [6000] * 10
    assert mnist.y[:5].tolist() == [5, 0, 4, 1, 9]
    assert fashion.classes[fashion.y[0]] == "Ankle boot"
    pixels = mnist.x[:60_000] / 255
    np.testing.assert_allclose([pixels.mean(), pixels.std()], [0.1307, 0.3081], atol=1e-4)


def test_the_real_cars_are_known(real: Path):
    dataset = load("auto_mpg")
    first = dict(zip(dataset.features, dataset.x[0].tolist(), strict=True))
    assert (first["cylinders"], first["horsepower"], first["model_year"]) == (8, 130, 70)
    assert dataset.x[:, -3:].sum(axis=0).tolist() == [245, 68, 79]
    np.testing.assert_allclose(dataset.y.mean(), 23.445918, rtol=1e-6)


def test_real_boston_shuffled_as_keras_does_starts_as_keras_does(real: Path):
    dataset = load("boston")
    indices = np.arange(506)
    np.random.RandomState(113).shuffle(indices)
    first = dataset.x[indices[0]]
    np.testing.assert_allclose(first[[0, 2, 5, 12]], [1.23247, 8.14, 6.142, 18.72], rtol=1e-6)
    np.testing.assert_allclose(dataset.y[indices[0]], 15.2, rtol=1e-6)
