"""Keras's own loaders while the compatibility mode is on."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from bital.compat.files import own
from bital.compat.files.patch import patch_files
from bital.compat.patches import Patches
from compat.files.made import drawn, sequential, write

DENSE = sequential(("Dense", {"name": "d", "output_dim": 2, "batch_input_shape": [None, 3]}))


@pytest.fixture(autouse=True)
def patched() -> Iterator[None]:
    patches = Patches()
    before = keras.models.load_model
    patch_files(patches)
    yield
    patches.undo()
    assert keras.models.load_model is before


def test_models_and_weights_of_keras_1(tmp_path: Path) -> None:
    w, b = drawn(0, (3, 2), (2,))
    path = write(tmp_path / "m.h5", {"d": [w, b]}, DENSE, version="1.2.2")
    x = np.eye(3)
    for load in (keras.models.load_model, keras.saving.load_model):
        np.testing.assert_allclose(load(path).predict(x, verbose=0), w + b, rtol=1e-5)
    model = keras.models.model_from_config(DENSE)
    model.load_weights(str(path)).expect_partial()
    np.testing.assert_allclose(model.predict(x, verbose=0), w + b, rtol=1e-5)


@pytest.mark.parametrize("name", ["m.h5", "m.keras"])
def test_a_programs_own_lambdas_come_back_and_no_others(tmp_path: Path, name: str) -> None:
    def times(factor: int) -> keras.layers.Layer:
        return keras.layers.Lambda(lambda x: x * factor, output_shape=lambda shape: shape)

    model = keras.Sequential([keras.Input((2,)), times(2), times(5)])
    model.save(tmp_path / name)
    x = np.ones((1, 2))
    again = keras.models.load_model(tmp_path / name)
    np.testing.assert_array_equal(again.predict(x, verbose=0), 10 * x)
    np.testing.assert_array_equal(keras.models.clone_model(model).predict(x, verbose=0), 10 * x)
    own._SEEN.clear()  # another process
    with pytest.raises(ValueError, match="safe_mode=False"):
        keras.models.load_model(tmp_path / name)


def test_by_name_is_the_second_argument(tmp_path: Path) -> None:
    w, b = drawn(0, (3, 2), (2,))
    path = write(tmp_path / "w.h5", {"d": [w, b], "other": drawn(1, (2, 9))})
    model = keras.models.model_from_config(DENSE)
    model.load_weights(path, True)
    np.testing.assert_array_equal(model.get_layer("d").weights[0].value, w)
