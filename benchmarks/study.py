"""
Five seeds of the notes' nine networks on MNIST by bital, beside one seed by Keras on TensorFlow.

    uv run --group bench python benchmarks/study.py [--epochs N] [--rows original,cnn] [--quick]

README.md in this folder says what is measured and how to read the table.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from machine import machine, versions
from workers import wait_for_quiet

RESULTS = Path(__file__).parent / "results"
STUDY = "mnist-overfitting"
QUICK = 2560  # training and validation rows


def bital(row: str, seeds: int, epochs: int, quick: bool) -> dict:
    """Train one arm of the shipped study, every seed of it."""
    from bital import data
    from bital.study.run import run_design
    from bital.study.shipped.catalog import shipped

    design = shipped(STUDY)
    design = replace(
        design,
        arms={row: design.arms[row]},
        seeds=seeds,
        epochs=epochs,
        data=few() if quick else data.load("mnist"),
        published={},
    )
    scoring = Scoring()
    [arm] = run_design(design).arms
    return {
        "training": arm.train_seconds - scoring.seconds / min(seeds, os.cpu_count() or 1),
        "compiling": arm.compile_seconds,
        "score": float(arm.scores["test_accuracy"].mean()),
    }


class Scoring:
    """Times what trained networks are measured by at the end, which is once and not an epoch's."""

    def __init__(self) -> None:
        from bital.engine.replica_run import ReplicaRun

        self.seconds = 0.0
        measured = ReplicaRun._measured

        def timed(*given):
            start = time.perf_counter()
            scores = measured(*given)
            self.seconds += time.perf_counter() - start  # as many at a time as there are cores
            return scores

        ReplicaRun._measured = timed


def tensorflow(row: str, seeds: int, epochs: int, quick: bool) -> dict:
    """Train one of the study's networks with `keras.Model.fit`, one seed after the other."""
    import keras

    assert keras.backend.backend() == "tensorflow"
    from bital import data
    from bital.data.splitting import split
    from bital.study.shipped import mnist_overfitting
    from bital.study.shipped.catalog import shipped

    design = shipped(STUDY)
    dataset = few() if quick else data.load("mnist")
    taken, first, scores = [], [], []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            (taken if epoch else first).append(time.perf_counter() - self.start)

    for seed in range(seeds):
        parts = split(dataset, seed, design.splits.validation)
        x = data.scaled(dataset, parts.train)
        arrays = {
            name: (x[rows], dataset.y[rows])
            for name, rows in zip(
                ("train", "validation", "test"),
                (parts.train, parts.validation, parts.test),
                strict=True,
            )
        }
        keras.utils.set_random_seed(seed)
        model = mnist_overfitting.model(row)
        model.fit(
            *arrays["train"],
            batch_size=design.batch_size,
            epochs=epochs,
            validation_data=arrays["validation"],
            callbacks=[Clock()],
            verbose=0,
        )
        scores.append(model.evaluate(*arrays["test"], verbose=0)[1])
    steady = median(taken)
    return {
        "training": steady * epochs * seeds,
        "compiling": sum(first) - steady * seeds,
        "score": sum(scores) / seeds,
    }


CONTENDERS = {"bital": bital, "tensorflow": tensorflow}


def few():
    """Return the beginning of MNIST, to see quickly that everything runs."""
    import numpy as np

    from bital import data

    mnist = data.load("mnist")
    rows = np.concatenate([np.arange(QUICK), mnist.test_rows[:512]])
    test = np.arange(QUICK, QUICK + 512, dtype=np.int32)
    return replace(mnist, x=mnist.x[rows], y=mnist.y[rows], test_rows=test)


