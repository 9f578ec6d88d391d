"""Hyperparameters: their domains, their places in a model, and numbers that stand in for them."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import layers, regularizers

from bital.engine.adjustable import Adjustable, Scalar
from bital.engine.arrays import normalised
from bital.engine.build import build
from bital.engine.hyper import applied, check_rate, checked, places
from bital.errors import InvalidInput, UnknownName
from bital.models.functional import read_state, train_step
from engine import made

X, Y = made.iris(30)


def built(*stack: Any, **settings: Any) -> keras.Model:
    last = layers.Dense(3, activation="softmax")
    model = made.compiled(keras.Sequential([layers.Input((4,)), *stack, last]), **settings)
    labels = keras.utils.to_categorical(Y) if "loss" in settings else Y
    build(model, normalised(X, labels))
    return model


def test_values_are_tuples_of_floats() -> None:
    given = {"l2": [0, 1e-3], "dropout": np.array([0.5, 0.25], np.float32), "learning_rate": 0.1}
    assert checked(given) == {"l2": (0, 1e-3), "dropout": (0.5, 0.25), "learning_rate": (0.1,)}
    assert checked(None) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", -0.1),
        ("learning_rate", float("nan")),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("l1", -1e-3),
        ("l2", float("inf")),
        ("label_smoothing", 1.5),
    ],
)
def test_a_value_outside_its_domain_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=rf"hyper\['{name}'\] must be a .*; got"):
        checked({name: [0.1, value]})


@pytest.mark.parametrize("value", ["high", [[0.1]], [], [None], {"a": 1}])
def test_what_is_no_list_of_numbers_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput, match="must be a list of numbers"):
        checked({"l2": value})


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="got 'lr'"):
        checked({"lr": [0.1]})
    with pytest.raises(UnknownName, match="Did you mean 'dropout'"):
        checked({"droput": [0.1]})


def test_every_dropout_layer_has_a_rate() -> None:
    model = built(
        layers.Dropout(0.1),
        layers.Reshape((4, 1)),
        layers.SpatialDropout1D(0.2),
        layers.Flatten(),
        keras.Sequential([layers.Input((4,)), layers.AlphaDropout(0.3)]),
    )
    assert sorted(place.read() for place in places(model, "dropout")) == [0.1, 0.2, 0.3]


def test_regularizers_of_weights_and_activities() -> None:
    shared = regularizers.L2(0.1)
    model = built(
        layers.Dense(3, kernel_regularizer=shared, bias_regularizer=regularizers.L1(0.2)),
        layers.Dense(3, kernel_regularizer=shared),
        layers.Dense(3, kernel_regularizer="orthogonal_regularizer"),
        layers.Dense(3, activity_regularizer=regularizers.L1L2(0.3, 0.4)),
    )
    assert sorted(float(place.read()) for place in places(model, "l2")) == [0.1, 0.4]
    assert [round(float(p.read()), 6) for p in places(model, "l1")] == [0.2, 0.3]


@pytest.mark.parametrize(
    ("loss", "smooths"),
    [
        ("categorical_crossentropy", True),
        (keras.losses.CategoricalCrossentropy(label_smoothing=0.2), True),
        (keras.losses.CategoricalFocalCrossentropy(), True),
        ("binary_crossentropy", True),
        ("mse", False),
        (lambda y, p, label_smoothing=0.0: keras.losses.mean_squared_error(y, p), False),
    ],
)
def test_losses_that_smooth_labels(loss: Any, smooths: bool) -> None:
    model = built(loss=loss)
    if smooths:
        (place,) = places(model, "label_smoothing")
        assert place.read() in (0.0, 0.2)
    else:
        with pytest.raises(InvalidInput, match="loss of Keras's that takes label_smoothing"):
            places(model, "label_smoothing")


@pytest.mark.parametrize("name", ["dropout", "l1", "l2", "label_smoothing"])
def test_a_model_that_has_it_nowhere_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"hyper\\['{name}'\\] needs a model with at least one"):
        places(built(), name)


def test_dropouts_that_cannot_be_set_are_refused() -> None:
    with pytest.raises(InvalidInput, match="GaussianDropout's rate"):
        places(built(layers.GaussianDropout(0.1)), "dropout")
    with pytest.raises(InvalidInput, match="made with a rate above 0"):
        places(built(layers.Dropout(0.0)), "dropout")


def test_a_schedule_has_no_rate_to_set() -> None:
    check_rate(built())
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    with pytest.raises(InvalidInput, match="SGD has a schedule"):
        check_rate(built(optimizer=keras.optimizers.SGD(schedule)))


def test_old_values_return_in_any_case() -> None:
    penalty = regularizers.L1L2(0.1, 0.2)
    model = built(layers.Dense(3, kernel_regularizer=penalty), layers.Dropout(0.3))
    rate = model.layers[1]
    seen = []

    def fail() -> None:
        with applied(model, {"l2": 7.0, "dropout": 0.5}):
            seen.append((penalty.l1, penalty.l2, rate.rate))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert seen == [(0.1, 7.0, 0.5)]
    assert (penalty.l1, penalty.l2, rate.rate) == (0.1, 0.2, 0.3)


def test_a_step_that_fails_leaves_the_model_as_it_was() -> None:
    class Failing(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            if isinstance(drop.rate, Scalar):
                raise LookupError("while tracing")
            return x

    drop = layers.Dropout(0.3)
    model = built(drop, Failing())
    mine = Adjustable(model, ["dropout"], {})
    state = mine.with_values(read_state(model), [0.1])
    with pytest.raises(LookupError):
        jax.eval_shape(lambda s: train_step(mine, s, (X, Y)), state)  # type: ignore[arg-type]
    assert drop.rate == 0.3


def test_a_scalar_answers_from_its_nominal_value_and_computes_with_its_own() -> None:
    asked: list[bool] = []

    def function(value: Any) -> Any:
        scalar = Scalar(value, 0.5)
        asked.extend([bool(scalar), scalar > 0, scalar < 0.5, scalar == 0.5, scalar >= 0.5])
        asked.extend([scalar != 1.0, scalar <= 0.5, scalar < 0.6])
        one = (
            1.0 - scalar + scalar * 2 + 2 * scalar - scalar / 4 + 1 / scalar + scalar**2 + 2**scalar
        )
        two = -scalar + abs(scalar) + np.float32(3) * scalar + jnp.ones(()) * scalar
        return one, two, keras.ops.cast(scalar, "float32")

    got = jax.jit(function)(np.float32(0.3))
    assert asked == [True, True, False, True, True, True, True, True]
    v = 0.3
    one = 1 - v + v * 2 + 2 * v - v / 4 + 1 / v + v**2 + 2**v
    np.testing.assert_allclose(got, [one, -v + v + 3 * v + v, v], rtol=1e-6)
    assert len({Scalar(1.0, 0.5), Scalar(1.0, 0.5)}) == 2


def test_a_state_takes_values_along_and_gives_them_back() -> None:
    model = built(layers.Dropout(0.3), layers.BatchNormalization())
    mine = Adjustable(model, ["dropout"], {})
    state = read_state(model)
    longer = mine.with_values(state, [0.25])
    assert [float(v) for v in longer.non_trainable[len(state.non_trainable) :]] == [0.25]
    assert len(mine.non_trainable_variables) == len(longer.non_trainable)
    _, new = train_step(mine, longer, (X, Y))  # type: ignore[arg-type]
    assert float(new.non_trainable[-1]) == 0.25
    assert len(mine.without_values(new).non_trainable) == len(state.non_trainable)
