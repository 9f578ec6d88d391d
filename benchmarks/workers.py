"""A contender's process as the parent sees it: started fresh, asked for one call at a time."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen, TimeoutExpired

import psutil
from contenders import Contender
from rows import Row

FOREIGN_LIMIT = 0.2
"Cores that other programs may use during a call before it counts as disturbed."
TICKS = 0.03
"Seconds below which the operating system's counts of processor time are not to be trusted."
PAUSE, PATIENCE = 0.25, 3.0
"Seconds between two calls: at least, and at most where the machine is busy."
ENDING = 30
"Seconds a process may take to end by itself."


class WorkerError(Exception):
    """A worker could not go on; the text says why."""


class NotInstalledError(WorkerError):
    """What the contender needs is not installed."""


@dataclass(eq=False)
class Worker:
    """A contender in a process of its own, and what it has measured so far."""

    contender: Contender
    steps_per_execution: int
    process: Popen
    log: Path
    seconds: list[float] = field(default_factory=list)
    "One per call: the first call, the warm-up, then the rounds."
    losses: list[float] = field(default_factory=list)
    disturbed: list[bool] = field(default_factory=list)
    "Whether other programs used the processor during the call."

    @property
    def title(self) -> str:
        steps = self.steps_per_execution
        return self.contender.title + (f", {steps} steps/execution" if steps > 1 else "")

    @property
    def steady(self) -> float:
        """Seconds of a call, median over the rounds; over the undisturbed ones if any."""
        calls = list(zip(self.seconds, self.disturbed, strict=True))[2:]
        quiet = [seconds for seconds, disturbed in calls if not disturbed]
        return median(quiet or self.seconds[2:])

    @property
    def steady_is_disturbed(self) -> bool:
        """Whether there was no undisturbed round."""
        return all(self.disturbed[2:])

    def ready(self) -> None:
        """Wait until its data and model stand."""
        self._answer()

    def train(self) -> None:
        """One call of fit."""
        with suppress(BrokenPipeError):  # the answer says why
            self.process.stdin.write(b"\n")
        answer = self._answer()
        self.seconds.append(answer["seconds"])
        self.losses.append(answer["loss"])

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"failure": f"the worker ended: {last(self.log)}"}
        if "skip" in answer:
            raise NotInstalledError(answer["skip"])
        if "failure" in answer:
            raise WorkerError(answer["failure"])
        return answer

    def end(self) -> None:
        """Let the process end by itself, what it still writes included."""
        self.process.stdin.close()
        with suppress(TimeoutExpired):
            self.process.wait(ENDING)

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system


def last(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"


@contextmanager
def start(
    contender: Contender,
    row: Row,
    script: Path,
    quick: bool,
    steps_per_execution: int = 1,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Worker]:
    """A fresh process: no compilation cache, no user settings, nothing compiled before.

    Args:
        contender: who trains.
        row: what is trained.
        script: what the process runs, with the options of `fit.py`'s workers.
        quick: whether the row is shrunk.
        steps_per_execution: Keras's.
        settings: environment variables over those, such as a compilation cache's folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "KERAS_BACKEND": contender.backend or "",
            "KERAS_HOME": folder,
            "BITAL_CACHE": folder,
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        environment.pop("JAX_COMPILATION_CACHE_DIR", None)
        environment |= settings or {}
        command = [sys.executable, str(script), "--worker", contender.name, "--rows", row.name]
        command += ["--steps-per-execution", str(steps_per_execution)] + ["--quick"] * quick
        command += ["--epochs", str(row.epochs)]
        log = Path(folder) / "log.txt"
        with (
            log.open("w") as stderr,
            Popen(
                command, stdin=PIPE, stdout=PIPE, stderr=stderr, bufsize=0, env=environment
            ) as process,
        ):
            try:
                yield Worker(contender, steps_per_execution, process, log)
            finally:
                process.kill()


class Clock:
    """Times calls, and watches who else uses the processor meanwhile."""

    def __init__(self) -> None:
        self.wall = self.waiting = 0.0

    def time(self, worker: Worker, workers: list[Worker]) -> None:
        """One call of `worker` while the others of `workers` wait."""
        wait_for_quiet()
        before, busy = [each.cpu_seconds() for each in workers], busy_seconds()
        worker.train()
        used = [each.cpu_seconds() - then for each, then in zip(workers, before, strict=True)]
        wall = worker.seconds[-1]
        foreign = busy_seconds() - busy - sum(used)
        worker.disturbed.append(foreign > FOREIGN_LIMIT * wall + TICKS)
        self.wall += wall
        self.waiting += sum(used) - used[workers.index(worker)]

    def waiting_cores(self) -> float:
        """Cores that the waiting workers used, on average."""
        return self.waiting / max(self.wall, 1e-9)


def wait_for_quiet() -> None:
    """Until the last worker's thread pool sleeps and, within reason, other programs rest."""
    for _ in range(round(PATIENCE / PAUSE)):
        busy = busy_seconds()
        time.sleep(PAUSE)
        if busy_seconds() - busy <= FOREIGN_LIMIT * PAUSE:
            return


def busy_seconds() -> float:
    times = psutil.cpu_times()
    return times.user + times.system + getattr(times, "nice", 0.0)
