"""Models whose `train_step(self, data)` is TensorFlow's: one batch, tapes and `apply_gradients`."""

from collections.abc import Iterator
from inspect import Parameter, signature
from typing import Any

import keras
from keras.src.callbacks.callback_list import CallbackList
from keras.src.trainers.data_adapters import array_slicing, data_adapter_utils
from keras.src.trainers.epoch_iterator import EpochIterator
from keras.src.utils import io_utils

from bital.compat.notes import note
from bital.compat.tape.recorder import concrete
from bital.engine.keras_own import Trainer

_OWN = {name: getattr(Trainer, name) for name in ("train_step", "test_step")}


def has_own_step(model: Any, name: str) -> bool:
    """Whether a model overrides a step that takes the data alone, without a state."""
    step = getattr(type(model), name)
    if step in (_OWN[name], getattr(Trainer, name)):
        return False
    positional = [
        p
        for p in signature(step).parameters.values()
        if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    ]
    return len(positional) == 2


def fit_by_steps(
    model: Any,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: Any = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: Any = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int = 1,
) -> Any:
    """Train as `Model.fit` does, each batch by the model's own `train_step(data)`."""
    note("train_step(self, data)", "train_step(self, state, data), which JAX compiles")
    if validation_split and validation_data is None:
        (x, y, sample_weight), validation_data = array_slicing.train_validation_split(
            (x, y, sample_weight), validation_split
        )
    batches = EpochIterator(
        x=x,
        y=y,
        sample_weight=sample_weight,
        batch_size=batch_size,
        steps_per_epoch=steps_per_epoch,
        shuffle=shuffle and not isinstance(x, Iterator),
        class_weight=class_weight,
    )
    if not isinstance(callbacks, CallbackList):
        callbacks = CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            verbose=1 if verbose == "auto" else verbose,
            epochs=epochs,
            steps=batches.num_batches,
            model=model,
        )
    model.stop_training = False
    callbacks.on_train_begin()
    logs: dict[str, Any] = {}
    for epoch in range(initial_epoch, epochs):
        for metric in model.metrics:
            metric.reset_state()
        callbacks.on_epoch_begin(epoch)
        batches.reset()
        for step, _, iterator in batches:
            for batch in iterator:
                callbacks.on_train_batch_begin(step)
                logs = _numbers(model.train_step(_tensors(batch)))
                callbacks.on_train_batch_end(step, logs)
                if model.stop_training:
                    break
        if validation_data is not None and (epoch + 1) % validation_freq == 0:
            held_out = _evaluated(model, validation_data, validation_batch_size or batch_size,
                                  validation_steps)  # fmt: skip
            logs = {**logs, **{f"val_{name}": value for name, value in held_out.items()}}
        callbacks.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    callbacks.on_train_end(logs)
    return model.history


def evaluate_by_steps(
    model: Any, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: Any = "auto",
    sample_weight: Any = None, steps: int | None = None, callbacks: Any = None,
    return_dict: bool = False, **_: Any,
) -> Any:  # fmt: skip
    """Measure as `Model.evaluate` does, each batch by the model's own `test_step(data)`."""
    note("test_step(self, data)", "test_step(self, state, data), which JAX compiles")
    if not isinstance(callbacks, CallbackList):
        callbacks = CallbackList(callbacks, model=model)
    callbacks.on_test_begin()
    logs = _evaluated(model, (x, y, sample_weight), batch_size, steps)
    callbacks.on_test_end(logs)
    if verbose:
        io_utils.print_msg(" - ".join(f"{name}: {value:.4f}" for name, value in logs.items()))
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def _evaluated(model: Any, data: Any, batch_size: Any, steps: Any) -> dict[str, Any]:
    x, y, sample_weight = data_adapter_utils.unpack_x_y_sample_weight(data)
    if not has_own_step(model, "test_step"):
        found: dict[str, Any] = model.evaluate(
            x, y, batch_size, 0, sample_weight, steps, return_dict=True
        )
        return found
    for metric in model.metrics:
        metric.reset_state()
    logs: dict[str, Any] = {}
    batches = EpochIterator(
        x=x, y=y, sample_weight=sample_weight, batch_size=batch_size, steps_per_epoch=steps
    )
    for _, _, iterator in batches:
        for batch in iterator:
            logs = _numbers(model.test_step(_tensors(batch)))
    return logs


def _tensors(batch: Any) -> Any:
    """Return a batch as TensorFlow gave it: a lone input is not in a tuple."""
    made = keras.tree.map_structure(keras.ops.convert_to_tensor, batch)
    return made[0] if isinstance(made, tuple) and len(made) == 1 else made


def _numbers(logs: Any) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in (logs or {}).items():
        flat.update(value if isinstance(value, dict) else {name: value})
    return {name: float(concrete(value)) for name, value in flat.items()}
