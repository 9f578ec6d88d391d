"""Files of every era: what they predict is what their arrays say."""

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from bital.compat.files.code import CarriesCode
from bital.compat.files.load import load_model, load_weights, model_from_json
from bital.errors import InvalidInput
from compat.files.made import drawn, sequential, write


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def dense(units: int, **more: Any) -> dict[str, Any]:
    """Keras 1's Dense."""
    return {
        "output_dim": units,
        "init": "glorot_uniform",
        "activation": "linear",
        "W_regularizer": None,
        "b_regularizer": None,
        "activity_regularizer": None,
        "W_constraint": None,
        "b_constraint": None,
        "bias": True,
        "input_dim": None,
        "trainable": True,
        **more,
    }


KERAS_1 = sequential(
    (
        "Dense",
        dense(
            3,
            name="dense_1",
            batch_input_shape=[None, 4],
            input_dtype="float32",
            activation="sigmoid",
            init="uniform",
            W_regularizer={"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.5},
            W_constraint={"name": "MaxNorm", "m": 2, "axis": 0},
        ),
    ),
    ("Dropout", {"name": "dropout_1", "trainable": True, "p": 0.25}),
    ("Dense", dense(2, name="dense_2")),
)
TRAINING_1 = {
    "optimizer_config": {
        "class_name": "SGD",
        "config": {"lr": 0.5, "momentum": 0.9, "decay": 0.25, "nesterov": False},
    },
    "loss": "mse",
    "metrics": ["accuracy"],
    "sample_weight_mode": None,
    "loss_weights": None,
}


@pytest.mark.parametrize("suffix", ["model.h5", "model.hdf5", "model.keras", "model_no_suffix"])
def test_a_model_of_keras_1(tmp_path: Path, suffix: str) -> None:
    w1, b1, w2, b2 = arrays = drawn(0, (4, 3), (3,), (3, 2), (2,))
    held = {"dense_1": [w1, b1], "dropout_1": [], "dense_2": [w2, b2]}
    steps = [np.array(3.0), *(np.full_like(a, 0.5) for a in arrays)]
    path = write(tmp_path / suffix, held, KERAS_1, TRAINING_1, steps, version="1.2.2")
    model = load_model(path)
    x = drawn(1, (5, 4))[0]
    np.testing.assert_allclose(
        model.predict(x, verbose=0), sigmoid(x @ w1 + b1) @ w2 + b2, rtol=1e-5, atol=1e-6
    )
    assert model.layers[0].kernel_regularizer.l2 == pytest.approx(0.5)
    assert model.layers[0].kernel_constraint.max_value == 2
    assert model.layers[1].rate == 0.25
    optimizer = model.optimizer
    assert int(optimizer.iterations.value) == 3
    assert float(optimizer.learning_rate) == pytest.approx(0.5 / (1 + 3 * 0.25))
    assert all((np.asarray(v) == 0.5).all() for v in optimizer.variables if v.shape)
    assert model.evaluate(x, drawn(2, (5, 2))[0], verbose=0, return_dict=True).keys() == {
        "loss",
        "accuracy",
    }


@pytest.mark.parametrize("backend", ["theano", "tensorflow"])
def test_a_convolution_of_keras_1_with_theano_s_order(tmp_path: Path, backend: str) -> None:
    kernel, bias = drawn(0, (6, 2, 3, 3), (6,))  # (filters, in, rows, columns)
    config = {
        "name": "convolution2d_1",
        "nb_filter": 6,
        "nb_row": 3,
        "nb_col": 3,
        "border_mode": "valid",
        "subsample": [2, 1],
        "dim_ordering": "th",
        "activation": "relu",
        "init": "he_normal",
        "bias": True,
        "batch_input_shape": [None, 2, 8, 7],
    }
    path = write(
        tmp_path / "m.h5",
        {"convolution2d_1": [kernel, bias]},
        sequential(("Convolution2D", config)),
        version="1.1.0",
        backend=backend,
    )
    x = drawn(1, (2, 2, 8, 7))[0]
    if backend == "theano":  # it turns the kernel round
        kernel = kernel[:, :, ::-1, ::-1]
    expected = np.zeros((2, 6, 3, 5))
    for i in range(3):
        for j in range(5):
            patch = x[:, :, 2 * i : 2 * i + 3, j : j + 3]
            expected[:, :, i, j] = np.einsum("ncab,fcab->nf", patch, kernel) + bias
    found = load_model(path).predict(x, verbose=0)
    np.testing.assert_allclose(found, np.maximum(expected, 0), rtol=1e-4, atol=1e-4)


def test_an_lstm_of_keras_1_has_an_array_a_gate(tmp_path: Path) -> None:
    units, d = 3, 2
    gates = {g: drawn(i, (d, units), (units, units), (units,)) for i, g in enumerate("icfo")}
    config = {
        "name": "lstm_1",
        "output_dim": units,
        "init": "glorot_uniform",
        "inner_init": "orthogonal",
        "forget_bias_init": "one",
        "activation": "tanh",
        "inner_activation": "hard_sigmoid",
        "dropout_W": 0.0,
        "dropout_U": 0.0,
        "return_sequences": False,
        "consume_less": "cpu",
        "input_dim": d,
        "input_length": 4,
        "batch_input_shape": [None, 4, d],
    }
    arrays = [a for g in "icfo" for a in gates[g]]
    model = sequential(("LSTM", config))
    path = write(tmp_path / "m.h5", {"lstm_1": arrays}, model, version="1.2.2")
    x = drawn(9, (2, 4, d))[0]
    h = c = np.zeros((2, units))
    for t in range(4):
        z = {g: x[:, t] @ w + h @ u + b for g, (w, u, b) in gates.items()}
        i, f, o = (np.clip(0.2 * z[g] + 0.5, 0, 1) for g in "ifo")  # Keras 1's hard_sigmoid
        c = f * c + i * np.tanh(z["c"])
        h = o * np.tanh(c)
    np.testing.assert_allclose(load_model(path).predict(x, verbose=0), h, rtol=1e-4, atol=1e-5)


def test_merged_branches_of_keras_1(tmp_path: Path) -> None:
    left = sequential(("Dense", dense(2, name="left", batch_input_shape=[None, 3])))
    right = sequential(("Dense", dense(2, name="right", batch_input_shape=[None, 4])))
    merge = {
        "name": "merge_1",
        "mode": "concat",
        "mode_type": "raw",
        "concat_axis": -1,
        "dot_axes": -1,
        "layers": [left, right],
    }
    model = sequential(("Merge", merge), ("Dense", dense(1, name="top")))
    wl, bl, wr, br, wt, bt = drawn(0, (3, 2), (2,), (4, 2), (2,), (4, 1), (1,))
    held = {"left": [wl, bl], "right": [wr, br], "merge_1": [], "top": [wt, bt]}
    path = write(tmp_path / "m.h5", held, model, version="1.0.5", backend=None)
    a, b = drawn(1, (5, 3), (5, 4))
    expected = np.hstack([a @ wl + bl, b @ wr + br]) @ wt + bt
    np.testing.assert_allclose(load_model(path).predict([a, b], verbose=0), expected, rtol=1e-4)


def test_json_and_weights_of_keras_0(tmp_path: Path) -> None:
    stored = {
        "name": "Sequential",
        "loss": "mse",
        "layers": [
            {"name": "Dense", "output_dim": 3, "input_shape": [4], "activation": "tanh"},
            {"name": "Dropout", "p": 0.5},
            {"name": "Dense", "output_dim": 1, "activation": "linear"},
        ],
    }
    arrays = drawn(0, (4, 3), (3,), (3, 1), (1,))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["nb_layers"] = 3
        for i, own in enumerate((arrays[:2], [], arrays[2:])):
            group = file.create_group(f"layer_{i}")
            group.attrs["nb_params"] = len(own)
            for j, array in enumerate(own):
                group[f"param_{j}"] = array
    model = model_from_json(json.dumps(stored))
    load_weights(model, tmp_path / "w.h5")
    x = drawn(1, (5, 4))[0]
    w1, b1, w2, b2 = arrays
    expected = np.tanh(x @ w1 + b1) @ w2 + b2
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-5)


