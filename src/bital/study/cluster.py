"""A Ray cluster that carries out jobs. The one module that imports Ray."""

import os
import pickle
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from queue import SimpleQueue
from threading import Thread
from typing import Any

from bital.errors import BitalError, InvalidInput
from bital.study.bench import Bench, Job
from bital.study.queue import Ear
from bital.study.sketch import Sketch
from bital.study.worker import packed
from bital.study.workers import JobFailed, WorkerLost


class Cluster:
    """Carries jobs out on a Ray cluster, the longest first.

    Outcomes are those of this machine to the bit where its processor has the same number of cores
    and the same instructions; else to float tolerance. Every machine needs bital and whatever the
    builders import.

    Args:
        bench: where jobs are trained; it travels to each machine once.
        sketches: every arm's model.
        costs: seconds to expect of each job of `run`.

    Raises:
        InvalidInput: Ray is not installed.
    """

    def __init__(
        self, bench: Bench, sketches: Mapping[str, Sketch], costs: Sequence[float]
    ) -> None:
        try:
            import ray
        except ModuleNotFoundError as error:
            raise InvalidInput(
                "a study on a cluster needs Ray, which is not installed. Install bital[ray]."
            ) from error
        self._ray: Any = ray
        self._payload = packed((bench, dict(sketches)))
        self._costs = costs

    def run(self, jobs: Sequence[Job], ear: Ear) -> None:
        """Return when every job has ended or failed; what the ear raises cancels the others."""
        ray = self._ray
        if not ray.is_initialized():
            # Without an address and without RAY_ADDRESS, Ray starts on this machine.
            ray.init(log_to_driver=False, logging_level="ERROR", include_dashboard=False)
        key, payload = sha256(self._payload).hexdigest(), ray.put(self._payload)
        carry = ray.remote(num_cpus=1, max_retries=1)(_carried_out)
        remote = carry.options(num_returns="streaming")
        order = sorted(range(len(jobs)), key=lambda index: -self._costs[index])
        # Each job's messages, as they come, to the one thread that speaks to the ear.
        heard: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        streams = {}
        for index in order:
            streams[index] = remote.remote(key, payload, list(sys.path), pickle.dumps(jobs[index]))
            listen = Thread(target=self._listen, args=(index, streams[index], heard), daemon=True)
            listen.start()
        left = set(order)
        try:
            while left:
                name, index, *rest = heard.get()
                if name == "failed":
                    ear.failed(index, _error(jobs[index], *rest))
                else:
                    getattr(ear, name)(index, *rest)
                if name in ("end", "failed"):
                    left.discard(index)
        finally:
            for index in left:
                ray.cancel(streams[index], force=True)

    def _listen(self, index: int, stream: Any, heard: "SimpleQueue[tuple[Any, ...]]") -> None:
        try:
            for reference in stream:
                name, *rest = pickle.loads(self._ray.get(reference))
                heard.put((name, index, *rest))
        except Exception as error:  # noqa: BLE001 - a machine that is gone, in Ray's many words
            heard.put(("failed", index, None, str(error)))


def _error(job: Job, said: str | None, more: str) -> BitalError:
    if said is None:
        lost = WorkerLost(
            f"arm {job.arm!r}: its process on the cluster was lost, as for want of memory. Give "
            "the machines more, or a smaller batch_size."
        )
        lost.add_note(more)
        return lost
    error = JobFailed(f"arm {job.arm!r}: {said}")
    error.add_note(more)
    return error


def _carried_out(key: str, payload: bytes, path: list[str], data: bytes) -> Iterator[bytes]:
    """Do one job on whatever machine; yields messages as `bital.study.worker` sends them."""
    os.environ["KERAS_BACKEND"] = "jax"
    sys.path.extend(place for place in path if place not in sys.path)
    _PAYLOADS[key] = payload
    job: Job = pickle.loads(data)
    told: SimpleQueue[tuple[Any, ...] | None] = SimpleQueue()
    work = Thread(target=_work, args=(key, job, told), daemon=True)
    work.start()
    while (message := told.get()) is not None:
        yield pickle.dumps(message)
    work.join()


def _work(key: str, job: Job, told: "SimpleQueue[tuple[Any, ...] | None]") -> None:
    try:
        bench, sketches = _bench(key)
        told.put(("prepare",))
        ready = bench.prepare(job, sketches[job.arm])
        told.put(("begin",))
        ready.train(
            lambda count: told.put(("steps", count)),
            lambda found: told.put(("saved", dict(found))),
        )
        told.put(("end",))
    except Exception as error:  # noqa: BLE001 - whatever a builder or callback raises
        told.put(("failed", f"{type(error).__name__}: {error}", traceback.format_exc()))
    finally:
        told.put(None)


_PAYLOADS: dict[str, bytes] = {}


@cache
def _bench(key: str) -> Any:
    return pickle.loads(_PAYLOADS.pop(key))
