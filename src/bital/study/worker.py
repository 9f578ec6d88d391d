"""A process that carries out jobs: `python -m bital.study.worker`, spoken to through its pipes.

The one module that imports cloudpickle, by which builders travel that no module names.
"""

import os
import pickle
import sys
import traceback
from collections.abc import Mapping
from functools import partial
from typing import IO, Any

from bital.errors import InvalidInput

SIZE = 8  # bytes that say how long a message is


def packed(value: Any) -> bytes:
    """Return a value as bytes, functions of `__main__` and lambdas included.

    Raises:
        InvalidInput: it holds what cannot travel, an open file say.
    """
    import cloudpickle

    try:
        data: bytes = cloudpickle.dumps(value)
    except (TypeError, pickle.PicklingError) as error:
        raise InvalidInput(
            f"arms must be able to travel to worker processes; one holds what cannot ({error}). "
            "Make it inside the builder, or give workers=1."
        ) from error
    return data


def send(stream: IO[bytes], data: bytes) -> None:
    """Write one message."""
    stream.write(len(data).to_bytes(SIZE, "big"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Return the next message, or None where the other end is gone."""
    head = stream.read(SIZE)
    if len(head) < SIZE:
        return None
    data = stream.read(int.from_bytes(head, "big"))
    return data if len(data) == int.from_bytes(head, "big") else None


def main() -> None:
    """Carry out jobs until there are no more."""
    given, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a builder prints is no message
    sys.path[:] = pickle.loads(receive(given) or b"")
    bench, sketches = pickle.loads(receive(given) or b"")

    def tell(*message: Any) -> None:
        send(told, pickle.dumps(message))

    while (data := receive(given)) is not None:
        job = pickle.loads(data)
        try:
            ready = bench.prepare(job, sketches[job.arm])
            tell("begin")
            ready.train(partial(tell, "steps"), lambda found: tell("saved", _plain(found)))
            tell("end")
        except Exception as error:  # noqa: BLE001 - whatever a builder or callback raises
            tell("failed", f"{type(error).__name__}: {error}", traceback.format_exc())


def _plain(found: Mapping[Any, Any]) -> dict[Any, Any]:
    return dict(found)


if __name__ == "__main__":
    main()
