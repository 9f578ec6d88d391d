"""A search carried out: Optuna proposes settings, studies of one arm judge them."""

import time
from dataclasses import replace
from functools import partial
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import keras
import numpy as np

from bital.errors import InvalidInput
from bital.study.arm import Arm
from bital.study.deal import dealt
from bital.study.design import Design
from bital.study.estimate import Listener
from bital.study.result import StudyResult, Unit
from bital.study.run import run_design
from bital.study.search.result import START, WINNER, SearchResult, Trial
from bital.study.search.space import Choice, Real, Setting, Value
from bital.study.search.spec import BATCH, LABELS, QUESTION, Search
from bital.study.shelf import Shelf
from bital.study.sketch import Direction, check_metric, sketch
from bital.study.splits import Holdout
from bital.study.table import table

if TYPE_CHECKING:
    import optuna

Settings = dict[str, Value]


def run_search(
    search: Search,
    *,
    shelf: Shelf | None = None,
    listener: Listener = lambda moment: None,
    started: float | None = None,
) -> SearchResult:
    """Carry out a search.

    Test rows are set aside first. Each trial is a study of one arm on the others, judged by its
    validation rows; a tree-structured Parzen estimator proposes settings (Bergstra et al. 2011)
    and asynchronous successive halving gives trials up (Li et al. 2020). A trial that goes on is
    trained from its beginning, so that every run is an ordinary one, found again in a store: a
    search that was interrupted draws the same settings again and trains only what is new.

    Args:
        search: what to try.
        shelf: where runs are kept; see `bital.study.run.run_design`.
        listener: told of the progress of each study.
        started: `time.perf_counter()` when the user's command began; now when left out.

    Raises:
        InvalidInput: a choice that these data or models cannot be given, or no trial that ended.
        KeyboardInterrupt: trials that are finished are in the store.
    """
    import optuna

    started = time.perf_counter() if started is None else started
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    work = _Work(search, shelf, listener)
    rungs = search.rungs
    better = work.better()
    study = optuna.create_study(
        direction="maximize" if better == "higher" else "minimize",
        sampler=optuna.samplers.TPESampler(seed=search.seed),
        pruner=optuna.pruners.SuccessiveHalvingPruner(rungs[0], max(search.halving, 2)),
    )
    if search.start:
        study.enqueue_trial(dict(search.start))
    trials = [_tried(study, work, number) for number in range(search.trials)]
    whole = [trial for trial in trials if trial.whole]
    if not whole:
        raise InvalidInput(
            f"a search needs a trial that ends; all {len(trials)} diverged or were given up. "
            "Narrow the space, as to lower learning rates."
        )
    sign = 1 if better == "higher" else -1
    winner = max(whole, key=lambda trial: sign * trial.score)
    confirmed = work.confirmed(dict(winner.settings), better)
    return SearchResult(
        name=search.name,
        metric=search.metric,
        better=better,
        trials=tuple(trials),
        winner=winner,
        reused=work.reused,
        confirmed=confirmed,
        seconds=time.perf_counter() - started,
    )


def _tried(study: "optuna.Study", work: "_Work", number: int) -> Trial:
    """Try one more."""
    from optuna.trial import TrialState

    search, trial = work.search, study.ask()
    settings = {name: _suggested(trial, name, each) for name, each in search.space.items()}
    score = nan
    for epochs in search.rungs:
        score = work.score(settings, epochs, f"trial {number + 1} of {search.trials}")
        if not isfinite(score):
            study.tell(trial, state=TrialState.FAIL)
            return Trial(number, settings, epochs, nan, whole=False)
        trial.report(score, epochs)
        if epochs < search.epochs and trial.should_prune():
            study.tell(trial, state=TrialState.PRUNED)
            return Trial(number, settings, epochs, score, whole=False)
    study.tell(trial, score)
    return Trial(number, settings, search.epochs, score, whole=True)


def _suggested(trial: "optuna.Trial", name: str, setting: Setting) -> Value:
    if isinstance(setting, Choice):
        chosen: Any = trial.suggest_categorical(name, setting.values)
        return cast("Value", chosen)
    if isinstance(setting, Real):
        return float(trial.suggest_float(name, setting.low, setting.high, log=setting.log))
    step = {} if setting.log else {"step": setting.step}
    return int(trial.suggest_int(name, setting.low, setting.high, log=setting.log, **step))


class _Rows(NamedTuple):
    """Rows as a design takes them."""

    data: Any
    splits: Holdout


