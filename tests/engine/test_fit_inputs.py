"""Whatever arrays Keras takes, bital takes."""

import warnings
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
import polars
import pytest
from keras import layers

import bital
from engine import made
from engine.parity import assert_same, trained

X, Y = made.iris(96)
BYTES = (100 + 40 * X).astype(np.uint8)
FLAGS = X > 0


def rescaled() -> keras.Model:
    stack = [layers.Input((4,)), layers.Rescaling(1 / 255), layers.Dense(3, activation="softmax")]
    return made.compiled(keras.Sequential(stack))


def frame(array: Any) -> Any:
    return pytest.importorskip("pandas").DataFrame(array)


INPUTS: dict[str, tuple[Any, Any]] = {
    "float64": (lambda: X.astype(np.float64), lambda: Y),
    "float16": (lambda: X.astype(np.float16), lambda: Y),
    "int64": (lambda: X.round().astype(np.int64), lambda: Y.astype(np.int64)),
    "bytes": (lambda: BYTES, lambda: Y.astype(np.uint8)),
    "flags": (lambda: FLAGS, lambda: Y),
    "jax": (lambda: jnp.asarray(X), lambda: jnp.asarray(Y)),
    "one_column": (lambda: X, lambda: Y[:, np.newaxis]),
    "float_labels": (lambda: X, lambda: Y.astype(np.float32)),
    "strided": (lambda: np.asfortranarray(np.repeat(X, 2, axis=0))[::2], lambda: Y),
    "read_only": (lambda: np.broadcast_to(X, X.shape), lambda: Y),
    "pandas": (lambda: frame(X.astype(np.float64)), lambda: frame(Y)[0]),
    "polars": (lambda: polars.DataFrame(X), lambda: polars.Series(Y)),
}


@pytest.mark.parametrize("case", INPUTS)
def test_input(case: str) -> None:
    x, y = (make() for make in INPUTS[case])
    make = rescaled if case == "bytes" else made.softmax
    settings = {"x": x, "y": y, "batch_size": 32, "epochs": 2, "validation_data": (x, y)}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*int64.*")  # Keras's, not ours
        keras_own = trained(keras.Model.fit, make, **settings)
    ours = trained(bital.fit, make, **settings)
    assert ours.history.bital.path == "epochs"
    assert_same(ours, keras_own)


def test_the_arrays_given_are_left_alone() -> None:
    x, y = X.astype(np.float64), Y.astype(np.int64)
    before = x.copy(), y.copy()
    trained(bital.fit, made.softmax, x=x, y=y, batch_size=32)
    assert x.dtype == np.float64
    assert y.dtype == np.int64
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(y, before[1])
