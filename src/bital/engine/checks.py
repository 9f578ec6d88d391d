"""What must hold before the first step: the rule, what arrived, the next step."""

from functools import partial
from typing import Any

import jax
import keras
import numpy as np

from bital.engine.keras_own import Trainer
from bital.errors import InvalidInput, UnknownName
from bital.models.functional import metric_results, read_state


def check_model(model: Any) -> None:
    """Raise unless `model` is a Keras model."""
    if not isinstance(model, keras.Model):
        raise InvalidInput(f"model must be a keras.Model; got {type(model).__name__}.")


def check_compiled(model: Any) -> None:
    """Raise unless `model` is a Keras model that `compile()` has been called on."""
    check_model(model)
    if not model.compiled:
        raise InvalidInput(
            f"model must be compiled before it is trained or evaluated; {model.name!r} is not. "
            "Call model.compile(optimizer=..., loss=...) first."
        )


def check_count(name: str, value: Any, least: int = 1) -> None:
    """Raise unless `value` is None or an integer of at least `least`."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InvalidInput(f"{name} must be an integer of at least {least}; got {value!r}.")


def check_lengths(x: Any, y: Any, sample_weight: Any, of: str = "") -> None:
    """Raise unless all arrays have the same number of rows, at least one."""
    where = f"{of}'s " if of else ""
    rows = {
        f"{where}{name}": sorted(
            {int(a.shape[0]) for a in keras.tree.flatten(part) if a is not None}
        )
        for name, part in {"x": x, "y": y, "sample_weight": sample_weight}.items()
    }
    said = ", ".join(
        f"{n}: {' and '.join(map(str, counts))}" for n, counts in rows.items() if counts
    )
    counts = {count for group in rows.values() for count in group}
    if len(counts) > 1:
        raise InvalidInput(
            f"x, y and sample_weight must have one row per sample, so the same number of rows; "
            f"got {said}. Check where they were sliced or loaded."
        )
    if counts == {0}:
        raise InvalidInput(f"there must be at least one row; got {said}.")


def check_numbers(x: Any, y: Any, sample_weight: Any, of: str = "") -> None:
    """Raise if an array or a data frame holds strings or other objects."""
    where = f"{of}'s " if of else ""
    for name, part in {"x": x, "y": y, "sample_weight": sample_weight}.items():
        for leaf in keras.tree.flatten(part):
            if not isinstance(leaf, np.ndarray) and not hasattr(leaf, "iloc"):
                continue
            kind = np.asarray(leaf[:1]).dtype
            if kind.kind in "USO":
                raise InvalidInput(
                    f"data must be numbers; {where}{name} has dtype {kind}. "
                    "Encode text and categories as numbers first."
                )


def check_finite(arrays: Any, where: str) -> None:
    """Raise if any floating array holds a NaN."""
    for path, leaf in jax.tree_util.tree_flatten_with_path(arrays)[0]:
        if leaf.dtype.kind == "f" and leaf.size and np.isnan(np.min(leaf)):
            rows = np.isnan(np.asarray(leaf)).reshape(len(leaf), -1).any(axis=1)
            raise InvalidInput(
                f"data must not contain NaN; {where}{jax.tree_util.keystr(path)} has NaN in "
                f"{int(rows.sum())} of {len(rows)} rows, the first is row {int(rows.argmax())}. "
                "Drop or fill these rows."
            )


def check_source(x: Any, of: str = "") -> None:
    """Raise unless `x` is something to read rows from: not None, not masked, not empty."""
    name = f"{of}'s x" if of else "x"
    if x is None:
        raise InvalidInput(f"{name} must be arrays or whatever yields batches; got None.")
    if isinstance(x, keras.utils.PyDataset) and x.num_batches == 0:
        raise InvalidInput(f"{name} must have at least one batch; its len() or num_batches is 0.")
    if any(isinstance(leaf, np.ma.MaskedArray) for leaf in keras.tree.flatten(x)):
        raise InvalidInput(
            f"data must be plain arrays; {name} is masked. Fill it first: array.filled(0)."
        )


def check_labelled(model: Any, x: Any, y: Any) -> None:
    """Raise if labels are missing that the loss compares outputs with."""
    own = any(
        getattr(type(model), s) is not getattr(Trainer, s) for s in ("train_step", "compute_loss")
    )
    rows = isinstance(x, np.ndarray) or hasattr(x, "iloc")
    if y is None and rows and model.loss is not None and not own:
        raise InvalidInput(
            "y must be given for a loss that compares outputs with labels; got None. Pass y, or "
            "use model.add_loss or compute_loss without compile(loss=...)."
        )


def check_rate(model: Any) -> None:
    """Raise if the learning rate is infinite or NaN."""
    rate = getattr(model.optimizer, "_learning_rate", None)
    if isinstance(rate, keras.Variable) and not np.isfinite(float(rate)):
        raise InvalidInput(
            f"the optimizer's learning rate must be a finite number; got {float(rate)}."
        )


def check_choices(shuffle: Any, class_weight: Any, validation_freq: Any) -> None:
    """Raise if one of these arguments of `fit` is nothing that Keras knows."""
    if not isinstance(shuffle, (bool, np.bool_)) and shuffle != "batch":
        raise InvalidInput(f'shuffle must be True, False or "batch"; got {shuffle!r}.')
    if isinstance(validation_freq, (list, tuple, set, range)):
        for epoch in validation_freq:
            check_count("each of validation_freq", epoch)
    else:
        check_count("validation_freq", validation_freq)
    if class_weight is None:
        return
    if not isinstance(class_weight, dict):
        raise InvalidInput(
            "class_weight must be a dict from class index to weight, as in {0: 1.0, 1: 3.0}; "
            f"got a {type(class_weight).__name__}."
        )
    for key, weight in class_weight.items():
        if isinstance(key, bool) or not isinstance(key, (int, np.integer)) or key < 0:
            raise InvalidInput(f"class_weight's keys must be class indices from 0; got {key!r}.")
        if not np.isscalar(weight) or isinstance(weight, str) or not np.isfinite(weight):
            raise InvalidInput(
                f"class_weight's weights must be finite numbers; got {weight!r} for class {key}."
            )


def check_integers(arrays: Any, where: str) -> None:
    """Raise if a 64-bit integer has no 32-bit one to stand for it: the device computes in 32."""
    for path, leaf in jax.tree_util.tree_flatten_with_path(arrays)[0]:
        narrow = {"int64": np.int32, "uint64": np.uint32}.get(str(getattr(leaf, "dtype", "")))
        if narrow is None or not leaf.size:
            continue
        low, high, limits = int(leaf.min()), int(leaf.max()), np.iinfo(narrow)
        if low < limits.min or high > limits.max:
            raise InvalidInput(
                f"integers must fit into 32 bits, from {limits.min} to {limits.max}; "
                f"{where}{jax.tree_util.keystr(path)} ({leaf.dtype}) goes from {low} to {high}. "
                "Number classes from 0; give other numbers as floats, scaled."
            )


def check_monitors(model: Any, callbacks: list[Any], validates: bool) -> None:
    """Raise if one of Keras's callbacks monitors what will never be in the logs.

    Nothing is said where a custom step or another callback may bring logs of its own.
    """
    watching = [c for c in callbacks if type(c) in _MONITORS and getattr(c, "save_best_only", True)]
    own = any(getattr(type(model), s) is not getattr(Trainer, s) for s in _STEPS)
    if not watching or own or any(not type(c).__module__.startswith("keras.") for c in callbacks):
        return
    names = set(jax.eval_shape(partial(metric_results, model), read_state(model)))
    if validates:
        names |= {f"val_{name}" for name in names}
    if any(type(c) in _RATES for c in callbacks):
        several = getattr(model.optimizer, "optimizers", None)
        names |= {f"learning_rate_{o.name}" for o in several} if several else {"learning_rate"}
    for callback in watching:
        if callback.monitor not in names:
            hint = ""
            if callback.monitor.startswith("val_") and not validates:
                hint = " There is no validation: give fit validation_data or validation_split."
            raise UnknownName(
                f"monitor of {type(callback).__name__}", callback.monitor, names, hint
            )


_STEPS = ("train_step", "test_step", "compute_metrics", "get_metrics_result")
_MONITORS = (
    keras.callbacks.EarlyStopping,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ReduceLROnPlateau,
)
_RATES = (keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler)

_POINTWISE = {
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_logarithmic_error": "msle",
    "huber": "huber",
    "log_cosh": "log_cosh",
    "binary_crossentropy": "binary_crossentropy",
    "binary_focal_crossentropy": "binary_focal_crossentropy",
}


def check_labels(loss: Any, labels: Any, outputs: Any) -> None:
    """Raise if a built-in loss cannot mean what these labels say.

    Keras broadcasts some of these mistakes into a number and leaves others to a traceback. Only one
    output with one of Keras's own losses is looked at.

    Args:
        loss: what `compile(loss=...)` was given.
        labels: array of labels, rows first.
        outputs: shape of the model's output, rows first.
    """
    name = _loss_name(loss)
    if name is None or not hasattr(labels, "shape") or not isinstance(outputs, tuple):
        return
    got = f"labels of shape {tuple(labels.shape)} for outputs of shape {('n', *outputs[1:])}"
    row, out = tuple(labels.shape[1:]), tuple(outputs[1:])
    if name == "sparse_categorical_crossentropy":
        _check_class_indices(labels, row, out, got, getattr(loss, "ignore_class", None))
    elif name == "categorical_crossentropy":
        if row != out:
            raise InvalidInput(
                f"categorical_crossentropy needs one-hot labels shaped like the outputs; "
                f"got {got}. Use sparse_categorical_crossentropy for class indices, "
                "or keras.utils.to_categorical(y)."
            )
    elif name in _POINTWISE and not _same_but_for_ones(row, out):
        raise InvalidInput(
            f"{_POINTWISE[name]} compares labels and outputs one by one, so their shapes must "
            f"agree; got {got}. Change the last layer's units or the labels' shape."
        )


def _check_class_indices(
    labels: Any, row: tuple[int, ...], out: tuple[int, ...], got: str, ignored: int | None
) -> None:
    rule = "sparse_categorical_crossentropy needs one class index per output"
    if row not in (out[:-1], (*out[:-1], 1)):
        hint = "Use categorical_crossentropy for one-hot labels." if row == out else ""
        raise InvalidInput(f"{rule}; got {got}. {hint}".rstrip())
    values = np.asarray(labels)
    if ignored is not None:
        values = values[values != ignored]
    if not values.size:
        return
    low, high, classes = values.min(), values.max(), out[-1]
    if values.dtype.kind == "f" and np.any(values != np.round(values)):
        raise InvalidInput(f"{rule}, an integer; got fractions such as {values.ravel()[0]}.")
    if low < 0 or (classes is not None and high >= classes):
        raise InvalidInput(
            f"{rule}, from 0 to {classes - 1}; got labels from {low:g} to {high:g}. "
            "Renumber the classes from 0 or give the last layer more units."
        )


def _same_but_for_ones(row: tuple[int, ...], out: tuple[int | None, ...]) -> bool:
    """Whether shapes agree once a trailing 1 is dropped; unknown sizes agree with anything."""
    a, b = (shape[:-1] if shape and shape[-1] == 1 else shape for shape in (row, out))
    return len(a) == len(b) and all(
        m == n or m is None or n is None for m, n in zip(a, b, strict=True)
    )


def _loss_name(loss: Any) -> str | None:
    if loss is None or isinstance(loss, (list, tuple, dict)):
        return None
    function = keras.losses.get(loss)
    if isinstance(function, keras.losses.Loss):
        function = getattr(function, "fn", None)
    name = getattr(function, "__name__", None)
    own = str(getattr(function, "__module__", "")).startswith("keras.")
    return name if own else None
