"""`bital.fit`: what `keras.Model.fit` does, as few compiled programs."""

from typing import Any

import keras
import numpy as np
from keras.src.callbacks.callback_list import CallbackList
from keras.src.trainers.data_adapters import array_slicing

from bital.engine import arrays, checks
from bital.engine.build import build
from bital.engine.order import Orders, Shuffle
from bital.engine.passes import default_batch_size, limited, whole_pass
from bital.engine.plan import Plan, keras_reason, say, watchers
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
        callbacks: Keras callbacks. With none, many epochs run in one call; with some, one epoch does.
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
        InvalidInput: the model is not compiled; sizes, lengths, labels or values break a rule. The
            model has not been touched.
        WrongBackend: Keras does not run on JAX.
    """
    require_jax()
    checks.check_compiled(model)
    checks.check_count("batch_size", batch_size)
    checks.check_count("validation_batch_size", validation_batch_size)
    checks.check_count("epochs", epochs, least=0)
    checks.check_count("initial_epoch", initial_epoch, least=0)
    if not 0 <= validation_split < 1:
        raise InvalidInput(
            f"validation_split must be a fraction from 0 to below 1; got {validation_split!r}."
        )
    validation = _unpacked(validation_data)
    flat = callbacks.callbacks if isinstance(callbacks, CallbackList) else callbacks
    theirs = watchers(keras.tree.flatten(flat) if flat else [])
    reason = keras_reason(model, theirs, "fit")
    train = held_out = None
    if reason is None and not arrays.are_arrays(x, y, sample_weight):
        reason = "x is not made of arrays"
    if reason is None and validation_data is not None and not arrays.are_arrays(validation):
        reason = "validation_data is not made of arrays"
    if reason is None:
        checks.check_count("steps_per_epoch", steps_per_epoch)
        checks.check_count("validation_steps", validation_steps)
        checks.check_lengths(x, y, sample_weight)
        if validation_split and validation is None:
            (x, y, sample_weight), validation = array_slicing.train_validation_split(
                (x, y, sample_weight), validation_split=validation_split
            )
        if validation is not None:
            checks.check_lengths(*validation, where="validation ")
            held_out = arrays.normalised(*validation)
        train = arrays.normalised(x, y, sample_weight, class_weight)
        if train is None or (validation is not None and held_out is None):
            reason = "a sparse, ragged or non-numeric array"
    if reason is not None:
        return _by_keras(
            reason,
            model,
            x,
            y,
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_data=validation_data if validation is None else validation,
            shuffle=shuffle,
            class_weight=class_weight,
            sample_weight=sample_weight,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
        )

    checks.check_finite(train, "x, y or sample_weight")
    rows = arrays.count_rows(train)
    whole = whole_pass(rows, default_batch_size(batch_size, steps_per_epoch, rows))
    check = None
    if held_out is not None:
        checks.check_finite(held_out, "validation_data")
        held_rows = arrays.count_rows(held_out)
        size = default_batch_size(validation_batch_size or batch_size, validation_steps, held_rows)
        check = limited(whole_pass(held_rows, size), validation_steps)
    if steps_per_epoch and model.steps_per_execution > 1:  # Keras fills its last execution
        steps_per_epoch = (
            -(-steps_per_epoch // model.steps_per_execution) * model.steps_per_execution
        )
    orders = Orders(whole, shuffle, steps_per_epoch, np.random)
    build(model, arrays.first_rows(train, whole.batch), orders)

    if not isinstance(callbacks, CallbackList):
        callbacks = CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=steps_per_epoch or whole.batches,
            model=model,
        )
    training = Training(
        model=model,
        train=arrays.to_device(train),
        validation=arrays.to_device(held_out),
        whole=whole,
        check=check,
        orders=orders,
        callbacks=callbacks,
        watchers=theirs,
    )
    training.run(range(initial_epoch, epochs), validation_freq)
    history: keras.callbacks.History = model.history
    history.bital = training.plan
    return history


def _unpacked(validation_data: Any) -> Any:
    if validation_data is None or not isinstance(validation_data, (list, tuple)):
        return None if validation_data is None else (validation_data, None, None)
    return keras.utils.unpack_x_y_sample_weight(tuple(validation_data))


def _by_keras(reason: str, model: Any, x: Any, y: Any, **rest: Any) -> keras.callbacks.History:
    if rest["verbose"] != 0:
        say(f"Keras's own loop trains this model: {reason}.")
    history: keras.callbacks.History = model.fit(x, y, **rest)
    history.bital = Plan("keras", reason)
    return history