class _Parts(NamedTuple):
    """The data of a search, its test rows set aside."""

    rest: _Rows
    """to search on"""
    whole: _Rows
    """the same rows and the test rows, known as such; `rest` where there are none"""


class _Work:
    """The studies that a search consists of."""

    def __init__(self, search: Search, shelf: Shelf | None, listener: Listener) -> None:
        self.search, self.reused = search, 0
        self._shelf, self._listener = shelf, listener
        self._parts = _set_aside(search)
        self._measure = search.metric.removeprefix("val_")
        self._known: dict[tuple[Any, ...], float] = {}

    def better(self) -> Direction:
        """Return which values of the metric are better, as the search or Keras says."""
        settings = dict(self.search.start) or {
            name: each.values[0] if isinstance(each, Choice) else each.low
            for name, each in self.search.space.items()
        }
        rows = table(self._parts.rest.data)
        seen = sketch("trial", self._arm(settings), (rows.x, rows.y))
        check_metric(self._measure, {"trial": seen})
        found = self.search.better or seen.directions.get(self._measure)
        if found is None:
            raise InvalidInput(
                f"which values of {self.search.metric!r} are better must be known; Keras does not "
                'say. Give better="higher" or better="lower".'
            )
        return found

    def score(self, settings: Settings, epochs: int, label: str) -> float:
        """Return the mean metric of settings after so many epochs; NaN where a run diverged."""
        key = (tuple(settings.items()), epochs)
        if key in self._known:
            return self._known[key]
        result = self._run(
            Design(
                arms={"trial": self._arm(settings, label)},
                data=self._parts.rest.data,
                seeds=self.search.trial_seeds,
                epochs=epochs,
                batch_size=self.search.batch_size,
                metric=self.search.metric,
                better=self.search.better,
                splits=self._parts.rest.splits,
                name=self.search.name,
            )
        )
        self._known[key] = float(result.arms[0].scores[self.search.metric].mean())
        return self._known[key]

    def confirmed(self, winner: Settings, better: Direction) -> StudyResult:
        """Train the winner, and what the search started with, on fresh seeds."""
        search = self.search
        arms = {WINNER: self._arm(winner, LABELS[WINNER](search.language))}
        if search.start and dict(search.start) != winner:
            start = self._arm(dict(search.start), LABELS[START](search.language))
            arms = {START: start} | arms
        tested = self._parts.whole is not self._parts.rest
        return self._run(
            Design(
                arms=arms,
                data=self._parts.whole.data,
                seeds=range(search.trial_seeds, search.trial_seeds + search.seeds),
                epochs=search.epochs,
                batch_size=search.batch_size,
                metric=f"test_{self._measure}" if tested else search.metric,
                better=better,
                splits=self._parts.whole.splits,
                baseline=START if START in arms else None,
                name=search.name,
                question=search.question or QUESTION(search.language).format(search.trials),
                language=search.language,
            )
        )

    def _run(self, design: Design) -> StudyResult:
        result = run_design(design, shelf=self._shelf, listener=self._listener)
        self.reused += result.reused
        return result

    def _arm(self, settings: Settings, label: str = "") -> Arm:
        own = {name: value for name, value in settings.items() if name != BATCH}
        size: Any = settings.get(BATCH)
        return Arm(partial(self.search.build, **own), label=label, batch_size=size)


def _set_aside(search: Search) -> _Parts:
    """Take the test rows away."""
    rows = table(search.data)
    holdout = Holdout(search.validation, search.test, search.stratify, search.groups)
    split = dealt(holdout, rows.to_deal(holdout), (0,))[Unit(0)]
    rest = np.sort(np.concatenate([split.train, split.validation]))
    share = len(split.validation) / len(rest)

    def holdout_of(order: Any) -> Holdout:
        groups = None if search.groups is None else np.asarray(search.groups)[order]
        return Holdout(share, 0.0, search.stratify, groups)

    def taken(chosen: Any) -> Any:
        return keras.tree.map_structure(lambda a: a[chosen], (rows.x, rows.y))

    every = np.arange(len(rest) + len(split.test))
    if rows.dataset is not None:
        left = replace(rows.dataset, x=rows.x[rest], y=rows.y[rest], test_rows=None)
        whole: Any = replace(rows.dataset, test_rows=np.sort(split.test).astype(np.int32))
        order = every
    else:
        left, order = taken(rest), np.concatenate([rest, split.test])
        whole = (*left, *taken(split.test))
    searched = _Rows(left, holdout_of(rest))
    return _Parts(searched, _Rows(whole, holdout_of(order)) if len(split.test) else searched)
