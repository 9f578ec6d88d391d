"""New models by seed: clones computed together, functions called, generators left alone."""

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from bital.engine import clones as clones_module
from bital.engine.arrays import normalised
from bital.engine.build import build
from bital.engine.cache import PROGRAMS
from bital.engine.clones import MANY, clones
from bital.engine.seeding import another, generator, seeded, undisturbed
from bital.errors import InvalidInput
from engine import made

# Keras's get_weights and get_config
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SEEDS = [3, 14, 15, 92, 65, 35, 89, 79, 32][: MANY + 1]
ROWS = normalised(*made.iris(30))


def fixed() -> keras.Model:
    """Some weights under every seed the same."""
    initial = keras.initializers.HeNormal(7)
    stack = [layers.Input((4,)), layers.Dense(5, kernel_initializer=initial), layers.Dense(3)]
    return made.compiled(keras.Sequential(stack))


def recurrent() -> keras.Model:
    stack = [layers.Input((4, 1)), layers.LSTM(3), layers.Dense(3, "softmax")]
    return made.compiled(keras.Sequential(stack))


def attentive() -> keras.Model:
    x = layers.Input((4, 2))
    y = layers.MultiHeadAttention(2, 3, dropout=0.1)(x, x)
    return made.compiled(keras.Model(x, layers.Dense(3, "softmax")(layers.Flatten()(y))))


MODELS: dict[str, Callable[[], keras.Model]] = {
    "mlp": made.mlp,
    "regularised": made.regularised,
    "cnn": made.cnn,
    "two by two": made.two_by_two,
    "fixed": fixed,
    "recurrent": recurrent,
    "attentive": attentive,
}


@pytest.mark.parametrize("name", MODELS)
def test_clones_are_what_clone_model_gives(name: str) -> None:
    model = MODELS[name]()
    before = model.get_weights()
    every = clones(model, SEEDS)
    assert len(every) == len(SEEDS)
    for seed, mine in zip(SEEDS, every, strict=True):
        keras.utils.set_random_seed(seed)
        clone = keras.models.clone_model(model)
        for values, variables in (
            (mine.trainable, clone.trainable_variables),
            (mine.non_trainable, clone.non_trainable_variables),
        ):
            for value, variable in zip(values, variables, strict=True):
                np.testing.assert_array_equal(value, variable.value)
    for mine, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_most_models_are_computed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    PROGRAMS.clear()  # what an earlier test has learnt of such a model, too
    model = made.regularised()
    made_in_fact: list[int] = []
    cloned = clones_module.cloned

    def counted(model: keras.Model) -> keras.Model:
        made_in_fact.append(1)
        return cloned(model)

    monkeypatch.setattr(clones_module, "cloned", counted)
    first = clones(model, SEEDS)
    again = clones(model, SEEDS[::-1])
    assert len(made_in_fact) == 1
    for mine, other in zip(first, again[::-1], strict=True):
        for pair in zip(mine.trainable, other.trainable, strict=True):
            np.testing.assert_array_equal(*pair)


def test_randomness_of_another_kind_is_kerass_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    @keras.saving.register_keras_serializable("tests")
    class Own(keras.layers.Layer):
        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(1,), initializer="ones")
            self.scale.assign([random.random() + np.random.rand()])

        def call(self, x: Any) -> Any:
            return x * self.scale

    stack = [layers.Input((4,)), Own(), layers.Dense(3, "softmax")]
    model = made.compiled(keras.Sequential(stack))
    every = clones(model, SEEDS)
    for seed, mine in zip(SEEDS, every, strict=True):
        keras.utils.set_random_seed(seed)
        clone = keras.models.clone_model(model)
        for value, variable in zip(mine.trainable, clone.trainable_variables, strict=True):
            np.testing.assert_array_equal(value, variable.value)
        np.testing.assert_array_equal(mine.numpy[1], np.random.get_state()[1])


def test_a_model_that_cannot_be_cloned_is_refused() -> None:
    model = made.compiled(made.Subclassed())
    with pytest.raises(InvalidInput, match="must be built"):
        seeded(model, SEEDS, lambda model: None)
    model(ROWS[0])
    with pytest.raises(InvalidInput, match="Give a function that returns the compiled model"):
        seeded(model, SEEDS, lambda model: None)


def test_functions_must_return_the_same_structure() -> None:
    sizes = iter([5, 5, 6])

    def make() -> keras.Model:
        stack = [layers.Input((4,)), layers.Dense(next(sizes)), layers.Dense(3)]
        return made.compiled(keras.Sequential(stack))

    with pytest.raises(InvalidInput, match="the same structure every time"):
        seeded(make, [1, 2, 3], lambda model: build(model, ROWS))


def test_functions_must_return_compiled_models() -> None:
    with pytest.raises(InvalidInput, match="must be compiled"):
        seeded(lambda: keras.Sequential([layers.Dense(3)]), [1], lambda model: None)
    with pytest.raises(InvalidInput, match=r"must be a keras\.Model"):
        seeded(lambda: None, [1], lambda model: None)


def test_generators_are_left_as_they_were() -> None:
    keras.utils.set_random_seed(5)
    expected = random.random(), np.random.rand(), keras.random.uniform((2,))
    keras.utils.set_random_seed(5)
    with undisturbed():
        keras.utils.set_random_seed(6)
        random.random()
        np.random.rand()
        keras.random.uniform((3,))
    mine = random.random(), np.random.rand(), keras.random.uniform((2,))
    for one, other in zip(mine, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_generator_stands_where_the_model_left_it() -> None:
    np.random.seed(5)
    np.testing.assert_array_equal(generator(5).permutation(9), np.random.permutation(9))
    np.random.rand()
    state = np.random.get_state()
    np.testing.assert_array_equal(generator(5, state).permutation(9), np.random.permutation(9))


def test_another_model_has_its_own_optimizer_loss_and_metrics() -> None:
    loss = keras.losses.SparseCategoricalCrossentropy()
    metric = keras.metrics.SparseTopKCategoricalAccuracy(2)
    model = made.mlp(loss=loss, metrics=[metric, "sparse_categorical_accuracy"])
    copy = another(model, 1)
    build(copy, ROWS)
    assert type(copy.optimizer) is type(model.optimizer)
    assert copy.optimizer is not model.optimizer
    assert copy.loss is not loss
    assert [m.name for m in copy.metrics] == ["loss", "compile_metrics"]
    assert metric not in copy._flatten_layers()
