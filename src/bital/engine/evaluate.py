"""`bital.evaluate` and `bital.predict`: one program each."""

from typing import Any

import jax
import keras
import numpy as np
from keras.src.callbacks.callback_list import CallbackList
from keras.src.utils.python_utils import pythonify_logs

from bital.engine import arrays, checks
from bital.engine.build import build
from bital.engine.cache import persist_compilation, remembered
from bital.engine.callbacks import listed, watchers
from bital.engine.keras_own import METHODS
from bital.engine.passes import Pass, steps_of
from bital.engine.plan import keras_reason, overridden, say
from bital.engine.program import evaluation_program, prediction_program
from bital.models.backend import require_jax
from bital.models.functional import read_state, write_state


def evaluate(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    sample_weight: Any = None,
    steps: int | None = None,
    callbacks: Any = None,
    return_dict: bool = False,
) -> Any:
    """Return the model's loss and metrics on arrays, as `keras.Model.evaluate` does.

    Args:
        model: compiled Keras model on the JAX backend.
        x: arrays with rows first; anything else is handed to Keras's own loop.
        y: labels.
        batch_size: rows per step; 32 when left out.
        verbose: 0 silent, 1 or "auto" a bar, 2 a line.
        sample_weight: weight of each row.
        steps: batches to look at; all when left out.
        callbacks: Keras callbacks.
        return_dict: return a dict by name instead of a list.

    Returns:
        The loss, a list of loss and metrics, or a dict of them.

    Raises:
        InvalidInput: the model is not compiled; sizes, lengths, labels or values break a rule.
        WrongBackend: Keras does not run on JAX.
    """
    require_jax()
    checks.check_compiled(model)
    checks.check_count("batch_size", batch_size)
    checks.check_count("steps", steps)
    given = (x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict)
    if overridden(model, "evaluate"):
        return model.evaluate(*given)
    return measure(model, *given, strict=True)


def measure(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    sample_weight: Any = None,
    steps: int | None = None,
    callbacks: Any = None,
    return_dict: bool = False,
    strict: bool = False,
    **kwargs: Any,
) -> Any:
    """Do what `evaluate` does; unless `strict`, what Keras lets pass is let pass."""
    model._assert_compile_called("evaluate")
    if kwargs:  # Keras's own fit, validating
        given = (x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict)
        return METHODS["evaluate"](model, *given, **kwargs)
    reason, data = _taken(model, (x, y, sample_weight), callbacks, "evaluate")
    if reason is not None:
        if verbose != 0:
            say(f"Keras's own loop evaluates this model: {reason}.")
        return METHODS["evaluate"](
            model, x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict
        )
    checks.check_finite(data, "x, y or sample_weight")
    span = steps_of(data, batch_size, steps)
    build(model, data, batch=span.batch)
    callbacks = _listed(model, callbacks, verbose, span)
    callbacks.on_test_begin()
    program = _program(model, "evaluate", data, span, evaluation_program)
    state, logs = program(read_state(model), arrays.to_device(data), None)
    write_state(model, state)
    logs = pythonify_logs(jax.tree.map(np.asarray, logs))
    callbacks.on_test_end(logs)
    return logs if return_dict else model._flatten_metrics_in_order(logs)


def predict(
    model: keras.Model,
    x: Any,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    steps: int | None = None,
    callbacks: Any = None,
) -> Any:
    """Return the model's outputs for arrays, as `keras.Model.predict` does.

    Args:
        model: Keras model on the JAX backend; it need not be compiled.
        x: arrays with rows first; anything else is handed to Keras's own loop.
        batch_size: rows per step; 32 when left out.
        verbose: 0 silent, 1 or "auto" a bar, 2 a line.
        steps: batches to predict; all when left out.
        callbacks: Keras callbacks.

    Returns:
        NumPy arrays with rows first, in the structure of the model's outputs.

    Raises:
        InvalidInput: sizes or lengths break a rule.
        WrongBackend: Keras does not run on JAX.
    """
    require_jax()
    checks.check_model(model)
    checks.check_count("batch_size", batch_size)
    checks.check_count("steps", steps)
    if overridden(model, "predict"):
        return model.predict(x, batch_size, verbose, steps, callbacks)
    return infer(model, x, batch_size, verbose, steps, callbacks)


def infer(
    model: keras.Model,
    x: Any,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    steps: int | None = None,
    callbacks: Any = None,
) -> Any:
    """Do what `predict` does."""
    reason, data = _taken(model, (x, None, None), callbacks, "predict")
    if reason is None and not all(layer.built for layer in model._flatten_layers()):
        reason = "the model is not built"
    if reason is not None:
        if verbose != 0:
            say(f"Keras's own loop predicts with this model: {reason}.")
        return METHODS["predict"](model, x, batch_size, verbose, steps, callbacks)
    span = steps_of(data, batch_size, steps)
    callbacks = _listed(model, callbacks, verbose, span)
    callbacks.on_predict_begin()
    program = _program(model, "predict", data, span, prediction_program)
    outputs = program(read_state(model), arrays.to_device(data))
    callbacks.on_predict_end()
    return jax.tree.map(np.array, outputs)


def _taken(
    model: keras.Model, structures: tuple[Any, Any, Any], callbacks: Any, method: str
) -> tuple[str | None, Any]:
    """Return why only Keras's own loop can have this call, or else the arrays."""
    reason = keras_reason(model, watchers(callbacks), method)
    if reason is not None:
        return reason, None
    if not arrays.are_arrays(*structures):
        return "x is not made of arrays", None
    checks.check_lengths(*structures)
    checks.check_numbers(*structures)
    data = arrays.normalised(*structures)
    return (None if data is not None else "a sparse, ragged or non-numeric array"), data


def _listed(model: keras.Model, callbacks: Any, verbose: int | str, span: Pass) -> CallbackList:
    return listed(
        callbacks,
        add_progbar=verbose != 0,
        verbose=verbose,
        epochs=1,
        steps=span.batches,
        model=model,
    )


def _program(model: keras.Model, name: str, data: Any, span: Pass, make: Any) -> Any:
    persist_compilation()
    shapes = str(jax.tree.map(lambda a: (a.shape, str(a.dtype)), data))
    state = read_state(model)
    return remembered(
        model, (name, span, shapes), lambda: make(model, state, data, span).compiled()
    )
