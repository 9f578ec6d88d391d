"""`bital.evaluate` and `bital.predict`: one program each."""

from typing import Any

import keras
from keras.src.callbacks.callback_list import CallbackList

from bital.engine import checks
from bital.engine.callbacks import hooked, listed, users
from bital.engine.evaluation import Evaluation
from bital.engine.given import Given
from bital.engine.keras_own import METHODS
from bital.engine.plan import keras_reason, overridden, say
from bital.engine.prediction import Prediction
from bital.models.backend import require_jax


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
        x: arrays with rows first, or whatever yields batches, as for `fit`.
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
    told = (x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict)
    if kwargs:  # Keras's own fit, validating
        return METHODS["evaluate"](model, *told, **kwargs)
    reason = keras_reason(model, "evaluate")
    if reason is not None:
        if verbose != 0:
            say(f"Keras's own loop evaluates this model: {reason}.")
        return METHODS["evaluate"](model, *told)
    given = Given(
        x,
        y,
        sample_weight,
        batch_size=batch_size,
        steps=steps,
        unit=model.steps_per_execution,
        strict=strict,
    ).for_passes()
    given.build(model)
    hears = any(hooked(c, "test") for c in users(callbacks))
    source = given.source(hooked=hears, again=True)
    callbacks = _listed(model, callbacks, verbose, given)
    logs = Evaluation(model, source, callbacks).run()
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
        x: arrays with rows first, or whatever yields batches, as for `fit`.
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
    return infer(model, x, batch_size, verbose, steps, callbacks, strict=True)


def infer(
    model: keras.Model,
    x: Any,
    batch_size: int | None = None,
    verbose: int | str = "auto",
    steps: int | None = None,
    callbacks: Any = None,
    strict: bool = False,
) -> Any:
    """Do what `predict` does; unless `strict`, what Keras lets pass is let pass."""
    reason = keras_reason(model, "predict")
    if reason is not None:
        if verbose != 0:
            say(f"Keras's own loop predicts with this model: {reason}.")
        return METHODS["predict"](model, x, batch_size, verbose, steps, callbacks)
    unit = model.steps_per_execution
    given = Given(
        x, batch_size=batch_size, steps=steps, unit=unit, strict=strict, finite=False
    ).for_passes()
    given.build_for_prediction(model)
    source = given.source(hooked=any(hooked(c, "predict") for c in users(callbacks)))
    callbacks = _listed(model, callbacks, verbose, given)
    return Prediction(model, source, callbacks).run()


def _listed(model: keras.Model, callbacks: Any, verbose: int | str, given: Given) -> CallbackList:
    return listed(
        callbacks,
        add_progbar=verbose != 0,
        verbose=verbose,
        epochs=1,
        steps=given.told_steps,
        model=model,
    )