FUNCTIONAL = {
    "class_name": "Model",
    "keras_version": "2.1.6",
    "config": {
        "name": "model_1",
        "layers": [
            {
                "name": n,
                "class_name": "InputLayer",
                "config": {"batch_input_shape": [None, 3], "dtype": "float32", "name": n},
                "inbound_nodes": [],
            }
            for n in ("a", "b")
        ]
        + [
            {
                "name": "shared",
                "class_name": "Sequential",
                "config": [
                    {
                        "class_name": "Dense",
                        "config": {"name": "inner", "units": 2, "batch_input_shape": [None, 3]},
                    }
                ],
                "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]],
            },
            {
                "name": "gap",
                "class_name": "Subtract",
                "config": {"name": "gap"},
                # a model's calls are counted from 1
                "inbound_nodes": [[["shared", 1, 0, {}], ["shared", 2, 0, {}]]],
            },
        ],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["gap", 0, 0]],
    },
}


def test_a_model_called_twice_inside_a_model() -> None:
    model = model_from_json(json.dumps(FUNCTIONAL))
    a, b = drawn(0, (4, 3), (4, 3))
    kernel = np.asarray(model.get_layer("shared").weights[0].value)
    np.testing.assert_allclose(
        model.predict([a, b], verbose=0), (a - b) @ kernel, rtol=1e-4, atol=1e-5
    )


