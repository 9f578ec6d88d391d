"""What was run, in sentences: shared by the table's footer and the HTML page."""

import shlex

from bital.report.number import duration
from bital.study.result import StudyResult
from bital.study.spec import StudySpec


def title(result: StudyResult) -> str:
    """Name the study, as in "digits: 9 variants, 10 seeds each"."""
    return (
        f"{result.data.name}: {_count(len(result.arms), 'variant')}, "
        f"{_count(len(result.seeds), 'seed')}{' each' if len(result.arms) != 1 else ''}"
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
    return f"{result.data.name}, rows {rows}; {recipe(result)}."


def recipe(result: StudyResult) -> str:
    """Say how a study trains, as in "30 epochs, batch size 32, Adam, learning rate 0.001".

    Where arms differ each choice is named once.
    """
    epochs = [_count(arm.epochs, "epoch") for arm in result.arms]
    sizes = [f"batch size {arm.batch_size:,}" for arm in result.arms]
    optimizers = [arm.optimizer for arm in result.arms]
    said = [" or ".join(dict.fromkeys(each)) for each in (epochs, sizes, optimizers)]
    return ", ".join(filter(None, said))


def times(result: StudyResult) -> str:
    """Say how long the study took and what the seconds column counts."""
    training = sum(variant.train_seconds for variant in result.arms)
    return (
        f"{duration(result.seconds)} in all, {duration(training)} of it training "
        "(the seconds column); the rest is start-up, building and compiling."
    )


def interruption(result: StudyResult) -> str:
    """Say what an interrupted study lacks; empty for a whole one."""
    if not result.interrupted:
        return ""
    asked = len(result.plain["arms"])
    of = f" of {asked}" if asked else ""
    return f"Interrupted: {len(result.arms)}{of} variants finished; the rest is not shown."


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
