"""What was run, in sentences: shared by every form of the report."""

import re
import shlex

import numpy as np
from jaxtyping import Float

from bital.report.number import duration
from bital.study.result import Column, StudyResult, Unit
from bital.study.spec import StudySpec


def compared(result: StudyResult) -> Column:
    """Return the column that the verdict compares."""
    return result.columns[-1]


def metric(result: StudyResult) -> str:
    """Return Keras's name of what is compared, as in "accuracy" for "test_accuracy"."""
    return re.sub("^(train|val|test)_", "", compared(result).key)


def shared(result: StudyResult) -> dict[str, Float[np.ndarray, " runs"]]:
    """Return the compared scores of the runs that every arm has, by arm."""
    scores = {arm.name: arm.scores[compared(result).key] for arm in result.arms}
    runs = min(map(len, scores.values()), default=0)
    return {name: values[:runs] for name, values in scores.items()}


def labels(result: StudyResult) -> dict[str, str]:
    """Return the arms' labels by name."""
    return {arm.name: arm.label for arm in result.arms}


def title(result: StudyResult) -> str:
    """Name the study, as in "digits: 9 arms, 10 seeds each"."""
    name = result.name or result.data.name
    return f"{name}: {count(len(result.arms), 'arm')}, {runs(result)}" + (
        " each" if len(result.arms) != 1 else ""
    )


def question(result: StudyResult) -> str:
    """Ask what the study answers, in its author's words where there are any."""
    arms, data = result.arms, result.data.name
    if result.question:
        return result.question
    if len(arms) > 1:
        return f"Which of {len(arms)} arms does best on {data}?"
    return f"How well does {arms[0].label} do on {data}?" if arms else f"No arm finished on {data}"


def lead(result: StudyResult) -> str:
    """Say in two sentences how the arms were compared."""
    often = f"{len(result.units)} times" if len(result.units) > 1 else "once"
    return (
        "Every arm had the same rows, splits, initial randomness and batch order. "
        f"Each was trained {often} ({runs(result)}), and compared on {compared(result).label}."
    )


def runs(result: StudyResult) -> str:
    """Count the runs of an arm by what tells them apart, as in "2 seeds x 5 folds"."""
    seeds = count(len(result.seeds), "seed")
    folds = len({unit.fold for unit in result.units} - {None})
    repeats = len({unit.repeat for unit in result.units} - {None})
    repeated = f" × {count(repeats, 'repeat')}" if repeats > 1 else ""
    return seeds + repeated + (f" × {count(folds, 'fold')}" if folds else "")


def unit(one: Unit) -> str:
    """Name one run of an arm, as in "seed 3, fold 2"; folds and repeats count from 1."""
    parts = [f"seed {one.seed}"]
    if one.repeat is not None and one.repeat > 0:
        parts.append(f"repeat {one.repeat + 1}")
    if one.fold is not None:
        parts.append(f"fold {one.fold + 1}")
    return ", ".join(parts)


def variable(result: StudyResult) -> str:
    """Name what one run of every arm shares: a seed, or a seed and fold."""
    return "seed and fold" if any(unit.fold is not None for unit in result.units) else "seed"


def measures(result: StudyResult) -> str:
    """Say what the columns are."""
    if result.spec is None:
        return "Scores are measured on the trained model, with dropout off."
    if result.data.task == "classification":
        return "Losses are cross-entropy without the L2 penalty, measured with dropout off."
    return (
        "MSE is in squared units of the target and MAE in its units, "
        "without the L2 penalty and with dropout off; the networks learned the target "
        "standardized by the training rows."
    )


def data(result: StudyResult) -> str:
    """Say what was trained on and how long, as in "digits, rows 1,149 train / ..."."""
    rows = " / ".join(f"{number:,} {split}" for split, number in result.data.rows.items())
    return f"{result.data.name}, rows {rows}; {training(result)}."


def training(result: StudyResult) -> str:
    """Say how arms are trained, as in "30 epochs, batch size 32, Adam, learning rate 0.001"."""
    said = {
        "numbers of epochs": [count(arm.epochs, "epoch") for arm in result.arms],
        "batch sizes": [f"batch size {arm.batch_size:,}" for arm in result.arms],
        "optimizers": [arm.optimizer for arm in result.arms],
    }
    parts = []
    for many, each in said.items():
        differing = list(dict.fromkeys(each))
        parts.append(" or ".join(differing) if len(differing) < 3 else f"{len(differing)} {many}")
    return ", ".join(filter(None, parts))


def times(result: StudyResult) -> str:
    """Say how long the study took and what the seconds column counts."""
    trained = sum(arm.train_seconds for arm in result.arms)
    if result.reused:
        return (
            f"{duration(result.seconds)} in all; {count(result.reused, 'run')} came from the "
            f"store. Training took {duration(trained)} in all (the seconds column)."
        )
    return (
        f"{duration(result.seconds)} in all, {duration(trained)} of it training "
        "(the seconds column); the rest is start-up, building and compiling."
    )


def losses(result: StudyResult) -> list[str]:
    """Say what is missing: arms that were not finished, or could not be trained at all."""
    said = []
    asked = result.plain["arms"]
    if result.interrupted:
        done = f"{len(result.arms)} of {len(asked)} arms finished"
        said.append(f"Interrupted: {done}; the rest is not shown.")
    for name, why in result.failed.items():
        label = asked.get(name, {}).get("label", name)
        said.append(f"{label} could not be trained: {why}")
    return said


def command(spec: StudySpec) -> str:
    """Write the command line that runs a spec again.

    >>> command(StudySpec("digits", ("original", "l2"), seeds=3, epochs=30))
    'bital study digits --variants original,l2 --seeds 3 --epochs 30 --optimizer adam'
    """
    options = {
        "--variants": ",".join(spec.variants) or None,
        "--seeds": spec.seeds,
        "--epochs": spec.epochs,
        "--batch-size": spec.batch_size,
        "--optimizer": spec.optimizer,
        "--learning-rate": spec.learning_rate,
        "--baseline": spec.baseline,
        "--margin": spec.margin,
    }
    words = ["bital", "study", spec.dataset]
    for option, value in options.items():
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)


def count(number: int, noun: str) -> str:
    """Count things, as in "1 arm" or "1,200 runs"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
