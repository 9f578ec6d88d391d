"""Run a study and keep its report."""

import os
import tempfile
from pathlib import Path

from bital.errors import InvalidInput
from bital.report.page import page
from bital.study.estimate import Listener
from bital.study.result import StudyResult
from bital.study.run import run_study
from bital.study.spec import StudySpec


def study(spec: StudySpec, listener: Listener, started: float) -> StudyResult:
    """Carry out a study; see `bital.study.run.run_study`."""
    return run_study(spec, listener, started)


def check_target(path: Path) -> None:
    """Raise before any work unless a file can be written at `path`."""
    folder = path.resolve().parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InvalidInput(
            f"a report needs a file name in a folder that can be written to; got {path}. "
            f"Create the folder {folder} or choose another."
        )


def save_page(result: StudyResult, path: Path) -> None:
    """Write the one-file HTML report; an older one at `path` stays until this one is whole."""
    handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page(result))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
