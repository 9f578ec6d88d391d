"""
One file of Keras's tests in one arm: a process of its own, whose results survive its crash.

`keras_tests/conftest.py` is the other end: it runs inside that process.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path

SITE = Path(find_spec("keras").origin).parents[1]
SOURCES = SITE / "keras" / "src"
PLUGIN = Path(__file__).parent / "keras_tests"
WORST_FIRST = ("crashed", "failed", "skipped", "passed")
# Keras's own pytest settings.
SETTINGS = """
[pytest]
filterwarnings =
    error
    ignore::DeprecationWarning
    ignore::ImportWarning
    ignore::RuntimeWarning
    ignore::PendingDeprecationWarning
    ignore::FutureWarning
    ignore::UserWarning
    ignore:Custom mask layers require a config
"""


@dataclass
class Result:
    """What one test gave."""

    outcome: str
    "crashed, failed, skipped or passed"
    error: str = ""
    "One line."
    text: str = ""
    "The traceback."
    seconds: float = 0.0
    plans: list[str] = field(default_factory=list)
    "How bital carried out each call of fit."


Results = dict[str, Result]
"By test: `keras/src/trainers/trainer_test.py::TestTrainer::test_fit`."


@dataclass(frozen=True)
class Arms:
    """How both arms are run."""

    folder: Path
    "Where bital keeps compiled programs meanwhile."
    patience: float
    "Seconds one test, or collecting a file, may take."
    keyword: str = ""
    "pytest's -k."
    devices: int = 1
    "Devices that JAX makes of the processor; some tests want two."

    def run(self, file: str, bital: bool, only: Collection[str] | None = None) -> Results:
        """Run a file's tests; after a crash go on behind the test that crashed.

        Args:
            file: below keras/src, such as `trainers/trainer_test.py`.
            bital: whether `bital.install()` is called first.
            only: these tests, all when None.
        """
        results: Results = {}
        while True:
            more, ended = self._process(file, bital, only, done=list(results))
            results |= more
            if ended or not any(result.outcome == "crashed" for result in more.values()):
                return results
            if f"keras/src/{file}" in more:  # before the first test: so would the next one
                return results

    def _process(
        self, file: str, bital: bool, only: Collection[str] | None, done: list[str]
    ) -> tuple[Results, bool]:
        """Return the results of one process and whether it came to its end."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "pytest.ini").write_text(SETTINGS)
            (folder / "results.jsonl").touch()
            options = ["--bital"] * bital + ["-k", self.keyword] * bool(self.keyword)
            for option, tests in (("only", only), ("done", done)):
                if tests:
                    (folder / f"{option}.json").write_text(json.dumps(list(tests)))
                    options += [f"--{option}", str(folder / f"{option}.json")]
            command = [sys.executable, "-m", "pytest", str(SOURCES / file)]
            command += ["-p", "conftest", "-p", "no:cacheprovider", "--rootdir", str(SITE)]
            command += ["-c", str(folder / "pytest.ini"), "--noconftest", "-q"]
            command += ["--results", str(folder / "results.jsonl"), *options]
            why = self._wait(command, folder)
            lines = (folder / "results.jsonl").read_text().splitlines()
            return read([json.loads(line) for line in lines], f"keras/src/{file}", why)

    def _wait(self, command: list[str], folder: Path) -> str:
        """Run the command until it ends or stands still; return how it ended."""
        path = os.pathsep.join(filter(None, (str(PLUGIN), os.environ.get("PYTHONPATH"))))
        environment = os.environ | {
            "PYTHONPATH": path,
            "PYTHONHASHSEED": "0",
            "KERAS_BACKEND": "jax",
            "KERAS_HOME": str(folder / "home"),
            "BITAL_CACHE": str(self.folder),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        if self.devices > 1:
            flag = f"--xla_force_host_platform_device_count={self.devices}"
            environment["XLA_FLAGS"] = f"{environment.get('XLA_FLAGS', '')} {flag}".strip()
        for name in ("JAX_COMPILATION_CACHE_DIR", "PYTEST_ADDOPTS"):
            environment.pop(name, None)
        (folder / "home").mkdir()
        (folder / "work").mkdir()
        with (folder / "output.txt").open("w") as output:
            process = subprocess.Popen(
                command,
                cwd=folder / "work",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = self._patiently(process, folder / "results.jsonl")
            finally:
                with suppress(ProcessLookupError):  # with the processes a test has left behind
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code is None:
            return f"no progress for {self.patience:g} s"
        last = [line for line in (folder / "output.txt").read_text().splitlines() if line][-1:]
        ended = f"signal {-code}" if code < 0 else f"exit code {code}"
        return ": ".join([ended, *last])

    def _patiently(self, process: subprocess.Popen, results: Path) -> int | None:
        """Return the exit code, None for a process that stands still."""
        written, idle = 0, 0
        while idle <= self.patience:  # counted, not timed: this process may be suspended, too
            try:
                return process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                size = results.stat().st_size
                idle = idle + 1 if size == written else 0
                written = size
        return None


def read(events: Iterable[dict], file: str, why: str) -> tuple[Results, bool]:
    """Return each test's result and whether the process came to its end.

    Args:
        events: what the plugin wrote.
        file: blamed for a crash before the first test.
        why: how the process ended.
    """
    results: Results = {}
    started: dict[str, float] = {}
    plans: dict[str, list[str]] = defaultdict(list)
    ended = False
    for event in events:
        test, outcome = event.get("test"), event["outcome"]
        if outcome == "started":
            started[test] = event["time"]
        elif outcome == "finished":
            results.setdefault(test, Result("passed")).seconds = event["time"] - started.pop(test)
        elif outcome == "plan":
            plans[test].append(event["plan"])
        elif outcome == "end":
            ended = True
        else:
            found = Result(outcome, event["error"], event["text"])
            results[test] = min(
                (result for result in (results.get(test), found) if result),
                key=lambda result: WORST_FIRST.index(result.outcome),
            )
    if not ended:
        for test in started or [file]:
            results[test] = Result("crashed", why, why)
    for test, result in results.items():
        result.plans = plans[test]
    return results, ended


def stored(results: Results) -> dict[str, dict]:
    return {test: asdict(result) for test, result in results.items()}


def restored(fields: dict[str, dict]) -> Results:
    return {test: Result(**result) for test, result in fields.items()}
