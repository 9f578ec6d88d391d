"""Many copies of one model trained at once: same structure, each with its own seed, rows and state."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import keras
import numpy as np
from jaxtyping import Float, Int32

from bital.engine import arrays
from bital.engine.build import build
from bital.engine.cache import persist_compilation
from bital.engine.order import EpochOrder, Orders
from bital.engine.pace import Pace, capacity
from bital.engine.passes import Pass, whole_pass
from bital.engine.program import (
    Feed,
    Lines,
    Program,
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
    """labels, (n, ...), the same for all"""
    train: Int32[np.ndarray, "replicas n_train"]
    """row numbers each replica trains on"""
    validation: Int32[np.ndarray, "replicas n_validation"]
    """row numbers each replica validates on"""
    own: bool = False
    """whether each replica has its own inputs"""


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
        packed: True for one program over all replicas, False to take turns through one program;
            None chooses: convolutions on a CPU take turns, since XLA turns a replica axis into
            grouped convolutions, which are slow there.
        on_steps: called at least a few times a second with the replica steps done since.

    Returns:
        The trained copies. A replica that diverged is among them, with NaN in its history.

    Raises:
        KeyboardInterrupt: at the next quarter of a second.
    """
    return _Run(make, seeds, data, epochs, batch_size, on_steps).train(packed)


def predict_replicas(
    replicas: Replicas, x: np.ndarray, own: bool = False, batch_size: int = 256
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
        epochs: int,
        batch_size: int,
        on_steps: Callable[[int], None],
    ) -> None:
        self._data, self._epochs, self._on_steps = data, epochs, on_steps
        self._whole = whole_pass(data.train.shape[1], batch_size)
        self._check = whole_pass(data.validation.shape[1], batch_size)
        self._orders: list[Orders] = []
        self._states: list[State] = []
        for seed in seeds:
            self._seed(make, seed)
        self._pace = Pace()
        self._x, self._y = jax.device_put(data.x), jax.device_put(data.y)

    def _seed(self, make: Callable[[], keras.Model], seed: int) -> None:
        """Make the copy that this seed makes when it is trained alone; keep only its state."""
        keras.utils.set_random_seed(seed)
        model = make()
        generator = np.random.RandomState()
        generator.set_state(np.random.get_state())  # noqa: NPY002
        orders = Orders(self._whole, True, None, generator)
        if not self._states:
            self._model = model
            x = self._data.x[0] if self._data.own else self._data.x
            build(model, arrays.first_rows((x, self._data.y), self._whole.batch), orders)
            self._states.append(read_state(model))
        else:
            orders.draw_for_build()
            model.optimizer.build(model.trainable_variables)
            # Loss and metrics start the same for every seed: they need no building.
            alone = [[v.value for v in group] for group in _variables(model)]
            self._states.append(State(*alone, self._states[0].metrics))
        self._orders.append(orders)

    def train(self, packed: bool | None) -> Replicas:
        persist_compilation()
        started = time.perf_counter()
        count = len(self._states)
        lines = capacity(self._whole.rows * count)
        example = Feed(
            (_shape(self._data.x, drop=self._data.own), self._y),
            jax.ShapeDtypeStruct((lines, self._whole.rows), np.int32),
            (_shape(self._data.x, drop=self._data.own), self._y),
            jax.ShapeDtypeStruct((self._check.rows,), np.int32),
        )
        program = training_program(
            self._model, self._states[0], example, self._whole, self._check, lines
        )
        if packed is None:
            packed = jax.default_backend() != "cpu" or not program.convolves
        groups = [range(count)] if packed else [range(r, r + 1) for r in range(count)]
        run = self._compiled(program, packed, lines)
        call = partial(self._call, run, packed, lines)
        call(groups[0], self._states[: len(groups[0])], [], 0)
        compiled = time.perf_counter()

        states: list[State] = []
        histories = []
        for group in groups:
            trained, history = self._train_group(call, group, lines)
            states += trained
            histories.append(history)
        history = {k: np.concatenate([h[k] for h in histories]) for k in histories[0]}
        seconds = time.perf_counter() - compiled
        return Replicas(self._model, states, history, seconds, compiled - started, packed)

    def _compiled(self, program: Program, packed: bool, lines: int) -> Callable[..., Any]:
        if not packed:
            return program.compiled()
        inputs = (0 if self._data.own else None, None)
        return program.compiled(in_axes=(0, Feed(inputs, 0, inputs, 0), None, None))

    def _train_group(
        self, call: Callable[..., Any], group: range, lines: int
    ) -> tuple[list[State], dict[str, Float[np.ndarray, "replicas epochs"]]]:
        state: Any = [self._states[r] for r in group]
        parts: list[Lines] = []
        done = 0
        while done < self._epochs:
            fitting = self._pace.steps() // self._whole.batches
            count = max(1, min(fitting, lines, self._epochs - done))
            orders = [[self._orders[r].next() for _ in range(count)] for r in group]
            state, part = call(group, state, orders, count)
            parts.append(part)
            done += count
        joined = jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=1), *parts)
        history = joined.train | {f"val_{key}": v for key, v in joined.validation.items()}
        return state, {key: history[key] for key in sorted(history)}

    def _call(
        self,
        run: Callable[..., Any],
        packed: bool,
        lines: int,
        group: range,
        states: list[State],
        orders: list[list[EpochOrder]],
        count: int,
    ) -> tuple[list[State], Lines]:
        """Run `count` epochs of the group's replicas; returns states and logs with replicas first."""
        table = np.zeros((len(group), lines, self._whole.rows), np.int32)
        for replica, its in enumerate(orders):
            for line, order in enumerate(its):
                table[replica, line] = self._data.train[group[replica]][order.rows]
        held_out = self._data.validation[group.start : group.stop]
        feed = Feed((self._x, self._y), table, (self._x, self._y), held_out)
        if not packed:
            x = self._x[group.start] if self._data.own else self._x
            feed = Feed((x, self._y), table[0], (x, self._y), held_out[0])
        segment = Segment(0, 0, self._whole.full, True, self._whole.tail > 0, True)
        segments = segment_table([segment._replace(line=i) for i in range(count)], lines)
        start = time.perf_counter()
        state, out = run(_stack(states) if packed else states[0], feed, segments, count)
        jax.block_until_ready(state)
        steps = count * self._whole.batches
        self._pace.record(steps, time.perf_counter() - start)
        self._on_steps(steps * len(group))
        first = (lambda a: a) if packed else (lambda a: a[None])
        out = jax.tree.map(lambda a: first(np.asarray(a))[:, :count], out)
        return _unstack(state, len(group)) if packed else [state], out


def _variables(model: keras.Model) -> tuple[Any, Any, Any]:
    return model.trainable_variables, model.non_trainable_variables, model.optimizer.variables


def _stack(states: list[State]) -> State:
    stacked: State = jax.tree.map(lambda *leaves: np.stack(leaves), *states)
    return stacked


def _unstack(state: State, count: int) -> list[State]:
    host = jax.tree.map(np.asarray, state)
    return [jax.tree.map(lambda a, r=r: a[r], host) for r in range(count)]


def _shape(array: np.ndarray, drop: bool) -> Any:
    return jax.ShapeDtypeStruct(array.shape[1:] if drop else array.shape, array.dtype)
