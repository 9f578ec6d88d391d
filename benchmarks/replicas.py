"""
What copies of the Iris network cost by `bital.fit_replicas`, beside one copy and beside Keras.

    uv run --group bench python benchmarks/replicas.py [--replicas 1,8,64] [--rounds N] [--quick]

README.md in this folder says what is measured and how to read the table.
"""

import argparse
import datetime
import json
import os
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

os.environ["KERAS_BACKEND"] = "jax"

from contenders import keras_model
from fit import machine, tell, versions
from rows import ROWS, Row, arrays
from workers import wait_for_quiet

LIMIT = 4.0
"What a call with 64 replicas may cost in units of one with 1."


class Contender:
    """One way to train some replicas of the row's network; `calls` holds what each call took."""

    def __init__(self, name: str, replicas: int, row: Row) -> None:
        self.name, self.replicas = name, replicas
        self._row, self._data = row, arrays(row)
        self.calls: list[float] = []
        self.train: list[float] = []
        self.losses: list[float] = []

    def call(self) -> None:
        start = time.perf_counter()
        train, self.losses = self._call()
        self.calls.append(time.perf_counter() - start)
        self.train.append(train)

    @property
    def first(self) -> float:
        return self.calls[0]

    @property
    def steady(self) -> float:
        """Seconds of a call once its programs are there; the second call warms up."""
        return median(self.calls[2:])

    @property
    def training(self) -> float:
        return median(self.train[2:])

    def _call(self) -> tuple[float, list[float]]:
        raise NotImplementedError

    def _compiled(self):
        model = keras_model(self._row)
        model.compile(self._row.optimizer, self._row.loss, metrics=[self._row.metric])
        return model

    @property
    def _settings(self) -> dict:
        return {
            "batch_size": self._row.batch_size,
            "epochs": self._row.epochs,
            "validation_data": self._data.validation,
            "validation_batch_size": len(self._data.validation[0]),
            "verbose": 0,
        }


class Bital(Contender):
    """`bital.fit_replicas` of a compiled model."""

    def _call(self) -> tuple[float, list[float]]:
        import bital

        if not self.calls:
            self._model = self._compiled()
        data = self._data
        trained = bital.fit_replicas(
            self._model, data.x, data.y, seeds=self.replicas, **self._settings
        )
        return trained.train_seconds, [h.history["loss"][-1] for h in trained.history]


class Loop(Contender):
    """`keras.Model.fit`, one model after the other, each with its own compilation."""

    def _call(self) -> tuple[float, list[float]]:
        import keras

        losses, spent = [], 0.0
        for seed in range(self.replicas):
            keras.utils.set_random_seed(seed)
            model = self._compiled()
            start = time.perf_counter()
            history = model.fit(self._data.x, self._data.y, **self._settings)
            spent += time.perf_counter() - start
            losses.append(history.history["loss"][-1])
        return spent, losses


def measure(contenders: list[Contender], rounds: int) -> None:
    """First calls, one warm-up call each, then rounds in rotating order."""
    for turn in range(rounds + 2):
        tell(("first calls", "warm-up")[turn] if turn < 2 else f"round {turn - 1}/{rounds}")
        shift = turn % len(contenders)
        for contender in contenders[shift:] + contenders[:shift]:
            wait_for_quiet()
            contender.call()


def table(row: Row, contenders: list[Contender]) -> str:
    one = next((c for c in contenders if isinstance(c, Bital) and c.replicas == 1), None)
    header = (
        f"{'':26}{'replicas':>9}{'call s':>10}{'training s':>12}{'ms each':>10}"
        f"{'calls of 1':>12}{'trainings of 1':>16}{'first call s':>14}"
    )
    lines = [f"{row.title}, {row.epochs} epochs", header, "-" * len(header)]
    for each in contenders:
        ratios = (
            (f"{each.steady / one.steady:.2f}x", f"{each.training / one.training:.2f}x")
            if one
            else ("-", "-")
        )
        lines.append(
            f"{each.name:26}{each.replicas:>9}{each.steady:>10.4f}{each.training:>12.4f}"
            f"{1e3 * each.steady / each.replicas:>10.3g}{ratios[0]:>12}{ratios[1]:>16}"
            f"{each.first:>14.2f}"
        )
    many = next((c for c in contenders if isinstance(c, Bital) and c.replicas == 64), None)
    if one and many:
        ratio, training = many.steady / one.steady, many.training / one.training
        verdict = "within" if ratio <= LIMIT else "ABOVE"
        lines.append(
            f"\nA call with 64 replicas costs {ratio:.2f} times one with 1, {verdict} the limit of "
            f"{LIMIT:g}; the training in it {training:.2f} times."
        )
    return "\n".join(lines)


def record(row: Row, contenders: list[Contender], rounds: int, quick: bool) -> dict:
    return {
        "benchmark": "replicas",
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "rounds": rounds,
        "quick": quick,
        "machine": machine(),
        "versions": versions(),
        "row": row.name,
        "steps": row.steps,
        "epochs": row.epochs,
        "contenders": [
            {
                "name": each.name,
                "replicas": each.replicas,
                "call_s": each.steady,
                "train_s": each.training,
                "first_call_s": each.first,
                "samples_s": each.calls[2:],
                "train_samples_s": each.train[2:],
                "median_loss": median(each.losses),
            }
            for each in contenders
        ],
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--replicas", default="1,8,64,256", help="default: %(default)s")
    parser.add_argument("--keras", type=int, default=2, help="models in Keras's loop; 0: none")
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="little work, one round")
    results = Path(__file__).parent / "results" / "replicas.jsonl"
    parser.add_argument("--record", type=Path, default=results, help="JSON lines file to append to")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    row = ROWS["iris"].shrunk() if options.quick else ROWS["iris"]
    rounds = 1 if options.quick else options.rounds
    with TemporaryDirectory() as folder:  # nothing compiled before is in reach
        os.environ["BITAL_CACHE"] = folder
        contenders: list[Contender] = [
            Bital("bital.fit_replicas", int(count), row) for count in options.replicas.split(",")
        ]
        if options.keras:
            contenders.append(Loop("Keras on JAX in a loop", options.keras, row))
        measure(contenders, rounds)
        print(table(row, contenders))
    options.record.parent.mkdir(parents=True, exist_ok=True)
    with options.record.open("a") as file:
        file.write(json.dumps(record(row, contenders, rounds, options.quick)) + "\n")


if __name__ == "__main__":
    main()
