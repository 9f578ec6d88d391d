"""What a study is read for, in sentences."""

from bital.report import account
from bital.report.number import percent
from bital.study.result import StudyResult, Verdict
from bital.study.statistics.comparison import Reading

READINGS: tuple[Reading, ...] = ("better", "worse", "equivalent", "not distinguishable")


def sentence(result: StudyResult) -> str:
    """Say how the arms compare with the best or the chosen one, or why that cannot be said.

    Args:
        result: any study, also an interrupted one.

    Returns:
        A few English sentences without markup; labels stand as the result has them.
    """
    if result.verdict is None:
        return _silence(result)
    labels = account.labels(result)
    verdict = result.verdict
    said = f"{_comparison(result, verdict, labels)} {procedure(result, verdict)}"
    if verdict.diverged:
        runs = len(result.units)
        lost = [f"{labels[name]} ({n} of {runs})" for name, n in verdict.diverged.items()]
        said += f" Diverged runs count as worse than any other: {', '.join(lost)}."
    return f"{said} {early(result)}".strip()


def early(result: StudyResult) -> str:
    """Say which arms had fewer runs by the clock, and why that is no bias; empty where none had."""
    fewer = {
        arm.label: len(arm.scores[result.metric])
        for arm in result.arms
        if len(arm.scores[result.metric]) < len(result.units)
    }
    if not fewer:
        return ""
    named = ", ".join(f"{label} ({runs})" for label, runs in fewer.items())
    return (
        f"Settled early, with fewer runs: {named}; a look before the end settles an arm only at an "
        "adjusted p of 0.001 (Haybittle-Peto), and each pair is compared on the runs it shares."
    )


def procedure(result: StudyResult, verdict: Verdict) -> str:
    """Say in one sentence how the arms were compared."""
    others = len(verdict.comparisons)
    what, tests = ("comparisons", others) if verdict.chosen else ("pairs", len(verdict.pairs))
    corrected = [f"{tests} {what} (Holm)"] if tests > 1 else []
    if verdict.procedure.overlap is not None:
        corrected.append("overlapping splits (Nadeau-Bengio)")
    level = percent(1 - verdict.procedure.level)
    folds = result.units[0].fold is not None and len(result.seeds) > 1
    averaged = ", the seeds of a fold averaged," if folds else ""
    said = f"Paired over {account.runs(result)}{averaged} at the {level} level"
    return f"{said}, corrected for {' and '.join(corrected)}." if corrected else f"{said}."


def reading(verdict: Verdict, which: Reading) -> str:
    """Write a reading, with the margin it depends on."""
    if which == "equivalent":
        return f"equivalent within {verdict.procedure.margin:g}"
    return which


def _comparison(result: StudyResult, verdict: Verdict, labels: dict[str, str]) -> str:
    reference = labels[verdict.reference]
    if not verdict.chosen:
        reference = f"the best ({reference})"
    column = account.compared(result).label
    said: dict[Reading, list[str]] = {}
    for one in sorted(verdict.comparisons, key=lambda one: READINGS.index(one.reading)):
        said.setdefault(one.reading, []).append(labels[one.first])
    start = f"Compared with {reference} on {column}"
    if len(said) == 1 and len(verdict.comparisons) > 1:
        (which,) = said
        if which == "not distinguishable":
            return f"{start}, no other arm is distinguishable."
        return f"{start}, every other arm is {reading(verdict, which)}."
    lists = [f"{reading(verdict, which)}: {', '.join(names)}" for which, names in said.items()]
    return f"{start}: {'; '.join(lists)}."


def _silence(result: StudyResult) -> str:
    if not result.arms:
        return "No arm finished, so there is nothing to compare."
    if len(result.arms) == 1:
        return "One arm alone: there is nothing to compare it with."
    if len(result.units) < 2:
        return "One seed cannot tell arms apart: the order may be chance. Run more seeds."
    baseline = result.plain.get("baseline")
    if baseline is not None:
        return f"The baseline, {baseline}, did not finish: nothing to compare with."
    return "Every arm has a diverged run, so none is best. Choose a baseline to compare with."
