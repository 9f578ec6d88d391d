"""How replicas are seeded, compiled and trained."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

import jax
import keras
import numpy as np

from bital.engine import checks, hyper, seeding
from bital.engine.build import build
from bital.engine.callbacks import rate_index
from bital.engine.deciding import Deciding
from bital.engine.family import Family, Shared
from bital.engine.group import Ended, Group, Member
from bital.engine.lines import Lines
from bital.engine.order import Shuffle
from bital.engine.pace import cores
from bital.engine.passes import whole_pass
from bital.engine.replicas import ReplicaData, Replicas, Trained
from bital.engine.seat import Seat, check_callbacks
from bital.models.functional import Logs, State, averaged, read_state


class ReplicaRun:
    """One training of replicas: first `compile`, then `train`.

    Args:
        source: a built and compiled model, or a function that returns a compiled one.
        seeds: one per replica.
        data: what they train on.
        batch_size: rows per step.
        validation_batch_size: rows per validation batch.
        shuffle: as in `keras.Model.fit`.
        values: hyperparameters by name, one value a replica; see `hyper.checked`.
        callbacks: flat; each replica has copies of its own.
    """

    def __init__(
        self,
        source: keras.Model | Callable[[], keras.Model],
        seeds: Sequence[int],
        data: ReplicaData,
        batch_size: int,
        validation_batch_size: int,
        shuffle: Shuffle = True,
        values: Mapping[str, Sequence[float]] | None = None,
        callbacks: Sequence[Any] = (),
    ) -> None:
        self._started = time.perf_counter()
        self._source, self._seeds, self._data = source, tuple(seeds), data
        self._shuffle, self._values, self._callbacks = shuffle, dict(values or {}), callbacks
        self._train = whole_pass(data.train_rows, batch_size)
        checked = data.validation_rows
        self._check = whole_pass(checked, validation_batch_size) if checked else None
        self._scored = {
            name: whole_pass(chosen.shape[1], validation_batch_size)
            for name, chosen in data.scored.items()
        }
        with seeding.undisturbed():
            self._model, seeded = seeding.seeded(source, self._seeds, self._build)
        self._rate = rate_index(self._model)
        if "learning_rate" in self._values:
            hyper.check_rate(self._model)
        check_callbacks(callbacks, self._model)
        checks.check_monitors(self._model, list(callbacks), self._check is not None)
        metrics: list[Any] = [np.asarray(value) for value in read_state(self._model).metrics]
        self._states = [
            State(s.trainable, s.non_trainable, self._moments(r, s.optimizer), metrics)
            for r, s in enumerate(seeded)
        ]
        self._numpy = [s.numpy for s in seeded]
        rows = jax.device_put(data.rows)
        same = data.held_out is data.rows
        self._rows = rows, rows if same else jax.device_put(data.held_out)
        self._families = [self._family(members) for members in self._divided()]

    def compile(self, packed: bool | None, compiling: Executor | None = None) -> None:
        """Trace, choose between packing and turns where that is open, and start compiling.

        Args:
            packed: True or False; None: what is faster.
            compiling: where to compile; here and now with None.
        """
        self._seconds = time.perf_counter() - self._started  # of seeding
        for family in self._families:
            r = family.members[0]
            first = family.with_values(self._states[r], self._values, r)
            family.compile(first, packed, compiling)

    def train(
        self,
        epochs: int,
        on_steps: Callable[[int], None],
        on_trained: Callable[[dict[int, Trained]], None] = lambda trained: None,
    ) -> Replicas:
        """Train every group, as many at a time as there are cores.

        Args:
            epochs: how many.
            on_steps: told of the replica steps done since it was last called.
            on_trained: told of each replica that is trained in turn, as soon as it is, and of all
                others together at the end.
        """
        seconds = self._seconds + sum(family.compile_seconds for family in self._families)
        compiled = seconds / len(self._seeds)
        started, telling, done = time.perf_counter(), Lock(), False

        def tell(steps: int) -> None:
            with telling:
                on_steps(steps)

        groups = [
            (family, members)
            for family in self._families
            for members in family.compiled.packing.groups(family.members)
        ]
        seats = [self._seat(r) for r in range(len(self._seeds))] if self._callbacks else []
        with ThreadPoolExecutor(min(cores(), len(groups))) as pool:

            def train(family: Family, members: list[int]) -> list[Trained]:
                group = self._group(family, members, seats)
                group.train(epochs, lambda: done, tell)
                ended = group.ended()
                states = [self._settled(family, end) for end in ended]
                scores = self._measured(group, members, states)
                return [
                    Trained(_history(end.history), state, score)
                    for end, state, score in zip(ended, states, scores, strict=True)
                ]

            jobs = [pool.submit(train, family, members) for family, members in groups]
            every: dict[int, Trained] = {}
            latest = started

            def collect() -> None:
                nonlocal latest
                for (family, members), job in zip(groups, jobs, strict=True):
                    alone = family.compiled.packing.axis is None
                    if members[0] in every or not job.done() or not alone:
                        continue
                    took, latest = time.perf_counter() - latest, time.perf_counter()
                    (found,) = job.result()
                    every[members[0]] = found._replace(
                        train_seconds=took, compile_seconds=compiled, packed=False
                    )
                    on_trained({members[0]: every[members[0]]})

            try:
                while wait(jobs, timeout=0.1, return_when=FIRST_EXCEPTION).not_done:
                    if any(job.done() and job.exception() for job in jobs):
                        break
                    collect()
                collect()
            finally:
                done = True  # a group at work ends with the call it is in
                pool.shutdown(wait=False, cancel_futures=True)
        took = time.perf_counter() - started
        together = {
            r: found
            for (_, members), job in zip(groups, jobs, strict=True)
            for r, found in zip(members, job.result(), strict=True)
            if r not in every
        }
        if together:
            share = (time.perf_counter() - latest) / len(together)
            packed = {
                r: found._replace(train_seconds=share, compile_seconds=compiled, packed=True)
                for r, found in together.items()
            }
            every |= packed
            on_trained(packed)
        trained = [every[r] for r in range(len(self._seeds))]
        return Replicas(
            seeds=self._seeds,
            hyper={name: tuple(values) for name, values in self._values.items()},
            history=[each.history for each in trained],
            scores=[each.scores for each in trained],
            states=[each.state for each in trained],
            callbacks=[seat.callbacks for seat in seats] or [[] for _ in trained],
            train_seconds=took,
            compile_seconds=seconds,
            packed=any(f.compiled.packing.axis is not None for f in self._families),
            structure=self._model,
            remake=self._remade,
        )

    @property
    def batches(self) -> int:
        """Steps of an epoch."""
        return self._train.batches

    def _build(self, model: keras.Model) -> None:
        held_out = self._data.one(self._data.held_out)
        build(model, self._data.one(self._data.rows), batch=self._train.batch, held_out=held_out)

    def _remade(self, r: int) -> keras.Model:
        """Return a new model like a replica's, its weights still to be given."""
        with seeding.undisturbed():
            model = seeding.another(self._source, self._seeds[r])
        self._build(model)
        for name, values in self._values.items():
            for place in hyper.places(model, name) if name != "learning_rate" else ():
                place.write(values[r])
        return model

    def _moments(self, r: int, values: list[Any]) -> list[Any]:
        """Return an optimizer's initial values, the replica's own learning rate among them."""
        if "learning_rate" not in self._values:
            return values
        assert self._rate is not None
        own = np.asarray(self._values["learning_rate"][r], values[self._rate].dtype)
        return [*values[: self._rate], own, *values[self._rate + 1 :]]

    def _divided(self) -> list[list[int]]:
        """Return the replicas by program: where nothing is dropped, nothing is drawn for it."""
        every = range(len(self._seeds))
        rates = self._values.get("dropout")
        if rates is None:
            return [list(every)]
        parts = [[r for r in every if (rates[r] > 0) is drops] for drops in (True, False)]
        return [members for members in parts if members]

    def _family(self, members: list[int]) -> Family:
        data = self._data
        shared = Shared(
            model=self._model,
            rows=self._rows[0],
            held_out=self._rows[1],
            train=self._train,
            check=self._check,
            own=data.own,
            ordered=data.train is not None or bool(self._shuffle),
            chosen=data.validation is not None,
            rules=tuple(self._seat(members[0]).rules) if self._callbacks else (),
            scored=self._scored,
        )
        rates = self._values.get("dropout")
        fixed = {} if rates is None or rates[members[0]] > 0 else {"dropout": 0.0}
        own = [name for name in self._values if name not in ("learning_rate", *fixed)]
        return Family(shared, members, own, fixed)

    def _seat(self, r: int) -> Seat:
        moments = self._states[r].optimizer
        rate = None if self._rate is None else float(moments[self._rate])
        return Seat(self._model, self._callbacks, rate)

    def _group(self, family: Family, members: list[int], seats: list[Seat]) -> Group:
        data, own = self._data, []
        for r in members:
            generator = seeding.generator(self._seeds[r], self._numpy[r])
            rows = None if data.train is None else data.train[r]
            chosen = None if data.validation is None else data.validation[r].astype(np.int32)
            lines = Lines(generator, self._train, self._shuffle, rows)
            own.append(Member(family.with_values(self._states[r], self._values, r), lines, chosen))
        rows = self._rows_of(family, members)
        if not seats:
            return Group(family, own, rows)
        return Deciding(family, own, rows, [seats[r] for r in members], self._rate)

    def _rows_of(self, family: Family, members: list[int]) -> tuple[Any, Any]:
        """Return rows and held-out rows as a group's program reads them."""
        if not self._data.own:
            return self._rows
        packing = family.compiled.packing
        parts = [jax.tree.map(lambda a, r=r: a[r], self._rows) for r in members]
        rows: tuple[Any, Any] = jax.device_put(packing.stacked(parts))
        return rows

    def _settled(self, family: Family, end: Ended) -> State:
        """Return a replica's state as `keras.Model.fit` would leave it."""
        model = self._model
        state = averaged(model, family.model.without_values(end.state))
        if end.weights is None:
            return state
        trainable, rest = end.weights
        kept = {id(weight) for weight in model.weights}  # the state of a generator is none
        both = zip(model.non_trainable_variables, rest, state.non_trainable, strict=False)
        own = [best if id(variable) in kept else now for variable, best, now in both]
        return state._replace(trainable=list(trainable), non_trainable=own)

    def _measured(
        self, group: Group, members: list[int], states: list[State]
    ) -> list[dict[str, Logs]]:
        """Return what `keras.Model.evaluate` says of each trained replica, by the rows' name."""
        family = group.family
        if family.compiled.scoring is None:
            return [{} for _ in members]
        valued = [
            family.with_values(state, self._values, r)
            for r, state in zip(members, states, strict=True)
        ]
        numbers = [
            {name: chosen[r].astype(np.int32) for name, chosen in self._data.scored.items()}
            for r in members
        ]
        stacked = group.packing.stacked
        logs = family.compiled.scoring(stacked(valued), group.rows[1], stacked(numbers))
        parts = group.packing.parts(logs, len(members))
        return [jax.tree.map(lambda a: a.tolist(), part) for part in parts]


def _history(logs: Logs) -> keras.callbacks.History:
    """Return logs as Keras's callback would have written them down."""
    history = keras.callbacks.History()
    history.history = logs
    history.epoch = list(range(max((len(values) for values in logs.values()), default=0)))
    return history
