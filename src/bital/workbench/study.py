"""Run a study and keep its report."""

from pathlib import Path

from bital.report.page import page
from bital.study.estimate import Listener
from bital.study.result import StudyResult
from bital.study.run import run_study
from bital.study.spec import StudySpec
from bital.workbench.target import write_whole


def study(spec: StudySpec, listener: Listener, started: float) -> StudyResult:
    """Carry out a study; see `bital.study.run.run_study`."""
    return run_study(spec, listener, started)


def save_page(result: StudyResult, path: Path) -> None:
    """Write the one-file HTML report; an older one at `path` stays until this one is whole."""
    write_whole(path, lambda: page(result).encode())
