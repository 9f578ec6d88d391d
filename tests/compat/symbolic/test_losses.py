"""Losses and layers that differentiate what the model computes."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import backend

from bital.compat import mode
from bital.compat.symbolic.function import Function
from bital.compat.symbolic.gradients import gradients

X = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")


def critic() -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,))
    hidden = keras.layers.Dense(5, activation="tanh")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(hidden))


def penalty(weights: list[jax.Array], x: jax.Array) -> jax.Array:
    kernel, bias, last, out = weights

    def score(row: jax.Array) -> jax.Array:
        return (jnp.tanh(row @ kernel + bias) @ last + out)[0]

    slopes = jax.vmap(jax.grad(score))(x)
    return jnp.mean(jnp.square(1 - jnp.sqrt(jnp.sum(jnp.square(slopes), axis=1))))


def test_a_gradient_penalty_trains_the_critic_as_jax_does() -> None:
    with mode.compat():
        model = critic()

        def loss(y_true: object, y_pred: object) -> object:
            slopes = backend.gradients(y_pred, model.input)[0]
            return backend.mean(
                backend.square(1 - backend.sqrt(backend.sum(backend.square(slopes), axis=1)))
            )

        model.compile("sgd", loss=loss)
        before = [jnp.array(v.value) for v in model.weights]
        told = model.train_on_batch(X, np.zeros((6, 1)))
        after = [v.value for v in model.weights]
    value, slopes = jax.value_and_grad(penalty)(before, jnp.asarray(X))
    np.testing.assert_allclose(told, value, rtol=1e-5)
    for old, slope, new in zip(before, slopes, after, strict=True):
        np.testing.assert_allclose(new, old - 0.01 * slope, atol=1e-6)


def test_a_layer_may_differentiate_what_it_was_given() -> None:
    with mode.compat():

        class Slope(keras.layers.Layer):
            def call(self, pair: list[object]) -> object:
                return backend.gradients(pair[0], pair[1])[0]

        model = critic()
        x = keras.Input((3,))
        made = keras.Model(x, Slope()([model(x), x])).predict(X, verbose=0)
        at = gradients(model.output, model.input)[0]
        wanted = Function([model.input], at)([X])
    np.testing.assert_allclose(made, wanted, atol=1e-6)


def test_a_function_of_gradients_knows_new_weights() -> None:
    model = critic()
    function = Function([model.input], gradients(model.output, model.input))
    before = function([X])[0]
    model.set_weights([2 * np.array(v.value) for v in model.weights])
    again = Function([model.input], gradients(model.output, model.input))([X])[0]
    after = function([X])[0]
    np.testing.assert_allclose(after, again, atol=1e-6)
    assert not np.allclose(after, before)


def test_a_value_outside_of_a_model_cannot_be_differentiated() -> None:
    with pytest.raises(TypeError, match="GradientTape"):
        gradients(jnp.ones(3), jnp.ones(3))
