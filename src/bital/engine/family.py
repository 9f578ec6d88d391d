"""Replicas that share a compiled program."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any, NamedTuple

import jax
import keras
import numpy as np

from bital.engine.cache import remembered
from bital.engine.dispatch import SEGMENTS
from bital.engine.hyper import Adjustable
from bital.engine.packing import AXIS, WIDEST, Packing, packing
from bital.engine.passes import Pass, whole_pass
from bital.engine.program import (
    Control,
    Feed,
    Segment,
    prediction_program,
    segment_table,
    step_program,
)
from bital.engine.rules import Rule
from bital.models import functional
from bital.models.functional import State

PREDICTED = 2048  # rows a batch
TABLE = 2**18  # row numbers that one call is given at most


class Shared(NamedTuple):
    """What all replicas of a run have in common."""

    model: keras.Model
    rows: Any
    """pytree of arrays, rows first, or replicas first and then rows"""
    held_out: Any
    """rows to validate on, likewise; None without validation"""
    train: Pass
    check: Pass | None
    own: bool
    """whether each replica has its own rows"""
    ordered: bool
    """whether rows are visited in another order than they lie in"""
    chosen: bool
    """whether each replica validates on its own choice of the held-out rows"""
    rules: tuple[Rule, ...]


class Compiled(NamedTuple):
    """Programs of a family."""

    packing: Packing
    lines: int
    """epochs a call may run"""
    epochs: np.ndarray
    """the segments of that many epochs"""
    training: Callable[..., Any]
    predicting: Callable[..., Any] | None
    seconds: float
    """that it took to build, trace and compile them"""


class Family:
    """Replicas that share a compiled program.

    Args:
        shared: what they have in common with all others.
        members: their numbers.
        nominal: hyperparameters of the program: by name, what comparisons are answered from.
        fixed: hyperparameters that are the same for all of them.
    """

    def __init__(
        self,
        shared: Shared,
        members: Sequence[int],
        nominal: Mapping[str, float],
        fixed: Mapping[str, float],
    ) -> None:
        self.shared, self.members = shared, list(members)
        self.model = Adjustable(shared.model, nominal, fixed)
        self._names, self._new = tuple(nominal), False
        self._key = (self._names, tuple(sorted(fixed.items())))

    def compile(
        self, state: State, packed: bool | None, predicts: bool, compiling: Executor | None
    ) -> None:
        """Trace, choose how to pack and start to compile, unless all of it was kept.

        Args:
            state: one replica's, hyperparameters included.
            packed: as in `packing`.
            predicts: whether a program for predictions is wanted too.
            compiling: where to compile; here and now with None.
        """
        shared = self.shared
        arrays = jax.tree.map(lambda a: (a.shape, str(a.dtype)), (shared.rows, shared.held_out))
        geometry = (shared.train, shared.check, shared.own, shared.ordered, shared.chosen)
        asked = (len(self.members), packed, predicts)
        key = ("replicas", self._key, asked, geometry, shared.rules, str(arrays))

        def make() -> "Future[Compiled]":
            self._new = True
            started = time.perf_counter()
            lowered = self._lowered(jax.tree.map(_shape, state), packed, predicts)
            tracing = time.perf_counter() - started
            if compiling is not None:
                return compiling.submit(_compiled, *lowered, tracing)
            done: Future[Compiled] = Future()
            done.set_result(_compiled(*lowered, tracing))
            return done

        self._programs: Future[Compiled] = remembered(shared.model, key, make)

    @property
    def compiled(self) -> Compiled:
        """The programs, once they are there."""
        return self._programs.result()

    @property
    def compile_seconds(self) -> float:
        """Seconds that tracing and compiling took; 0 where the programs were kept."""
        return self.compiled.seconds if self._new else 0.0

    def with_values(self, state: State, values: Mapping[str, Sequence[float]], r: int) -> State:
        """Return a replica's state with its hyperparameters."""
        return self.model.with_values(state, [values[name][r] for name in self._names])

    def _lowered(self, state: State, packed: bool | None, predicts: bool) -> tuple[Any, ...]:
        """Trace; return what `_compiled` takes."""
        shared: Any = self.shared
        count, model = len(self.members), self.model
        lines = _most_lines(shared.train.rows, count)
        rows, held_out = (
            jax.tree.map(lambda a: _shape(a[0] if shared.own else a), arrays)
            for arrays in (shared.rows, shared.held_out)
        )
        order, chosen = (
            jax.ShapeDtypeStruct(shape, np.int32) if has else None
            for has, shape in (
                (shared.ordered, (lines, shared.train.rows)),
                (shared.chosen, (shared.check.rows if shared.check else 0,)),
            )
        )
        feed = Feed(rows, order, held_out, chosen)
        settings = {"capacity": lines, "rules": shared.rules}
        program = step_program(
            model, functional.train_step, state, feed, shared.train, shared.check, **settings
        )
        how, table = packing(program, count, packed), epochs_table(shared, lines)
        arguments = (state, feed, self.control(0, table, self.carries(state)))
        mapped = _mapped(shared)
        training = how.compiled(program, mapped, axis=AXIS).lower(*how.shaped(mapped, arguments))
        predicting = None
        if predicts:
            inputs = rows[0]
            span = prediction_span(rows)
            to_predict = prediction_program(model, state, inputs, span)
            mapped = (True, shared.own, False, False)
            given = (state, inputs, np.int32(0), np.bool_(False))
            predicting = how.compiled(to_predict, mapped).lower(*how.shaped(mapped, given))
        return how, lines, table, training, predicting

    def carries(self, state: State) -> tuple[Any, ...]:
        """Return what one replica's rules know before the first epoch."""
        return tuple(rule.init(state) for rule in self.shared.rules)

    def control(self, count: Any, table: Any, carries: Any = (), since: Any = 0) -> Control:
        """Return what a call is told.

        Args:
            count: how many segments; with rules, one number a replica.
            table: the segments; see `epochs_table`.
            carries: what the rules know.
            since: what to add to the segments' epochs, likewise.
        """
        since = np.asarray(since, np.int32) if self.shared.rules else None
        return Control(np.asarray(count, np.int32), table, None, carries, since)


def epochs_table(shared: Shared, lines: int) -> np.ndarray:
    """Return the segments of whole epochs, one a line."""
    train = shared.train
    whole = Segment(0, 0, train.full, True, train.tail > 0, shared.check is not None, 0)
    return segment_table([whole._replace(line=i, epoch=i) for i in range(lines)], lines)


def prediction_span(rows: Any) -> Pass:
    """Return the pass over a table's rows that predictions make."""
    return whole_pass(jax.tree.leaves(rows)[0].shape[0], PREDICTED)


def _mapped(shared: Shared) -> Any:
    """Return which of a training program's arguments each replica has its own of."""
    ruled = bool(shared.rules)
    return (
        True,
        Feed(shared.own, shared.ordered, shared.own, shared.chosen),
        Control(ruled, False, False, ruled, ruled),
    )


def _compiled(
    how: Packing, lines: int, table: np.ndarray, training: Any, predicting: Any, tracing: float
) -> Compiled:
    started = time.perf_counter()
    programs = (each and each.compile() for each in (training, predicting))
    return Compiled(how, lines, table, *programs, tracing + time.perf_counter() - started)


def _most_lines(rows: int, count: int) -> int:
    """Return how many epochs a call may run: their orders are to stay below a megabyte or so."""
    together = min(count, WIDEST) if jax.default_backend() == "cpu" else count
    return max(1, min(SEGMENTS, TABLE // (rows * together)))


def _shape(a: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(np.shape(a), a.dtype)
