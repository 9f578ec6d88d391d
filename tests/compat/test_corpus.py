"""Programs of every era, run as `bital run` runs them, a few to a process."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "corpus"
EVERY = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.py"))}
PROGRAMS = [n for n, t in EVERY.items() if os.environ.get("BITAL_DATA") or "# needs:" not in t]
NO_DATA = pytest.mark.skip(reason="needs real data: set BITAL_DATA")
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


@functools.cache
def started(folder: Path) -> list[tuple[Path, "subprocess.Popen[str]"]]:
    """Start every group, side by side, once a session."""
    groups = []
    for group in range(GROUPS):
        report = folder / f"group{group}.jsonl"
        mine = [str(FOLDER / f"{name}.py") for name in PROGRAMS[group::GROUPS]]
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
def outcomes(group: int, folder: Path) -> dict[str, dict[str, object]]:
    """Return what became of each program of a group, once all of them have run."""
    report, process = started(folder)[group]
    _, stderr = process.communicate(timeout=900)
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    found = {Path(one["path"]).stem: one for one in map(json.loads, lines)}
    for name in PROGRAMS[group::GROUPS]:
        found.setdefault(name, {"error": f"the process ended before it:\n{stderr[-2000:]}"})
    return found


@pytest.mark.parametrize(
    "name", [n if n in PROGRAMS else pytest.param(n, marks=NO_DATA) for n in EVERY]
)
def test_a_program_of_its_era_runs(name: str, cache: Path) -> None:
    outcome = outcomes(PROGRAMS.index(name) % GROUPS, cache)[name]
    assert outcome["error"] is None, outcome["error"]


def test_keras_3_has_nothing_old_in_it(cache: Path) -> None:
    name = "keras3_plain"
    outcome = outcomes(PROGRAMS.index(name) % GROUPS, cache)[name]
    assert outcome["notes"] == []
