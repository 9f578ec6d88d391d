"""Tapes give JAX's own gradients."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from bital.compat import mode
from bital.compat.tape.recorder import Recorded
from bital.compat.tape.tape import GradientTape

X = np.random.default_rng(0).normal(size=(8, 12, 12, 1)).astype("float32")
Y = np.arange(8) % 3


def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.MaxPooling2D(),
            keras.layers.Reshape((5, 20)),
            keras.layers.LSTM(6),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


def test_gradients_of_a_network_are_those_of_jax() -> None:
    model, loss_fn = network(), keras.losses.SparseCategoricalCrossentropy()
    values = [v.value for v in model.non_trainable_variables]

    def loss(trainable: list[jax.Array]) -> jax.Array:
        outputs, _ = model.stateless_call(trainable, values, X, training=True)
        return loss_fn(Y, outputs)  # type: ignore[no-any-return]

    expected = jax.grad(loss)([v.value for v in model.trainable_variables])
    with mode.compat():
        with GradientTape() as tape:
            value = loss_fn(Y, model(X, training=True))
        found = tape.gradient(value, model.trainable_variables)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert not any(isinstance(v._value, Recorded) for v in model.variables)
    assert not np.allclose(model.layers[1].moving_mean, 0)  # the call moved the statistics


def test_two_tapes_at_once_and_one_inside_another() -> None:
    x = jnp.asarray([1.0, 2.0])
    with GradientTape() as a, GradientTape() as b:
        a.watch(x)
        b.watch(x)
        cube = x**3
        square = x**2
    np.testing.assert_allclose(a.gradient(cube, x), 3 * x**2)
    np.testing.assert_allclose(b.gradient(square, x), 2 * x)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            value = jnp.sum(jax.nn.softplus(x) ** 2)
        first = inner.gradient(value, x)
    second = outer.gradient(first, x)
    own = jax.grad(lambda x: jnp.sum(jax.grad(lambda x: jnp.sum(jax.nn.softplus(x) ** 2))(x)))
    np.testing.assert_allclose(second, own(x), rtol=1e-5)


def test_values_have_values_while_they_are_recorded() -> None:
    x = jnp.asarray(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        assert float(y) == 9
        assert np.asarray(y) == 9
        assert f"{y:.1f}" == "9.0"
        if y > 5:
            y = y * 2
        with tape.stop_recording():
            assert not isinstance(x * 1, Recorded)
    assert float(y + 1) == 19
    assert tape.gradient(y, x) == 12


def test_what_does_not_depend_is_none_or_zero() -> None:
    x, z = jnp.asarray(1.0), jnp.asarray(2.0)
    with GradientTape(persistent=True) as tape:
        tape.watch((x, z))
        y = x * 2
    assert tape.gradient(y, z) is None
    assert tape.gradient(y, {"x": x, "z": z}) == {"x": 2.0, "z": None}
    assert tape.gradient(y, z, unconnected_gradients="zero") == 0
    assert tape.gradient(y, x, output_gradients=jnp.asarray(3.0)) == 6


def test_a_variable_that_was_assigned_meanwhile_counts_with_what_it_was() -> None:
    with mode.compat():
        v = keras.Variable(2.0)
        with GradientTape() as tape:
            y = v * v
        v.assign(10.0)
        assert tape.gradient(y, v) == 4


def test_a_tape_is_used_once() -> None:
    x = jnp.asarray(1.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="persistent"):
        tape.gradient(y, x)
    with pytest.raises(TypeError, match="takes tensors"):
        tape.watch(1.0)


def test_an_error_inside_leaves_jax_as_it_was() -> None:
    with pytest.raises(LookupError), GradientTape():
        raise LookupError
    assert not isinstance(jnp.ones(2) * 2, Recorded)


def test_a_step_is_compiled_once() -> None:
    from bital.compat.tape import replay

    model = network()
    for _ in range(3):
        with GradientTape() as tape:
            value = jnp.sum(model(X))
        tape.gradient(value, model.trainable_variables)
        misses = replay._compiled.cache_info().misses
        if _ == 1:
            before = misses
    assert misses == before
