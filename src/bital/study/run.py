"""A design carried out."""

import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import takewhile

import numpy as np

from bital.engine.pace import cores
from bital.errors import BitalError, InvalidInput, StoreFailure
from bital.models.backend import require_jax
from bital.study.arm import check_size
from bital.study.bench import Bench, Job
from bital.study.budget import ROUND, Clock, rounds, seconds_of, settled
from bital.study.cluster import Cluster
from bital.study.columns import columns
from bital.study.compare import verdict
from bital.study.deal import dealt
from bital.study.design import Design
from bital.study.estimate import Estimate, Listener, Work
from bital.study.outcome import Outcome
from bital.study.plain import dealt_plain, fit_settings, plain
from bital.study.queue import Here, Queue
from bital.study.result import ArmResult, DataCard, StudyResult, Unit
from bital.study.shelf import Key, Shelf
from bital.study.sketch import Direction, check_metric
from bital.study.splits import Holdout, KFold
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.procedure import Procedure
from bital.study.table import table
from bital.study.workers import Processes, Workers, worthwhile


def run_design(
    design: Design,
    *,
    shelf: Shelf | None = None,
    listener: Listener = lambda moment: None,
    workers: Processes = None,
    time_budget: str | float | None = None,
    started: float | None = None,
) -> StudyResult:
    """Carry out a study.

    A seed gives every arm the same split, the same batch order and the same stream of initial
    randomness. Each run trains for all its epochs or until its callbacks end it, and the test rows
    are looked at once, at the end: nothing is chosen by them.

    Args:
        design: what to compare.
        shelf: where runs are looked for and kept as soon as they are finished, those that are
            trained at once together; None keeps none.
        listener: told of progress.
        workers: processes to train in; 1 for this one alone, None for what is faster, "ray" for
            a Ray cluster's; see `bital.study.cluster`.
        time_budget: seconds, or a time such as "10m", to spend on at most the design's seeds: the
            first five for every arm, however long they take, then five more at a time where the
            verdict is open (`bital.study.budget.settled`), as long as they are expected to fit.
            An arm then has the first of the result's runs. None: every seed for every arm.
        started: `time.perf_counter()` when the user's command began; now when left out.

    Returns:
        The result; after Ctrl-C, that of the arms finished by then, marked as interrupted.

    Raises:
        InvalidInput: a choice that these data or models cannot be given.
        MissingData: the dataset's files are not to be had.
        StoreFailure: the shelf cannot be read. Where it cannot be written to, the study goes on
            and the result says so.
        WrongBackend: Keras does not run on JAX.
        KeyboardInterrupt: before the first arm has finished.
    """
    started = time.perf_counter() if started is None else started
    if workers != "ray":
        check_size("workers", workers)
    clock = None if time_budget is None else Clock(seconds_of(time_budget), started)
    if clock is not None and isinstance(design.splits, KFold):
        raise InvalidInput(
            "time_budget adds seeds, and more seeds on the same folds say little more; got KFold. "
            "Use Holdout, or leave time_budget out."
        )
    if design.keep and shelf is None:
        raise InvalidInput(
            f"what is kept of runs needs a store; got keep={list(design.keep)} and none. Give a "
            "store, or leave keep out."
        )
    require_jax()
    study = _Study(design, shelf, listener, by_clock=clock is not None)
    interrupted = False
    study.look_up()
    try:
        if clock is None:
            study.train(design.arms, study.units, workers)
        else:
            study.spend(clock, workers)
    except KeyboardInterrupt:
        if not study.finished():
            raise
        interrupted = True
    for error in study.errors.values():
        if not study.finished():
            raise error
    return study.result(started, interrupted)


def kept_seeds(design: Design, shelf: Shelf) -> tuple[int, ...]:
    """Return the seeds of which the shelf has every run of every arm; nothing is trained."""
    require_jax()
    study = _Study(design, shelf, lambda moment: None, by_clock=False)
    study.look_up()
    lacking = study.lacking()
    return tuple(seed for seed in design.seed_numbers if seed not in lacking)


