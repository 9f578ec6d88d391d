"""Recipes built as Keras models, sized to the data."""

import random
from math import prod
from typing import Any

import keras
from keras import layers

from bital.errors import InvalidInput
from bital.models.recipe import Recipe

MNIST = 28 * 28


def network(
    recipe: Recipe, input_shape: tuple[int, ...], outputs: int, activation: str
) -> keras.Sequential:
    """Return the recipe's uncompiled network.

    After `keras.utils.set_random_seed`, every recipe draws the same initial weights for the Dense
    layers that it has in common with another: their seeds are drawn first, whatever comes between.

    Args:
        recipe: which remedies.
        input_shape: of one row: (features,) or (height, width, channels).
        outputs: units of the last layer.
        activation: of the last layer: "softmax" or "linear".

    Raises:
        InvalidInput: Keras has no such activation or initializer, or refuses a size or rate.
    """
    try:
        return _network(recipe, input_shape, outputs, activation)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"a recipe must be one that Keras's layers take; of {recipe.label!r} Keras says: "
            f"{str(error).rstrip('. ')}. Change that field."
        ) from error


def _network(
    recipe: Recipe, input_shape: tuple[int, ...], outputs: int, activation: str
) -> keras.Sequential:
    stack: list[Any] = [layers.Input(input_shape)]
    hidden = recipe.units or hidden_units(prod(input_shape))
    *seeds, last_seed = (random.randrange(2**31) for _ in range(len(hidden) + 1))
    if recipe.convolution:
        filters = 32 if prod(input_shape) >= MNIST else 16
        for count in (filters, 2 * filters):
            stack.append(
                layers.Conv2D(
                    count,
                    3,
                    padding="same",
                    activation=recipe.activation,
                    kernel_initializer=recipe.initializer,
                )
            )
            stack.append(layers.MaxPooling2D())
        hidden = recipe.units or (64,)
    if recipe.fewer:
        hidden = hidden[:-1]
    if len(input_shape) > 1:
        stack.append(layers.Flatten())
    for index, units in enumerate(hidden):
        penalty = keras.regularizers.L2(recipe.l2) if recipe.l2 else None
        initial = _initializer(recipe.initializer, seeds[index])
        stack.append(layers.Dense(units, kernel_initializer=initial, kernel_regularizer=penalty))
        if recipe.batch_norm:
            stack.append(layers.BatchNormalization())
        relu = recipe.activation == "relu"
        stack.append(layers.ReLU() if relu else layers.Activation(recipe.activation))
        if recipe.dropout:
            stack.append(layers.Dropout(recipe.dropout[min(index, len(recipe.dropout) - 1)]))
    initial = _initializer(recipe.initializer, last_seed)
    stack.append(layers.Dense(outputs, activation=activation, kernel_initializer=initial))
    return keras.Sequential(stack)


def _initializer(name: str, seed: int) -> keras.initializers.Initializer:
    """Return Keras's initializer of this name with a seed, if it draws at all."""
    config = keras.initializers.get(name).get_config()
    seeded = {"seed": seed} if "seed" in config else {}
    return keras.initializers.get({"class_name": name, "config": {**config, **seeded}})


def hidden_units(features: int) -> tuple[int, ...]:
    """Return the hidden layers' units: the notes' 512 and 256 for MNIST, fewer for smaller rows."""
    if features >= MNIST:
        return (512, 256)
    return (128, 64) if features >= 64 else (64, 32)


def multiply_adds(model: keras.Model) -> int:
    """Return the multiply-adds of one row's way through the Dense and Conv2D layers."""
    return sum(
        prod(layer.kernel.shape) * prod(layer.output.shape[1:-1])
        for layer in model._flatten_layers(include_self=False)
        if isinstance(layer, (layers.Dense, layers.Conv2D))
    )
