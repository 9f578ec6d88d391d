from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from bital.compat import mode
from bital.compat.notes import told
from bital.compat.old.defaults import DEFAULTS

KERAS_2 = "from keras.utils import np_utils"
TF_2 = "from tensorflow import keras"


@pytest.fixture
def keras_2() -> Iterator[None]:
    with mode.compat([KERAS_2]):
        yield


def rate(optimizer: keras.optimizers.Optimizer) -> float:
    return float(optimizer.learning_rate)


def test_optimizers_of_keras_2_have_its_rates(keras_2: None) -> None:
    assert rate(keras.optimizers.Adadelta()) == 1.0
    assert rate(keras.optimizers.get("adadelta")) == 1.0
    assert rate(keras.optimizers.Adagrad()) == pytest.approx(0.01)
    assert rate(keras.optimizers.Nadam()) == pytest.approx(0.002)
    assert rate(keras.optimizers.Adadelta(lr=0.5)) == 0.5
    assert rate(keras.optimizers.Adadelta(0.25)) == 0.25
    assert [one.old for one in told()].count("Adadelta() without learning_rate=") == 1


@pytest.mark.parametrize("source", ["", TF_2, "import keras"])
def test_others_keep_todays(source: str) -> None:
    with mode.compat([source]):
        assert rate(keras.optimizers.Adadelta()) == pytest.approx(0.001)
        assert keras.layers.GRU(2).reset_after
        assert not told()


def test_hard_sigmoid_is_keras_2s(keras_2: None) -> None:
    x = np.array([-2.6, -1.0, 0.0, 1.0, 2.6], "float32")
    expected = np.clip(0.2 * x + 0.5, 0, 1)
    for function in (
        keras.activations.hard_sigmoid,
        keras.activations.get("hard_sigmoid"),
        keras.layers.LSTM(2).cell.recurrent_activation,
        keras.layers.Activation("hard_sigmoid"),
    ):
        np.testing.assert_allclose(function(x), expected, atol=1e-6)
    assert not keras.layers.GRU(2).reset_after


def test_hard_sigmoid_of_keras_3_is_its_own() -> None:
    with mode.compat():
        found = keras.activations.get("hard_sigmoid")(np.array([1.0], "float32"))
        np.testing.assert_allclose(found, 1 / 6 + 0.5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_saved_recurrent_model_predicts_the_same(keras_2: None, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)])
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32") * 3
    path = str(tmp_path / "model.h5")
    model.save(path)
    again = keras.models.load_model(path)
    np.testing.assert_allclose(model.predict(x), again.predict(x), rtol=1e-5)


def test_cudnn_layers_kept_the_equations_of_cudnn(keras_2: None) -> None:
    assert keras.layers.CuDNNGRU(2).reset_after
    recurrent = keras.layers.CuDNNLSTM(2).cell.recurrent_activation
    assert recurrent is keras.activations.sigmoid


def test_every_default_is_of_an_argument_that_there_is() -> None:
    from inspect import signature

    for one in DEFAULTS:
        owner = keras
        for part in one.owner.split("."):
            owner = getattr(owner, part)
        assert one.argument in signature(owner).parameters, one
