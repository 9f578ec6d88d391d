"""Recipes as networks: their layers in order, their penalties, and their sizes by hand."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from bital.errors import InvalidInput
from bital.models.network import hidden_units, multiply_adds, network
from bital.models.recipe import DROPOUT, L2, RECIPES

DIGITS = (8, 8, 1)


def names(model: keras.Model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def hidden(*between: str) -> list[str]:
    return ["Flatten", *["Dense", *between] * 2, "Dense"]


@pytest.mark.parametrize(
    ("variant", "order"),
    [
        ("original", hidden("ReLU")),
        ("fewer_layers", ["Flatten", "Dense", "ReLU", "Dense"]),
        ("l2", hidden("ReLU")),
        ("dropout", hidden("ReLU", "Dropout")),
        ("batch_norm", hidden("BatchNormalization", "ReLU")),
        ("l2_dropout", hidden("ReLU", "Dropout")),
        ("l2_batch_norm", hidden("BatchNormalization", "ReLU")),
        ("dropout_batch_norm", hidden("BatchNormalization", "ReLU", "Dropout")),
        ("cnn", [*["Conv2D", "MaxPooling2D"] * 2, "Flatten", "Dense", "ReLU", "Dense"]),
    ],
)
def test_layers_stand_in_the_notes_order(variant: str, order: list[str]) -> None:
    model = network(RECIPES[variant], DIGITS, 10, "softmax")
    assert names(model) == order
    penalties = [layer.kernel_regularizer for layer in model.layers if hasattr(layer, "kernel")]
    wanted = len(penalties) - 1 if RECIPES[variant].l2 else 0
    assert [p is not None for p in penalties] == [True] * wanted + [False] * (
        len(penalties) - wanted
    )
    assert all(float(p.l2) == pytest.approx(L2) for p in penalties if p is not None)
    rates = [layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)]
    assert rates == (list(DROPOUT) if RECIPES[variant].dropout else [])
    assert model.layers[-1].activation is keras.activations.softmax
    assert model.output_shape == (None, 10)


def test_every_recipe_is_covered_above() -> None:
    assert list(RECIPES) == [
        mark
        for mark, _ in next(
            m.args[1]
            for m in test_layers_stand_in_the_notes_order.pytestmark  # type: ignore[attr-defined]
        )
    ]


MLP = 64 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10
STATISTICS = 4 * 128 + 4 * 64


@pytest.mark.parametrize(
    ("variant", "count"),
    [
        ("original", MLP),
        ("fewer_layers", 64 * 128 + 128 + 128 * 10 + 10),
        ("l2", MLP),
        ("dropout", MLP),
        ("batch_norm", MLP + STATISTICS),
        ("l2_dropout", MLP),
        ("l2_batch_norm", MLP + STATISTICS),
        ("dropout_batch_norm", MLP + STATISTICS),
        (
            "cnn",
            (9 * 1 * 16 + 16) + (9 * 16 * 32 + 32) + (2 * 2 * 32 * 64 + 64) + (64 * 10 + 10),
        ),
    ],
)
def test_parameters_by_hand(variant: str, count: int) -> None:
    model = network(RECIPES[variant], DIGITS, 10, "softmax")
    assert model.count_params() == count


def test_the_penalty_is_the_notes() -> None:
    model = network(RECIPES["l2"], DIGITS, 10, "softmax")
    kernels = [np.asarray(layer.kernel) for layer in model.layers if hasattr(layer, "kernel")]
    by_hand = sum(L2 * float((kernel**2).sum()) for kernel in kernels[:-1])
    assert float(sum(model.losses)) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize(
    ("features", "units"),
    [(4, (64, 32)), (63, (64, 32)), (64, (128, 64)), (783, (128, 64)), (784, (512, 256))],
)
def test_hidden_units_grow_with_the_row(features: int, units: tuple[int, int]) -> None:
    assert hidden_units(features) == units


def test_a_table_has_no_flatten_and_may_be_regressed() -> None:
    model = network(RECIPES["original"], (13,), 1, "linear")
    assert names(model) == ["Dense", "ReLU", "Dense", "ReLU", "Dense"]
    assert model.count_params() == 13 * 64 + 64 + 64 * 32 + 32 + 32 + 1
    assert model.layers[-1].activation is keras.activations.linear


def test_mnist_has_the_notes_sizes() -> None:
    model = network(RECIPES["original"], (28, 28, 1), 10, "softmax")
    assert model.count_params() == 784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10
    cnn = network(RECIPES["cnn"], (28, 28, 1), 10, "softmax")
    assert [layer.filters for layer in cnn.layers if hasattr(layer, "filters")] == [32, 64]


def test_multiply_adds_by_hand() -> None:
    mlp = network(RECIPES["dropout_batch_norm"], DIGITS, 10, "softmax")
    assert multiply_adds(mlp) == 64 * 128 + 128 * 64 + 64 * 10
    cnn = network(RECIPES["cnn"], DIGITS, 10, "softmax")
    convolutions = 8 * 8 * (9 * 1 * 16) + 4 * 4 * (9 * 16 * 32)
    assert multiply_adds(cnn) == convolutions + 2 * 2 * 32 * 64 + 64 * 10


def test_multiply_adds_of_nested_models() -> None:
    inner = keras.Sequential([layers.Input((4,)), layers.Dense(3), layers.ReLU()])
    outer = keras.Sequential([layers.Input((4,)), inner, layers.Dense(2)])
    assert multiply_adds(outer) == 4 * 3 + 3 * 2


def test_what_a_recipe_says_is_built() -> None:
    recipe = replace(
        RECIPES["l2_batch_norm"],
        units=(9, 7, 5),
        activation="tanh",
        initializer="he_normal",
        l2=0.25,
        dropout=(0.5, 0.1),
    )
    model = network(recipe, DIGITS, 10, "softmax")
    block = ["Dense", "BatchNormalization", "Activation", "Dropout"]
    assert names(model) == ["Flatten", *block * 3, "Dense"]
    dense = [layer for layer in model.layers if isinstance(layer, layers.Dense)]
    assert [layer.units for layer in dense] == [9, 7, 5, 10]
    assert {type(layer.kernel_initializer).__name__ for layer in dense} == {"HeNormal"}
    assert [float(layer.kernel_regularizer.l2) for layer in dense[:-1]] == [0.25] * 3
    rates = [layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)]
    assert rates == [0.5, 0.1, 0.1]
    activations = {a.activation for a in model.layers if isinstance(a, layers.Activation)}
    assert activations == {keras.activations.tanh}


def test_a_convolution_follows_its_recipe() -> None:
    recipe = replace(RECIPES["cnn"], units=(6, 4), activation="elu", initializer="zeros")
    model = network(recipe, DIGITS, 10, "softmax")
    assert [layer.units for layer in model.layers if isinstance(layer, layers.Dense)] == [6, 4, 10]
    assert all(not np.asarray(weight).any() for weight in model.weights)
    assert model.layers[0].activation is keras.activations.elu


@pytest.mark.parametrize(
    ("field", "value"),
    [("activation", "rellu"), ("initializer", "hee"), ("units", (0,)), ("dropout", (2.0,))],
)
def test_what_keras_refuses_is_told(field: str, value: object) -> None:
    recipe = replace(RECIPES["dropout"], **{field: value})
    with pytest.raises(InvalidInput, match=r"'dropout' Keras says: .*Change that field"):
        network(recipe, DIGITS, 10, "softmax")
