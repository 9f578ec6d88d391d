"""The paired comparisons of a study as HTML: numbers and a forest plot in one table."""

from html import escape
from math import isfinite

from bital.report.number import decimals, percent, signed
from bital.report.verdict import reading
from bital.study.result import StudyResult, Verdict
from bital.study.statistics.comparison import Comparison


def forest(result: StudyResult, verdict: Verdict) -> str:
    """Show how far each variant is from the reference, and how surely.

    Args:
        result: the study.
        verdict: its verdict.

    Returns:
        A `<table>`; bars share one scale, the vertical line is zero.
    """
    labels = {variant.name: variant.label for variant in result.arms}
    spans = [c.interval for c in verdict.comparisons]
    places = decimals(
        [c.mean for c in verdict.comparisons], [(span.high - span.low) / 2 for span in spans]
    )
    ends = [end for span in spans for end in (span.low, span.high) if isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    rows = "\n".join(
        _row(verdict, one, labels[one.first], places, (low, high)) for one in verdict.comparisons
    )
    return (
        '<table class="forest"><thead><tr><th scope="col">variant</th>'
        '<th scope="col" class="number">mean difference</th>'
        f'<th scope="col" class="number">{percent(verdict.procedure.level)} interval</th>'
        '<th scope="col" class="plot"><span class="hidden">plot</span></th>'
        '<th scope="col" class="number">effect size</th><th scope="col" class="number">p</th>'
        '<th scope="col">reading</th><th scope="col" class="number">seeds to tell</th>'
        f"</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )


def _row(
    verdict: Verdict, one: Comparison, label: str, places: int, scale: tuple[float, float]
) -> str:
    kind = one.reading if one.distinguishable else "alike"
    span = f"{_number(one.interval.low, places)} to {_number(one.interval.high, places)}"
    numbers = [
        _number(one.mean, places),
        span if isfinite(one.interval.low) else "–",
    ]
    more = [_number(one.effect.size, 2), _p(one.adjusted_p)]
    return (
        f'<tr class="{kind}"><th scope="row">{escape(label)}</th>'
        + "".join(f'<td class="number">{number}</td>' for number in numbers)
        + f'<td class="plot">{_bar(one, *scale)}</td>'
        + "".join(f'<td class="number">{number}</td>' for number in more)
        + f"<td>{reading(verdict, one.reading)}</td>"
        f'<td class="number">{_seeds(verdict, one)}</td></tr>'
    )


def _seeds(verdict: Verdict, one: Comparison) -> str:
    if one.reading != "not distinguishable" or one.first not in verdict.plans:
        return ""
    seeds = verdict.plans[one.first].observed
    return "only more data" if seeds is None else f"{seeds:,}"


def _number(value: float, places: int) -> str:
    return signed(value, places) if isfinite(value) else "–"


def _p(value: float) -> str:
    return "&lt; 0.001" if value < 0.001 else f"{value:.3f}"


def _bar(one: Comparison, low: float, high: float) -> str:
    if high <= low or not isfinite(one.interval.low):
        return ""

    def at(value: float) -> float:
        return 3 + 94 * (value - low) / (high - low)

    left, right = at(one.interval.low), at(one.interval.high)
    return (
        '<div class="track" aria-hidden="true">'
        f'<i class="zero" style="left:{at(0.0):.2f}%"></i>'
        f'<i class="span" style="left:{left:.2f}%;width:{right - left:.2f}%"></i>'
        f'<i class="dot" style="left:{at(one.mean):.2f}%"></i></div>'
    )
