"""
Milliseconds per training step and seconds of the first call: bital beside its peers.

    uv run --group bench python benchmarks/fit.py [--rows iris,reg] [--rounds N] [--quick] [--cold]

README.md in this folder says what is measured and how to read the table.
"""

import argparse
import datetime
import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import cold
from contenders import CONTENDERS, serve
from machine import machine, versions
from rows import ROWS, Row, mnist_path
from workers import Clock, NotInstalledError, Worker, WorkerError, start

LOSS_BAND = (0.3, 0.05)
"Distance from the median loss, relative plus absolute, beyond which a contender is flagged."
WAITING_LIMIT = 0.03
"Cores that waiting workers may use before the table says so."
FOOTNOTE = """
ms/step: median over rounds of one fit call's seconds over its training steps; validation, where
the row has it, is part of fit. First call: the same call, cold, tracing and compiling included.
loss: last training loss after all calls, from equal initial weights.
~: other programs used the processor meanwhile; the number may be too large."""


@dataclass
class Measurement:
    """What one row gave."""

    row: Row
    workers: list[Worker]
    "Those that lasted, in table order."
    missing: dict[str, str]
    "Contender -> why it has no numbers."
    waiting_cores: float

    @property
    def shown(self) -> list[Worker]:
        """Every contender once; of the raised steps_per_execution, the fastest."""
        raised = [worker for worker in self.workers if worker.steps_per_execution > 1]
        best = min(raised, key=lambda worker: worker.steady, default=None)
        return [w for w in self.workers if w.steps_per_execution == 1 or w is best]

    @property
    def warnings(self) -> list[str]:
        name = self.row.name
        said = [f"{name}: {title} {why}" for title, why in self.missing.items()]
        if self.workers:
            middle = median(worker.losses[-1] for worker in self.workers)
            band = LOSS_BAND[0] * abs(middle) + LOSS_BAND[1]
            said += [
                f"{name}: {worker.title} trained to loss {worker.losses[-1]:.4g}, others to about "
                f"{middle:.4g}; does it train the same thing?"
                for worker in self.workers
                if not abs(worker.losses[-1] - middle) <= band  # NaN is outside, too
            ]
        if self.waiting_cores > WAITING_LIMIT:
            said.append(f"{name}: waiting workers used {self.waiting_cores:.2f} cores")
        return said


def measure(row: Row, rounds: int, quick: bool) -> Measurement:
    """First calls, one warm-up call each, then rounds in rotating order, one worker at a time."""
    clock = Clock()
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        tell(f"{row.name}: starting workers")
        workers = [
            stack.enter_context(start(contender, row, Path(__file__), quick, steps))
            for contender in CONTENDERS.values()
            if row.feed in contender.feeds
            for steps in (1, *(row.steps_per_execution if contender.name == "keras_jax" else ()))
        ]

        def attempt(worker: Worker, action) -> None:
            try:
                action()
            except WorkerError as error:
                what = "skipped" if isinstance(error, NotInstalledError) else "FAILED"
                missing[worker.title] = f"{what}: {error}"
                workers.remove(worker)

        for worker in list(workers):
            attempt(worker, worker.ready)
        for turn in range(rounds + 2):
            stage = ("first calls", "warm-up")[turn] if turn < 2 else f"round {turn - 1}/{rounds}"
            tell(f"{row.name}: {stage}")
            shift = turn % max(1, len(workers))
            for worker in workers[shift:] + workers[:shift]:
                attempt(worker, lambda worker=worker: clock.time(worker, workers))
    return Measurement(row, workers, missing, clock.waiting_cores())


def header() -> str:
    line = f"{'':44}{'ms/step':>10}{'first call s':>14}{'bital is':>12}{'loss':>10}"
    return f"{line}\n{'-' * len(line)}"


def lines(measured: Measurement) -> str:
    row = measured.row
    data = ", real data" if mnist_path(row) else ""
    told = [f"{row.title} ({row.steps} steps in {row.epochs} epochs a call{data})"]
    bital = next((w for w in measured.shown if w.contender.name == "bital"), None)
    for worker in measured.shown:
        ratio = f"{worker.steady / bital.steady:.2f}x" if bital else "-"
        told.append(
            f"  {worker.title:<42}{1e3 * worker.steady / row.steps:>9.4g}"
            f"{'~' if worker.steady_is_disturbed else ' '}"
            f"{worker.seconds[0]:>13.2f}{'~' if worker.disturbed[0] else ' '}"
            f"{'' if worker is bital else ratio:>12}{worker.losses[-1]:>10.4f}"
        )
    return "\n".join(told + [f"! {text}" for text in measured.warnings])


def record(benchmark: str, rows: list[dict], rounds: int, quick: bool) -> dict:
    return {
        "benchmark": benchmark,
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "rounds": rounds,
        "quick": quick,
        "machine": machine(),
        "versions": versions(),
        "rows": rows,
    }


def rows_recorded(measurements: list[Measurement]) -> list[dict]:
    return [
        {
            "name": measured.row.name,
            "steps": measured.row.steps,
            "epochs": measured.row.epochs,
            "real_data": mnist_path(measured.row) is not None,
            "waiting_cores": measured.waiting_cores,
            "warnings": measured.warnings,
            "contenders": [
                {
                    "name": worker.contender.name,
                    "steps_per_execution": worker.steps_per_execution,
                    "ms_per_step": 1e3 * worker.steady / measured.row.steps,
                    "first_call_s": worker.seconds[0],
                    "warm_up_s": worker.seconds[1],
                    "samples_s": worker.seconds[2:],
                    "losses": worker.losses,
                    "disturbed": worker.disturbed,
                }
                for worker in measured.workers
            ],
        }
        for measured in measurements
    ]


def tell(text: str) -> None:
    """Progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--rows", default=",".join(ROWS), help="comma separated: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="little work, one round")
    parser.add_argument(
        "--cold",
        action="store_true",
        help="seconds from a process's start to its first epoch's end",
    )
    parser.add_argument("--record", type=Path, help="JSON lines file to append to")
    parser.add_argument("--worker", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--steps-per-execution", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.rows = options.rows.split(",")
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        parser.error(f"--rows takes {', '.join(ROWS)}; got {', '.join(unknown)}")
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1; got {options.rounds}")
    return options


def main() -> None:
    options = arguments()
    rows = [ROWS[name].shrunk() if options.quick else ROWS[name] for name in options.rows]
    if options.worker:
        row = replace(rows[0], epochs=options.epochs)
        serve(CONTENDERS[options.worker], row, options.steps_per_execution)
        return
    rounds = 1 if options.quick else options.rounds
    if options.cold:
        script = Path(__file__)
        starts = [cold.measure_starts(row, rounds, script, options.quick, tell) for row in rows]
        benchmark, fields = "cold", cold.rows_recorded(starts)
        print(cold.table(starts))
    else:
        print(header())
        measurements = []
        for row in rows:  # told one by one: a long run that is cut short leaves what it has
            measurements.append(measure(row, rounds, options.quick))
            print(lines(measurements[-1]), flush=True)
        print(FOOTNOTE)
        benchmark, fields = "fit", rows_recorded(measurements)
    path = options.record or Path(__file__).parent / "results" / f"{benchmark}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(record(benchmark, fields, rounds, options.quick)) + "\n")


if __name__ == "__main__":
    main()