def test_operations_of_tensorflow(tmp_path: Path) -> None:
    def op(name: str, function: str, *node: Any) -> dict[str, Any]:
        kind = "SlicingOpLambda" if "getitem" in function else "TFOpLambda"
        config = {"name": name, "trainable": True, "function": function}
        return {"name": name, "class_name": kind, "config": config, "inbound_nodes": [list(node)]}

    config = json.loads(json.dumps(FUNCTIONAL))
    everything = {"start": None, "stop": None, "step": None}
    config["config"]["layers"][2:] = [
        op("half", "math.truediv", "a", 0, 0, {"y": 2.0, "name": None}),
        op("rest", "math.subtract", "_CONSTANT_VALUE", -1, 1.0, {"y": ["half", 0, 0]}),
        op("sum", "__operators__.add", "rest", 0, 0, {"y": ["b", 0, 0]}),
        op("first", "__operators__.getitem", "sum", 0, 0,
           {"slice_spec": [everything, {**everything, "stop": 2}]}),
        op("mean", "math.reduce_mean", "first", 0, 0, {"axis": [1], "keepdims": True}),
    ]  # fmt: skip
    config["config"]["output_layers"] = [["mean", 0, 0]]
    model = model_from_json(json.dumps(config))
    a, b = drawn(0, (4, 3), (4, 3))
    expected = (1 - a / 2 + b)[:, :2].mean(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict([a, b], verbose=0), expected, rtol=1e-5)
    config["config"]["layers"][-1]["config"]["function"] = "signal.stft"
    with pytest.raises(InvalidInput, match=r"'mean'.*'signal.stft', which bital does not know"):
        model_from_json(json.dumps(config))


def code(function: Any) -> list[Any]:
    from keras.src.utils.python_utils import func_dump

    return list(func_dump(function))


def lambdas(function: Any, **more: Any) -> dict[str, Any]:
    config = {
        "name": "twice",
        "function": function,
        "function_type": "lambda",
        "output_shape": None,
        "output_shape_type": "raw",
        "arguments": {},
        "batch_input_shape": [None, 2],
        **more,
    }
    return sequential(("Lambda", config))


def test_code_is_refused_unless_asked_for(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    evil = code(lambda x: __import__("pathlib").Path(str(marker)).touch() or x)
    evil[2] = None
    path = write(tmp_path / "m.h5", {"twice": []}, lambdas(evil))
    with pytest.raises(CarriesCode, match=r"'twice' of this one is a marshalled.*safe_mode=False"):
        load_model(path)
    assert not marker.exists()
    x = drawn(0, (3, 2))[0]
    found = load_model(
        write(tmp_path / "n.h5", {"twice": []}, lambdas(code(lambda x: K.maximum(x, 0) * 2))),
        safe_mode=False,
    )
    np.testing.assert_allclose(found.predict(x, verbose=0), np.maximum(x, 0) * 2, rtol=1e-6)
    given = load_model(path, custom_objects={"twice": lambda x: x * 3})
    np.testing.assert_allclose(given.predict(x, verbose=0), x * 3, rtol=1e-6)


@pytest.fixture
def unsafe() -> Iterator[Callable[[], None]]:
    from keras.src.backend.common import global_state

    yield keras.config.enable_unsafe_deserialization
    global_state.set_global_attribute("safe_mode_saving", None)


@pytest.mark.parametrize(("name", "enough"), [("m.h5", False), ("m.keras", True)])
def test_code_in_files_of_keras_3(
    tmp_path: Path, unsafe: Callable[[], None], name: str, enough: bool
) -> None:
    layer = keras.layers.Lambda(lambda x: x * 3, output_shape=(2,))
    keras.Sequential([keras.Input((2,)), layer]).save(tmp_path / name)
    with pytest.raises(ValueError, match="safe_mode=False"):
        load_model(tmp_path / name)
    loaded = load_model(tmp_path / name, safe_mode=False)
    assert loaded.predict(np.ones((1, 2)), verbose=0).tolist() == [[3, 3]]
    unsafe()
    if enough:
        load_model(tmp_path / name)
    else:  # as in Keras
        with pytest.raises(ValueError, match="safe_mode=False"):
            load_model(tmp_path / name)


def test_code_of_another_python_and_named_functions() -> None:
    with pytest.raises(InvalidInput, match="runs only on the Python version that wrote it"):
        model_from_json(json.dumps(lambdas(["4wAAAA==", None, None])), safe_mode=False)
    named = json.dumps(lambdas("shrink", function_type="function"))
    with pytest.raises(InvalidInput, match=r"names a function of the program.*'shrink'"):
        model_from_json(named)
    model = model_from_json(named, {"shrink": lambda x: x / 2})
    assert model.predict(np.ones((1, 2)), verbose=0).tolist() == [[0.5, 0.5]]


def test_weights_by_name_and_by_order(tmp_path: Path) -> None:
    w, b = drawn(0, (4, 3), (3,))
    path = write(tmp_path / "w.h5", {"first": [w, b], "gone": drawn(1, (3, 9), (9,))})
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, name="first"), keras.layers.Dense(2, name="own")]
    )
    before = np.asarray(model.get_layer("own").weights[0].value)
    load_weights(model, path, by_name=True)
    first, own = (model.get_layer(n).weights[0].value for n in ("first", "own"))
    np.testing.assert_array_equal(first, w)
    np.testing.assert_array_equal(own, before)
    with pytest.raises(InvalidInput, match=r"shapes \[\(3, 9\), \(9,\)\] there"):
        load_weights(model, path)
    with pytest.warns(UserWarning, match="It keeps its weights"):
        load_weights(model, path, skip_mismatch=True)
    model.pop()
    with pytest.raises(InvalidInput, match=r"it has 2, the model 1. Not in both: gone"):
        load_weights(model, path)


