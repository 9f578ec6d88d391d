"""The loop an ordinary user of PyTorch writes; imported only where PyTorch is."""

import copy
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import torch
from callbacks import FACTOR, LEAST, MIN_DELTA, PATIENCE
from feeds import generator
from rows import Arrays, Conv, Dense, Flatten, Pool, Row, arrays, initial_weights, input_shapes
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau


def torch_train(row: Row) -> Callable[[], float]:
    """Return `train()`, which trains the row's epochs and returns the last epoch's loss."""
    torch.manual_seed(0)
    model = torch_model(row)
    loss_of = nn.CrossEntropyLoss() if classifies(row) else nn.MSELoss()
    if row.optimizer == "adam":  # Keras's hyperparameters, not PyTorch's
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    else:
        optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
    data = arrays(row)
    epochs = batches_of_epochs(row, data)
    held_out = tensors(row, *data.validation) if data.validation else None
    step_losses: list[float] = []
    step_rates: list[float] = []

    def metric(outputs: torch.Tensor, targets: torch.Tensor) -> float:
        if classifies(row):
            return (outputs.argmax(1) == targets).sum().item()
        return (outputs - targets).abs().sum().item()

    def train_epoch() -> float:
        model.train()
        total_loss = total_metric = 0.0
        for inputs, targets in next(epochs):
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = loss_of(outputs, targets)
            loss.backward()
            optimizer.step()
            step_loss = loss.item()
            total_loss += step_loss * len(inputs)
            total_metric += metric(outputs, targets)
            if row.callbacks == "batch_hook":
                step_losses.append(step_loss)
            elif row.callbacks == "batch_look":
                step_rates.append(optimizer.param_groups[0]["lr"])
        return total_loss / row.examples

    @torch.no_grad()
    def validate() -> float:
        model.eval()
        total_loss = total_metric = 0.0
        for inputs, targets in zip(*(t.split(row.batch_size) for t in held_out), strict=True):
            outputs = model(inputs)
            total_loss += loss_of(outputs, targets).item() * len(inputs)
            total_metric += metric(outputs, targets)
        return total_loss / row.validation_examples

    def train() -> float:
        step_losses.clear()
        rules = Rules(model, optimizer) if row.callbacks == "rules" else None
        for _ in range(row.epochs):
            loss = train_epoch()
            validation_loss = validate() if held_out else None
            if rules and rules.stop(validation_loss):
                break
        if rules:
            model.load_state_dict(rules.best_weights)
        return loss

    @torch.no_grad()
    def foresee() -> float:
        model.eval()
        inputs, targets = tensors(row, data.x, data.y)
        outputs = torch.cat([model(batch) for batch in inputs.split(row.batch_size)])
        return nn.functional.cross_entropy(outputs, targets).item()

    return foresee if row.task == "predict" else train


class Rules:
    """Early stopping that keeps the best weights, and the learning rate's reduction."""

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.model = model
        self.best = float("inf")
        self.best_weights = copy.deepcopy(model.state_dict())
        self.waited = 0
        self.schedule = ReduceLROnPlateau(
            optimizer,
            factor=FACTOR,
            patience=PATIENCE["reduce"] - 1,  # Keras counts the epoch that reduces
            threshold=MIN_DELTA,
            threshold_mode="abs",
            min_lr=LEAST,
        )

    def stop(self, validation_loss: float) -> bool:
        self.schedule.step(validation_loss)
        self.waited += 1
        if validation_loss < self.best:
            self.best, self.waited = validation_loss, 0
            self.best_weights = copy.deepcopy(self.model.state_dict())
        return self.waited >= PATIENCE["stop"]


def batches_of_epochs(
    row: Row, data: Arrays
) -> Iterator[Iterator[tuple[torch.Tensor, torch.Tensor]]]:
    """Epoch after epoch: tensors indexed by a fresh permutation, or a user's generator."""
    if row.feed == "generator":
        source = (tensors(row, *batch) for batch in generator(row, data))
        while True:
            yield islice(source, row.batches)
    x, y = tensors(row, data.x, data.y)
    while True:
        order = torch.randperm(len(x)).split(row.batch_size)
        yield ((x[rows], y[rows]) for rows in order)


def tensors(row: Row, x: np.ndarray, y: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    # The permuted view of an NHWC array is what PyTorch calls channels_last.
    inputs = inputs.permute(0, 3, 1, 2) if inputs.ndim == 4 else inputs
    return inputs, targets.long() if classifies(row) else targets


def classifies(row: Row) -> bool:
    return row.loss != "mse"


def torch_model(row: Row) -> nn.Module:
    """The row's network on logits, its weights Keras's, transposed to PyTorch's layout."""
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
