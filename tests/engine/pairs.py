"""Pairs of models that are almost the same, by what makes them differ or not."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, losses, metrics, ops, optimizers, regularizers

from bital.engine.build import build
from engine import made

X, Y = made.iris(8)
IMAGES = made.digits(8)
Make = Callable[[], keras.Model]
Pair = tuple[Make, Make]


def key_data(model: keras.Model) -> tuple[Any, Any]:
    """Rows that fit a model of these."""
    if not model.built:
        return X, Y
    if isinstance(model.input_shape, list):
        return (X[:, :2], X[:, 2:]), Y
    if model.input_shape[1:] == (8, 8, 1):
        return IMAGES
    if isinstance(model.output_shape, list):
        return X, [X[:, :1]] * 2
    return X, X[:, :1] if model.output_shape[-1] == 1 else Y


def built(make: Make) -> keras.Model:
    model = make()
    build(model, key_data(model))
    return model


def stack(*middle: Any, **settings: Any) -> keras.Model:
    ends = [layers.Input((4,)), *middle, layers.Dense(3, activation="softmax")]
    return made.compiled(keras.Sequential(ends), **settings)


def picture(*middle: Any) -> keras.Model:
    ends = [layers.Input((8, 8, 1)), *middle, layers.Flatten(), layers.Dense(10, "softmax")]
    return made.compiled(keras.Sequential(ends))


def wired(wire: Callable[[Any, Any], Any]) -> Make:
    """A model of two inputs of two columns each."""

    def make() -> keras.Model:
        inputs = layers.Input((2,)), layers.Input((2,))
        out = layers.Dense(3, activation="softmax")(wire(*inputs))
        return made.compiled(keras.Model(list(inputs), out))

    return make


def called_twice(a: Any, b: Any) -> Any:
    dense = layers.Dense(4)
    return dense(a) + dense(b)


def made_twice(a: Any, b: Any) -> Any:
    return layers.Dense(4)(a) + layers.Dense(4)(b)


def two_outputs(*names: str, **settings: Any) -> Make:
    def make() -> keras.Model:
        x = layers.Input((4,))
        out = [layers.Dense(1, name=name)(x) for name in names or ("a", "b")]
        return made.compiled(keras.Model(x, out), loss=["mse", "mae"], metrics=None, **settings)

    return make


def frozen(*which: int) -> keras.Model:
    model = stack(layers.Dense(4), layers.Dense(4))
    for index in which:
        model.layers[index].trainable = False
    return made.compiled(model)


def adapted(rows: np.ndarray) -> keras.Model:
    scale = layers.Normalization()
    scale.adapt(rows)
    return stack(scale)


def changed(make: Make, **attributes: Any) -> Make:
    """`make`, with attributes of its first layer set afterwards."""

    def make_and_change() -> keras.Model:
        model = make()
        for name, value in attributes.items():
            setattr(model.layers[0], name, value)
        return model

    return make_and_change


def layer(kind: type, *args: Any, **settings: Any) -> Make:
    return lambda: stack(kind(*args, **settings))


def compiled(**settings: Any) -> Make:
    """A model compiled so; what is a class or a function makes a setting."""
    return lambda: stack(**{k: v() if callable(v) else v for k, v in settings.items()})


def optimizer(kind: type, **settings: Any) -> Make:
    return compiled(optimizer=partial(kind, **settings))


def regression(**settings: Any) -> Make:
    return made.repeated(made.regression, **settings)


dense, dropout = partial(layer, layers.Dense, 4), partial(layer, layers.Dropout)
norm = partial(layer, layers.BatchNormalization)
sgd, adam = partial(optimizer, optimizers.SGD), partial(optimizer, optimizers.Adam)
sparse, top = losses.SparseCategoricalCrossentropy, metrics.SparseTopKCategoricalAccuracy
decay = optimizers.schedules.ExponentialDecay

DIFFERENT: dict[str, Pair] = {
    # layers
    "activation": (dense(activation="relu"), dense(activation="tanh")),
    "a name that is an activation": (
        dense(activation="relu", name="tanh"),
        dense(activation="tanh", name="relu"),
    ),
    "activation set later": (dense(), changed(dense(), activation=keras.activations.relu)),
    "units": (dense(), layer(layers.Dense, 5)),
    "bias": (dense(), dense(use_bias=False)),
    "count": (dense(), lambda: stack(layers.Dense(4), layers.Dense(4))),
    "order": (
        lambda: stack(layers.ReLU(), layers.BatchNormalization()),
        lambda: stack(layers.BatchNormalization(), layers.ReLU()),
    ),
    "regularizer": (dense(kernel_regularizer="l1"), dense(kernel_regularizer="l2")),
    "regularizer's strength": (
        dense(kernel_regularizer=regularizers.L2(1e-3)),
        dense(kernel_regularizer=regularizers.L2(1e-4)),
    ),
    "what is regularized": (dense(kernel_regularizer="l2"), dense(bias_regularizer="l2")),
    "activity": (dense(), dense(activity_regularizer="l2")),
    "constraint": (dense(), dense(kernel_constraint="non_neg")),
    "rate": (dropout(0.2), dropout(0.3)),
    "rate set later": (dropout(0.2), changed(dropout(0.2), rate=0.3)),
    "noise shape": (dropout(0.2), dropout(0.2, noise_shape=(None, 1))),
    "kind of noise": (dropout(0.2), layer(layers.GaussianDropout, 0.2)),
    "momentum of the statistics": (norm(), norm(momentum=0.9)),
    "epsilon of the statistics": (norm(), norm(epsilon=1e-5)),
    "slope": (layer(layers.LeakyReLU, 0.1), layer(layers.LeakyReLU, 0.2)),
    "scale": (layer(layers.Rescaling, 0.5), layer(layers.Rescaling, 0.25)),
    "one or True": (layer(layers.Rescaling, 1), layer(layers.Rescaling, 1.0)),
    "minus zero": (layer(layers.Rescaling, 1.0, 0.0), layer(layers.Rescaling, 1.0, -0.0)),
    "adapted": (partial(adapted, X), partial(adapted, 2 * X)),
    "dtype": (dense(dtype="float32"), dense(dtype="bfloat16")),
    "mixed dtype": (dense(dtype="bfloat16"), dense(dtype="mixed_bfloat16")),
    "autocast": (dense(), dense(autocast=False)),
    "mask": (
        lambda: stack(layers.Embedding(9, 4), layers.LSTM(2)),
        lambda: stack(layers.Embedding(9, 4, mask_zero=True), layers.LSTM(2)),
    ),
    "direction": (
        lambda: stack(layers.Embedding(9, 4), layers.GRU(2)),
        lambda: stack(layers.Embedding(9, 4), layers.GRU(2, go_backwards=True)),
    ),
    "stride": (
        lambda: picture(layers.Conv2D(2, 3, padding="same")),
        lambda: picture(layers.Conv2D(2, 3, padding="same", strides=2)),
    ),
    "kind of pooling": (
        lambda: picture(layers.MaxPooling2D(2)),
        lambda: picture(layers.AveragePooling2D(2)),
    ),
    "one frozen layer": (partial(frozen, 0), partial(frozen, 1)),
    "any frozen layer": (partial(frozen), partial(frozen, 0)),
    # wiring
    "called twice or made twice": (wired(called_twice), wired(made_twice)),
    "order of inputs": (
        wired(lambda a, b: layers.Concatenate()([a, b])),
        wired(lambda a, b: layers.Concatenate()([b, a])),
    ),
    "which input": (wired(lambda a, b: ops.relu(a) + b), wired(lambda a, b: a + ops.relu(b))),
    "a number": (wired(lambda a, b: a + 2.0 * b), wired(lambda a, b: a + 3.0 * b)),
    "an array": (
        wired(lambda a, b: a + b * np.float32([1, 2])),
        wired(lambda a, b: a + b * np.float32([1, 3])),
    ),
    "a slice": (wired(lambda a, b: a[:, :1] + b), wired(lambda a, b: a[:, 1:] + b)),
    "names of outputs": (two_outputs("a", "b"), two_outputs("b", "a")),
    # compile()
    "loss": (regression(loss="mse"), regression(loss="mae")),
    "from_logits": (compiled(loss=sparse), compiled(loss=partial(sparse, from_logits=True))),
    "ignore_class": (compiled(loss=sparse), compiled(loss=partial(sparse, ignore_class=1))),
    "reduction": (compiled(loss=sparse), compiled(loss=partial(sparse, reduction="sum"))),
    "delta": (
        regression(loss=losses.Huber),
        regression(loss=partial(losses.Huber, delta=0.5)),
    ),
    "label_smoothing": (
        regression(loss=losses.BinaryCrossentropy),
        regression(loss=partial(losses.BinaryCrossentropy, label_smoothing=0.1)),
    ),
    "loss_weights": (two_outputs(), two_outputs(loss_weights=[1.0, 0.5])),
    "order of loss_weights": (
        two_outputs(loss_weights=[1.0, 0.5]),
        two_outputs(loss_weights=[0.5, 1.0]),
    ),
    "metric": (regression(metrics=["mae"]), regression(metrics=["mse"])),
    "k": (compiled(metrics=lambda: [top(1, "top")]), compiled(metrics=lambda: [top(2, "top")])),
    "metric's name": (
        compiled(metrics=lambda: [top(1, "a")]),
        compiled(metrics=lambda: [top(1, "b")]),
    ),
    "weighted metric": (
        compiled(metrics=["accuracy"]),
        compiled(metrics=None, weighted_metrics=["accuracy"]),
    ),
    "auto_scale_loss": (
        compiled(optimizer=partial(optimizers.LossScaleOptimizer, optimizers.SGD())),
        sgd(),
    ),
    "optimizer": (sgd(), adam()),
    "momentum": (sgd(momentum=0.9), sgd(momentum=0.8)),
    "nesterov": (sgd(momentum=0.9), sgd(momentum=0.9, nesterov=True)),
    "beta_1": (adam(), adam(beta_1=0.8)),
    "epsilon": (adam(), adam(epsilon=1e-6)),
    "amsgrad": (adam(), adam(amsgrad=True)),
    "weight_decay": (sgd(weight_decay=1e-3), sgd(weight_decay=1e-4)),
    "norm of what": (sgd(clipnorm=1.0), sgd(global_clipnorm=1.0)),
    "clipvalue": (sgd(clipvalue=1.0), sgd(clipvalue=2.0)),
    "ema": (sgd(use_ema=True), sgd(use_ema=True, ema_momentum=0.5)),
    "accumulation": (sgd(), sgd(gradient_accumulation_steps=2)),
    "schedule": (
        sgd(learning_rate=decay(0.1, 9, 0.5)),
        sgd(learning_rate=decay(0.1, 9, 0.4)),
    ),
    "rate or schedule": (sgd(), sgd(learning_rate=decay(0.1, 9, 0.5))),
}

SAME: dict[str, Pair] = {
    "made again": (made.regularised, made.regularised),
    "seed": (dropout(0.2, seed=1), dropout(0.2, seed=2)),
    "initial seed": (
        dense(kernel_initializer=keras.initializers.GlorotUniform(1)),
        dense(kernel_initializer=keras.initializers.GlorotUniform(2)),
    ),
    "learning rate": (sgd(learning_rate=0.1), sgd(learning_rate=0.2)),
    "names": (dense(name="one"), dense(name="two")),
    "wired again": (wired(called_twice), wired(called_twice)),
    "an array again": (wired(lambda a, b: a + b * np.float32([1, 2])),) * 2,
    "adapted to the same rows": (partial(adapted, X), partial(adapted, X.copy())),
    "several outputs": (two_outputs(), two_outputs()),
    "recurrent": (lambda: stack(layers.Embedding(9, 4), layers.GRU(2, dropout=0.1)),) * 2,
    "images": (made.cnn, made.cnn),
}
