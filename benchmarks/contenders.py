"""
Who trains: each contender turns a row into `train()`, one call of fit that returns its last loss.

Every contender lives in a process of its own, because Keras's backend is fixed per process.
`serve` is that process's main loop: a line in asks for one call, a line out answers.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from callbacks import callbacks
from feeds import fed
from rows import Conv, Dense, Flatten, Pool, Row, arrays, initial_weights

Train = Callable[[], float]


@dataclass(frozen=True)
class Contender:
    """One way to train a row."""

    name: str
    title: str
    build: Callable[[Row, int], Train]
    backend: str | None = None
    "Keras's backend, None where Keras is not used."
    feeds: tuple[str, ...] = ("arrays", "generator", "pydataset")
    "Rows it has no like of are left out."


def build_bital(row: Row, steps_per_execution: int) -> Train:
    import bital

    return keras_train(row, steps_per_execution, bital.fit, bital.predict)


def build_keras(row: Row, steps_per_execution: int) -> Train:
    import keras

    return keras_train(row, steps_per_execution, keras.Model.fit, keras.Model.predict)


def keras_train(row: Row, steps_per_execution: int, fit: Callable, predict: Callable) -> Train:
    import keras

    keras.utils.set_random_seed(0)
    model = keras_model(row)
    model.compile(
        optimizer=row.optimizer,
        loss=row.loss,
        metrics=[row.metric],
        steps_per_execution=steps_per_execution,
    )
    data = arrays(row)

    def train() -> float:
        history = fit(
            model,
            **fed(row, data),
            epochs=row.epochs,
            validation_data=data.validation,
            validation_batch_size=row.batch_size if data.validation else None,
            callbacks=callbacks(row),
            verbose=0,
        )
        return float(history.history["loss"][-1])

    def foresee() -> float:
        outputs = predict(model, data.x, batch_size=row.batch_size, verbose=0)
        return -float(np.log(outputs[np.arange(len(outputs)), data.y]).mean())

    return foresee if row.task == "predict" else train


def keras_model(row: Row):
    from keras import Input, Sequential, layers

    model = Sequential([Input(row.shape)])
    for layer in row.layers:
        match layer:
            case Conv(filters, padding):
                model.add(layers.Conv2D(filters, 3, padding=padding, activation="relu"))
            case Pool():
                model.add(layers.MaxPooling2D(2))
            case Flatten():
                model.add(layers.Flatten())
            case Dense(units, activation):
                model.add(layers.Dense(units, activation=activation))
    model.set_weights([array for pair in initial_weights(row) for array in pair])
    return model


def build_torch(row: Row, _: int) -> Train:
    from torch_loop import torch_train

    return torch_train(row)


CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender("bital", "bital", build_bital, "jax"),
        Contender("keras_jax", "Keras on JAX", build_keras, "jax"),
        Contender("keras_tf", "Keras on TensorFlow", build_keras, "tensorflow"),
        Contender("keras_torch", "Keras on torch", build_keras, "torch"),
        Contender("torch", "PyTorch loop", build_torch, feeds=("arrays", "generator")),
    )
}


def serve(contender: Contender, row: Row, steps_per_execution: int) -> None:
    """Answer `ready`, then one call of fit for each line read, until the input closes."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a framework prints must not mix with the answers

    def answer(**fields: object) -> None:
        answers.write(json.dumps(fields) + "\n")

    try:
        train = contender.build(row, steps_per_execution)
        answer(ready=True)
        for _ in sys.stdin:
            start = time.perf_counter()
            loss = train()
            answer(seconds=time.perf_counter() - start, loss=loss)
    except ImportError as error:
        answer(skip=str(error))
    except Exception as error:  # noqa: BLE001
        traceback.print_exc()
        answer(failure=f"{type(error).__name__}: {error}")
