"""How replicas are seeded, compiled and trained."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

import jax
import keras
import numpy as np

from bital.engine.build import build
from bital.engine.cache import persist_compilation
from bital.engine.order import EpochOrder, Orders
from bital.engine.pace import Pace, capacity, cores
from bital.engine.passes import whole_pass
from bital.engine.program import (
    Control,
    Feed,
    Ran,
    Segment,
    prediction_program,
    segment_table,
    step_program,
)
from bital.engine.replicas import ReplicaData, Replicas
from bital.models import functional
from bital.models.functional import State, read_state

PREDICTED = 2048  # rows a batch


class ReplicaRun:
    """One call of `fit_replicas`: first `compile`, then `train`."""

    def __init__(
        self,
        make: Callable[[], keras.Model],
        seeds: Sequence[int],
        data: ReplicaData,
        batch_size: int,
        validation_batch_size: int,
    ) -> None:
        persist_compilation()
        self._started = time.perf_counter()
        self._data = data
        self._train = whole_pass(data.train.shape[1], batch_size)
        self._check = whole_pass(data.validation.shape[1], validation_batch_size)
        self._generators: list[Any] = []
        self._states: list[State] = []
        for seed in seeds:
            self._seed(make, seed)
        self._rows = jax.device_put((data.x, data.y))

    def _seed(self, make: Callable[[], keras.Model], seed: int) -> None:
        """Make the copy that this seed makes when it is trained alone; keep only its state."""
        keras.utils.set_random_seed(seed)
        model = make()
        generator = np.random.RandomState()
        generator.set_state(np.random.get_state())
        orders = Orders(self._train, True, None, generator)
        if not self._states:
            self._model = model
            rows = (self._data.x, self._data.y)
            if self._data.own:
                rows = (rows[0][0], rows[1][0])
            build(model, rows, orders, batch=self._train.batch)
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
        self._generators.append(generator.get_state())

    def compile(self, packed: bool | None, compiling: Executor | None) -> None:
        """Trace, choose between packing and turns where that is open, and start compiling."""
        count, axis = len(self._states), 0 if self._data.own else None
        self._lines = capacity(self._train.rows * count)
        rows = jax.tree.map(lambda a: _shape(a[0] if self._data.own else a), self._rows)
        order = jax.ShapeDtypeStruct((self._lines, self._train.rows), np.int32)
        held_out = jax.ShapeDtypeStruct((self._check.rows,), np.int32)
        feed, state = Feed(rows, order, rows, held_out), self._states[0]
        training = step_program(
            self._model,
            functional.train_step,
            state,
            feed,
            self._train,
            self._check,
            capacity=self._lines,
        )
        self._span = whole_pass(rows[0].shape[0], PREDICTED)
        predicting = prediction_program(self._model, state, rows[0], self._span)
        self._packed = packed = training.packs if packed is None else packed
        self._groups = [range(count)] if packed else [range(r, r + 1) for r in range(count)]
        control = Control(np.int32(0), segment_table([], self._lines))
        if packed:
            state, rows = _stack(self._states), self._rows
            feed = Feed(rows, _repeated(order, count), rows, _repeated(held_out, count))
        lowered = (
            training.compiled((0, Feed(axis, 0, axis, 0), None) if packed else None).lower(
                state, feed, control
            ),
            predicting.compiled((0, axis, None, None) if packed else None).lower(
                state, rows[0], np.int32(0), np.bool_(False)
            ),
        )
        self._compile_seconds = time.perf_counter() - self._started
        submit = compiling.submit if compiling is not None else _now
        self._programs = submit(self._finish, lowered)

    def _finish(self, lowered: tuple[Any, Any]) -> tuple[Any, Any]:
        start = time.perf_counter()
        programs = lowered[0].compile(), lowered[1].compile()
        self._compile_seconds += time.perf_counter() - start
        return programs

    def train(self, epochs: int, on_steps: Callable[[int], None]) -> Replicas:
        """Train every group; turns go through the same program on as many threads as cores."""
        training, predicting = self._programs.result()
        start, telling = time.perf_counter(), Lock()
        self._stopped = False

        def tell(steps: int) -> None:
            with telling:
                on_steps(steps)

        with ThreadPoolExecutor(min(cores(), len(self._groups))) as pool:
            jobs = [
                pool.submit(self._train_group, training, group, epochs, tell)
                for group in self._groups
            ]
            try:
                while wait(jobs, timeout=0.1, return_when=FIRST_EXCEPTION).not_done:
                    if any(job.done() and job.exception() for job in jobs):
                        break
            finally:
                self._stopped = True  # a group at work ends with the call it is in
                pool.shutdown(wait=False, cancel_futures=True)
        results = [job.result() for job in jobs]
        seconds = time.perf_counter() - start
        history = {
            key: np.concatenate([history[key] for _, history in results]) for key in results[0][1]
        }
        # Copies: a model that is given them may donate its arrays to Keras's next step.
        states = [jax.tree.map(np.array, state) for group, _ in results for state in group]
        outputs = self._predict(predicting, states)
        return Replicas(
            self._model, states, history, outputs, seconds, self._compile_seconds, self._packed
        )

    def _train_group(
        self, program: Any, group: range, epochs: int, tell: Callable[[int], None]
    ) -> tuple[list[State], dict[str, Any]]:
        states = [self._states[r] for r in group]
        sources = [self._orders(r) for r in group]
        parts: list[dict[str, Any]] = []
        pace, done = Pace(), 0
        while not parts or (done < epochs and not self._stopped):
            fitting = max(1, pace.steps() // self._train.batches)
            count = min(fitting, self._lines, epochs - done)
            orders = [[source.next() for _ in range(count)] for source in sources]
            start = time.perf_counter()
            states, part = self._call(program, group, states, orders)
            pace.record(count * self._train.batches, time.perf_counter() - start)
            parts.append(part)
            done += count
            tell(count * self._train.batches * len(group))
        joined = jax.tree.map(lambda *leaves: np.concatenate(leaves, axis=1), *parts)
        return states, {key: joined[key] for key in sorted(joined)}

    def _call(
        self, program: Any, group: range, states: list[State], orders: list[list[EpochOrder]]
    ) -> tuple[list[State], dict[str, Any]]:
        """Run one epoch per order for the group's replicas; logs come with replicas first."""
        count = len(orders[0])
        table = np.zeros((len(group), self._lines, self._train.rows), np.int32)
        for replica, its in enumerate(orders):
            for line, order in enumerate(its):
                table[replica, line] = self._data.train[group[replica]][order.rows]
        held_out = self._data.validation[group.start : group.stop]
        whole = Segment(0, 0, self._train.full, True, self._train.tail > 0, True)
        segments = segment_table([whole._replace(line=i) for i in range(count)], self._lines)
        if self._packed:
            feed = Feed(self._rows, table, self._rows, held_out)
            state = _stack(states)
        else:
            rows = self._rows_of(group.start)
            feed = Feed(rows, table[0], rows, held_out[0])
            state = states[0]
        control = Control(np.int32(count), segments)
        ran: Ran = jax.block_until_ready(program(state, feed, control))
        logs = dict(ran.logs) | {f"val_{key}": v for key, v in ran.validation.items()}
        lines, state = jax.tree.map(np.asarray, logs), ran.state
        if self._packed:
            return _unstack(state, len(group)), jax.tree.map(lambda a: a[:, :count], lines)
        return [state], jax.tree.map(lambda a: a[None, :count], lines)

    def _orders(self, replica: int) -> Orders:
        generator = np.random.RandomState()
        generator.set_state(self._generators[replica])
        return Orders(self._train, True, None, generator)

    def _predict(self, program: Any, states: list[State]) -> Any:
        every = np.int32(self._span.full), np.bool_(self._span.tail > 0)
        if self._packed:
            return np.asarray(program(_stack(states), self._rows[0], *every)[1])
        return np.stack(
            [
                np.asarray(program(state, self._rows_of(r)[0], *every)[1])
                for r, state in enumerate(states)
            ]
        )

    def _rows_of(self, replica: int) -> Any:
        if not self._data.own:
            return self._rows
        return jax.tree.map(lambda a: a[replica], self._rows)


def _now(function: Callable[..., Any], *args: Any) -> "Future[Any]":
    """Do at once what an executor would do later."""
    done: Future[Any] = Future()
    done.set_result(function(*args))
    return done


def _stack(states: list[State]) -> State:
    stacked: State = jax.tree.map(lambda *leaves: np.stack(leaves), *states)
    return stacked


def _unstack(state: State, count: int) -> list[State]:
    host = jax.tree.map(np.asarray, state)
    return [jax.tree.map(lambda a, r=r: a[r], host) for r in range(count)]


def _shape(array: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(array.shape, array.dtype)


def _repeated(shape: jax.ShapeDtypeStruct, count: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct((count, *shape.shape), shape.dtype)
