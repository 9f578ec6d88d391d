"""Every kind of Keras model, loss, metric, optimizer and policy trains as in Keras."""

from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
import pytest
from keras import layers

from engine import made
from engine.parity import check_same

X, Y = made.iris(120)
ONE_HOT = np.eye(3, dtype=np.float32)[Y]
TWO = (Y == 1).astype(np.float32)
FIT = {"x": X, "y": Y, "batch_size": 24, "epochs": 3}


class OwnLogs(made.Subclassed):
    """A `train_step` of its own, with logs of its own."""

    def train_step(self, state: Any, data: Any) -> Any:
        trainable, rest, optimizer, metrics = state
        x, y = data
        gradient = jax.value_and_grad(self.compute_loss_and_updates, has_aux=True)
        (loss, aux), grads = gradient(
            trainable, rest, metrics, x, y, None, training=True, optimizer_variables=optimizer
        )
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, grads, trainable)
        logs = {"nll": loss, "slope": sum(jax.numpy.abs(g).sum() for g in grads)}
        return logs, (trainable, aux[2], optimizer, metrics)


class Noisy(layers.Layer):
    """Adds noise from a generator of its own and a penalty on what comes in."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds = keras.random.SeedGenerator(5)

    def call(self, x: Any, training: bool = False) -> Any:
        self.add_loss(0.01 * keras.ops.mean(keras.ops.square(x)))
        return x + 0.1 * keras.random.normal(keras.ops.shape(x), seed=self.seeds) if training else x


class PairMetric(keras.metrics.Metric):
    """One metric, two results."""

    def __init__(self) -> None:
        super().__init__(name="pair")
        self.largest = self.add_weight(name="largest", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.largest.assign(keras.ops.maximum(self.largest, keras.ops.max(y_pred)))

    def result(self) -> dict[str, Any]:
        return {"largest": self.largest.value, "twice": 2 * self.largest.value}


def unsupervised() -> keras.Model:
    stack = [layers.Input((4,)), layers.Dense(2), Noisy(), layers.Dense(4)]
    model = keras.Sequential(stack)
    model.compile("adam")
    return model


def tokens() -> keras.Model:
    stack = [
        layers.Input((6,)),
        layers.Embedding(9, 4, mask_zero=True),
        layers.LSTM(5),
        layers.Dense(3, activation="softmax"),
    ]
    return made.compiled(keras.Sequential(stack))


def scored(units: int, loss: str, *metrics: Any) -> Callable[[], keras.Model]:
    """Metrics are classes or functions, called for each model."""

    def make() -> keras.Model:
        activation = "sigmoid" if units == 1 else "softmax"
        stack = [layers.Input((4,)), layers.Dense(units, activation=activation)]
        return made.compiled(keras.Sequential(stack), loss=loss, metrics=[m() for m in metrics])

    return make


def policy(name: str) -> Callable[[], keras.Model]:
    def make() -> keras.Model:
        keras.config.set_dtype_policy(name)
        try:
            return made.mlp()
        finally:
            keras.config.set_dtype_policy("float32")

    return make


def no_input() -> keras.Model:
    stack = [layers.Dense(8, activation="relu"), layers.Dropout(0.2), layers.Dense(3)]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return made.compiled(keras.Sequential(stack), loss=loss)


def half_frozen() -> keras.Model:
    model = made.mlp()
    model.layers[0].trainable = False
    return made.compiled(model)


TOKENS = np.random.RandomState(1).randint(0, 9, (120, 6)).astype(np.int32)
TOKENS[:, 0] = 1
MODELS: dict[str, tuple[Callable[[], keras.Model], dict[str, Any]]] = {
    "subclassed": (lambda: made.compiled(made.Subclassed()), {"validation_split": 0.2}),
    "own_train_step": (lambda: made.compiled(OwnLogs()), {"validation_split": 0.2}),
    "no_input_layer": (no_input, {"validation_split": 0.2}),
    "add_loss_without_y": (unsupervised, {"y": None, "validation_data": (X[:24],)}),
    "half_frozen": (half_frozen, {}),
    "masked_lstm": (tokens, {"x": TOKENS}),
    "bfloat16": (policy("mixed_bfloat16"), {"tolerance": 2e-2}),
    "float16_with_loss_scale": (policy("mixed_float16"), {"tolerance": 5e-3}),
    "auc": (scored(1, "binary_crossentropy", lambda: keras.metrics.AUC(name="auc")), {"y": TWO}),
    "vector_metric": (
        scored(3, "categorical_crossentropy", lambda: keras.metrics.F1Score(name="f1")),
        {"y": ONE_HOT, "validation_split": 0.2},
    ),
    "metric_with_two_results": (
        scored(3, "categorical_crossentropy", PairMetric),
        {"y": ONE_HOT, "validation_split": 0.2},
    ),
    "top_k": (
        scored(
            3,
            "sparse_categorical_crossentropy",
            lambda: keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2"),
        ),
        {},
    ),
    "loss_function": (
        made.repeated(made.regression, loss=lambda: lambda y, p: abs(y - p) ** 1.5),
        {"y": X[:, :1]},
    ),
    "broadcast_regression": (made.regression, {"y": X[:, 0]}),
}


@pytest.mark.parametrize("case", MODELS)
def test_model(case: str) -> None:
    make, fit = MODELS[case]
    check_same(make, **(FIT | fit))


def decaying() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 4, 0.7))


def averaged() -> keras.optimizers.Optimizer:
    return keras.optimizers.AdamW(0.01, use_ema=True, ema_momentum=0.8)


OPTIMIZERS: dict[str, Callable[[], keras.optimizers.Optimizer]] = {
    "sgd_momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01, clipnorm=1.0),
    "adagrad": lambda: keras.optimizers.Adagrad(0.1),
    "nadam": lambda: keras.optimizers.Nadam(0.01),
    "schedule": decaying,
    "averaged_weights": averaged,
    "averaged_weights_overwritten": lambda: keras.optimizers.Adam(
        0.01, use_ema=True, ema_overwrite_frequency=4
    ),
    "accumulated_gradients": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=3),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer(name: str) -> None:
    check_same(made.repeated(made.softmax, optimizer=OPTIMIZERS[name]), **FIT)
