"""Many copies of one model trained at once, each with its own seed, rows and state."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from typing import Any

import jax
import keras
import numpy as np
from jaxtyping import Float, Int32

from bital.engine import arrays
from bital.engine.build import build
from bital.engine.cache import persist_compilation
from bital.engine.order import EpochOrder, Orders
from bital.engine.pace import Pace, capacity, cores
from bital.engine.passes import Pass, whole_pass
from bital.engine.program import (
    Feed,
    Lines,
    Segment,
    prediction_program,
    segment_table,
    training_program,
)
from bital.models.functional import State, read_state


@dataclass(frozen=True, eq=False)
class ReplicaData:
    """Rows for R replicas: one table for all of them, or one each."""

    x: np.ndarray
    """inputs, (n, ...) or with `own` (R, n, ...)"""
    y: np.ndarray
    """labels, likewise"""
    train: Int32[np.ndarray, "replicas n_train"]
    """row numbers each replica trains on"""
    validation: Int32[np.ndarray, "replicas n_validation"]
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
    train_seconds: float
    compile_seconds: float
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
        make: returns a compiled model, the same structure every time.
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
    train = whole_pass(data.train.shape[1], batch_size)
    check = whole_pass(data.validation.shape[1], validation_batch_size or batch_size)
    persist_compilation()
    started = time.perf_counter()
    run = _Run(make, seeds, data, train, check, on_steps)
    run.prepare(packed)
    compiled = time.perf_counter()
    states, history = run.train(epochs)
    seconds = time.perf_counter() - compiled
    return Replicas(run.model, states, history, seconds, compiled - started, run.packed)


def predict_replicas(
    replicas: Replicas, x: np.ndarray, own: bool = False, batch_size: int = 2048
) -> Float[np.ndarray, "replicas n ..."]:
    """Return every copy's outputs for all rows of `x`, (n, ...) or with `own` (R, n, ...)."""
    span = whole_pass(x.shape[1] if own else x.shape[0], batch_size)
    rows = _shape(x, drop=own)
    program = prediction_program(replicas.model, replicas.states[0], rows, span)
    x = jax.device_put(x)
    if replicas.packed:
        call = program.compiled(in_axes=(0, 0 if own else None))
        return np.asarray(call(_stack(replicas.states), x))
    call = program.compiled()
    return np.stack(
        [np.asarray(call(s, x[r] if own else x)) for r, s in enumerate(replicas.states)]
    )


