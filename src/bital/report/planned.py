"""How many more seeds would settle what a study left open."""

from math import ceil

from bital.report import account
from bital.report.number import duration
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.verdict import reading
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
    headings = ["arm", "reading", f"more {_noun(result)}s", "training of all arms"]
    if margin is not None:
        headings.insert(3, f"for {margin:g}")
    rows: list[list[str | Cell]] = []
    for one in verdict.comparisons:
        more, named = needed(result, verdict, one)
        cells = [labels[one.first], reading(verdict, one.reading), _said(verdict, one, more)]
        if margin is not None:
            cells.append(_said(verdict, one, named))
        rows.append([*cells, "" if more is None else duration(more * seconds(result))])
    return sheet(headings, rows, frozenset({"reading"}))


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
    verdict = result.verdict
    if verdict is None:
        return "Nothing can be planned: at least two arms with two runs each are needed."
    labels = account.labels(result)
    key = account.compared(result).key
    made = sum(len(arm.scores[key]) for arm in result.arms) - result.reused
    source = f"{account.count(made, 'run')} made for this plan" if made else "all from the store"
    start = (
        f"{account.runs(result)} so far ({source}), compared with {labels[verdict.reference]} on "
        f"{account.compared(result).label}"
    )
    unsettled = [one for one in verdict.comparisons if one.reading == "not distinguishable"]
    if not unsettled:
        return f"{start}: nothing is open."
    more = {labels[one.first]: needed(result, verdict, one)[0] for one in unsettled}
    known = [seeds for seeds in more.values() if seeds is not None]
    said = f"{start}: {len(unsettled)} of {account.count(len(verdict.comparisons), 'comparison')} "
    said += "is open." if len(unsettled) == 1 else "are open."
    if known:
        most, total = max(known), max(known) + _count(result)
        more_of = account.count(most, f"more {_noun(result)}")
        reach = "all of them" if len(known) == len(more) else f"{len(known)} of them"
        said += (
            f" {more_of} of every arm ({total:,} in all, about {duration(most * seconds(result))} "
            f"of training) would settle {reach} in four of five repetitions, were the differences "
            "seen so far the true ones: a rough guide."
        )
    lost = [label for label, seeds in more.items() if seeds is None]
    if lost:
        said += (
            f" No number of {_noun(result)}s would tell {', '.join(lost)}: the rows that splits "
            "share, runs that diverged or arms that do not differ at all limit what they can show. "
            "More data or a margin would."
        )
    return said


def seconds(result: StudyResult) -> float:
    """Return the training time of one more seed (or repeat) of every arm, as these took it."""
    return sum(arm.train_seconds for arm in result.arms) / _count(result)


def _noun(result: StudyResult) -> str:
    """Name what more of would tell more: seeds, or where folds fix the rows, repeats of them."""
    return "seed" if result.units[0].fold is None else "repeat"


def _count(result: StudyResult) -> int:
    """Return how many of them there are."""
    return len({unit.seed if unit.fold is None else unit.repeat for unit in result.units})


def _said(verdict: Verdict, one: Comparison, more: int | None) -> str:
    if one.reading != "not distinguishable":
        return "settled"
    return "only more data" if more is None and one.first in verdict.plans else _number(more)


def _number(more: int | None) -> str:
    return "–" if more is None else f"{more:,}"
