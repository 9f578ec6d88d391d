"""Simulated studies: the numbers are invented, their shape is that of a real one."""

from dataclasses import replace
from typing import Any

import numpy as np

from bital.study.compare import verdict
from bital.study.result import ArmResult, Column, DataCard, StudyResult, Unit
from bital.study.spec import StudySpec
from bital.study.splits import Holdout

# name: label, parameters, final training loss, final test loss, test accuracy, seconds
ARMS = {
    "original": ("Original DNN", 37_130, 0.0021, 0.1120, 0.9712, 0.71),
    "fewer_layers": ("One hidden layer fewer", 17_226, 0.0042, 0.1090, 0.9708, 0.58),
    "l2": ("L2", 37_130, 0.0310, 0.1010, 0.9721, 0.74),
    "dropout": ("Dropout", 37_130, 0.0180, 0.0760, 0.9803, 0.93),
    "batch_norm": ("Batch normalization", 38_666, 0.0009, 0.0990, 0.9738, 1.32),
    "l2_dropout": ("L2 + dropout", 37_130, 0.0520, 0.0870, 0.9791, 0.95),
    "l2_batch_norm": ("L2 + batch normalization", 38_666, 0.0150, 0.0950, 0.9744, 1.36),
    "dropout_batch_norm": ("Dropout + batch normalization", 38_666, 0.0260, 0.0840, 0.9779, 1.51),
    "cnn": ("CNN + DNN", 55_562, 0.0006, 0.0530, 0.9861, 14.2),
}


def curve(
    rng: np.random.Generator, start: float, end: float, seeds: int, epochs: int
) -> np.ndarray:
    steps = np.arange(epochs) / max(1, epochs - 1)
    clean = end + (start - end) * np.exp(-6 * steps)
    return clean * np.exp(rng.normal(0, 0.25, (seeds, 1)) + rng.normal(0, 0.07, (seeds, epochs)))


def arm(rng: np.random.Generator, name: str, seeds: int, epochs: int) -> ArmResult:
    label, parameters, train, test, accuracy, seconds = ARMS[name]
    scores = {
        "train_crossentropy": rng.normal(train, train / 6, seeds),
        "val_crossentropy": rng.normal(test * 1.05, test / 8, seeds),
        "test_crossentropy": rng.normal(test, test / 7, seeds),
        "test_accuracy": rng.normal(accuracy, 0.006, seeds).round(4),
    }
    fit, held = curve(rng, 1.6, train, seeds, epochs), curve(rng, 0.9, test, seeds, epochs)
    curves = {
        "loss": fit * 1.1,
        "val_loss": held * 1.1,
        "crossentropy": fit,
        "val_crossentropy": held,
        "accuracy": 1 - fit / 3,
        "val_accuracy": 1 - held / 4 - (1 - accuracy) / 2,
    }
    return made(name, label, parameters, scores, curves, seconds, epochs)


def made(
    name: str,
    label: str,
    parameters: int,
    scores: dict[str, np.ndarray],
    curves: dict[str, np.ndarray],
    seconds: float,
    epochs: int,
) -> ArmResult:
    return ArmResult(
        name=name,
        label=label,
        parameters=parameters,
        scores=scores,
        curves=curves,
        epochs=epochs,
        batch_size=32,
        optimizer="Adam, learning rate 0.001",
        summary="Dense 128 relu, Dense 10 softmax",
        train_seconds=seconds,
        compile_seconds=0.9,
        packed=name != "cnn",
    )


def judge(result: StudyResult, **asked: Any) -> StudyResult:
    found = verdict(result.columns[-1], result.arms, **asked)
    return replace(result, verdict=found)


