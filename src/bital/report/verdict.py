"""What a study is read for, in sentences."""

from bital.report import account
from bital.report.number import percent
from bital.report.voice import Voice
from bital.study.result import StudyResult, Verdict
from bital.study.statistics.comparison import Reading

READINGS: tuple[Reading, ...] = ("better", "worse", "equivalent", "not distinguishable")


def sentence(result: StudyResult) -> str:
    """Say how the arms compare with the best or the chosen one, or why that cannot be said.

    Args:
        result: any study, also an interrupted one.

    Returns:
        A few sentences without markup; labels stand as the result has them.
    """
    if result.verdict is None:
        return _silence(result)
    say, labels = Voice(result.language), account.labels(result)
    verdict = result.verdict
    said = [_comparison(result, verdict, labels), procedure(result, verdict)]
    if verdict.diverged:
        lost = [
            say("{arm} ({lost} of {runs})", arm=labels[name], lost=n, runs=len(result.units))
            for name, n in verdict.diverged.items()
        ]
        arms = ", ".join(lost)
        said.append(say("Diverged runs count as worse than any other: {arms}.", arms=arms))
    return " ".join(filter(None, [*said, early(result)]))


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
    return Voice(result.language)(
        "Settled early, with fewer runs: {arms}; a look before the end settles an arm only at an "
        "adjusted p of 0.001 (Haybittle-Peto), and each pair is compared on the runs it shares.",
        arms=named,
    )


def procedure(result: StudyResult, verdict: Verdict) -> str:
    """Say in one sentence how the arms were compared."""
    say, tests = Voice(result.language), verdict.pairs
    counted = say.count(len(tests), "pair")
    if verdict.chosen:
        tests = verdict.comparisons
        counted = say.count(len(tests), "comparison")
    corrected = [say("{tests} (Holm)", tests=counted)] if len(tests) > 1 else []
    if verdict.procedure.overlap is not None:
        corrected.append(say("overlapping splits (Nadeau-Bengio)"))
    level = percent(1 - verdict.procedure.level)
    runs, folds = account.runs(result), result.units[0].fold is not None
    if folds and len(result.seeds) > 1:
        runs = say("{runs}, the seeds of a fold averaged,", runs=runs)
    if not corrected:
        return say("Paired over {runs} at the {level} level.", runs=runs, level=level)
    return say(
        "Paired over {runs} at the {level} level, corrected for {reasons}.",
        runs=runs,
        level=level,
        reasons=say(" and ").join(corrected),
    )


def reading(result: StudyResult, verdict: Verdict, which: Reading) -> str:
    """Write a reading, with the margin it depends on."""
    say = Voice(result.language)
    if which == "equivalent":
        return say("equivalent within {margin}", margin=f"{verdict.procedure.margin:g}")
    return {
        "better": say("better"),
        "worse": say("worse"),
        "not distinguishable": say("not distinguishable"),
    }[which]


def _comparison(result: StudyResult, verdict: Verdict, labels: dict[str, str]) -> str:
    say, reference = Voice(result.language), labels[verdict.reference]
    if not verdict.chosen:
        reference = say("the best ({arm})", arm=reference)
    column = account.compared(result).label
    said: dict[Reading, list[str]] = {}
    for one in sorted(verdict.comparisons, key=lambda one: READINGS.index(one.reading)):
        said.setdefault(one.reading, []).append(labels[one.first])
    start = say("Compared with {reference} on {column}", reference=reference, column=column)
    if len(said) == 1 and len(verdict.comparisons) > 1:
        (which,) = said
        if which == "not distinguishable":
            return say("{start}, no other arm is distinguishable.", start=start)
        alike = reading(result, verdict, which)
        return say("{start}, every other arm is {reading}.", start=start, reading=alike)
    lists = [
        f"{reading(result, verdict, which)}: {', '.join(names)}" for which, names in said.items()
    ]
    return say("{start}: {readings}.", start=start, readings="; ".join(lists))


def _silence(result: StudyResult) -> str:
    say = Voice(result.language)
    if not result.arms:
        return say("No arm finished, so there is nothing to compare.")
    if len(result.arms) == 1:
        return say("One arm alone: there is nothing to compare it with.")
    if len(result.units) < 2:
        return say("One seed cannot tell arms apart: the order may be chance. Run more seeds.")
    baseline = result.plain.get("baseline")
    if baseline is not None:
        return say("The baseline, {arm}, did not finish: nothing to compare with.", arm=baseline)
    return say("Every arm has a diverged run, so none is best. Choose a baseline to compare with.")