def test_cudnn_weights_fit_a_plain_layer(tmp_path: Path) -> None:
    units, d = 3, 2
    kernel, recurrent, bias = drawn(0, (d, 4 * units), (units, 4 * units), (4 * units,))
    split = [np.hsplit(a, 4) for a in (kernel, recurrent)]
    # CuDNN keeps each gate's kernels transposed, and the bias in two halves
    cudnn = [
        np.hstack([k.ravel(order="F").reshape(k.shape) for k in split[0]]),
        np.hstack([k.T for k in split[1]]),
        np.concatenate([bias * 0.25, bias * 0.75]),
    ]
    plain = keras.Sequential([keras.Input((5, d)), keras.layers.LSTM(units, name="rnn")])
    plain.set_weights([kernel, recurrent, bias])
    config = {"name": "rnn", "units": units, "batch_input_shape": [None, 5, d]}
    path = write(tmp_path / "m.h5", {"rnn": cudnn}, sequential(("CuDNNLSTM", config)))
    x = drawn(1, (2, 5, d))[0]
    np.testing.assert_allclose(
        load_model(path).predict(x, verbose=0), plain.predict(x, verbose=0), rtol=1e-4, atol=1e-6
    )


@pytest.mark.filterwarnings("ignore")
def test_what_keras_3_wrote_is_read_as_ever(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    x = drawn(0, (3, 4))[0]
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "m.keras")
    model.save(tmp_path / "m.h5")
    model.save_weights(tmp_path / "m.weights.h5")
    for name in ("m.keras", "m.h5"):
        found = load_model(tmp_path / name)
        np.testing.assert_array_equal(found.predict(x, verbose=0), expected)
        assert found.compiled
    again = model_from_json(model.to_json())
    load_weights(again, tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(again.predict(x, verbose=0), expected)


@pytest.mark.parametrize("group", ["layers", "_layer_checkpoint_dependencies"])
def test_archives_of_keras_2(tmp_path: Path, group: str) -> None:
    w, b = drawn(0, (4, 3), (3,))
    layer = {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"name": "d", "units": 3, "batch_input_shape": [None, 4]},
        "registered_name": None,
    }
    config = {
        "module": "keras.src.engine.sequential",
        "class_name": "Sequential",
        "config": {"name": "s", "layers": [layer]},
        "registered_name": "Sequential",
        "compile_config": {
            "optimizer": {
                "class_name": "Adam",
                "config": {"learning_rate": 0.25, "jit_compile": False},
            },
            "loss": "mse",
        },
    }
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file[f"{group}/dense/vars/0"], file[f"{group}/dense/vars/1"] = w, b
        for i, value in enumerate([np.array(7), w * 2, w * 3, b * 2, b * 3]):
            file[f"optimizer/vars/{i}"] = value
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.13.1"}))
        archive.writestr("config.json", json.dumps(config))
        archive.write(tmp_path / "weights.h5", "model.weights.h5")
    model = load_model(tmp_path / "m.keras")
    x = drawn(1, (5, 4))[0]
    np.testing.assert_allclose(model.predict(x, verbose=0), x @ w + b, rtol=1e-4, atol=1e-5)
    assert int(model.optimizer.iterations.value) == 7
    slots = [np.asarray(v.value) for v in model.optimizer.variables if v.shape]
    for found, expected in zip(slots, (w * 2, w * 3, b * 2, b * 3), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (("BatchNormalization", {"name": "bn", "mode": 1}), r"BatchNormalization\(mode=1\) has no"),
        (("Strange", {"name": "s"}), "Keras 3 has no layer 'Strange'"),
        (("Dense", {"name": "d", "units": 2, "sparkle": 3}), "no 'sparkle' .here 3"),
        (("Merge", {"name": "m", "mode": "join"}), "must have a mode of sum"),
    ],
)
def test_what_has_no_counterpart_is_said(layer: Any, says: str) -> None:
    first = ("InputLayer", {"name": "i", "batch_input_shape": [None, 2]})
    with pytest.raises(InvalidInput, match=says):
        model_from_json(json.dumps(sequential(first, layer)))


