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

from rows import Conv, Dense, Flatten, Pool, Row, arrays, initial_weights, input_shapes

Train = Callable[[], float]


@dataclass(frozen=True)
class Contender:
    """One way to train a row."""

    name: str
    title: str
    build: Callable[[Row, int], Train]
    backend: str | None = None
    "Keras's backend, None where Keras is not used."


def build_bital(row: Row, steps_per_execution: int) -> Train:
    import bital

    return keras_train(row, steps_per_execution, bital.fit)


def build_keras(row: Row, steps_per_execution: int) -> Train:
    import keras

    return keras_train(row, steps_per_execution, keras.Model.fit)


def keras_train(row: Row, steps_per_execution: int, fit: Callable) -> Train:
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
            data.x,
            data.y,
            batch_size=row.batch_size,
            epochs=row.epochs,
            validation_data=data.validation,
            verbose=0,
        )
        return float(history.history["loss"][-1])

    return train


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
    """The loop an ordinary user writes: a tensor indexed by a fresh permutation each epoch."""
    import torch

    torch.manual_seed(0)
    classifies = row.loss != "mse"
    model = torch_model(row)
    loss_of = torch.nn.CrossEntropyLoss() if classifies else torch.nn.MSELoss()
    if row.optimizer == "adam":  # Keras's hyperparameters, not PyTorch's
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    else:
        optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)

    def tensors(x, y):
        x = torch.from_numpy(x)
        # The permuted view of an NHWC array is what PyTorch calls channels_last.
        x = x.permute(0, 3, 1, 2) if x.ndim == 4 else x
        return x, torch.from_numpy(y).long() if classifies else torch.from_numpy(y)

    data = arrays(row)
    x, y = tensors(data.x, data.y)
    validation = tensors(*data.validation) if data.validation else None

    def metric(outputs, targets) -> float:
        if classifies:
            return (outputs.argmax(1) == targets).sum().item()
        return (outputs - targets).abs().sum().item()

    def train_epoch() -> float:
        model.train()
        total_loss = total_metric = 0.0
        for batch in torch.randperm(len(x)).split(row.batch_size):
            inputs, targets = x[batch], y[batch]
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = loss_of(outputs, targets)
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * len(batch)
            total_metric += metric(outputs, targets)
        return total_loss / len(x)

    @torch.no_grad()
    def validate() -> None:
        model.eval()
        total_loss = total_metric = 0.0
        for inputs, targets in zip(*(t.split(row.batch_size) for t in validation), strict=True):
            outputs = model(inputs)
            total_loss += loss_of(outputs, targets).item() * len(inputs)
            total_metric += metric(outputs, targets)

    def train() -> float:
        for _ in range(row.epochs):
            loss = train_epoch()
            if validation:
                validate()
        return loss

    return train


def torch_model(row: Row):
    """The row's network on logits, its weights Keras's, transposed to PyTorch's layout."""
    import torch
    from torch import nn

    weights = iter(initial_weights(row))
    modules: list[nn.Module] = []
    image = None  # the shape Flatten received, until the first Dense has used it
    for layer, shape in input_shapes(row):
        match layer:
            case Conv(filters, padding):
                kernel, _ = next(weights)
                module = nn.Conv2d(shape[-1], filters, 3, padding=padding)
                module.weight.data = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
                nn.init.zeros_(module.bias)
                modules += [module, nn.ReLU()]
            case Pool():
                modules.append(nn.MaxPool2d(2))
            case Flatten():
                image = shape
                modules.append(nn.Flatten())
            case Dense(units, activation):
                kernel, _ = next(weights)
                if image:  # Keras flattens (h, w, c), PyTorch (c, h, w)
                    kernel = kernel.reshape(*image, units).transpose(2, 0, 1, 3)
                    kernel, image = kernel.reshape(-1, units), None
                module = nn.Linear(kernel.shape[0], units)
                module.weight.data = torch.from_numpy(kernel.T.copy())
                nn.init.zeros_(module.bias)
                modules += [module, nn.ReLU()] if activation == "relu" else [module]
    return nn.Sequential(*modules).to(memory_format=torch.channels_last)


CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender("bital", "bital", build_bital, "jax"),
        Contender("keras_jax", "Keras on JAX", build_keras, "jax"),
        Contender("keras_tf", "Keras on TensorFlow", build_keras, "tensorflow"),
        Contender("keras_torch", "Keras on torch", build_keras, "torch"),
        Contender("torch", "PyTorch loop", build_torch),
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
