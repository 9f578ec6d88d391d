"""How much work one call of a compiled program is given."""

import os

PERIOD = 0.25  # seconds between moments at which the host can look, show and be interrupted


class Pace:
    """Learns seconds per step and answers how many steps fit into one period.

    The first call gets a few steps only, so that nobody waits long for the first sign of life.
    """

    def __init__(self) -> None:
        self._seconds_per_step: float | None = None

    def steps(self) -> int:
        """Return how many training steps the next call should run, at least one."""
        if self._seconds_per_step is None:
            return 4
        return max(1, int(PERIOD / self._seconds_per_step))

    def record(self, steps: int, seconds: float) -> None:
        """Tell that `steps` steps, with whatever came with them, took `seconds`."""
        if steps:
            self._seconds_per_step = max(seconds / steps, 1e-9)


def capacity(rows: int) -> int:
    """Return how many epochs one call may hold: their orders, 4 bytes a row, stay below 4 MiB."""
    return max(1, min(512, 2**20 // max(rows, 1)))


def cores() -> int:
    """Return the number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
