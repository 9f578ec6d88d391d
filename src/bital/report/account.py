"""What was run, in sentences: shared by the table's footer and the HTML page."""

import shlex

from bital.report.number import duration
from bital.study.result import StudyResult
from bital.study.spec import StudySpec


def title(result: StudyResult) -> str:
    """Name the study, as in "digits: 9 variants, 10 seeds each"."""
    return (
        f"{result.data.name}: {_count(len(result.variants), 'variant')}, "
        f"{_count(len(result.seeds), 'seed')}{' each' if len(result.variants) != 1 else ''}"
    )


def measures(result: StudyResult) -> str:
    """Say what the columns are."""
    if result.data.task == "classification":
        return "Losses are cross-entropy without the L2 penalty, measured with dropout off."
    return (
        "MSE is in squared units of the target and MAE in its units, "
        "without the L2 penalty and with dropout off; the networks learned the target "
        "standardized by the training rows."
    )


def data(result: StudyResult) -> str:
    """Say what was trained on and how long, as in "digits, rows 1,149 train / ..."."""
    rows = " / ".join(f"{count:,} {split}" for split, count in result.data.rows.items())
    return f"{result.data.name}, rows {rows}; {recipe(result.spec)}."


def recipe(spec: StudySpec) -> str:
    """Say how a study trains, as in "30 epochs, batch size 32, adam"."""
    parts = []
    if spec.epochs is not None:
        parts.append(_count(spec.epochs, "epoch"))
    if spec.batch_size is not None:
        parts.append(f"batch size {spec.batch_size:,}")
    rate = "" if spec.learning_rate is None else f" at learning rate {spec.learning_rate:g}"
    return ", ".join([*parts, spec.optimizer + rate])


def times(result: StudyResult) -> str:
    """Say how long the study took and what the seconds column counts."""
    training = sum(variant.train_seconds for variant in result.variants)
    return (
        f"{duration(result.seconds)} in all, {duration(training)} of it training "
        "(the seconds column); the rest is start-up, building and compiling."
    )


def interruption(result: StudyResult) -> str:
    """Say what an interrupted study lacks; empty for a whole one."""
    if not result.interrupted:
        return ""
    asked = len(result.spec.variants)
    of = f" of {asked}" if asked else ""
    return f"Interrupted: {len(result.variants)}{of} variants finished; the rest is not shown."


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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
