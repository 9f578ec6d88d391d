"""`bital.fit`: what `keras.Model.fit` does, as few compiled programs."""

from typing import Any

import keras
import numpy as np
from keras.src.trainers.data_adapters import array_slicing

from bital.engine import arrays, checks
from bital.engine.build import build
from bital.engine.callbacks import listed, watchers
from bital.engine.keras_own import METHODS
from bital.engine.order import Orders, Shuffle
from bital.engine.passes import default_batch_size, steps_of, whole_pass
from bital.engine.plan import Plan, keras_reason, overridden, say
from bital.engine.training import Training
from bital.errors import InvalidInput
from bital.models.backend import require_jax


def fit(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: int | str = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: Shuffle = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int | list[int] = 1,
) -> keras.callbacks.History:
    """Train `model` as `keras.Model.fit` would, with whole epochs compiled into one program.

    Arguments mean what they mean in Keras (https://keras.io/api/models/model_training_apis/), the
    same numbers come out to float tolerance, and the model is left as Keras would leave it. The
    order of the rows is drawn from `numpy.random`, as in Keras, so `keras.utils.set_random_seed`
    fixes it.

    Args:
        model: compiled Keras model on the JAX backend.
        x: arrays with rows first, alone or in a list, tuple or dict. Anything else Keras takes
            (generators, datasets) is handed to Keras's own loop.
        y: labels, likewise.
        batch_size: rows per step; 32 when left out.
        epochs: number of the last epoch, counted from `initial_epoch`.
        verbose: 0 silent, 1 a bar, 2 a line an epoch, "auto" the same as 1.
        callbacks: Keras callbacks. With none, many epochs run in one call; with some, one epoch.
        validation_split: fraction of the rows, taken from the end before shuffling.
        validation_data: (x, y) or (x, y, sample_weight); goes before `validation_split`.
        shuffle: True, False, or "batch" to shuffle inside batches only.
        class_weight: weight of each class index; not together with `sample_weight`.
        sample_weight: weight of each row.
        initial_epoch: epoch to start at.
        steps_per_epoch: batches per epoch; the next epoch goes on where this one ends.
        validation_steps: batches per validation pass.
        validation_batch_size: rows per validation batch; `batch_size` when left out.
        validation_freq: validate every so many epochs, or after the epochs listed (from 1).

    Returns:
        The `History` Keras returns; its attribute `bital` is the `Plan` that was followed.

    Raises:
        InvalidInput: the model is not compiled; sizes, lengths, labels or values break a rule.
            Nothing has been trained.
        WrongBackend: Keras does not run on JAX.
    """
    given = {name: value for name, value in locals().items() if name != "model"}
    require_jax()
    checks.check_compiled(model)
    for name, least in _COUNTS.items():
        checks.check_count(name, given[name], least)
    if not 0 <= validation_split < 1:
        raise InvalidInput(
            f"validation_split must be a fraction from 0 to below 1; got {validation_split!r}."
        )
    if overridden(model, "fit"):
        return _marked(model.fit(**given), Plan("keras", f"{type(model).__name__} overrides fit()"))
    return train(model, **given, strict=True)


def train(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: int | str = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: Shuffle = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: int | list[int] = 1,
    strict: bool = False,
) -> keras.callbacks.History:
    """Do what `fit` does; unless `strict`, what Keras lets pass is let pass."""
    given = {n: value for n, value in locals().items() if n not in ("model", "strict")}
    model._assert_compile_called("fit")
    theirs = watchers(callbacks)
    reason = keras_reason(model, theirs, "fit")
    if reason is None:
        data = (x, y, sample_weight)
        reason, train, held_out = _taken(data, class_weight, validation_split, validation_data)
    if reason is not None:
        if verbose != 0:
            say(f"Keras's own loop trains this model: {reason}.")
        METHODS["fit"](model, **given)
        return _marked(model.history, Plan("keras", reason))

    rows = arrays.count_rows(train)
    whole = whole_pass(rows, default_batch_size(batch_size, steps_per_epoch, rows))
    check = None
    if held_out is not None:
        size = validation_batch_size or batch_size
        check = steps_of(held_out, size, validation_steps)
    if steps_per_epoch and model.steps_per_execution > 1:  # Keras fills its last execution
        steps_per_epoch = -(-steps_per_epoch // model.steps_per_execution)
        steps_per_epoch *= model.steps_per_execution
    orders = Orders(whole, shuffle, steps_per_epoch, np.random)
    build(model, train, orders, batch=whole.batch, held_out=held_out)
    training = Training(
        model=model,
        train=arrays.to_device(train),
        validation=arrays.to_device(held_out),
        whole=whole,
        check=check,
        orders=orders,
        callbacks=listed(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=steps_per_epoch or whole.batches,
            model=model,
        ),
        watchers=theirs,
    )
    training.run(range(initial_epoch, epochs), validation_freq)
    return _marked(model.history, training.plan)


_COUNTS = {
    "batch_size": 1,
    "epochs": 0,
    "initial_epoch": 0,
    "steps_per_epoch": 1,
    "validation_steps": 1,
    "validation_batch_size": 1,
}


def _taken(
    data: tuple[Any, Any, Any], class_weight: Any, validation_split: float, validation_data: Any
) -> tuple[str | None, Any, Any]:
    """Return why only Keras's own loop can have this data, then training and validation arrays."""
    validation = None
    if validation_data is not None:
        validation = keras.utils.unpack_x_y_sample_weight(validation_data)
        if not arrays.are_arrays(*validation):
            return "validation_data is not made of arrays", None, None
    if not arrays.are_arrays(*data):
        return "x is not made of arrays", None, None
    checks.check_lengths(*data)
    checks.check_numbers(*data)
    if validation_split and validation is None:
        data, validation = array_slicing.train_validation_split(data, validation_split)
    train, held_out = arrays.normalised(*data, class_weight), None
    checks.check_finite(train, "x, y or sample_weight")
    if validation is not None:
        held_x, held_y, held_weight = validation
        checks.check_lengths(held_x, held_y, held_weight, "validation_data")
        checks.check_numbers(held_x, held_y, held_weight, "validation_data")
        held_out = arrays.normalised(held_x, held_y, held_weight)
        checks.check_finite(held_out, "validation_data")
    if train is None or (validation is not None and held_out is None):
        return "a sparse, ragged or non-numeric array", None, None
    return None, train, held_out


def _marked(history: keras.callbacks.History, plan: Plan) -> keras.callbacks.History:
    history.bital = plan
    return history