class _Study:
    """A design at work."""

    def __init__(
        self, design: Design, shelf: Shelf | None, listener: Listener, by_clock: bool
    ) -> None:
        self._design, self._shelf, self._listener = design, shelf, listener
        self._by_clock = by_clock
        rows = table(design.data)
        splits = dealt(design.splits, rows.to_deal(design.splits), design.seed_numbers)
        self._bench = Bench(design, rows, splits, frozenset(design.keep))
        self.units = tuple(splits)
        first = next(iter(splits.values()))
        self._rows = {
            "train": len(first.train),
            "validation": len(first.validation),
            "test": len(first.test),
        }
        counts = dict(zip(("train", "val", "test"), self._rows.values(), strict=True))
        self._parts = {part for part, count in counts.items() if count}
        if design.part not in self._parts:
            raise InvalidInput(
                f"metric {design.metric!r} needs rows of that part; the splits leave none. "
                f"There are rows to {', '.join(sorted(self._parts))}."
            )
        if "predictions" in design.keep and self._parts == {"train"}:
            raise InvalidInput(
                "predictions are kept of validation and test rows; the splits leave none. Leave "
                "them out of keep."
            )
        self._sketches = {name: self._bench.sketch(name) for name in design.arms}
        check_metric(design.measure, self._sketches)
        self._direction = self._better()
        self._outcomes: dict[str, dict[Unit, Outcome]] = {name: {} for name in design.arms}
        self._keys: dict[str, dict[Unit, Key]] = {}
        self._reused, self._unkept = 0, list[tuple[str, list[tuple[Key, Outcome]]]]()
        self._failure: StoreFailure | None = None
        self.errors: dict[str, Exception] = {}

    def look_up(self) -> None:
        """Find the runs that are there already, with all that is to be kept of them."""
        if self._shelf is None:
            return
        data, keep = self._bench.table, self._bench.keep
        for name in self._design.arms:
            arm = self._design.arm(name)
            try:
                code = self._shelf.code(*filter(None, (arm.build, arm.callbacks)))
            except InvalidInput as error:
                raise InvalidInput(
                    f"arm {name!r}: {error} Or keep no runs: store=False."
                ) from error
            spec = {**fit_settings(self._design, name), **data.scaling}
            keys = {
                unit: Key(spec, data.fingerprint, code, unit.seed, dealt_plain(unit, split))
                for unit, split in self._bench.splits.items()
            }
            found = zip(keys, self._shelf.find(list(keys.values())), strict=True)
            there = {unit: each for unit, each in found if each is not None}
            self._keys[name] = keys
            self._outcomes[name] = {u: each for u, each in there.items() if keep <= each.stored}
            self._reused += len(self._outcomes[name])
            # A run that is trained again takes the place of the one there, and loses nothing of it.
            for each in there.values():
                if not keep <= each.stored:
                    self._bench = replace(self._bench, keep=self._bench.keep | each.stored)

    def lacking(self) -> set[int]:
        """Return the seeds of runs that are still to be trained."""
        every = self._outcomes.values()
        return {unit.seed for found in every for unit in self.units if unit not in found}

    def spend(self, clock: Clock, workers: Processes) -> None:
        """Train round after round where the verdict is open, as long as there is time."""
        open_ = list(self._design.arms)
        done = 0
        for seeds in rounds(self._design.seed_numbers):
            coming = self.units[done : done + len(seeds)]
            missing = sum(unit not in self._outcomes[name] for name in open_ for unit in coming)
            if done and not clock.has_time(missing):
                return
            clock.begin()
            self.train(open_, coming, workers)
            clock.end(missing)
            done += len(coming)
            open_ = [name for name in open_ if self._span(name) >= done]
            scores = {name: self._scores(name, done) for name in open_}
            procedure = Procedure(
                self._direction, self._design.level, self._design.margin, overlap=self._overlap()
            )
            baseline = self._design.baseline
            if done < 2 or (baseline is not None and baseline not in open_):
                continue
            clear = settled(scores, procedure, baseline)
            open_ = [name for name in open_ if name not in clear]
            if len(open_) < 2:
                return

    def train(self, names: Iterable[str], units: Sequence[Unit], workers: Processes) -> None:
        """Train the runs that are not there yet."""
        jobs = [
            job
            for name in names
            for job in self._bench.jobs(
                name, [unit for unit in units if unit not in self._outcomes[name]]
            )
        ]
        if not jobs:
            return
        work = [self._work(job) for job in jobs]
        costs = [
            (job, each.seconds, each.multiply_adds) for job, each in zip(jobs, work, strict=True)
        ]
        replicates = {name for name, seen in self._sketches.items() if seen.replicates}
        if workers is None:
            workers = worthwhile(self._bench, costs, replicates)
        if workers == "ray" or workers > 1:  # what is trained run by run can be anywhere
            jobs = [
                part
                for job in jobs
                for part in ([job] if job.arm in replicates else map(job.with_unit, job.units))
            ]
            work = [self._work(job) for job in jobs]
        there = sum(map(len, self._outcomes.values()))
        runs = there + sum(len(job.units) for job in jobs)
        self._jobs, self._estimate = jobs, Estimate(work, runs, self._listener, there)
        hands: Queue = Here(self._bench, self._sketches)
        seconds = [each.seconds for each in work]
        if workers == "ray":
            hands = Cluster(self._bench, self._sketches, seconds)
        elif workers > 1:
            hands = Workers(self._bench, self._sketches, workers, seconds)
        hands.run(jobs, self)

    def prepare(self, index: int) -> None:
        """See `Ear`."""
        self._estimate.prepare(index)

    def begin(self, index: int) -> None:
        """See `Ear`."""
        self._estimate.begin(index)

    def steps(self, index: int, count: int) -> None:
        """See `Ear`."""
        self._estimate.steps(index, count)

    def saved(self, index: int, found: Mapping[Unit, Outcome]) -> None:
        """See `Ear`."""
        self._keep(self._jobs[index].arm, found)
        self._estimate.best = self._best()
        self._estimate.runs_done += len(found)

    def end(self, index: int) -> None:
        """See `Ear`."""
        self._estimate.end(index)

    def failed(self, index: int, error: Exception) -> None:
        """See `Ear`."""
        self.errors.setdefault(self._jobs[index].arm, error)
        self._estimate.end(index)

    def _keep(self, name: str, found: Mapping[Unit, Outcome]) -> None:
        """Take the outcomes of runs that belong together."""
        self._outcomes[name].update({u: replace(each, kept={}) for u, each in found.items()})
        if self._shelf is None:
            return
        keys = self._keys[name]
        self._unkept.append((name, [(keys[unit], each) for unit, each in found.items()]))
        if self._failure is None:
            self.save()

    def save(self) -> None:
        """Keep what is not kept yet."""
        while self._shelf is not None and self._unkept:
            name, found = self._unkept[0]
            try:
                self._shelf.save(name, found, self._sketches[name].parameters)
            except StoreFailure as error:
                self._failure = error
                return
            del self._unkept[0]
        self._failure = None

    def finished(self) -> list[str]:
        """Return the arms of which every run has ended; by the clock, every run of a round."""
        least = len(self.units) if not self._by_clock else min(ROUND, len(self.units))
        return [name for name in self._design.arms if self._span(name) >= least]

    def _span(self, name: str) -> int:
        """Return how many of the first runs of an arm have ended."""
        there = (unit in self._outcomes[name] for unit in self.units)
        return sum(1 for _ in takewhile(bool, there))

    def _scores(self, name: str, count: int) -> np.ndarray:
        found = self._outcomes[name]
        return np.array([found[unit].scores[self._design.metric] for unit in self.units[:count]])

    def result(self, started: float, interrupted: bool) -> StudyResult:
        """Return what came of the finished arms."""
        self.save()
        design, data = self._design, self._bench.table
        spans = {name: self._span(name) for name in self.finished()}
        units = self.units[: max(spans.values(), default=0)]
        arms = [self._arm(name, self.units[:span]) for name, span in spans.items()]
        shown = columns(design, self._direction, self._parts)
        return StudyResult(
            name=design.name,
            question=design.question,
            language=design.language,
            metric=design.metric,
            splits=design.splits.said(design.language),
            plain=plain(design, data, self._sketches),
            data=DataCard(
                name=data.name,
                task=data.task,
                source=data.source,
                fingerprint=data.fingerprint,
                shape=data.shape,
                classes=data.classes,
                rows=self._rows,
            ),
            units=units,
            columns=shown,
            arms=tuple(arms),
            verdict=verdict(
                shown[-1],
                arms,
                design.baseline,
                design.margin,
                self._overlap(),
                design.level,
                units,
            ),
            seconds=time.perf_counter() - started,
            published=dict(design.published),
            reused=self._reused,
            failed={name: _said(name, error) for name, error in self.errors.items()},
            unkept="" if self._failure is None else str(self._failure),
            environment=environment(),
            interrupted=interrupted,
        )

    def _work(self, job: Job) -> Work:
        rows = len(self._bench.splits[job.units[0]].train)
        steps, epochs = self._bench.steps(job), self._bench.epochs(job.arm)
        work = self._sketches[job.arm].work * rows * epochs * len(job.units) // steps
        return Work(self._design.label(job.arm), steps, work)

    def _arm(self, name: str, units: Sequence[Unit]) -> ArmResult:
        seen, bench = self._sketches[name], self._bench
        every = [self._outcomes[name][unit] for unit in units]
        return ArmResult(
            name=name,
            label=self._design.label(name),
            parameters=seen.parameters,
            scores={key: np.array([each.scores[key] for each in every]) for key in every[0].scores},
            curves={key: curves([e.history[key] for e in every]) for key in every[0].history},
            epochs=bench.epochs(name),
            batch_size=bench.batch_size(name, self._rows["train"]),
            optimizer=seen.optimizer(self._design.language),
            summary=seen.summary,
            train_seconds=sum(each.train_seconds for each in every),
            compile_seconds=sum(each.compile_seconds for each in every),
            packed=any(each.packed for each in every),
        )

    def _better(self) -> Direction:
        """Return which values of the metric are better."""
        known = [seen.directions.get(self._design.measure) for seen in self._sketches.values()]
        found = self._design.better or next(filter(None, known), None)
        if found is None:
            raise InvalidInput(
                f"which values of {self._design.metric!r} are better must be known; Keras does not "
                'say. Give better="higher" or better="lower".'
            )
        return found

    def _overlap(self) -> Overlap | None:
        """Return how the runs' splits overlap; not where all are compared on the same rows."""
        splits = self._design.splits
        same = isinstance(splits, Holdout) and (
            splits.fixed
            or (self._design.part == "test" and self._bench.table.test_rows is not None)
        )
        if same or len(self.units) < 2:
            return None
        part = "test" if self._design.part == "test" else "validation"
        held_out = self._rows[part] or self._rows["test"]
        return Overlap(train=self._rows["train"], test=held_out)

    def _best(self) -> str:
        """Return the best arm so far, in words."""
        metric, sign = self._design.metric, 1 if self._direction == "higher" else -1
        means = {
            name: float(np.mean([each.scores[metric] for each in found.values()]))
            for name, found in self._outcomes.items()
            if found
        }
        known = {name: mean for name, mean in means.items() if np.isfinite(mean)}
        if not known:
            return ""
        top = max(known, key=lambda name: sign * known[name])
        return f"{self._design.label(top)} {known[top]:.4g}"


def _said(name: str, error: Exception) -> str:
    own = isinstance(error, BitalError)
    return str(error) if own else f"arm {name!r}: {type(error).__name__}: {error}"


def curves(histories: Sequence[Sequence[float]]) -> np.ndarray:
    """Return histories as rows, NaN where one has ended before the longest."""
    table = np.full((len(histories), max(map(len, histories))), np.nan)
    for row, values in zip(table, histories, strict=True):
        row[: len(values)] = values
    return table


def environment() -> dict[str, str]:
    """Return what a result depends on besides its spec: versions, processor, cores."""
    return {
        "bital": version("bital"),
        "keras": version("keras"),
        "jax": version("jax"),
        "numpy": version("numpy"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(cores()),
    }
