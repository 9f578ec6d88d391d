"""
Seconds from the start of a process to the end of its first epoch, imports included.

What a person waits for who starts a script: with nothing compiled before, and with what an
earlier run of the same script has left in a compilation cache.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from contenders import CONTENDERS, Contender
from rows import Row
from workers import FOREIGN_LIMIT, WorkerError, busy_seconds, start, wait_for_quiet

FOOTNOTE = """
s: from the start of the process to the end of fit(epochs=1): interpreter, imports, data, model,
tracing, compiling, training; median. least: the fastest start. bital is: the contender's seconds
over those of bital with an equal cache.
~: other programs used the processor meanwhile; the number may be too large."""


@dataclass
class Start:
    """One way to start, and how long it took."""

    contender: Contender
    title: str
    warm: bool
    "Whether an earlier run has filled the compilation cache."
    settings: Callable[[str], dict[str, str]]
    "Environment variables that put the cache into a folder."
    seconds: list[float] = field(default_factory=list)
    disturbed: list[bool] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.contender.name}_{'warm' if self.warm else 'empty'}"

    @property
    def typical(self) -> float:
        """Median over the undisturbed starts, over all where there is none."""
        calls = zip(self.seconds, self.disturbed, strict=True)
        return median([s for s, disturbed in calls if not disturbed] or self.seconds)


@dataclass
class Starts:
    """What one row gave."""

    row: Row
    starts: list[Start]
    missing: dict[str, str]
    "Title -> why it has no numbers."


def bital_cache(folder: str) -> dict[str, str]:
    return {"BITAL_CACHE": folder}


def jax_cache(folder: str) -> dict[str, str]:
    """JAX's own cache, told to keep every program, as bital tells it."""
    return {
        "JAX_COMPILATION_CACHE_DIR": folder,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
    }


def no_cache(_: str) -> dict[str, str]:
    return {}


def ways() -> list[Start]:
    bital, keras = CONTENDERS["bital"], CONTENDERS["keras_jax"]
    return [
        Start(bital, "bital, empty cache", False, bital_cache),
        Start(keras, "Keras on JAX, no cache", False, no_cache),
        Start(bital, "bital, warm cache", True, bital_cache),
        Start(keras, "Keras on JAX, warm JAX cache", True, jax_cache),
    ]


def measure_starts(
    row: Row, rounds: int, script: Path, quick: bool, tell: Callable[[str], None]
) -> Starts:
    """One start of each way that does not count, then rounds in rotating order."""
    row = replace(row, epochs=1)
    measured = Starts(row, ways(), {})
    with ExitStack() as stack:
        kept = {
            way.name: stack.enter_context(tempfile.TemporaryDirectory())
            for way in measured.starts
            if way.warm
        }
        for turn in range(rounds + 1):
            tell(f"{row.name}: {f'start {turn}/{rounds}' if turn else 'filling caches'}")
            shift = turn % max(1, len(measured.starts))
            for way in measured.starts[shift:] + measured.starts[:shift]:
                with tempfile.TemporaryDirectory() as empty:
                    settings = way.settings(kept.get(way.name, empty))
                    try:
                        taken = first_epoch(way.contender, row, script, quick, settings)
                    except WorkerError as error:
                        measured.missing[way.title] = str(error)
                        measured.starts.remove(way)
                        continue
                if turn:
                    way.seconds.append(taken[0])
                    way.disturbed.append(taken[1])
    return measured


def first_epoch(
    contender: Contender, row: Row, script: Path, quick: bool, settings: dict[str, str]
) -> tuple[float, bool]:
    """Return the seconds and whether other programs used the processor meanwhile."""
    wait_for_quiet()
    busy, began = busy_seconds(), time.perf_counter()
    with start(contender, row, script, quick, settings=settings) as worker:
        worker.ready()
        worker.train()
        seconds = time.perf_counter() - began
        foreign = busy_seconds() - busy - worker.cpu_seconds()
        worker.end()
    return seconds, foreign > FOREIGN_LIMIT * seconds


def table(measured: list[Starts]) -> str:
    header = f"{'':44}{'s':>8}{'least':>10}{'bital is':>12}"
    lines = [header, "-" * len(header)]
    for each in measured:
        lines.append(f"{each.row.title} ({each.row.steps} steps)")
        bital = {way.warm: way.typical for way in each.starts if way.contender.name == "bital"}
        for way in each.starts:
            compared = way.contender.name != "bital" and way.warm in bital
            ratio = f"{way.typical / bital[way.warm]:.2f}x" if compared else ""
            lines.append(
                f"  {way.title:<42}{way.typical:>7.2f}{'~' if all(way.disturbed) else ' '}"
                f"{min(way.seconds):>10.2f}{ratio:>12}"
            )
    lines.append(FOOTNOTE)
    lines += [
        f"! {each.row.name}: {title} FAILED: {why}"
        for each in measured
        for title, why in each.missing.items()
    ]
    return "\n".join(lines)


def rows_recorded(measured: list[Starts]) -> list[dict]:
    return [
        {
            "name": each.row.name,
            "steps": each.row.steps,
            "missing": each.missing,
            "starts": [
                {
                    "name": way.name,
                    "seconds": way.typical,
                    "samples_s": way.seconds,
                    "disturbed": way.disturbed,
                }
                for way in each.starts
            ],
        }
        for each in measured
    ]
