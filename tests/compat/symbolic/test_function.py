"""K.function and K.gradients compute what the model does."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import ops

from bital.compat.symbolic.function import Function
from bital.compat.symbolic.gradients import gradients
from bital.compat.symbolic.phase import LearningPhase

X = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")


def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4,))
    hidden = keras.layers.Dense(6, activation="tanh", name="hidden")(inputs)
    dropped = keras.layers.Dropout(0.5)(hidden)
    return keras.Model(inputs, keras.layers.Dense(3)(dropped))


def test_a_function_is_the_model() -> None:
    model = network()
    hidden = model.get_layer("hidden").output
    found, inner = Function([model.input], [model.output, hidden])([X])
    np.testing.assert_allclose(found, model(X), atol=1e-6)
    assert inner.shape == (5, 6)
    inner[:] = 0  # as programs do with what they get


def test_the_phase_is_an_input() -> None:
    model = network()
    function = Function([model.input, LearningPhase(0)], [model.output])
    steady = function([X, 0])[0]
    np.testing.assert_allclose(steady, model(X), atol=1e-6)
    first, second = function([X, 1])[0], function([X, 1])[0]
    assert not np.allclose(first, steady)
    assert not np.allclose(first, second)


def test_gradients_are_those_of_jax() -> None:
    model = network()
    hidden = model.get_layer("hidden").output
    kernel = model.get_layer("hidden").kernel
    loss = ops.sum(model.output[:, 1] ** 2)
    by_input, by_hidden, by_kernel, nothing = gradients(
        loss, [model.input, hidden, kernel, keras.Variable(1.0)]
    )
    assert nothing is None
    found = Function([model.input], [by_input, by_hidden, by_kernel])([X])
    head = model.layers[-1]
    values = [v.value for v in model.trainable_variables]
    rest = [v.value for v in model.non_trainable_variables]

    def total(x: jax.Array, values: list[jax.Array]) -> jax.Array:
        return jnp.sum(model.stateless_call(values, rest, x)[0][:, 1] ** 2)  # type: ignore[no-any-return]

    at_hidden = Function([model.input], [hidden])([X])[0]
    np.testing.assert_allclose(found[0], jax.grad(total)(jnp.asarray(X), values), atol=1e-5)
    own = jax.grad(lambda h: jnp.sum(head(h)[:, 1] ** 2))(jnp.asarray(at_hidden))
    np.testing.assert_allclose(found[1], own, atol=1e-5)
    by_values = jax.grad(total, argnums=1)(jnp.asarray(X), values)
    np.testing.assert_allclose(found[2], by_values[0], atol=1e-5)


def test_what_cannot_be_computed_says_which_input_is_missing() -> None:
    model, other = network(), keras.Input((4,), name="other")
    with pytest.raises(ValueError, match="other"):
        Function([model.input], [model.output + other[:, :3]])([X])
    with pytest.raises(ValueError, match="takes 1 inputs; got 2"):
        Function([model.input], [model.output])([X, X])
    with pytest.raises(TypeError, match="symbolic"):
        gradients(jnp.asarray(1.0), model.input)
