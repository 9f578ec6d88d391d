"""Data from TensorFlow, PyTorch and Grain, with Keras's numbers; run where these are installed."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import bital
from engine import made
from engine.parity import Twins, assert_close, assert_same, trained
from engine.test_sources import both, kept

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

X, Y = made.iris(110)
BATCH = 24


def tf() -> Any:
    return pytest.importorskip("tensorflow")


def torch() -> Any:
    return pytest.importorskip("torch")


def grain() -> Any:
    return pytest.importorskip("grain.python")


def tf_data(shuffle: bool = False, repeat: bool = False, known: bool = True) -> Any:
    data = tf().data.Dataset.from_tensor_slices((X, Y))
    data = data.shuffle(110, seed=4) if shuffle else data
    data = data.batch(BATCH)
    data = data.repeat() if repeat else data
    return data if known else data.filter(lambda x, y: True)


def tf_named() -> Any:
    inputs = {"petals": X[:, 2:], "sepals": X[:, :2]}
    outputs = {"kind": Y, "length": X[:, :1]}
    return tf().data.Dataset.from_tensor_slices((inputs, outputs)).batch(BATCH).prefetch(2)


def tf_sparse() -> Any:
    sparse = tf().sparse.from_dense(np.round(X))
    return tf().data.Dataset.from_tensor_slices((sparse, Y)).batch(BATCH, drop_remainder=True)


def torch_data(shuffle: bool = False, workers: int = 0) -> Any:
    data = torch().utils.data
    rows = data.TensorDataset(*map(torch().from_numpy, (X, Y)))
    seeds = torch().Generator().manual_seed(3)
    return data.DataLoader(rows, BATCH, shuffle, generator=seeds, num_workers=workers)


def torch_stream() -> Any:
    class Stream(torch().utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return zip(X, Y, strict=True)

    return torch().utils.data.DataLoader(Stream(), BATCH)


def grain_map(shuffle: bool = False) -> Any:
    rows = grain().MapDataset.source(list(zip(X, Y, strict=True)))
    rows = rows.seed(3).shuffle() if shuffle else rows
    return rows.batch(BATCH)


def grain_iter() -> Any:
    return grain_map().to_iter_dataset()


def grain_loader() -> Any:
    source = list(zip(X, Y, strict=True))
    sampler = grain().IndexSampler(
        110, grain().ShardOptions(0, 1), shuffle=True, num_epochs=1, seed=2
    )
    batching = [grain().Batch(BATCH)]
    return grain().DataLoader(data_source=source, sampler=sampler, operations=batching)


FED: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]]]] = {
    "tf": (made.softmax, lambda: {"x": tf_data(), "validation_data": tf_data()}),
    "tf_shuffled": (made.softmax, lambda: {"x": tf_data(True)}),
    "tf_shuffled_and_unbuilt": (made.Subclassed, lambda: {"x": tf_data(True)}),
    "tf_repeated": (
        made.softmax,
        lambda: {"x": tf_data(True, True), "steps_per_epoch": 3, "validation_data": tf_data()},
    ),
    "tf_of_unknown_length": (made.softmax, lambda: {"x": tf_data(known=False)}),
    "tf_in_parts": (made.softmax, lambda: {"x": tf_data(), "steps_per_epoch": 2}),
    "tf_named": (made.two_by_two, lambda: {"x": tf_named()}),
    "tf_sparse": (made.softmax, lambda: {"x": tf_sparse()}),
    "tf_class_weight": (
        made.softmax,
        lambda: {"x": tf_data(), "class_weight": {0: 1.0, 1: 0.2, 2: 3.0}},
    ),
    "torch": (made.softmax, lambda: {"x": torch_data(), "validation_data": torch_data()}),
    "torch_shuffled": (made.softmax, lambda: {"x": torch_data(True)}),
    "torch_shuffled_and_unbuilt": (made.Subclassed, lambda: {"x": torch_data(True)}),
    "torch_workers": (made.softmax, lambda: {"x": torch_data(workers=1)}),
    "torch_stream": (made.softmax, lambda: {"x": torch_stream()}),
    "grain_map": (made.softmax, lambda: {"x": grain_map(True), "validation_data": grain_map()}),
    "grain_iter": (made.softmax, lambda: {"x": grain_iter()}),
    "grain_loader": (made.softmax, lambda: {"x": grain_loader()}),
}


def ready(make: Callable[[], keras.Model]) -> Callable[[], keras.Model]:
    if make is made.Subclassed:
        return lambda: made.compiled(made.Subclassed())
    return kept(make)


@pytest.mark.parametrize("case", FED)
def test_fit(case: str) -> None:
    make, given = FED[case]

    def run(fit: Any, settings: dict[str, Any]) -> Any:
        return trained(fit, ready(make), epochs=3, **settings)

    keras_own, ours = both(run, (keras.Model.fit, bital.fit), given)
    assert_same(ours, keras_own)
    assert ours.history.bital.path == "chunks"


@pytest.mark.parametrize("case", ["tf", "tf_of_unknown_length", "tf_named", "torch", "grain_map"])
@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_evaluate_and_predict(case: str, method: str) -> None:
    make, given = FED[case]

    def run(call: Any, settings: dict[str, Any]) -> Any:
        return call(kept(make)(), settings["x"], verbose=0)

    methods = getattr(keras.Model, method), getattr(bital, method)
    keras_own, ours = both(run, methods, given)
    for mine, other in zip(keras.tree.flatten(ours), keras.tree.flatten(keras_own), strict=True):
        assert_close(mine, other, 1e-5)


ARRAYS: dict[str, Callable[[Any], Any]] = {
    "tf": lambda array: tf().constant(array),
    "torch": lambda array: torch().from_numpy(array),
    "pandas": lambda array: pytest.importorskip("pandas").DataFrame(array),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_arrays(case: str) -> None:
    """Tensors and data frames lie on the device like any array."""
    x, y = map(ARRAYS[case], (X, Y))
    keras_own, ours = (
        trained(fit, kept(made.softmax), x=x, y=y, batch_size=BATCH, epochs=2)
        for fit in (keras.Model.fit, bital.fit)
    )
    assert_same(ours, keras_own)
    assert ours.history.bital.path == "epochs"


def test_a_ragged_tensor_is_padded_by_keras() -> None:
    ragged = tf().ragged.constant([[1.0, 2.0], [3.0, 4.0, 5.0, 6.0]] * 20, dtype="float32")
    twins = Twins(made.softmax, (X[:10], Y[:10]))
    keras_own, ours = (
        trained(fit, twins, x=ragged, y=Y[:40], batch_size=10)
        for fit in (keras.Model.fit, bital.fit)
    )
    assert_same(ours, keras_own)
