"""Replicas that share a compiled program."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any, NamedTuple

import jax
import keras
import numpy as np

from bital.engine.adjustable import Adjustable
from bital.engine.arrays import layout
from bital.engine.cache import remembered
from bital.engine.dispatch import SEGMENTS
from bital.engine.packing import AXIS, WIDEST, Packing, packing
from bital.engine.passes import Pass
from bital.engine.program import (
    Control,
    Feed,
    Segment,
    scoring_program,
    segment_table,
    step_program,
)
from bital.engine.rules import Rule
from bital.models import functional
from bital.models.functional import State

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
    scored: Mapping[str, Pass]
    """passes over held-out rows that measure a trained replica"""


class Compiled(NamedTuple):
    """Programs of a family."""

    packing: Packing
    lines: int
    """epochs a call may run"""
    epochs: np.ndarray
    """the segments of that many epochs"""
    training: Callable[..., Any]
    scoring: Callable[..., Any] | None


class Family:
    """Replicas that share a compiled program.

    Args:
        shared: what they have in common with all others.
        members: their numbers.
        names: hyperparameters that each has its own value of.
        fixed: hyperparameters that are the same for all of them.
    """

    def __init__(
        self,
        shared: Shared,
        members: Sequence[int],
        names: Sequence[str],
        fixed: Mapping[str, float],
    ) -> None:
        self.shared, self.members = shared, list(members)
        self.model = Adjustable(shared.model, names, fixed)
        self._names, self._fixed = tuple(names), tuple(sorted(fixed.items()))

    def compile(self, state: State, packed: bool | None, compiling: Executor | None) -> None:
        """Trace, choose how to pack and compile, unless all of it was kept.

        Args:
            state: one replica's, hyperparameters included.
            packed: as in `packing`.
            compiling: where to do it; here and now with None.
        """
        shared, state = self.shared, jax.tree.map(_shape, state)
        scored = tuple(shared.scored.items())
        geometry = (shared.train, shared.check, shared.own, shared.ordered, shared.chosen, scored)
        asked = (len(self.members), packed, self._names, self._fixed, shared.rules)
        key = ("replicas", asked, geometry, layout((shared.rows, shared.held_out)))
        self._seconds = 0.0

        def compiled() -> Compiled:
            def make() -> Compiled:
                started = time.perf_counter()
                made = self._made(state, packed)
                self._seconds = time.perf_counter() - started
                return made

            kept: Compiled = remembered(shared.model, key, make)
            return kept

        if compiling is not None:
            self._programs = compiling.submit(compiled)
        else:
            self._programs = Future()
            self._programs.set_result(compiled())

    @property
    def compiled(self) -> Compiled:
        """The programs, once they are there."""
        return self._programs.result()

    @property
    def compile_seconds(self) -> float:
        """Seconds that tracing and compiling took; 0 where the programs were kept."""
        self._programs.result()
        return self._seconds

    def with_values(self, state: State, values: Mapping[str, Sequence[float]], r: int) -> State:
        """Return a replica's state with its hyperparameters."""
        return self.model.with_values(state, [values[name][r] for name in self._names])

    def _made(self, state: State, packed: bool | None) -> Compiled:
        """Trace and compile, given the shapes of a replica's state."""
        shared: Any = self.shared
        count, model = len(self.members), self.model
        lines = _most_lines(shared.train.rows, count)
        rows, held_out = (
            jax.tree.map(lambda a: _shape(a[0] if shared.own else a), arrays)
            for arrays in (shared.rows, shared.held_out)
        )
        order = chosen = None
        if shared.ordered:
            order = jax.ShapeDtypeStruct((lines, shared.train.rows), np.int32)
        if shared.chosen:
            chosen = jax.ShapeDtypeStruct((shared.check.rows,), np.int32)
        feed = Feed(rows, order, held_out, chosen)
        settings = {"capacity": lines, "rules": shared.rules}
        program = step_program(
            model, functional.train_step, state, feed, shared.train, shared.check, **settings
        )
        how, table = packing(program, count, packed), epochs_table(shared, lines)
        given: Any = (state, feed, self.control(0, table, self.carries(state)))
        mapped = _mapped(shared)
        training = how.compiled(program, mapped, axis=AXIS).lower(*how.shaped(mapped, given))
        scoring = None
        if shared.scored:
            to_score = scoring_program(model, state, held_out, shared.scored)
            mapped = (True, shared.own, True)
            numbers = {
                name: jax.ShapeDtypeStruct((span.rows,), np.int32)
                for name, span in shared.scored.items()
            }
            given = (state, held_out, numbers)
            scoring = how.compiled(to_score, mapped).lower(*how.shaped(mapped, given)).compile()
        return Compiled(how, lines, table, training.compile(), scoring)

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


def _mapped(shared: Shared) -> Any:
    """Return which of a training program's arguments each replica has its own of."""
    ruled = bool(shared.rules)
    return (
        True,
        Feed(shared.own, shared.ordered, shared.own, shared.chosen),
        Control(ruled, False, False, (True,) * len(shared.rules), ruled),
    )


def _most_lines(rows: int, count: int) -> int:
    """Return how many epochs a call may run: their orders are to stay below a megabyte or so."""
    together = min(count, WIDEST) if jax.default_backend() == "cpu" else count
    return max(1, min(SEGMENTS, TABLE // (rows * together)))


def _shape(a: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(np.shape(a), a.dtype)
