"""The switch: on it changes Keras, off it leaves no trace."""

import importlib.util
import sys

import keras
import pytest

from bital.compat import mode
from bital.compat.notes import told
from bital.engine.keras_own import METHODS, Trainer

pytestmark = pytest.mark.filterwarnings("default")


def changed() -> dict[str, object]:
    """What the switch changes, as it is now."""
    owners = [
        keras.layers.Layer, keras.layers.Dense, keras.layers.Conv2D, keras.Sequential, keras.Model,
        keras.optimizers.SGD, keras.optimizers.Optimizer, keras.callbacks.ModelCheckpoint,
        keras.KerasTensor, keras.Variable, Trainer, keras.backend, keras.layers,
        keras.metrics.Metric,
    ]  # fmt: skip
    return {f"{owner!r}.{name}": value for owner in owners for name, value in vars(owner).items()}


def ours() -> list[object]:
    """The finders of bital's; what a library adds when it is first imported (six's) is its own."""
    return [f for f in sys.meta_path if type(f).__module__.split(".")[0] == "bital"]


def test_off_undoes_on() -> None:
    importlib.import_module("keras.optimizers.legacy")
    before, finders, modules = changed(), ours(), set(sys.modules)
    with mode.compat():
        importlib.import_module("keras.layers.core")
        importlib.import_module("tensorflow.keras.layers")
        during = changed()
        assert during != before
    after = changed()
    different = {name for name in before if before[name] is not after.get(name)}
    assert not {name for name in different if name.split(".")[-1] not in METHODS}
    assert set(after) == set(before)
    assert ours() == finders
    left = set(sys.modules) - modules
    own = ["keras"] if importlib.util.find_spec("tensorflow") else ["keras", "tensorflow"]
    assert not [
        n for n in left if n.split(".")[0] in own and "legacy" not in n and ".src." not in n
    ]


def test_import_bital_installs_no_finder() -> None:
    with pytest.raises(ImportError):
        importlib.import_module("keras.layers.core")


def test_twice_is_once() -> None:
    with mode.compat():
        own = keras.layers.Dense.__init__
        mode.on()
        assert keras.layers.Dense.__init__ is own


@pytest.mark.parametrize(
    ("build", "today"),
    [
        (lambda: keras.layers.Dense(output_dim=4, init="uniform"), {"units": 4}),
        (lambda: keras.layers.Dense(3, 4), {"units": 4}),
        (lambda: keras.layers.Dense(4, "uniform", "relu"), {"units": 4}),
        (lambda: keras.layers.Dropout(p=0.25), {"rate": 0.25}),
        (
            lambda: keras.layers.Convolution2D(8, 3, 5, border_mode="same", subsample=(2, 2)),
            {"filters": 8, "kernel_size": (3, 5), "padding": "same", "strides": (2, 2)},
        ),
        (lambda: keras.layers.Conv2D(8, 3, 3), {"kernel_size": (3, 3), "strides": (3, 3)}),
        (
            lambda: keras.layers.Conv2D(nb_filter=8, nb_row=3, nb_col=5, dim_ordering="th"),
            {"filters": 8, "kernel_size": (3, 5), "data_format": "channels_first"},
        ),
        (lambda: keras.layers.AtrousConvolution2D(8, 3, 3, atrous_rate=(2, 2)),
         {"kernel_size": (3, 3), "dilation_rate": (2, 2)}),
        (lambda: keras.layers.Deconvolution2D(8, 3, 3, output_shape=(None, 8, 8, 8)),
         {"kernel_size": (3, 3)}),
        (lambda: keras.layers.Convolution1D(8, 3), {"filters": 8, "kernel_size": (3,)}),
        (lambda: keras.layers.LSTM(output_dim=4, inner_activation="sigmoid", dropout_W=0.1),
         {"units": 4, "recurrent_activation": "sigmoid", "dropout": 0.1}),
        (lambda: keras.layers.MaxPooling1D(pool_length=3, stride=2),
         {"pool_size": (3,), "strides": (2,)}),
        (lambda: keras.layers.GaussianNoise(sigma=0.5), {"stddev": 0.5}),
        (lambda: keras.layers.Embedding(10, 4, input_length=5), {"input_dim": 10, "output_dim": 4}),
        (lambda: keras.layers.UpSampling1D(length=3), {"size": 3}),
        (lambda: keras.layers.ThresholdedReLU(theta=0.5), {"theta": 0.5}),
        (lambda: keras.layers.Reshape(dims=(2, 2)), {"target_shape": (2, 2)}),
    ],
)  # fmt: skip
def test_old_arguments_are_todays(build: object, today: dict[str, object]) -> None:
    with mode.compat():
        config = build().get_config()  # type: ignore[operator]
    assert {name: config[name] for name in today} == today


@pytest.mark.parametrize("name", ["Graph", "model_from_yaml"])
def test_what_is_gone_says_so(name: str) -> None:
    with mode.compat(), pytest.raises(AttributeError, match="cannot be had on Keras 3"):
        getattr(keras.models, name)


def test_notes_are_of_this_program_only() -> None:
    with mode.compat():
        keras.layers.Dropout(p=0.5)
        assert ("p=", "rate=") in told()
    with mode.compat():
        assert told() == ()
