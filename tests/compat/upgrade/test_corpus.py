"""Programs of every era, rewritten: one of which nothing is left to tell runs on Keras 3 alone."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bital.compat.upgrade.rewrite import rewritten
from compat.test_corpus import EVERY, FEW, marked

RUN = """
import json, os, runpy, sys, tempfile, traceback
import keras
from bital.compat.offline.patch import patch_downloads
from bital.compat.patches import Patches

patch_downloads(Patches())  # data sets and weights, where there is no network
for path in sys.argv[2:]:
    os.chdir(tempfile.mkdtemp())
    keras.utils.set_random_seed(0)
    error = None
    try:
        runpy.run_path(path, run_name="__main__")
    except BaseException:
        error = traceback.format_exc()
    keras.config.set_image_data_format("channels_last")
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        file.write(json.dumps({"path": path, "error": error}) + "\\n")
"""
WHOLE = sorted(name for name, text in EVERY.items() if not rewritten(text).remarks)


@functools.cache
def outcomes(few: bool, folder: Path) -> dict[str, str | None]:
    """Return the error of each program of a group, once they have run one after another."""
    report, made = folder / f"upgraded{few}.jsonl", folder / "upgraded"
    made.mkdir(exist_ok=True)
    paths = []
    for name in WHOLE:
        if (name in FEW) is few:
            paths.append(made / f"{name}.py")
            paths[-1].write_text(rewritten(EVERY[name]).source, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, str(report), *map(str, paths)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=900, check=False,
        env={**os.environ, "MPLBACKEND": "Agg", "TMPDIR": str(folder)},
    )  # fmt: skip
    lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    found = {Path(one["path"]).stem: one["error"] for one in map(json.loads, lines)}
    return {path.stem: found.get(path.stem, said.stderr[-2000:]) for path in paths}


@pytest.mark.parametrize("name", [marked(name) for name in WHOLE])
def test_it_runs_on_keras_alone(name: str, cache: Path) -> None:
    error = outcomes(name in FEW, cache)[name]
    assert error is None, error


@pytest.mark.parametrize("name", EVERY)
def test_what_is_rewritten_stays(name: str) -> None:
    once = rewritten(EVERY[name]).source
    compile(once, name, "exec")
    assert rewritten(once).source == once
