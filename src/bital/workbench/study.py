"""Run a study and keep its report."""

import json
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bital.errors import InvalidInput
from bital.report.document import document
from bital.report.markdown import markdown
from bital.report.page import page
from bital.report.rows import rows
from bital.store.shelf import Shelf
from bital.store.store import Store
from bital.study.design import Design
from bital.study.estimate import Listener
from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.run import environment, run_design
from bital.study.spec import StudySpec
from bital.workbench.progress import ProgressLine
from bital.workbench.runs import DEFAULT, VARIABLE
from bital.workbench.target import check_target, write_whole

Place = str | Path | Literal[False] | None


@dataclass(frozen=True, eq=False)
class Study(Design):
    """A design that can be run."""

    def run(self, store: Place = None, verbose: int = 1) -> StudyResult:
        """Carry it out; see `bital.study.run.run_design`.

        Runs that the store has are not repeated, so that a study that was interrupted goes on
        where it was, and one with more arms or seeds runs only those.

        Args:
            store: a path (SQLite) or a URL (PostgreSQL) to keep runs in; None for BITAL_STORE or,
                without it, bital.db in the working folder; False to keep none.
            verbose: 1 shows progress on standard error, 0 nothing.

        Returns:
            What was found; after Ctrl-C, that of the arms finished by then.
        """
        line = ProgressLine()
        told = line if verbose else lambda moment: None
        try:
            result = run_design(self, shelf=shelf(store, self.name), listener=told)
        finally:
            if verbose:
                line.clear()
        if result.unkept:
            warnings.warn(result.unkept, stacklevel=2)
        return result


def shelf(store: Place, study: str) -> Shelf | None:
    """Return where a study keeps its runs; see `Study.run`."""
    if store is False:
        return None
    place = store or os.environ.get(VARIABLE) or DEFAULT
    return Shelf(Store.open(place), study, environment())


def study(
    asked: StudySpec | Design, listener: Listener, started: float, store: Place = False
) -> StudyResult:
    """Carry out a study; see `bital.study.recipes.run_study` and `Study.run`."""
    if isinstance(asked, Design):
        kept = shelf(store, asked.name)
        return run_design(asked, shelf=kept, listener=listener, started=started)
    return run_study(asked, listener, started, shelf(store, asked.dataset))


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
    if path.suffix.lower() not in FORMS:
        raise InvalidInput(
            f"a report's name must end in {', '.join(FORMS)}; got {str(path)!r}. For a page that "
            "a browser shows, end it in .html."
        )
    check_target(path)


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
