"""Programs of every era, run as `bital run` runs them, a few to a process."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "corpus"
EVERY = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.py"))}
PROGRAMS = [n for n, t in EVERY.items() if os.environ.get("BITAL_DATA") or "# needs:" not in t]
NO_DATA = pytest.mark.skip(reason="needs real data: set BITAL_DATA")
FEW = {*[*EVERY][::4], "keras3_plain"}  # some of each era: CI runs these, `-m slow` the others
SLOW = pytest.mark.slow
GROUPS = 2  # processes, each of which starts Keras once

RUN = """
import json, os, runpy, sys, tempfile, traceback
from pathlib import Path
from bital.compat import mode
import keras
from bital.compat.failure import trimmed
from bital.compat.notes import told

for path in sys.argv[2:]:
    os.chdir(tempfile.mkdtemp())
    keras.utils.set_random_seed(0)
    try:
        with mode.compat([Path(path).read_text(encoding="utf-8")]):
            runpy.run_path(path, run_name="__main__")
            said = told()
        outcome = {"error": None, "notes": said}
    except BaseException as error:
        trace = "".join(traceback.format_exception(trimmed(error)))
        outcome = {"error": trace, "notes": []}
    keras.config.set_image_data_format("channels_last")
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        file.write(json.dumps({"path": path, **outcome}) + "\\n")
"""


def members(few: bool) -> list[str]:
    """Return the programs that run in CI, or the others."""
    return [name for name in PROGRAMS if (name in FEW) is few]


@functools.cache
def started(few: bool, folder: Path) -> list[tuple[Path, "subprocess.Popen[str]"]]:
    """Start every group, side by side, once a session."""
    groups = []
    for group in range(GROUPS):
        report = folder / f"group{group}{few}.jsonl"
        mine = [str(FOLDER / f"{name}.py") for name in members(few)[group::GROUPS]]
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(report), *mine],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "MPLBACKEND": "Agg", "TMPDIR": str(folder)},
        )
        groups.append((report, process))
    return groups


@functools.cache
def outcomes(few: bool, group: int, folder: Path) -> dict[str, dict[str, object]]:
    """Return what became of each program of a group, once all of them have run."""
    report, process = started(few, folder)[group]
    _, stderr = process.communicate(timeout=900)
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    found = {Path(one["path"]).stem: one for one in map(json.loads, lines)}
    for name in members(few)[group::GROUPS]:
        found.setdefault(name, {"error": f"the process ended before it:\n{stderr[-2000:]}"})
    return found


def marked(name: str) -> Any:
    """Return a program as a parameter, marked where it does not always run."""
    marks = [SLOW] * (name not in FEW) + [NO_DATA] * (name not in PROGRAMS)
    return pytest.param(name, marks=marks)


def outcome_of(name: str, folder: Path) -> dict[str, object]:
    """Return what became of a program."""
    few = name in FEW
    return outcomes(few, members(few).index(name) % GROUPS, folder)[name]


@pytest.mark.parametrize("name", [marked(name) for name in EVERY])
def test_a_program_of_its_era_runs(name: str, cache: Path) -> None:
    outcome = outcome_of(name, cache)
    assert outcome["error"] is None, outcome["error"]


def test_keras_3_has_nothing_old_in_it(cache: Path) -> None:
    name = "keras3_plain"
    outcome = outcome_of(name, cache)
    assert outcome["notes"] == []
