"""How many more seeds would settle what a study left open."""

from math import ceil

from bital.report import account
from bital.report.number import duration
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.verdict import reading
from bital.report.voice import Voice
from bital.study.result import StudyResult, Verdict
from bital.study.statistics.comparison import Comparison


def planned(result: StudyResult, verdict: Verdict) -> Sheet:
    """Show each comparison: what is known, and how many more seeds would settle it.

    Returns:
        A row for each arm but the reference; "more" are seeds of every arm beyond those it has
        (with folds, repeats), for the difference seen so far and, where a margin was named, for
        one of its size.
    """
    labels, margin = account.labels(result), verdict.procedure.margin
    say, folds = Voice(result.language), result.units[0].fold is not None
    headings = [say("arm"), say("reading")]
    headings += [say("more repeats") if folds else say("more seeds"), say("training of all arms")]
    if margin is not None:
        headings.insert(3, say("for {margin}", margin=f"{margin:g}"))
    rows: list[list[str | Cell]] = []
    for one in verdict.comparisons:
        more, named = needed(result, verdict, one)
        which = reading(result, verdict, one.reading)
        cells = [labels[one.first], which, _said(say, verdict, one, more)]
        if margin is not None:
            cells.append(_said(say, verdict, one, named))
        rows.append([*cells, "" if more is None else duration(more * seconds(result), say)])
    return sheet(headings, rows, frozenset({say("reading")}))


def needed(result: StudyResult, verdict: Verdict, one: Comparison) -> tuple[int | None, int | None]:
    """Return the seeds to add: for the difference seen so far, and for the margin.

    Returns:
        With folds, repeats: runs of one fold are averaged, so that seeds would not do. None where
        nothing is open, no margin is named, or no number would do.
    """
    plan = verdict.plans.get(one.first)
    if one.reading != "not distinguishable" or plan is None:
        return None, None
    each = plan.seeds / _count(result)
    observed, named = (
        None if runs is None else max(1, ceil((runs - plan.seeds) / each))
        for runs in (plan.observed, plan.named)
    )
    return observed, named


def sentence(result: StudyResult) -> str:
    """Say what is open and what would settle it."""
    verdict, say = result.verdict, Voice(result.language)
    if verdict is None:
        return say("Nothing can be planned: at least two arms with two runs each are needed.")
    labels = account.labels(result)
    key = account.compared(result).key
    made = sum(len(arm.scores[key]) for arm in result.arms) - result.reused
    start = say(
        "{runs} so far ({source}), compared with {reference} on {column}",
        runs=account.runs(result),
        source=say("{runs} made for this plan", runs=say.count(made, "run"))
        if made
        else say("all from the store"),
        reference=labels[verdict.reference],
        column=account.compared(result).label,
    )
    unsettled = [one for one in verdict.comparisons if one.reading == "not distinguishable"]
    if not unsettled:
        return say("{start}: nothing is open.", start=start)
    more = {labels[one.first]: needed(result, verdict, one)[0] for one in unsettled}
    every = say.count(len(verdict.comparisons), "comparison")
    said = [say("{start}: 1 of {comparisons} is open.", start=start, comparisons=every)]
    if len(unsettled) > 1:
        many = len(unsettled)
        said = [
            say("{start}: {count} of {comparisons} are open.", start=start, count=many,
                comparisons=every)
        ]  # fmt: skip
    known = [seeds for seeds in more.values() if seeds is not None]
    if known:
        said.append(_settling(result, known, len(more)))
    lost = [label for label, seeds in more.items() if seeds is None]
    if lost:
        said.append(
            say(
                "No number of {runs} would tell {arms}: the rows that splits share, runs that "
                "diverged or arms that do not differ at all limit what they can show. More data "
                "or a margin would.",
                runs=say("seeds") if result.units[0].fold is None else say("repeats"),
                arms=", ".join(lost),
            )
        )
    return " ".join(said)


def _settling(result: StudyResult, known: list[int], open_: int) -> str:
    """Say how many more would settle what can be settled."""
    say, most = Voice(result.language), max(known)
    more = say.count(most, "more seed")
    if result.units[0].fold is not None:
        more = say.count(most, "more repeat")
    reach = say("all of them")
    if len(known) < open_:
        reach = say("{count} of them", count=len(known))
    return say(
        "{more} of every arm ({total} in all, about {time} of training) would settle {reach} in "
        "four of five repetitions, were the differences seen so far the true ones: a rough guide.",
        more=more,
        total=f"{most + _count(result):,}",
        time=duration(most * seconds(result), say),
        reach=reach,
    )


def seconds(result: StudyResult) -> float:
    """Return the training time of one more seed (or repeat) of every arm, as these took it."""
    return sum(arm.train_seconds for arm in result.arms) / _count(result)


def _count(result: StudyResult) -> int:
    """Return how many seeds there are, or where folds fix the rows, repeats of them."""
    return len({unit.seed if unit.fold is None else unit.repeat for unit in result.units})


def _said(say: Voice, verdict: Verdict, one: Comparison, more: int | None) -> str:
    if one.reading != "not distinguishable":
        return say("settled")
    limited = more is None and one.first in verdict.plans
    return say("only more data") if limited else _number(more)


def _number(more: int | None) -> str:
    return "–" if more is None else f"{more:,}"
