"""Search for settings, and keep what was found."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bital.report.search import document, markdown, page
from bital.report.voice import Voice
from bital.study.estimate import Listener
from bital.study.search import spec
from bital.study.search.result import SearchResult
from bital.study.search.run import run_search
from bital.workbench.progress import ProgressLine
from bital.workbench.study import Place, shelf
from bital.workbench.target import check_form, write_whole


@dataclass(frozen=True, eq=False)
class Search(spec.Search):
    """A search that can be run."""

    def run(self, store: Place = None, verbose: int = 1) -> SearchResult:
        """Carry it out; see `bital.study.search.run.run_search`.

        Args:
            store: as of `bital.Study.run`; a search that was interrupted goes on where it was.
            verbose: 1 shows progress on standard error, 0 nothing.
        """
        line = ProgressLine(Voice(self.language))
        told = line if verbose else lambda moment: None
        try:
            return run_search(self, shelf=shelf(store, self.name), listener=told)
        finally:
            if verbose:
                line.clear()


def tune(
    search: spec.Search, listener: Listener, started: float, store: Place = False
) -> SearchResult:
    """Carry out a search; see `bital.study.search.run.run_search` and `Study.run`."""
    kept = shelf(store, search.name)
    return run_search(search, shelf=kept, listener=listener, started=started)


FORMS: dict[str, Callable[[SearchResult], str]] = {
    ".html": page,
    ".md": markdown,
    ".json": lambda result: json.dumps(
        document(result), ensure_ascii=False, allow_nan=False, indent=2
    ),
}


def check_search_report(path: Path) -> None:
    """Raise before any work unless a search's report can be written at `path`."""
    check_form(path, FORMS)


def save_search(result: SearchResult, path: Path) -> None:
    """Write a report; an older one at `path` stays until this one is whole.

    Args:
        result: of a search.
        path: its ending says the form: .html (one file), .md or .json.

    Raises:
        InvalidInput: another ending, or a folder that cannot be written to.
    """
    check_search_report(path)
    form = FORMS[path.suffix.lower()]
    write_whole(path, lambda: form(result).encode())
