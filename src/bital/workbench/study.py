"""Run a study and keep its report."""

import json
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from bital.report.document import document
from bital.report.markdown import markdown
from bital.report.page import page
from bital.report.rows import rows
from bital.report.voice import Voice
from bital.store.shelf import Shelf
from bital.store.store import Store
from bital.study.design import Design
from bital.study.estimate import Listener
from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.run import environment, run_design
from bital.study.spec import StudySpec
from bital.study.statistics.power import Plan
from bital.study.workers import Processes
from bital.workbench.designed import design_of_variants
from bital.workbench.planning import seeds_to_plan
from bital.workbench.progress import ProgressLine
from bital.workbench.runs import DEFAULT, VARIABLE
from bital.workbench.target import check_form, write_whole

Place = str | Path | Literal[False] | None


@dataclass(frozen=True, eq=False)
class Study(Design):
    """A design that can be run."""

    def run(
        self,
        store: Place = None,
        workers: Processes = None,
        time_budget: str | float | None = None,
        verbose: int = 1,
    ) -> StudyResult:
        """Carry it out; see `bital.study.run.run_design`.

        Runs that the store has are not repeated, so that a study that was interrupted goes on
        where it was, and one with more arms or seeds runs only those.

        Args:
            store: a path (SQLite) or a URL (PostgreSQL) to keep runs in; None for BITAL_STORE or,
                without it, bital.db in the working folder; False to keep none.
            workers: processes to train in; 1 for this one alone, None for what is faster,
                "ray" for a Ray cluster's.
            time_budget: seconds, or a time such as "10m": the first five seeds for every arm, then
                more, up to the design's `seeds`, where the verdict is still open.
            verbose: 1 shows progress on standard error, 0 nothing.

        Returns:
            What was found; after Ctrl-C, that of the arms finished by then.
        """
        line = ProgressLine(Voice(self.language))
        told = line if verbose else lambda moment: None
        try:
            kept = shelf(store, self.name)
            result = run_design(
                self, shelf=kept, listener=told, workers=workers, time_budget=time_budget
            )
        finally:
            if verbose:
                line.clear()
        for message in filter(None, (*result.failed.values(), result.unkept)):
            warnings.warn(message, stacklevel=2)
        return result

    def plan(self, result: StudyResult) -> dict[str, Plan]:
        """Return, for each arm that a result cannot tell from its reference, the seeds that would.

        Args:
            result: what `run` returned.

        Returns:
            By arm; see `bital.study.statistics.power.Plan`. Empty where everything is settled, or
            where there is nothing to compare.
        """
        if result.verdict is None:
            return {}
        plans = result.verdict.plans
        open_ = [c.first for c in result.verdict.comparisons if c.reading == "not distinguishable"]
        return {name: plans[name] for name in open_ if name in plans}


def shelf(store: Place, study: str) -> Shelf | None:
    """Return where a study keeps its runs; see `Study.run`."""
    if store is False:
        return None
    place = store or os.environ.get(VARIABLE) or DEFAULT
    return Shelf(Store.open(place), study, environment())


@dataclass(frozen=True)
class Means:
    """With what a study is carried out; none of it changes what comes out."""

    store: Place = False
    """where runs are kept; see `Study.run`"""
    workers: Processes = None
    """as of `Study.run`"""
    time_budget: str | None = None
    """a time such as "10m"; see `Study.run`"""


def study(
    asked: StudySpec | Design, listener: Listener, started: float, means: Means
) -> StudyResult:
    """Carry out a study; see `bital.study.recipes.run_study` and `Study.run`."""
    name = asked.name if isinstance(asked, Design) else asked.dataset
    kept, workers, budget = shelf(means.store, name), means.workers, means.time_budget
    if isinstance(asked, Design):
        return run_design(
            asked,
            shelf=kept,
            listener=listener,
            workers=workers,
            time_budget=budget,
            started=started,
        )
    return run_study(asked, listener, started, kept, workers, budget)


def plan(
    asked: StudySpec | Design, listener: Listener, started: float, means: Means
) -> StudyResult:
    """Carry out what a plan is made from: the runs that are kept, or a pilot; see `planning`."""
    design = design_of_variants(asked) if isinstance(asked, StudySpec) else asked
    design = replace(design, keep=())  # scores are all that a plan looks at
    kept = shelf(means.store, design.name)
    few = replace(design, seeds=seeds_to_plan(design, kept))
    return run_design(few, shelf=kept, listener=listener, workers=means.workers, started=started)


def _document(result: StudyResult) -> str:
    return json.dumps(document(result), ensure_ascii=False, allow_nan=False, indent=2)


FORMS: dict[str, Callable[[StudyResult], str]] = {
    ".html": page,
    ".md": markdown,
    ".csv": lambda result: "\ufeff" + rows(result),  # without which Excel misreads Hangul
    ".json": _document,
}


def check_report(path: Path) -> None:
    """Raise before any work unless a report can be written at `path`."""
    check_form(path, FORMS)


def save_report(result: StudyResult, path: Path) -> None:
    """Write a report; an older one at `path` stays until this one is whole.

    Args:
        result: any study, also an interrupted one.
        path: its ending says the form: .html (one file, figures inside), .md (tables and
            verdicts), .csv (a row a run, for spreadsheets) or .json (everything).

    Raises:
        InvalidInput: another ending, or a folder that cannot be written to.
    """
    check_report(path)
    form = FORMS[path.suffix.lower()]
    write_whole(path, lambda: form(result).encode())
