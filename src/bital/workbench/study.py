"""Run a study and keep its report."""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bital.report.page import page
from bital.store.shelf import Shelf
from bital.store.store import Store
from bital.study.design import Design
from bital.study.estimate import Listener
from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.run import environment, run_design
from bital.study.spec import StudySpec
from bital.study.statistics.power import Plan
from bital.workbench.progress import ProgressLine
from bital.workbench.runs import DEFAULT, VARIABLE
from bital.workbench.target import write_whole

Place = str | Path | Literal[False] | None


@dataclass(frozen=True, eq=False)
class Study(Design):
    """A design that can be run."""

    def run(
        self,
        store: Place = None,
        workers: int | None = None,
        time_budget: str | float | None = None,
        verbose: int = 1,
    ) -> StudyResult:
        """Carry it out; see `bital.study.run.run_design`.

        Runs that the store has are not repeated, so that a study that was interrupted goes on
        where it was, and one with more arms or seeds runs only those.

        Args:
            store: a path (SQLite) or a URL (PostgreSQL) to keep runs in; None for BITAL_STORE or,
                without it, bital.db in the working folder; False to keep none.
            workers: processes to train in; 1 for this one alone, None for what is faster.
            time_budget: seconds, or a time such as "10m": the first five seeds for every arm, then
                more, up to the design's `seeds`, where the verdict is still open.
            verbose: 1 shows progress on standard error, 0 nothing.

        Returns:
            What was found; after Ctrl-C, that of the arms finished by then.
        """
        line = ProgressLine()
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


def study(spec: StudySpec, listener: Listener, started: float, store: Place = False) -> StudyResult:
    """Carry out a study; see `bital.study.recipes.run_study` and `Study.run`."""
    return run_study(spec, listener, started, shelf(store, spec.dataset))


def save_page(result: StudyResult, path: Path) -> None:
    """Write the one-file HTML report; an older one at `path` stays until this one is whole."""
    write_whole(path, lambda: page(result).encode())
