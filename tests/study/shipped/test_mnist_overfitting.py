"""The notes' rows, layer by layer."""

import keras
import pytest

from bital.models.recipe import RECIPES
from bital.study.shipped import mnist_overfitting
from bital.study.shipped.mnist_overfitting import model

KINDS = {
    "original": "Flatten Dense ReLU Dense ReLU Dense",
    "fewer_layers": "Flatten Dense ReLU Dense",
    "l2": "Flatten Dense ReLU Dense ReLU Dense",
    "dropout": "Flatten Dense ReLU Dropout Dense ReLU Dropout Dense",
    "batch_norm": "Flatten Dense BatchNormalization ReLU Dense BatchNormalization ReLU Dense",
    "cnn": "Conv2D MaxPooling2D Conv2D MaxPooling2D Flatten Dense ReLU Dense",
}


@pytest.mark.parametrize("name", KINDS)
def test_a_row_has_the_notes_layers(name: str) -> None:
    assert " ".join(type(layer).__name__ for layer in model(name).layers) == KINDS[name]


def test_units_rates_and_penalty_are_the_notes() -> None:
    layers = model("l2_dropout").layers
    dense = [layer for layer in layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [512, 256, 10]
    assert [float(layer.kernel_regularizer.l2) for layer in dense[:2]] == pytest.approx([1e-5] * 2)
    assert dense[2].kernel_regularizer is None
    rates = [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.4, 0.2]


def test_every_row_has_a_published_figure_and_adam_with_128_rows_a_step() -> None:
    design = mnist_overfitting.design("en")
    assert list(design.arms) == list(RECIPES) == list(design.published)
    assert design.batch_size == 128
    assert {type(model(name).optimizer) for name in RECIPES} == {keras.optimizers.Adam}
