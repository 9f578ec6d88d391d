"""Run a study and keep its report."""

from dataclasses import dataclass
from pathlib import Path

from bital.report.page import page
from bital.study.design import Design
from bital.study.estimate import Listener
from bital.study.recipes import run_study
from bital.study.result import StudyResult
from bital.study.run import run_design
from bital.study.spec import StudySpec
from bital.workbench.progress import ProgressLine
from bital.workbench.target import write_whole


@dataclass(frozen=True, eq=False)
class Study(Design):
    """A design that can be run."""

    def run(self, verbose: int = 1) -> StudyResult:
        """Carry it out; see `bital.study.run.run_design`.

        Args:
            verbose: 1 shows progress on standard error, 0 nothing.

        Returns:
            What was found; after Ctrl-C, that of the arms finished by then.
        """
        line = ProgressLine()
        try:
            return run_design(self, listener=line if verbose else lambda moment: None)
        finally:
            if verbose:
                line.clear()


def study(spec: StudySpec, listener: Listener, started: float) -> StudyResult:
    """Carry out a study; see `bital.study.recipes.run_study`."""
    return run_study(spec, listener, started)


def save_page(result: StudyResult, path: Path) -> None:
    """Write the one-file HTML report; an older one at `path` stays until this one is whole."""
    write_whole(path, lambda: page(result).encode())
