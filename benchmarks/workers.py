"""A contender's process as the parent sees it: started fresh, asked for one call at a time."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen

import psutil
from contenders import Contender
from rows import Row


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

    @property
    def title(self) -> str:
        steps = self.steps_per_execution
        return self.contender.title + (f", {steps} steps/execution" if steps > 1 else "")

    @property
    def steady(self) -> float:
        """Seconds of a call, median over the rounds."""
        return median(self.seconds[2:])

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

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system


def last(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"


@contextmanager
def start(
    contender: Contender, row: Row, script: Path, quick: bool, steps_per_execution: int = 1
) -> Iterator[Worker]:
    """A fresh process: no compilation cache, no user settings, nothing compiled before."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "KERAS_BACKEND": contender.backend or "",
            "KERAS_HOME": folder,
            "BITAL_CACHE": folder,
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        environment.pop("JAX_COMPILATION_CACHE_DIR", None)
        command = [sys.executable, str(script), "--worker", contender.name, "--rows", row.name]
        command += ["--steps-per-execution", str(steps_per_execution)] + ["--quick"] * quick
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
    """Times calls, and watches that nothing but the worker in turn uses the processor."""

    def __init__(self) -> None:
        self.wall = self.waiting = self.foreign = 0.0

    def time(self, worker: Worker, workers: list[Worker]) -> None:
        """One call of `worker` while the others of `workers` wait."""
        before, busy = [each.cpu_seconds() for each in workers], busy_seconds()
        worker.train()
        used = [each.cpu_seconds() - then for each, then in zip(workers, before, strict=True)]
        self.wall += worker.seconds[-1]
        self.waiting += sum(used) - used[workers.index(worker)]
        self.foreign += max(0.0, busy_seconds() - busy - sum(used))

    def cores(self) -> dict[str, float]:
        """Cores used on average by waiting workers, and by everything outside the benchmark."""
        wall = max(self.wall, 1e-9)
        return {"waiting": self.waiting / wall, "foreign": self.foreign / wall}


def busy_seconds() -> float:
    times = psutil.cpu_times()
    return times.user + times.system + getattr(times, "nice", 0.0)
