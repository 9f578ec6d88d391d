"""What quoting the best validation epoch would have added to each variant's score."""

from html import escape

import numpy as np

from bital.report.number import decimals, signed
from bital.study.result import StudyResult
from bital.study.statistics.optimism import Optimism, optimism


def optimisms(result: StudyResult) -> dict[str, Optimism]:
    """Measure the best-epoch optimism of the compared column, by variant.

    Returns:
        Nothing for one run, where no interval can be given, or without validation or test rows.
    """
    if len(result.units) < 2:
        return {}
    column = result.columns[-1]
    measure = result.metric.partition("_")[2]
    curve, test = f"val_{measure}", f"test_{measure}"
    return {
        arm.name: optimism(arm.curves[curve], arm.scores[test], column.better)
        for arm in result.arms
        if curve in arm.curves and test in arm.scores
    }


def sentence(result: StudyResult) -> str:
    """Say in one sentence by how much best epochs flatter; empty where that is not known."""
    gaps = {name: one.last.mean for name, one in optimisms(result).items() if not one.diverged}
    if not gaps:
        return ""
    labels = {variant.name: variant.label for variant in result.arms}
    places = decimals(gaps.values(), [])
    least, most = min(gaps, key=gaps.__getitem__), max(gaps, key=gaps.__getitem__)
    said = [f"{signed(gaps[name], places)} ({labels[name]})" for name in (least, most)]
    return (
        "Best-epoch optimism: quoting the best validation epoch would flatter "
        f"{result.columns[-1].label} by {' to '.join(dict.fromkeys(said))}."
    )


def table(result: StudyResult, found: dict[str, Optimism]) -> str:
    """Show the optimism of every variant with its interval.

    Returns:
        A `<table>`.
    """
    gaps = [one.last for one in found.values()]
    places = decimals(
        [gap.mean for gap in gaps], [(gap.interval.high - gap.interval.low) / 2 for gap in gaps]
    )
    labels = {variant.name: variant.label for variant in result.arms}
    rows = "\n".join(_row(labels[name], one, places) for name, one in found.items())
    heads = ("best epoch (median)", "optimism", "95 % interval")
    cells = "".join(f'<th scope="col" class="number">{head}</th>' for head in heads)
    return (
        f'<table><thead><tr><th scope="col">variant</th>{cells}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _row(label: str, one: Optimism, places: int) -> str:
    head = f'<tr><th scope="row">{escape(label)}</th>'
    if one.diverged:
        lost = f"diverged {one.diverged}/{len(one.epochs)}"
        return f'{head}<td class="number bad" colspan="3">{lost}</td></tr>'
    span = one.last.interval
    cells = (
        f"{np.median(one.epochs):g}",
        signed(one.last.mean, places),
        f"{signed(span.low, places)} to {signed(span.high, places)}",
    )
    return head + "".join(f'<td class="number">{cell}</td>' for cell in cells) + "</tr>"