def test_what_is_no_model_is_said(tmp_path: Path) -> None:
    weights = write(tmp_path / "w.h5", {"d": drawn(0, (2, 2))})
    with pytest.raises(InvalidInput, match="this one holds weights only"):
        load_model(weights)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.zeros(3)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    with pytest.raises(InvalidInput, match=r"names no layers \(it holds x\)"):
        load_weights(model, tmp_path / "other.h5")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").touch()
    with pytest.raises(InvalidInput, match="is a TensorFlow SavedModel"):
        load_model(tmp_path / "saved")
    (tmp_path / "ck.index").touch()
    with pytest.raises(InvalidInput, match=r"is a TensorFlow checkpoint \(ck.index\)"):
        load_weights(model, tmp_path / "ck")


DATA = Path(os.environ.get("BITAL_DATA", "no data")) / "keras_models"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs BITAL_DATA/keras_models")


@needs_data
def test_models_that_others_saved() -> None:
    titanic = load_model(DATA / "czjlee_titanic_model.keras")
    assert titanic.predict(np.zeros((1, 10)), verbose=0).shape == (1, 1)
    assert int(titanic.optimizer.iterations.value) > 0
    jets = model_from_json((DATA / "fastml_KERAS_3layer.json").read_text())
    load_weights(jets, DATA / "fastml_KERAS_3layer_weights.h5")
    said = jets.predict(drawn(0, (6, 16))[0], verbose=0)
    np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-5)
    faces = load_model(DATA / "oarriaga_tiny_XCEPTION_KDEF.hdf5")
    assert float(faces.optimizer.learning_rate) == pytest.approx(1e-3)
    assert int(faces.optimizer.iterations.value) == 246
    reviews = load_model(DATA / "luyimin_p20181016.h5")
    assert reviews.input_shape == (None, 10000)
    with pytest.raises(TypeError, match="NestedDenseModel"):  # its class is not in the file
        load_model(DATA / "keras_team_pre_pr22362_nested_container.keras")


@needs_data
def test_an_encoder_and_its_decoder_give_the_digits_back() -> None:
    with np.load(DATA.parent / "mnist" / "mnist.npz") as arrays:
        x = (arrays["x_test"][:100] / 255).astype("float32")
    encoder, decoder = (load_model(DATA / f"luyimin_{n}.h5") for n in ("encoder", "decoder"))
    mean, _ = encoder.predict(x[..., None], verbose=0)
    error = ((decoder.predict(mean, verbose=0)[..., 0] - x) ** 2).mean()
    assert error < 0.65 * ((x - x.mean(axis=0)) ** 2).mean()


@needs_data
@pytest.mark.filterwarnings("ignore:The structure of `inputs`")  # it was saved with a list
def test_clothes_are_told_apart() -> None:
    from bital.data.sources import idx

    folder = DATA.parent / "fashion_mnist"
    x = idx.read(folder / "t10k-images-idx3-ubyte.gz", "images")[:500]
    y = idx.read(folder / "t10k-labels-idx1-ubyte.gz", "labels")[:500]
    model = load_model(DATA / "soyoung_model.020-0.3221-0.9299.model.keras")
    scores = [(model.predict(x / scale, verbose=0).argmax(1) == y).mean() for scale in (1, 255)]
    assert max(scores) > 0.85
