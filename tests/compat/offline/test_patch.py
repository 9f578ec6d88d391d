"""Data sets and weights without a network."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from bital.compat.offline.patch import patch_downloads
from bital.compat.patches import Patches
from bital.errors import MissingData

DATA = Path(os.environ.get("BITAL_DATA", "no data"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs BITAL_DATA")


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local copies on, an empty Keras cache, no network."""

    patches = Patches()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    patch_downloads(patches)
    yield
    patches.undo()


@needs_data
def test_images_of_keras_s_own_files() -> None:
    for name in ("mnist", "fashion_mnist"):
        (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
        assert x.shape == (60000, 28, 28)
        assert y.shape == (60000,)
        assert (x_test.shape, y_test.shape) == ((10000, 28, 28), (10000,))
        assert sorted(set(y_test)) == list(range(10))


@needs_data
def test_boston_is_shuffled_as_keras_does() -> None:
    (x, y), (x_test, y_test) = keras.datasets.boston_housing.load_data()
    assert (x.shape, x_test.shape) == ((404, 13), (102, 13))
    # The first rows of keras.datasets.boston_housing, printed in many a book.
    np.testing.assert_allclose(x[0][:4], [1.23247, 0.0, 8.14, 0.0])
    np.testing.assert_allclose(y[:4], [15.2, 42.3, 50.0, 21.1])
    np.testing.assert_allclose(y_test[:2], [7.2, 18.8])


@needs_data
def test_california_fills_its_blanks_and_says_so() -> None:
    with pytest.warns(UserWarning, match="leaves 207 numbers blank"):
        (x, y), _ = keras.datasets.california_housing.load_data()
    assert x.shape == (16512, 8)
    assert not np.isnan(x).any()
    assert 14000 < y.min() < y.max() < 510000


@needs_data
def test_the_first_images_of_cifar_10() -> None:
    with pytest.warns(UserWarning, match="first 4000 of CIFAR-10's 60,000"):
        (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
    assert (x.shape, y.shape) == ((3000, 32, 32, 3), (3000, 1))
    assert (x_test.shape, y_test.shape) == ((1000, 32, 32, 3), (1000, 1))
    assert y[:4, 0].tolist() == [6, 9, 9, 4]  # frog, truck, truck, deer


@needs_data
def test_imagenet_weights_from_a_local_folder() -> None:
    from keras.applications import mobilenet

    model = mobilenet.MobileNet(alpha=0.25, weights="imagenet")
    photo = keras.utils.load_img(
        DATA / "photos/creative_commons_elephant.jpg", target_size=(224, 224)
    )
    x = mobilenet.preprocess_input(keras.utils.img_to_array(photo)[None])
    said = mobilenet.decode_predictions(model.predict(x, verbose=0), top=3)[0]
    assert "African_elephant" in [name for _, name, _ in said]
    base = mobilenet.MobileNet(
        alpha=0.25, weights="imagenet", include_top=False, input_shape=(128, 128, 3)
    )
    for name in ("conv1", "conv_pw_13", "conv_pw_13_bn"):
        for ours, whole in zip(
            base.get_layer(name).weights, model.get_layer(name).weights, strict=True
        ):
            np.testing.assert_array_equal(ours.value, whole.value)


def test_what_is_nowhere_names_the_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise URLError("no network")

    monkeypatch.delenv("BITAL_DATA", raising=False)
    monkeypatch.setattr(file_utils, "urlretrieve", refused)
    with pytest.raises(MissingData) as raised:
        keras.datasets.imdb.load_data()
    said = str(raised.value)
    assert f"{tmp_path / 'keras' / 'datasets' / 'imdb.npz'}" in said
    assert "<BITAL_DATA>/imdb/imdb.npz" in said
    with pytest.raises(MissingData, match=r"<BITAL_DATA>/imagenet/mobilenet_5_0_224"):
        keras.applications.MobileNet(alpha=0.5, weights="imagenet")


def test_a_local_copy_of_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    (folder / "imdb").mkdir(parents=True)
    reviews = np.array([[1, 14, 22], [1, 194]], dtype=object)
    np.savez(
        folder / "imdb" / "imdb.npz",
        x_train=reviews, y_train=np.array([1, 0]), x_test=reviews, y_test=np.array([0, 1]),
    )  # fmt: skip
    monkeypatch.setenv("BITAL_DATA", str(folder))
    (x, y), _ = keras.datasets.imdb.load_data(num_words=100)
    assert sorted(map(len, x)) == [3, 4]
    assert sorted(y.tolist()) == [0, 1]
