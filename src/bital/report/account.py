"""What was run, in sentences: shared by every form of the report."""

import re
import shlex

import numpy as np
from jaxtyping import Float

from bital.report.number import duration
from bital.report.voice import Voice
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
    say, name = Voice(result.language), result.name or result.data.name
    arms = say.count(len(result.arms), "arm")
    if len(result.arms) == 1:
        return f"{name}: {arms}, {runs(result)}"
    return say("{name}: {arms}, {runs} each", name=name, arms=arms, runs=runs(result))


def question(result: StudyResult) -> str:
    """Ask what the study answers, in its author's words where there are any."""
    say, arms, data = Voice(result.language), result.arms, result.data.name
    if result.question:
        return result.question
    if len(arms) > 1:
        return say("Which of {count} arms does best on {data}?", count=len(arms), data=data)
    if not arms:
        return say("No arm finished on {data}", data=data)
    return say("How well does {arm} do on {data}?", arm=arms[0].label, data=data)


def lead(result: StudyResult) -> str:
    """Say in two sentences how the arms were compared."""
    say, count = Voice(result.language), len(result.units)
    return say(
        "Every arm had the same rows, splits, initial randomness and batch order. "
        "Each was trained {often} ({runs}), and compared on {column}.",
        often=say("{count} times", count=count) if count > 1 else say("once"),
        runs=runs(result),
        column=compared(result).label,
    )


def runs(result: StudyResult) -> str:
    """Count the runs of an arm by what tells them apart, as in "2 seeds x 5 folds"."""
    say = Voice(result.language)
    seeds = say.count(len(result.seeds), "seed")
    folds = len({unit.fold for unit in result.units} - {None})
    repeats = len({unit.repeat for unit in result.units} - {None})
    repeated = f" × {say.count(repeats, 'repeat')}" if repeats > 1 else ""
    return seeds + repeated + (f" × {say.count(folds, 'fold')}" if folds else "")


def unit(result: StudyResult, one: Unit) -> str:
    """Name one run of an arm, as in "seed 3, fold 2"; folds and repeats count from 1."""
    say = Voice(result.language)
    parts = [say("seed {number}", number=one.seed)]
    if one.repeat is not None and one.repeat > 0:
        parts.append(say("repeat {number}", number=one.repeat + 1))
    if one.fold is not None:
        parts.append(say("fold {number}", number=one.fold + 1))
    return ", ".join(parts)


def variable(result: StudyResult) -> str:
    """Name what one run of every arm shares: a seed, or a seed and fold."""
    say = Voice(result.language)
    folds = any(unit.fold is not None for unit in result.units)
    return say("seed and fold") if folds else say("seed")


def measures(result: StudyResult) -> str:
    """Say what the columns are."""
    say = Voice(result.language)
    if result.spec is None:
        return say("Scores are measured on the trained model, with dropout off.")
    if result.data.task == "classification":
        return say("Losses are cross-entropy without the L2 penalty, measured with dropout off.")
    return say(
        "MSE is in squared units of the target and MAE in its units, "
        "without the L2 penalty and with dropout off; the networks learned the target "
        "standardized by the training rows."
    )


def data(result: StudyResult) -> str:
    """Say what was trained on and how long, as in "digits, rows 1,149 train / ..."."""
    return Voice(result.language)(
        "{data}, rows {rows}; {training}.",
        data=result.data.name,
        rows=rows(result, " / "),
        training=training(result),
    )


def rows(result: StudyResult, between: str = ", ") -> str:
    """Count the rows of each part, as in "1,149 train, 288 validation"."""
    say = Voice(result.language)
    words = {"train": say("train"), "validation": say("validation"), "test": say("test")}
    return between.join(
        say("{number} {part}", number=f"{number:,}", part=words[part])
        for part, number in result.data.rows.items()
    )


def training(result: StudyResult) -> str:
    """Say how arms are trained, as in "30 epochs, batch size 32, Adam, learning rate 0.001"."""
    say, arms = Voice(result.language), result.arms
    epochs = list(dict.fromkeys(say.count(arm.epochs, "epoch") for arm in arms))
    sizes = list(dict.fromkeys(arm.batch_size for arm in arms))
    batches = [say("batch size {size}", size=f"{size:,}") for size in sizes]
    optimizers = list(dict.fromkeys(arm.optimizer for arm in arms))
    parts = (
        (epochs, say("{count} numbers of epochs", count=len(epochs))),
        (batches, say("{count} batch sizes", count=len(batches))),
        (optimizers, say("{count} optimizers", count=len(optimizers))),
    )
    said = [say(" or ").join(each) if len(each) < 3 else many for each, many in parts]
    return ", ".join(filter(None, said))


def times(result: StudyResult) -> str:
    """Say how long the study took and what the seconds column counts."""
    say = Voice(result.language)
    whole = duration(result.seconds, say)
    trained = duration(sum(arm.train_seconds for arm in result.arms), say)
    if result.reused:
        return say(
            "{whole} in all; {runs} came from the store. Training took {trained} in all (the "
            "seconds column).",
            whole=whole,
            runs=say.count(result.reused, "run"),
            trained=trained,
        )
    return say(
        "{whole} in all, {trained} of it training (the seconds column); the rest is start-up, "
        "building and compiling.",
        whole=whole,
        trained=trained,
    )


def losses(result: StudyResult) -> list[str]:
    """Say what is missing: arms that were not finished, or could not be trained at all."""
    said, say = [], Voice(result.language)
    asked = result.plain["arms"]
    if result.interrupted:
        said.append(
            say(
                "Interrupted: {done} of {asked} arms finished; the rest is not shown.",
                done=len(result.arms),
                asked=len(asked),
            )
        )
    for name, why in result.failed.items():
        label = asked.get(name, {}).get("label", name)
        said.append(say("{arm} could not be trained: {why}", arm=label, why=why))
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
        "--language": None if spec.language == "en" else spec.language,
    }
    words = ["bital", "study", spec.dataset]
    for option, value in options.items():
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)
