"""The paired differences of a study as HTML: numbers and a forest plot in one table."""

from html import escape
from math import isfinite

from bital.report.number import decimals, percent, signed
from bital.study.result import Difference, StudyResult, Verdict


def forest(result: StudyResult, verdict: Verdict) -> str:
    """Show how far each variant is from the best one, and how surely.

    Args:
        result: the study.
        verdict: its verdict, with at least one difference.

    Returns:
        A `<table>`; bars share one scale, the vertical line is zero.
    """
    labels = {variant.name: variant.label for variant in result.variants}
    places = decimals(
        [difference.mean for difference in verdict.differences],
        [(difference.high - difference.low) / 2 for difference in verdict.differences],
    )
    ends = [end for d in verdict.differences for end in (d.low, d.high) if isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    rows = "\n".join(
        _row(difference, labels.get(difference.variant, difference.variant), places, low, high)
        for difference in verdict.differences
    )
    return (
        '<table class="forest"><thead><tr><th scope="col">variant</th>'
        '<th scope="col" class="number">mean difference</th>'
        f'<th scope="col" class="number">{percent(verdict.level)} interval</th>'
        '<th scope="col" class="plot"><span class="hidden">plot</span></th>'
        f'<th scope="col">reading</th></tr></thead>\n<tbody>\n{rows}\n</tbody></table>'
    )


def _row(difference: Difference, label: str, places: int, low: float, high: float) -> str:
    surely = difference.distinguishable
    ends = [signed(end, places) for end in (difference.low, difference.high)]
    return (
        f'<tr class="{"apart" if surely else "alike"}"><th scope="row">{escape(label)}</th>'
        f'<td class="number">{signed(difference.mean, places)}</td>'
        f'<td class="number">{ends[0]} to {ends[1]}</td>'
        f'<td class="plot">{_bar(difference, low, high)}</td>'
        f"<td>{'worse' if surely else 'not distinguishable'}</td></tr>"
    )


def _bar(difference: Difference, low: float, high: float) -> str:
    if high <= low or not (isfinite(difference.low) and isfinite(difference.high)):
        return ""

    def at(value: float) -> float:
        return 3 + 94 * (value - low) / (high - low)

    left, right = at(difference.low), at(difference.high)
    return (
        '<div class="track" aria-hidden="true">'
        f'<i class="zero" style="left:{at(0.0):.2f}%"></i>'
        f'<i class="span" style="left:{left:.2f}%;width:{right - left:.2f}%"></i>'
        f'<i class="dot" style="left:{at(difference.mean):.2f}%"></i></div>'
    )
