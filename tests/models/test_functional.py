"""A model's state out of it and back, and its metrics as functions of the state."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import layers

from bital.models import functional
from bital.models.functional import State, read_state, write_state

X = np.random.default_rng(0).normal(size=(12, 4)).astype(np.float32)
Y = (np.arange(12) % 3).astype(np.int32)


@pytest.fixture
def model() -> keras.Model:
    """With every kind of variable: weights, statistics, random seeds, moments, metrics."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(5, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model._symbolic_build(data_batch=(X, Y))
    return model


def values(state: State) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in jax.tree.leaves(state)]


def assert_equal(one: State, other: State) -> None:
    assert jax.tree.structure(one) == jax.tree.structure(other)
    for a, b in zip(values(one), values(other), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype


def test_state_survives_the_way_there_and_back(model: keras.Model) -> None:
    before = read_state(model)
    assert [len(part) for part in before] == [6, 3, 2 + 2 * 6, 4]
    doubled = jax.tree.map(lambda a: (a + 1).astype(a.dtype), before)
    write_state(model, doubled)
    assert_equal(read_state(model), doubled)
    write_state(model, before)
    assert_equal(read_state(model), before)


def test_a_state_read_does_not_follow_the_model(model: keras.Model) -> None:
    before = read_state(model)
    copies = [a.copy() for a in values(before)]
    for variable in (*model.variables, *model.metrics_variables):
        variable.assign(jnp.ones_like(variable.value))
    for kept, copy in zip(values(before), copies, strict=True):
        np.testing.assert_array_equal(kept, copy)


def test_a_state_copied_brings_a_trained_model_back(model: keras.Model) -> None:
    # Keras donates the arrays it trains from, so a state to come back to has to be a copy.
    before = jax.tree.map(jnp.copy, read_state(model))
    outputs = model.predict(X, verbose=0)
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(model.predict(X, verbose=0), outputs)
    write_state(model, before)
    np.testing.assert_array_equal(model.predict(X, verbose=0), outputs)


def test_a_model_never_compiled_has_a_state() -> None:
    bare = keras.Sequential([layers.Input((4,)), layers.Dense(3)])
    state = read_state(bare)
    assert [len(part) for part in state] == [2, 0, 0, 0]
    write_state(bare, jax.tree.map(jnp.zeros_like, state))
    assert not bare.predict(X, verbose=0).any()


def test_a_state_of_another_model_is_refused(model: keras.Model) -> None:
    state = read_state(model)
    with pytest.raises(ValueError, match="zip"):
        write_state(model, state._replace(trainable=state.trainable[:-1]))


def test_steps_are_kerass(model: keras.Model) -> None:
    before = jax.tree.map(jnp.copy, read_state(model))
    logs, after = jax.jit(lambda s, d: functional.train_step(model, s, d))(before, (X, Y))
    assert_equal(read_state(model), before)
    want = model.train_on_batch(X, Y, return_dict=True)
    assert set(logs) == set(want)
    for key, value in logs.items():
        np.testing.assert_allclose(value, want[key], rtol=1e-6)
    for a, b in zip(values(after), values(read_state(model)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
        assert a.dtype == b.dtype

    model.reset_metrics()
    before = jax.tree.map(jnp.copy, read_state(model))
    logs, after = jax.jit(lambda s, d: functional.test_step(model, s, d))(before, (X, Y))
    assert_equal(State(*before[:3], []), State(*after[:3], []))
    want = model.test_on_batch(X, Y, return_dict=True)
    for key, value in logs.items():
        np.testing.assert_allclose(value, want[key], rtol=1e-6)
    outputs, _ = jax.jit(lambda s, d: functional.predict_step(model, s, d))(before, X)
    np.testing.assert_allclose(outputs, model.predict_on_batch(X), rtol=1e-6)


def test_a_step_keeps_every_type(model: keras.Model) -> None:
    state = read_state(model)
    for step in (functional.train_step, functional.test_step):
        _, after = jax.eval_shape(lambda s, d, step=step: step(model, s, d), state, (X, Y))
        types = jax.tree.map(lambda a: (a.shape, a.dtype, False), state)
        assert jax.tree.map(lambda a: (a.shape, a.dtype, a.weak_type), after) == types


def test_metrics_are_reset_and_read_inside_a_program(model: keras.Model) -> None:
    model.train_on_batch(X, Y)
    want = {key: float(value) for key, value in model.get_metrics_result().items()}
    used = read_state(model)

    def program(state: State) -> Any:
        before = functional.metric_results(model, state)
        fresh = functional.reset_metrics(model, state)
        return before, fresh, functional.metric_results(model, fresh)

    before, fresh, after = jax.jit(program)(used)
    assert {key: float(v) for key, v in before.items()} == pytest.approx(want)
    assert all(float(value) == 0 for value in after.values())
    assert_equal(read_state(model), used)
    model.reset_metrics()
    assert_equal(read_state(model), jax.tree.map(np.asarray, fresh))


def test_a_metric_that_starts_at_another_value_is_reset_to_it() -> None:
    class Lowest(keras.metrics.Metric):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="lowest")
            self.value = self.add_variable((), initializer="ones")

        def reset_state(self) -> None:
            self.value.assign(9.0)

        def update_state(self, y: Any, outputs: Any, sample_weight: Any = None) -> None:
            self.value.assign(jnp.minimum(self.value.value, jnp.min(outputs)))

        def result(self) -> Any:
            return self.value + 0

    model = keras.Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[Lowest()])
    model._symbolic_build(data_batch=(X, X[:, :1]))
    state = read_state(model)
    used = state._replace(metrics=[m * 0 - 5 for m in state.metrics])
    fresh = functional.reset_metrics(model, used)
    assert functional.metric_results(model, fresh)["lowest"] == 9
