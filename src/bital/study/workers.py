"""Worker processes of this machine, and how many of them pay."""

import heapq
import os
import pickle
import queue
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Literal

from bital.engine import memory
from bital.engine.pace import cores
from bital.errors import BitalError
from bital.study.bench import Bench, Job
from bital.study.outcome import Outcome
from bital.study.queue import Ear
from bital.study.result import Unit
from bital.study.sketch import Sketch
from bital.study.worker import packed, receive, send

Processes = int | Literal["ray"] | None
"""how many, a Ray cluster's, or None for what is faster"""

PROCESS = 800 * 10**6  # bytes that Python, Keras, JAX and a few programs take
WORTH = 60.0  # expected seconds of jobs in turn from which a second process's start pays
SMALL = 10**7  # multiply-adds of a step, below which it leaves cores idle


class WorkerLost(BitalError, RuntimeError):
    """A worker process died twice over the same job; the other jobs went on."""


class JobFailed(BitalError, RuntimeError):
    """A builder, callback or training raised in a worker process."""


def worthwhile(bench: Bench, costs: Sequence[tuple[Job, float, int]], replicates: set[str]) -> int:
    """Return how many processes are fastest.

    Jobs that are packed, or whose steps are large, use every core by themselves. What is trained
    run by run with small steps leaves cores idle: there a process a core is worth its start.

    Args:
        bench: where jobs are trained.
        costs: every job, the seconds to expect of it, and the multiply-adds of a step.
        replicates: arms whose runs share programs.
    """
    idle = [seconds for job, seconds, work in costs if job.arm not in replicates and work < SMALL]
    if len(idle) < 2 or sum(idle) < WORTH:
        return 1
    each = PROCESS + 3 * memory.size((bench.table.x, bench.table.y))
    room = int(2 * memory.budget() // each)
    return max(1, min(cores(), len(idle), room))


class Workers:
    """Carries jobs out in processes, the longest first.

    Every process has as many threads as this one would have, so that no sum is taken in another
    order: outcomes are the same to the bit.

    Args:
        bench: where jobs are trained; it travels to each process once.
        sketches: every arm's model.
        count: processes.
        costs: seconds to expect of each job of `run`.
    """

    def __init__(
        self,
        bench: Bench,
        sketches: Mapping[str, Sketch],
        count: int,
        costs: Sequence[float],
    ) -> None:
        self._payload = packed((bench, dict(sketches)))
        self._count, self._costs = count, costs

    def run(self, jobs: Sequence[Job], ear: Ear) -> None:
        """Return when every job has ended or failed; what the ear raises ends all processes."""
        heap = [(-self._costs[index], index) for index in range(len(jobs))]
        heapq.heapify(heap)
        heard: queue.Queue[tuple[Any, ...]] = queue.Queue()
        pool = _Pool(heap, jobs, self._payload, heard)
        count = min(self._count, len(jobs))
        threads = [Thread(target=pool.serve, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            left = len(jobs)
            while left:
                name, index, *rest = heard.get()
                if name == "broken":  # a thread of ours, which no job is to blame for
                    raise rest[0]
                getattr(ear, name)(index, *rest)
                left -= name in ("end", "failed")
        finally:
            pool.stop()
            for thread in threads:
                thread.join(timeout=10)


class _Pool:
    """What the threads share that each speak to one process."""

    def __init__(
        self,
        heap: list[tuple[float, int]],
        jobs: Sequence[Job],
        payload: bytes,
        heard: "queue.Queue[tuple[Any, ...]]",
    ) -> None:
        self._heap, self._jobs, self._payload, self._heard = heap, jobs, payload, heard
        self._lock, self._alive, self._stopped = Lock(), set[subprocess.Popen[bytes]](), False

    def serve(self) -> None:
        """Carry out jobs in a process of one's own until there are none."""
        process: subprocess.Popen[bytes] | None = None
        try:
            while (index := self._next()) is not None:
                units, tries = list(self._jobs[index].units), 0
                while units and tries < 2:  # once more where a process died
                    if process is None:
                        process = self._started()
                    if self._carried_out(process, index, units):
                        break
                    _end(process)
                    process, tries = None, tries + 1
                else:
                    self._lost(index, bool(units))
        except Exception as error:  # noqa: BLE001 - raised again by `run`
            if not self._stopped:
                self._heard.put(("broken", -1, error))
        finally:
            if process is not None:
                _end(process)

    def stop(self) -> None:
        """End all processes."""
        with self._lock:
            self._stopped = True
            alive = list(self._alive)
        for process in alive:
            process.kill()

    def _next(self) -> int | None:
        with self._lock:
            return None if self._stopped or not self._heap else heapq.heappop(self._heap)[1]

    def _started(self) -> "subprocess.Popen[bytes]":
        with self._lock:
            if self._stopped:
                raise InterruptedError
            process = subprocess.Popen(
                [sys.executable, "-m", "bital.study.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"KERAS_BACKEND": "jax"},
                start_new_session=True,  # Ctrl-C is this process's to hear
            )
            self._alive.add(process)
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # told by the first answer that does not come
            send(process.stdin, pickle.dumps(sys.path))
            send(process.stdin, self._payload)
        return process

    def _carried_out(
        self, process: "subprocess.Popen[bytes]", index: int, units: list[Unit]
    ) -> bool:
        """Have a job done; False where the process died. Finished units are taken out."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._heard.put(("prepare", index))
        with suppress(BrokenPipeError):
            send(process.stdin, pickle.dumps(Job(self._jobs[index].arm, tuple(units))))
        while (data := receive(process.stdout)) is not None:
            name, *rest = pickle.loads(data)
            if name == "failed":
                error = JobFailed(f"arm {self._jobs[index].arm!r}: {rest[0]}")
                error.add_note(rest[1])
                self._heard.put(("failed", index, error))
                return True
            if name == "saved":
                found: Mapping[Unit, Outcome] = rest[0]
                units[:] = [unit for unit in units if unit not in found]
            self._heard.put((name, index, *rest))
            if name == "end":
                return True
        return False

    def _lost(self, index: int, unfinished: bool) -> None:
        if not unfinished:  # it died after its last run
            self._heard.put(("end", index))
            return
        error = WorkerLost(
            f"arm {self._jobs[index].arm!r}: its worker process died twice. What it said is on "
            "standard error; for want of memory it says nothing. Give workers=1 or smaller batches."
        )
        self._heard.put(("failed", index, error))


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.stdout.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