class _Run:
    """One call of `fit_replicas`."""

    def __init__(
        self,
        make: Callable[[], keras.Model],
        seeds: Sequence[int],
        data: ReplicaData,
        train: Pass,
        check: Pass,
        on_steps: Callable[[int], None],
    ) -> None:
        self._data, self._train, self._check = data, train, check
        self._orders: list[Orders] = []
        self._states: list[State] = []
        for seed in seeds:
            self._seed(make, seed)
        self._rows = jax.device_put((data.x, data.y))
        self._on_steps, self._telling = on_steps, Lock()
        self._stopped = False

    def _seed(self, make: Callable[[], keras.Model], seed: int) -> None:
        """Make the copy that this seed makes when it is trained alone; keep only its state."""
        keras.utils.set_random_seed(seed)
        model = make()
        generator = np.random.RandomState()
        generator.set_state(np.random.get_state())
        orders = Orders(self._train, True, None, generator)
        if not self._states:
            self.model = model
            rows = (self._data.x, self._data.y)
            rows = (rows[0][0], rows[1][0]) if self._data.own else rows
            build(model, arrays.first_rows(rows, self._train.batch), orders)
            self._states.append(read_state(model))
        else:
            orders.draw_for_build()
            model.optimizer.build(model.trainable_variables)
            # Loss and metrics start the same for every seed: they need no building.
            groups = (model.trainable_variables, model.non_trainable_variables)
            weights, rest, moments = (
                [v.value for v in group] for group in (*groups, model.optimizer.variables)
            )
            self._states.append(State(weights, rest, moments, self._states[0].metrics))
        self._orders.append(orders)

    def prepare(self, packed: bool | None) -> None:
        """Trace and compile, and choose between packing and turns where that was left open."""
        count = len(self._states)
        rows = tuple(_shape(a, drop=self._data.own) for a in (self._data.x, self._data.y))
        self._lines = capacity(self._train.rows * count)
        feed = Feed(
            rows,
            jax.ShapeDtypeStruct((self._lines, self._train.rows), np.int32),
            rows,
            jax.ShapeDtypeStruct((self._check.rows,), np.int32),
        )
        program = training_program(
            self.model, self._states[0], feed, self._train, self._check, self._lines
        )
        self.packed = program.packs if packed is None else packed
        axis = 0 if self._data.own else None
        axes = (0, Feed(axis, 0, axis, 0), None, None)
        self._program = program.compiled(in_axes=axes if self.packed else None)
        self._groups = [range(count)] if self.packed else [range(r, r + 1) for r in range(count)]
        self._call(self._groups[0], self._states[: len(self._groups[0])], [], 0)

    def train(self, epochs: int) -> tuple[list[State], dict[str, Any]]:
        """Train every group; turns go through the same program on as many threads as cores."""
        pool = ThreadPoolExecutor(min(cores(), len(self._groups)))
        jobs = [pool.submit(self._train_group, group, epochs) for group in self._groups]
        try:
            while wait(jobs, timeout=0.1, return_when=FIRST_EXCEPTION).not_done:
                if any(job.done() and job.exception() for job in jobs):
                    break
        finally:
            self._stopped = True  # after the call at work, where one is
            pool.shutdown(cancel_futures=True)
        results = [job.result() for job in jobs]
        states = [state for group, _ in results for state in group]
        return states, {
            key: np.concatenate([history[key] for _, history in results]) for key in results[0][1]
        }

    def _train_group(self, group: range, epochs: int) -> tuple[list[State], dict[str, Any]]:
        states = [self._states[r] for r in group]
        parts: list[Lines] = []
        pace, done = Pace(), 0
        while done < epochs and not self._stopped:
            fitting = pace.steps() // self._train.batches
            count = max(1, min(fitting, self._lines, epochs - done))
            orders = [[self._orders[r].next() for _ in range(count)] for r in group]
            start = time.perf_counter()
            states, part = self._call(group, states, orders, count)
            pace.record(count * self._train.batches, time.perf_counter() - start)
            parts.append(part)
            done += count
            with self._telling:
                self._on_steps(count * self._train.batches * len(group))
        joined = jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=1), *parts)
        history = joined.train | {f"val_{key}": v for key, v in joined.validation.items()}
        return states, {key: history[key] for key in sorted(history)}

    def _call(
        self, group: range, states: list[State], orders: list[list[EpochOrder]], count: int
    ) -> tuple[list[State], Lines]:
        """Run `count` epochs of the group's replicas; returns states and replica-first logs."""
        table = np.zeros((len(group), self._lines, self._train.rows), np.int32)
        for replica, its in enumerate(orders):
            for line, order in enumerate(its):
                table[replica, line] = self._data.train[group[replica]][order.rows]
        held_out = self._data.validation[group.start : group.stop]
        feed = Feed(self._rows, table, self._rows, held_out)
        if not self.packed:
            rows = self._rows
            if self._data.own:
                rows = jax.tree.map(lambda a: a[group.start], rows)
            feed = Feed(rows, table[0], rows, held_out[0])
        whole = Segment(0, 0, self._train.full, True, self._train.tail > 0, True)
        segments = segment_table([whole._replace(line=i) for i in range(count)], self._lines)
        state = _stack(states) if self.packed else states[0]
        state, lines = jax.block_until_ready(self._program(state, feed, segments, count))
        lines = jax.tree.map(np.asarray, lines)
        if not self.packed:
            return [state], jax.tree.map(lambda a: a[None, :count], lines)
        return _unstack(state, len(group)), jax.tree.map(lambda a: a[:, :count], lines)


def _stack(states: list[State]) -> State:
    stacked: State = jax.tree.map(lambda *leaves: np.stack(leaves), *states)
    return stacked


def _unstack(state: State, count: int) -> list[State]:
    host = jax.tree.map(np.asarray, state)
    return [jax.tree.map(lambda a, r=r: a[r], host) for r in range(count)]


def _shape(array: np.ndarray, drop: bool) -> Any:
    return jax.ShapeDtypeStruct(array.shape[1:] if drop else array.shape, array.dtype)
