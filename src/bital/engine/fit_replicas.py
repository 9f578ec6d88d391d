"""`bital.fit_replicas`: many copies of one model trained at once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

import keras
import numpy as np

from bital.engine import checks
from bital.engine.callbacks import users
from bital.engine.fitspec import FitSpec
from bital.engine.hyper import checked
from bital.engine.order import Shuffle
from bital.engine.replica_run import ReplicaRun
from bital.engine.replicas import ReplicaData, Replicas, Trained
from bital.engine.seeding import check_trainable
from bital.errors import InvalidInput
from bital.models.backend import require_jax


class Trainer(Protocol):
    """Trains prepared replicas."""

    def __call__(
        self,
        epochs: int,
        on_steps: Callable[[int], None],
        on_trained: Callable[[dict[int, Trained]], None] = ...,
    ) -> Replicas:
        """Train them; see `ReplicaRun.train`."""


def fit_replicas(
    model: keras.Model | Callable[[], keras.Model],
    x: Any,
    y: Any = None,
    *,
    seeds: int | Sequence[int] | None = None,
    hyper: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    epochs: int = 1,
    validation_split: float = 0.0,
    validation_data: Any = None,
    validation_batch_size: int | None = None,
    shuffle: Shuffle = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    callbacks: Any = None,
    packed: bool | None = None,
    verbose: int = 0,
) -> Replicas:
    """Train copies of a model, each with its own seed and hyperparameters, in one program.

    Replica r ends, to float tolerance, where `keras.utils.set_random_seed(seeds[r])`, a new model
    with its hyperparameters and `keras.Model.fit` on the same data would end: the same initial
    weights, batch order, dropout masks and last epoch. Small models go side by side through one
    program; what does not share one, or is faster alone, takes turns. The results do not depend
    on that but for rounding. Python's and NumPy's generators are left as they were.

    Args:
        model: a function without arguments that returns a compiled model, the same structure every
            time; or a compiled model, of which each replica is a `keras.models.clone_model` and
            which keeps its own weights.
        x: arrays with rows first, alone or in a list, tuple or dict.
        y: labels, likewise.
        seeds: one per replica; an int n stands for range(n). Left out, there are as many as
            `hyper` has values.
        hyper: values by name, one per replica or one for all: "learning_rate" (from 0), "dropout"
            (rate of every Dropout, SpatialDropout and AlphaDropout layer, from 0 to below 1), "l1"
            and "l2" (strength of every L1, L2 and L1L2 regularizer, from 0), "label_smoothing" (of
            every crossentropy that has it, from 0 to 1).
        batch_size: rows per step; 32 when left out.
        epochs: passes over the training rows.
        validation_split: fraction of the rows, taken from the end before shuffling.
        validation_data: (x, y) or (x, y, sample_weight); goes before `validation_split`.
        validation_batch_size: rows per validation batch; `batch_size` when left out.
        shuffle: True, False, or "batch" to shuffle inside batches only.
        class_weight: weight of each class index; not together with `sample_weight`.
        sample_weight: weight of each row.
        callbacks: any of EarlyStopping, ReduceLROnPlateau and TerminateOnNaN; each replica has
            copies of its own.
        packed: True for several replicas in one call, False to take turns; None: what is faster.
        verbose: 1 shows a bar.

    Returns:
        The trained copies. One that diverged is among them, with NaN in its history.

    Raises:
        InvalidInput: a number, an array or a callback that cannot be; a model that has nothing to
            set a hyperparameter of. Nothing has been trained.
        WrongBackend: Keras does not run on JAX.
    """
    require_jax()
    values = checked(hyper)
    numbers, values = _replicated(seeds, values)
    spec = FitSpec(
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        validation_split=validation_split,
        validation_data=validation_data,
        validation_batch_size=validation_batch_size,
        shuffle=shuffle,
        class_weight=class_weight,
        sample_weight=sample_weight,
    )
    spec.check()
    if not isinstance(model, keras.Model) and not callable(model):
        raise InvalidInput(
            "model must be a compiled keras.Model or a function that returns one; "
            f"got {type(model).__name__}."
        )
    if isinstance(model, keras.Model):
        check_trainable(model)
    train, held_out = spec.data(strict=True)
    for name, part in {"x": train, "validation_data": held_out}.items():
        if part is not None and not part.resident:
            raise InvalidInput(
                f"replicas need {name} on the device, as arrays; {part.why_not_resident}."
            )
    size = batch_size or 32
    run = ReplicaRun(
        model,
        numbers,
        ReplicaData(train.arrays, None if held_out is None else held_out.arrays),
        size,
        validation_batch_size or size,
        shuffle,
        values,
        users(callbacks),
    )
    run.compile(packed)
    if not verbose:
        return run.train(epochs, lambda steps: None)
    bar = keras.utils.Progbar(len(numbers) * epochs * run.batches)
    trained = run.train(epochs, bar.add)
    bar.update(bar._seen_so_far, finalize=True)
    return trained


def prepare_replicas(
    make: Callable[[], keras.Model],
    seeds: Sequence[int],
    data: ReplicaData,
    *,
    batch_size: int,
    validation_batch_size: int | None = None,
    shuffle: Shuffle = True,
    callbacks: Sequence[Any] = (),
    packed: bool | None = None,
    compiling: Executor | None = None,
) -> Trainer:
    """Return a function of `epochs` and `on_steps` that trains, its programs on their way.

    Args:
        make: returns a compiled model, the same structure every time.
        seeds: one per replica.
        data: what they train on.
        batch_size: rows per step.
        validation_batch_size: rows per validation batch; `batch_size` when left out.
        shuffle: as in `fit_replicas`.
        callbacks: likewise, flat; each replica has copies of its own.
        packed: likewise.
        compiling: where to compile, so that several studies' variants compile side by side.

    Returns:
        The function; `on_steps` is called a few times a second with the replica steps done since,
        and what it raises ends the training; `on_trained`, where given, with each replica that is
        trained in turn, as soon as it is, and with all others at the end.
    """
    size = validation_batch_size or batch_size
    run = ReplicaRun(make, seeds, data, batch_size, size, shuffle, callbacks=callbacks)
    run.compile(packed, compiling)
    return run.train


def _replicated(
    seeds: int | Sequence[int] | None, values: dict[str, tuple[float, ...]]
) -> tuple[list[int], dict[str, tuple[float, ...]]]:
    """Return seeds and values, one per replica."""
    most = max(map(len, values.values()), default=0)
    if seeds is None:
        if not most:
            raise InvalidInput(
                "seeds must be given where hyper is not: a number or a list of ints."
            )
        seeds = most
    if isinstance(seeds, (int, np.integer)):
        checks.check_count("seeds", seeds)
        seeds = range(int(seeds))
    numbers = list(seeds)
    if not numbers or not all(isinstance(s, (int, np.integer)) and 0 <= s < 2**32 for s in numbers):
        raise InvalidInput(
            f"seeds must be integers from 0 to 2**32 - 1, at least one; got {seeds!r}."
        )
    for name, each in values.items():
        if len(each) not in (1, len(numbers)):
            raise InvalidInput(
                f"hyper[{name!r}] must have one value per replica, or one for all; got {len(each)} "
                f"for {len(numbers)} replicas."
            )
        values[name] = each * (len(numbers) // len(each))
    return list(map(int, numbers)), values
