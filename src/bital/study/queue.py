"""Who carries out a study's jobs: this process, or whatever else fulfils `Queue`."""

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from bital.engine.pace import cores
from bital.study.bench import Bench, Job, Ready
from bital.study.outcome import Outcome
from bital.study.result import Unit
from bital.study.sketch import Sketch

AHEAD = 16  # jobs that are prepared before they are due, so that their programs compile meanwhile


class Ear(Protocol):
    """Is told what becomes of jobs, by their index, always by the thread that called `run`."""

    def prepare(self, index: int) -> None:
        """A job is being built."""

    def begin(self, index: int) -> None:
        """A job is next to train."""

    def steps(self, index: int, count: int) -> None:
        """So many training steps of a job have been done since it was last told."""

    def saved(self, index: int, found: Mapping[Unit, Outcome]) -> None:
        """Runs of a job are finished that belong together."""

    def end(self, index: int) -> None:
        """A job is done."""

    def failed(self, index: int, error: Exception) -> None:
        """A job cannot be done."""


class Queue(Protocol):
    """Carries out jobs. Each gives the same outcomes wherever and beside whatever it is done."""

    def run(self, jobs: Sequence[Job], ear: Ear) -> None:
        """Return when every job has ended or failed; what the ear raises ends them all."""


class Here:
    """Carries jobs out in this process, one after the other.

    Args:
        bench: where they are trained.
        sketches: every arm's model.
    """

    def __init__(self, bench: Bench, sketches: Mapping[str, Sketch]) -> None:
        self._bench, self._sketches = bench, sketches

    def run(self, jobs: Sequence[Job], ear: Ear) -> None:
        """Train job after job, their programs compiled side by side."""
        ready: deque[Ready | Exception] = deque()
        coming = iter(enumerate(jobs))
        # Compiling one program keeps one core busy, so the arms' compile side by side.
        compiling = ThreadPoolExecutor(cores())
        try:
            for index in range(len(jobs)):
                while len(ready) < AHEAD and (following := next(coming, None)) is not None:
                    ear.prepare(following[0])
                    ready.append(self._prepared(following[1], compiling))
                ear.begin(index)
                prepared = ready.popleft()
                try:
                    if isinstance(prepared, Exception):
                        raise prepared
                    prepared.train(partial(ear.steps, index), partial(ear.saved, index))
                except Exception as error:  # noqa: BLE001 - whatever a builder or callback raises
                    ear.failed(index, error)
                else:
                    ear.end(index)
        finally:
            compiling.shutdown(wait=False, cancel_futures=True)

    def _prepared(self, job: Job, compiling: ThreadPoolExecutor) -> Ready | Exception:
        try:
            return self._bench.prepare(job, self._sketches[job.arm], compiling)
        except Exception as error:  # noqa: BLE001 - likewise
            return error
