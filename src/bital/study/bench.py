"""Where arms are trained: their builders, the rows and the splits."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import keras
import numpy as np

from bital.data.splitting import Split
from bital.engine import arrays, memory
from bital.engine.build import build
from bital.engine.evaluate import evaluate, predict
from bital.engine.fit import fit
from bital.engine.fit_replicas import Trainer, prepare_replicas
from bital.engine.replicas import ReplicaData, Trained
from bital.engine.seeding import undisturbed
from bital.models.functional import State
from bital.study import kept
from bital.study.arm import Arm
from bital.study.design import PARTS, Design
from bital.study.outcome import Outcome, outcome
from bital.study.result import Unit
from bital.study.sketch import Sketch, sketch
from bital.study.table import Scaled, Table

SCORING_BATCH = 2048  # rows; metrics do not depend on it, one batch is one body to compile

Saved = Callable[[Mapping[Unit, Outcome]], None]
Told = Callable[[int], None]


class Job(NamedTuple):
    """Runs of one arm whose parts are of the same sizes: together or in turn."""

    arm: str
    units: tuple[Unit, ...]

    def with_unit(self, unit: Unit) -> "Job":
        """Return the job of one run alone."""
        return self._replace(units=(unit,))


class Ready(NamedTuple):
    """A job whose programs are on their way."""

    train: Callable[[Told, Saved], None]
    """called with who is told of steps, and who is given outcomes: those of one call belong
    together, all of them or none are to be kept"""


@dataclass(frozen=True, eq=False)
class Bench:
    """Trains arms on units."""

    design: Design
    table: Table
    splits: Mapping[Unit, Split]
    keep: frozenset[str] = frozenset()
    """what is kept of each run; see `Design.keep`"""

    def sketch(self, name: str) -> Sketch:
        """Look at an arm's model."""
        validates = bool(len(next(iter(self.splits.values())).validation))
        return sketch(name, self.design.arm(name), self._some(), validates)

    def jobs(self, name: str, units: Sequence[Unit]) -> list[Job]:
        """Return an arm's runs by the sizes of their parts, which a program is made for."""
        alike: dict[tuple[int, ...], list[Unit]] = {}
        for unit in units:
            alike.setdefault(self._sizes(unit), []).append(unit)
        return [Job(name, tuple(each)) for each in alike.values()]

    def steps(self, job: Job) -> int:
        """Return the training steps of a job."""
        rows = len(self.splits[job.units[0]].train)
        batches = -(-rows // self.batch_size(job.arm, rows))
        return batches * self.epochs(job.arm) * len(job.units)

    def epochs(self, name: str) -> int:
        """Return the epochs of an arm's runs."""
        return self.design.arm(name).epochs or self.design.epochs

    def batch_size(self, name: str, rows: int) -> int:
        """Return the rows per step of an arm that is trained on so many."""
        size = self.design.arm(name).batch_size or self.design.batch_size
        return rows if size == "all" else min(size, rows)

    def prepare(self, job: Job, seen: Sketch, compiling: Executor | None = None) -> Ready:
        """Build a job's models and start to compile its programs.

        Args:
            job: which.
            seen: its arm's model.
            compiling: where to compile, beside other work; here with None.
        """
        arm = self.design.arm(job.arm)
        scaled = self.table.scaled([self.splits[unit] for unit in job.units])
        if seen.replicates and memory.fits(scaled.rows):
            return self._together(job, arm, seen, scaled, compiling)
        return Ready(lambda told, saved: self._in_turn(job, seen, told, saved))

    def _together(
        self, job: Job, arm: Arm, seen: Sketch, scaled: Scaled, compiling: Executor | None
    ) -> Ready:
        data = self._replica_data(job, arm, scaled)
        train: Trainer = prepare_replicas(
            arm.build,
            [unit.seed for unit in job.units],
            data,
            batch_size=self.batch_size(job.arm, data.train_rows),
            validation_batch_size=SCORING_BATCH,
            shuffle=arm.shuffle,
            callbacks=[] if arm.callbacks is None else list(arm.callbacks()),
            compiling=compiling,
        )

        def run(told: Told, saved: Saved) -> None:
            model = self._model(arm) if self.keep else None

            def found(r: int, each: Trained) -> Outcome:
                if model is not None:
                    _give(model, each.state)
                return outcome(
                    each.scores,
                    each.history.history,
                    seen.powers,
                    None if scaled.spread is None else float(scaled.spread[r]),
                    train_seconds=each.train_seconds,
                    compile_seconds=each.compile_seconds,
                    packed=each.packed,
                    kept={} if model is None else self._kept(model, job.units[r], scaled, r),
                )

            train(
                self.epochs(job.arm),
                told,
                lambda some: saved({job.units[r]: found(r, each) for r, each in some.items()}),
            )

        return Ready(run)

    def _in_turn(self, job: Job, seen: Sketch, told: Told, saved: Saved) -> None:
        steps = self.steps(job) // len(job.units)
        for unit in job.units:
            saved({unit: self._alone(unit, job.arm, seen)})
            told(steps)

    def _alone(self, unit: Unit, name: str, seen: Sketch) -> Outcome:
        """Train one run by itself, as anything that Keras can train."""
        arm, split = self.design.arm(name), self.splits[unit]
        scaled = self.table.scaled([split])
        pick = partial(_picked, scaled)
        x, y = pick(split.train)
        started = perf_counter()
        with undisturbed():
            keras.utils.set_random_seed(unit.seed)
            model = arm.build()
            built = perf_counter() - started
            history = fit(
                model,
                x,
                y,
                batch_size=self.batch_size(name, len(split.train)),
                epochs=self.epochs(name),
                verbose=0,
                callbacks=[] if arm.callbacks is None else list(arm.callbacks()),
                validation_data=pick(split.validation) if len(split.validation) else None,
                shuffle=arm.shuffle,
                class_weight=None if arm.class_weight is None else dict(arm.class_weight),
                validation_batch_size=SCORING_BATCH,
            )
            scores = {}
            for part, rows in _parts(split).items():
                x, y = pick(rows)
                scores[part] = evaluate(model, x, y, SCORING_BATCH, 0, return_dict=True)
            seconds = perf_counter() - started - built
            left = self._kept(model, unit, scaled, 0)
        return outcome(
            scores,
            history.history,
            seen.powers,
            None if scaled.spread is None else float(scaled.spread[0]),
            train_seconds=seconds,
            compile_seconds=built,
            packed=False,
            kept=left,
        )

    def _model(self, arm: Arm) -> keras.Model:
        """Return a model like an arm's, to be given the weights of its runs."""
        with undisturbed():
            model = arm.build()
            build(model, self._some())
        return model

    def _kept(self, model: keras.Model, unit: Unit, scaled: Scaled, r: int) -> dict[str, Any]:
        """Return what is kept of a trained model, as NumPy's arrays."""
        found: dict[str, Any] = {}
        if "weights" in self.keep:
            found["weights"] = kept.weights(model)
        if "predictions" not in self.keep:
            return found
        split, table = self.splits[unit], self.table
        parts = [
            (part, rows)
            for part, rows in (("validation", split.validation), ("test", split.test))
            if len(rows)
        ]
        x, _ = _picked(scaled, np.concatenate([rows for _, rows in parts]), r)
        outputs = predict(model, x, SCORING_BATCH, verbose=0)
        if scaled.spread is not None and scaled.center is not None:
            outputs = outputs * scaled.spread[r] + scaled.center[r]
        targets = table.y if table.labels is None else table.labels
        found["predictions"] = kept.predictions(outputs, targets, parts, table.classes)
        return found

    def _replica_data(self, job: Job, arm: Arm, scaled: Scaled) -> ReplicaData:
        splits = [self.splits[unit] for unit in job.units]
        rows = held_out = scaled.rows
        if arm.class_weight is not None:
            x, y = rows
            weights = arrays.normalised(self.table.y, self.table.y, None, dict(arm.class_weight))
            weights = np.stack([weights[2]] * len(splits)) if scaled.own else weights[2]
            rows = x, y, weights
        parts = {
            part: np.stack([_parts(split)[part] for split in splits]) for part in _parts(splits[0])
        }
        return ReplicaData(rows, held_out, parts["train"], parts.get("val"), scaled.own, parts)

    def _some(self) -> Any:
        scaled = self.table.scaled([next(iter(self.splits.values()))])
        return _picked(scaled, np.arange(2))

    def _sizes(self, unit: Unit) -> tuple[int, ...]:
        split = self.splits[unit]
        return len(split.train), len(split.validation), len(split.test)


def _parts(split: Split) -> dict[str, Any]:
    """Return the rows to measure a trained model on, by the beginning of the score's key."""
    every = dict(zip(PARTS, (split.train, split.validation, split.test), strict=True))
    return {part: rows for part, rows in every.items() if len(rows)}


def _give(model: keras.Model, state: State) -> None:
    """Give a model the weights of a trained replica."""
    for variables, values in (
        (model.trainable_variables, state.trainable),
        (model.non_trainable_variables, state.non_trainable),
    ):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(np.array(value))  # the replica's own array is not the model's to end


def _picked(scaled: Scaled, rows: Any, r: int = 0) -> Any:
    own = r if scaled.own else slice(None)
    return keras.tree.map_structure(lambda a: a[own][rows], scaled.rows)
