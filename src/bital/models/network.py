"""Recipes built as Keras models, sized to the data."""

import random
from math import prod
from typing import Any

import keras
from keras import layers

from bital.models.recipe import Recipe

L2 = 1e-5
DROPOUT = (0.4, 0.2)  # after the first and after every later hidden layer
MNIST = 28 * 28


def network(
    recipe: Recipe, input_shape: tuple[int, ...], outputs: int, activation: str
) -> keras.Sequential:
    """Return the recipe's uncompiled network, with the notes' penalty and dropout rates.

    After `keras.utils.set_random_seed`, every recipe draws the same initial weights for the Dense
    layers that it has in common with another: their seeds are drawn first, whatever comes between.

    Args:
        recipe: which remedies.
        input_shape: of one row: (features,) or (height, width, channels).
        outputs: units of the last layer.
        activation: of the last layer: "softmax" or "linear".
    """
    stack: list[Any] = [layers.Input(input_shape)]
    hidden = hidden_units(prod(input_shape))
    *seeds, last_seed = (random.randrange(2**31) for _ in range(len(hidden) + 1))
    if recipe.convolution:
        filters = 32 if prod(input_shape) >= MNIST else 16
        for count in (filters, 2 * filters):
            stack.append(layers.Conv2D(count, 3, padding="same", activation="relu"))
            stack.append(layers.MaxPooling2D())
        hidden = (64,)
    if recipe.fewer:
        hidden = hidden[:-1]
    if len(input_shape) > 1:
        stack.append(layers.Flatten())
    for index, units in enumerate(hidden):
        penalty = keras.regularizers.L2(L2) if recipe.l2 else None
        initial = keras.initializers.GlorotUniform(seeds[index])
        stack.append(layers.Dense(units, kernel_initializer=initial, kernel_regularizer=penalty))
        if recipe.batch_norm:
            stack.append(layers.BatchNormalization())
        stack.append(layers.ReLU())
        if recipe.dropout:
            stack.append(layers.Dropout(DROPOUT[min(index, 1)]))
    initial = keras.initializers.GlorotUniform(last_seed)
    stack.append(layers.Dense(outputs, activation=activation, kernel_initializer=initial))
    return keras.Sequential(stack)


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
