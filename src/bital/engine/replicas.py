"""Many copies of one model trained at once, each with its own seed, rows and state."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import keras
import numpy as np
from jaxtyping import Float, Int

from bital.models.functional import State


@dataclass(frozen=True, eq=False)
class ReplicaData:
    """Rows for R replicas: one table for all of them, or one each."""

    x: np.ndarray
    """inputs, (n, ...) or with `own` (R, n, ...)"""
    y: np.ndarray
    """labels, likewise"""
    train: Int[np.ndarray, "replicas n_train"]
    """row numbers each replica trains on"""
    validation: Int[np.ndarray, "replicas n_validation"]
    """row numbers each replica validates on"""
    own: bool = False
    """whether each replica has its own inputs and labels"""


@dataclass(frozen=True, eq=False)
class Replicas:
    """Trained copies of a model, in the order of their seeds."""

    model: keras.Model
    """the first copy's structure; its weights are the first seed's initial ones"""
    states: list[State]
    history: dict[str, Float[np.ndarray, "replicas epochs"]]
    """by Keras history key"""
    outputs: Float[np.ndarray, "replicas n ..."]
    """what the trained copies predict for every row of their table"""
    train_seconds: float
    """wall time of training with validation"""
    compile_seconds: float
    """time of building, tracing and compiling, which may have run beside other work"""
    packed: bool
    """True: in one program over a replica axis; False: in turn through one program"""


def fit_replicas(
    make: Callable[[], keras.Model],
    seeds: Sequence[int],
    data: ReplicaData,
    *,
    epochs: int,
    batch_size: int,
    validation_batch_size: int | None = None,
    packed: bool | None = None,
    on_steps: Callable[[int], None] = lambda steps: None,
) -> Replicas:
    """Train one copy of a model per seed.

    Replica r ends, to float tolerance, where `keras.utils.set_random_seed(seeds[r])`, `make()` and
    `bital.fit` on its rows would end: the same initial weights, batch order and dropout masks.

    Args:
        make: returns a compiled model with one array in and one out, the same structure every time.
        seeds: one per replica.
        data: what they train on.
        epochs: passes over the training rows.
        batch_size: rows per step.
        validation_batch_size: rows per validation batch; `batch_size` when left out.
        packed: True for one program over all replicas, False to take turns through one program;
            None chooses by what is faster here. The results do not depend on it but for rounding.
        on_steps: called a few times a second with the replica steps done since.

    Returns:
        The trained copies. A replica that diverged is among them, with NaN in its history.

    Raises:
        KeyboardInterrupt: at the next quarter of a second.
    """
    run = prepare_replicas(
        make,
        seeds,
        data,
        batch_size=batch_size,
        validation_batch_size=validation_batch_size,
        packed=packed,
    )
    return run(epochs, on_steps)


Trainer = Callable[[int, Callable[[int], None]], Replicas]


def prepare_replicas(
    make: Callable[[], keras.Model],
    seeds: Sequence[int],
    data: ReplicaData,
    *,
    batch_size: int,
    validation_batch_size: int | None = None,
    packed: bool | None = None,
    compiling: Executor | None = None,
) -> Trainer:
    """Return `fit_replicas` but for its `epochs` and `on_steps`, with the programs on their way.

    Args:
        make: as in `fit_replicas`.
        seeds: likewise.
        data: likewise.
        batch_size: likewise.
        validation_batch_size: likewise.
        packed: likewise.
        compiling: where to compile, so that several studies' variants compile side by side.
    """
    from bital.engine.replica_run import ReplicaRun

    run = ReplicaRun(make, seeds, data, batch_size, validation_batch_size or batch_size)
    run.compile(packed, compiling)
    return run.train