def measure(contender: str, row: str, seeds: int, epochs: int, quick: bool) -> dict:
    """Run one contender in a process of its own, with no compilation cache in reach."""
    backend = "jax" if contender == "bital" else "tensorflow"
    command = [sys.executable, __file__, "--worker", contender, "--rows", row]
    command += ["--seeds", str(seeds), "--epochs", str(epochs), *(["--quick"] if quick else [])]
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {
            "KERAS_BACKEND": backend,
            "BITAL_CACHE": cache,
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        start = time.perf_counter()
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    wall = time.perf_counter() - start
    found = json.loads(done.stdout.splitlines()[-1])
    return found | {"wall": wall, "per_epoch": found["training"] / epochs}


def whole(found: dict, epochs: int, measured: int) -> float:
    """Seconds of a process that trains so many epochs: what was not measured is extrapolated."""
    return found["wall"] + (epochs - measured) * found["per_epoch"]


def table(found: dict[str, dict[str, dict]], asked: argparse.Namespace) -> str:
    header = (
        f"{'':20}{'s an epoch':>22}{'compiling s':>22}{f'{asked.of} epochs s':>22}{'share':>8}"
        f"{'test accuracy':>19}"
    )
    second = f"{'':20}" + f"{'bital':>11}{'TensorFlow':>11}" * 3 + f"{'':8}" + f"{'':8}mean, one"
    lines = [header, second, "-" * len(header)]
    totals = {name: [0.0, 0.0, 0.0] for name in CONTENDERS}
    for row, both in found.items():
        cells = {}
        for name, one in both.items():
            measured = asked.epochs[list(CONTENDERS).index(name)]
            cells[name] = one["per_epoch"], one["compiling"], whole(one, asked.of, measured)
            totals[name] = [a + b for a, b in zip(totals[name], cells[name], strict=True)]
        lines.append(_line(row, cells, both))
    return "\n".join([*lines, "-" * len(header), _line("all", totals)])


def _line(row: str, cells: dict, both: dict | None = None) -> str:
    pairs = zip(*cells.values(), strict=True)
    text = f"{row:20}" + "".join(f"{ours:>11.2f}{theirs:>11.2f}" for ours, theirs in pairs)
    ours, theirs = (each[2] for each in cells.values())
    scores = "" if both is None else "".join(f"{one['score']:>9.4f}" for one in both.values())
    return f"{text}{ours / theirs:>8.2f} {scores}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--rows", help="some of the nine, separated by commas")
    parser.add_argument("--seeds", type=int, default=5, help="of bital; TensorFlow trains one")
    parser.add_argument(
        "--epochs",
        type=lambda text: [int(part) for part in text.split(",")],
        default=[1, 2],
        metavar="N,M",
        help="measured: of bital, and of TensorFlow at least 2, the first of which also compiles",
    )
    parser.add_argument("--of", type=int, default=5, help="epochs to extrapolate to")
    parser.add_argument("--quick", action="store_true", help="few rows; its numbers mean nothing")
    parser.add_argument("--record", type=Path, default=RESULTS / "study.jsonl")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    if asked.worker:
        worker = CONTENDERS[asked.worker]
        print(json.dumps(worker(asked.rows, asked.seeds, asked.epochs[0], asked.quick)))
        return
    from bital.models.recipe import RECIPES

    found: dict[str, dict[str, dict]] = {}
    try:
        for row in asked.rows.split(",") if asked.rows else RECIPES:
            both = {}
            for contender, epochs in zip(CONTENDERS, asked.epochs, strict=True):
                print(f"{row}: {contender}", file=sys.stderr, flush=True)
                wait_for_quiet()
                seeds = asked.seeds if contender == "bital" else 1
                both[contender] = measure(contender, row, seeds, epochs, asked.quick)
            found[row] = both
    except KeyboardInterrupt:
        print(f"stopped after {len(found)} rows", file=sys.stderr)
    print(f"bital: {asked.seeds} seeds; Keras on TensorFlow: one seed\n")
    print(table(found, asked))
    asked.record.parent.mkdir(exist_ok=True)
    entry = {
        "benchmark": "study",
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "seeds": asked.seeds,
        "epochs": asked.epochs,
        "of": asked.of,
        "quick": asked.quick,
        "rows": found,
    }
    with asked.record.open("a") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