def classification(
    seeds: int = 10, epochs: int = 30, names: tuple[str, ...] = tuple(ARMS)
) -> StudyResult:
    rng = np.random.default_rng(7)
    result = StudyResult(
        name="digits",
        question="",
        metric="test_accuracy",
        splits=Holdout().said("en"),
        plain={"arms": {name: {} for name in ARMS}, "baseline": None},
        spec=StudySpec("digits", tuple(ARMS), seeds, epochs, 32, "adam", None),
        data=DataCard(
            name="digits",
            task="classification",
            source="scikit-learn load_digits (UCI optical recognition of handwritten digits)",
            fingerprint="sha256:5f1c9a0e77b2d4c1",
            shape=(8, 8, 1),
            classes=tuple("0123456789"),
            rows={"train": 1149, "validation": 288, "test": 360},
        ),
        units=tuple(Unit(seed) for seed in range(seeds)),
        columns=(
            Column("train_crossentropy", "train loss", "lower"),
            Column("val_crossentropy", "validation loss", "lower"),
            Column("test_crossentropy", "test loss", "lower"),
            Column("test_accuracy", "test accuracy", "higher"),
        ),
        arms=tuple(arm(rng, name, seeds, epochs) for name in names),
        verdict=None,
        seconds=31.7,
        environment={
            "bital": "0.1.0",
            "keras": "3.15.1",
            "jax": "0.10.2",
            "processor": "2 cores, x86_64",
        },
    )
    return judge(result)


def regression(seeds: int = 5) -> StudyResult:
    rng = np.random.default_rng(3)
    arms = []
    for name, mse in (("original", 3200.0), ("l2", 2950.0), ("dropout", 3020.0)):
        scores = {
            "train_mse": rng.normal(0.8 * mse, 90, seeds),
            "val_mse": rng.normal(1.1 * mse, 150, seeds),
            "test_mse": rng.normal(mse, 140, seeds),
            "test_mae": rng.normal(np.sqrt(mse) * 0.8, 1.4, seeds),
        }
        curves = {
            key: curve(rng, 6.0 * end, end, seeds, 20)
            for key, end in (
                ("loss", mse),
                ("val_loss", mse),
                ("mse", 0.8 * mse),
                ("val_mse", mse),
                ("mae", 42.0),
                ("val_mae", 45.0),
            )
        }
        arms.append(made(name, ARMS[name][0], 5_057, scores, curves, 0.4, 20))
    result = StudyResult(
        name="diabetes",
        question="",
        metric="test_mae",
        splits=Holdout().said("en"),
        plain={"arms": {name: {} for name in ("original", "l2", "dropout")}, "baseline": None},
        spec=StudySpec("diabetes", ("original", "l2", "dropout"), seeds, 20, 16, "adam", 0.003),
        data=DataCard(
            name="diabetes",
            task="regression",
            source="scikit-learn load_diabetes",
            fingerprint="sha256:00aa",
            shape=(10,),
            classes=(),
            rows={"train": 282, "validation": 71, "test": 89},
        ),
        units=tuple(Unit(seed) for seed in range(seeds)),
        columns=(
            Column("train_mse", "train MSE", "lower"),
            Column("val_mse", "validation MSE", "lower"),
            Column("test_mse", "test MSE", "lower"),
            Column("test_mae", "test MAE", "lower"),
        ),
        arms=tuple(arms),
        verdict=None,
        seconds=6.1,
        environment={"bital": "0.1.0"},
    )
    return judge(result)


def relabel(result: StudyResult, name: str, label: str) -> StudyResult:
    arms = tuple(replace(v, label=label) if v.name == name else v for v in result.arms)
    return replace(result, arms=arms)


def diverge(result: StudyResult, name: str, runs: int) -> StudyResult:
    def burst(v: ArmResult) -> ArmResult:
        scores = {key: s.copy() for key, s in v.scores.items()}
        curves = {key: c.copy() for key, c in v.curves.items()}
        for s in scores.values():
            s[:runs] = np.nan
        for c in curves.values():
            c[:runs, c.shape[1] // 2 :] = np.nan
        return replace(v, scores=scores, curves=curves)

    arms = tuple(burst(v) if v.name == name else v for v in result.arms)
    return judge(replace(result, arms=arms))


def shift(result: StudyResult, name: str, amount: float, **asked: Any) -> StudyResult:
    """Move one variant's last column; its noise then is a tenth of what it was."""
    column = result.columns[-1].key
    first = result.arms[0].scores[column]
    arms = tuple(
        replace(v, scores={**v.scores, column: first + amount + (v.scores[column] - first) / 10})
        if v.name == name
        else v
        for v in result.arms
    )
    return judge(replace(result, arms=arms), **asked)
