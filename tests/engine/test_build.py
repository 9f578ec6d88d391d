"""Building brings into being what Keras builds, and nothing where the labels are wrong."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

import bital
from bital.engine.arrays import normalised
from bital.engine.build import build
from bital.engine.order import Orders
from bital.engine.passes import whole_pass
from bital.errors import InvalidInput
from engine import made
from engine.parity import assert_same_numpy_state

X, Y = made.iris(30)


def no_input() -> keras.Model:
    return made.compiled(keras.Sequential([layers.Dense(4), layers.Dense(3, "softmax")]))


MODELS: dict[str, Callable[[], keras.Model]] = {
    "sequential": made.mlp,
    "no_input": no_input,
    "subclassed": lambda: made.compiled(made.Subclassed()),
    "regularised": made.regularised,
}


@pytest.mark.parametrize("name", MODELS)
def test_everything_keras_builds(name: str) -> None:
    built = []
    for run in (
        lambda model: model._symbolic_build(data_batch=(X, Y)),
        lambda model: build(model, normalised(X, Y)),
    ):
        keras.utils.set_random_seed(2)
        model = MODELS[name]()
        run(model)
        groups = model.variables, model.optimizer.variables, model.metrics_variables
        built.append([np.asarray(v.value) for group in groups for v in group])
    for mine, theirs in zip(*built, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_keras_s_draw_is_made_once() -> None:
    model = made.mlp()
    orders = Orders(whole_pass(30, 8), True, None, np.random)
    np.random.seed(1)
    np.random.permutation(30)
    after_one = np.random.get_state()
    np.random.seed(1)
    for _ in range(2):
        build(model, normalised(X, Y), orders)
        assert_same_numpy_state(np.random.get_state(), after_one)


@pytest.mark.parametrize("name", ["no_input", "subclassed"])
def test_wrong_labels_train_nothing(name: str) -> None:
    """A model has to be built to know its outputs; after the mistake is put right it trains."""
    keras.utils.set_random_seed(2)
    model = MODELS[name]()
    before = np.random.get_state()
    with pytest.raises(InvalidInput, match="from 0 to 2"):
        bital.fit(model, X, Y + 3, verbose=0)
    assert not model.optimizer.built
    assert_same_numpy_state(np.random.get_state(), before)
    assert len(bital.fit(model, X, Y, verbose=0).epoch) == 1


def test_wrong_labels_leave_a_built_model_alone() -> None:
    model = made.regularised()
    before = [np.asarray(v.value) for v in model.variables]
    with pytest.raises(InvalidInput, match="from 0 to 2"):
        bital.fit(model, X, Y + 3, verbose=0)
    assert not model.optimizer.built
    assert not model._compile_loss.built
    for mine, old in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(np.asarray(mine.value), old)
