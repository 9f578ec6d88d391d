"""Learning curves as SVG: one panel per arm, on shared axes."""

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from bital.report import account
from bital.report.voice import Voice
from bital.study.columns import measured
from bital.study.result import ArmResult, StudyResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (3.2, 2.1)
"""inches of a panel"""
FONTS = (
    "system-ui, -apple-system, 'Segoe UI', 'Noto Sans KR', 'Noto Sans CJK KR', "
    "'Apple SD Gothic Neo', 'Malgun Gothic', sans-serif"
)
POINTS = 400
"""epochs of a curve that are drawn, evenly spread: more than a panel is wide in points"""
LOG_FROM = 30.0
"""ratio of largest to smallest value from which an axis is logarithmic"""

# What matplotlib draws with, and what the browser paints it as.
INK, TRAINING, VALIDATION = "#010203", "#0a0b0c", "#0d0e0f"
PAINT = {
    INK: "currentColor",
    TRAINING: "var(--training, #b4540a)",
    VALIDATION: "var(--validation, #1d5fd1)",
    "'DejaVu Sans'": FONTS,
}


@dataclass(frozen=True)
class Quantity:
    """A pair of curves worth a panel."""

    key: str
    """Keras history key of the training curve; "val_" before it names the validation curve"""
    label: str


LOSSES = ("crossentropy", "mse", "loss")
"""training's own measure of error, the first of these that every arm recorded"""


@dataclass(frozen=True)
class Band:
    """A curve over runs: the median and the quartiles around it, by epoch."""

    epochs: Int[np.ndarray, " epochs"]
    median: Float[np.ndarray, " epochs"]
    low: Float[np.ndarray, " epochs"]
    """25th percentile"""
    high: Float[np.ndarray, " epochs"]
    """75th percentile"""


def band(curves: Float[np.ndarray, "runs epochs"]) -> Band:
    """Take the median and the interquartile range over runs, epoch by epoch.

    A run that diverged or stopped counts up to then; epochs no run reached are left out, and of
    more than `POINTS` so many are taken, evenly spread from the first to the last.
    """
    values = np.asarray(curves, dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    reached = np.flatnonzero(~np.isnan(values).all(axis=0))
    if not reached.size:
        nothing = np.empty(0)
        return Band(reached, nothing, nothing, nothing)
    if reached.size > POINTS:
        reached = reached[np.linspace(0, reached.size - 1, POINTS).round().astype(int)]
    low, median, high = np.nanpercentile(values[:, reached], [25, 50, 75], axis=0)
    return Band(reached + 1, median, low, high)


@dataclass(frozen=True)
class _Scale:
    """Axes that every panel of a quantity shares."""

    epochs: int
    low: float
    high: float
    log: bool


def quantities(result: StudyResult) -> tuple[Quantity, ...]:
    """Name the curves this study recorded that are worth drawing: a loss, then the metric."""
    recorded = {key for arm in result.arms for key in arm.curves}
    everywhere = recorded.intersection(*(arm.curves for arm in result.arms))
    loss = next((key for key in LOSSES if key in everywhere), None)
    wanted = (loss, account.metric(result))
    keys = dict.fromkeys(key for key in wanted if key in recorded)
    return tuple(Quantity(key, measured(key, result.language)) for key in keys)


def logarithmic(result: StudyResult, quantity: Quantity) -> bool:
    """Whether a quantity's panels have a logarithmic axis: from a range of 1 to 30 on."""
    return _scale(result, quantity).log


def panels(result: StudyResult, quantity: Quantity) -> dict[str, str]:
    """Draw one quantity's learning curves.

    Training and validation are lines at the median over runs in a band from the 25th to the
    75th percentile. Text is real text; colours follow the page: `currentColor` for axes, the CSS
    variables `--training` and `--validation` for curves. The same result gives the same bytes.

    Args:
        result: a study with at least one arm.
        quantity: one of `quantities(result)`.

    Returns:
        A standalone `<svg>` element by arm's name, all on the same axes.
    """
    scale, key = _scale(result, quantity), re.sub(r"\W", "-", quantity.key)
    say = Voice(result.language)
    return {
        arm.name: _panel(say, f"{key}-{index}", arm, quantity, scale)
        for index, arm in enumerate(result.arms)
        if quantity.key in arm.curves
    }


def _panel(say: Voice, key: str, arm: ArmResult, quantity: Quantity, scale: _Scale) -> str:
    from io import StringIO

    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": key, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=SIZE)
        axes = figure.add_axes((0.15, 0.16, 0.82, 0.8))
        if scale.log:
            axes.set_yscale("log")
            axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
        axes.set_xlim(0, scale.epochs + 0.5)
        axes.set_ylim(scale.low, scale.high)
        axes.set_xlabel("epoch", fontsize=8, color=INK, labelpad=1)
        _frame(axes)
        for curve, color in ((quantity.key, TRAINING), (f"val_{quantity.key}", VALIDATION)):
            if curve in arm.curves:
                _draw(axes, band(arm.curves[curve]), color)
        drawn = StringIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
    name = say("{arm}: {quantity} by epoch", arm=arm.label, quantity=quantity.label)
    # matplotlib warns of Hangul, for which its font has no letters; the browser's does.
    svg = drawn.getvalue().replace(">epoch<", f">{say('epoch')}<")
    return _repaint(svg, key, name)


def _frame(axes: "Axes") -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=INK, alpha=0.35, linewidth=0.8)
    axes.grid(axis="y", color=INK, alpha=0.12, linewidth=0.6)
    axes.tick_params(which="both", length=0, labelsize=7.5, labelcolor=INK)


def _draw(axes: "Axes", curve: Band, color: str) -> None:
    marker = "o" if curve.epochs.size == 1 else None
    axes.fill_between(curve.epochs, curve.low, curve.high, color=color, alpha=0.22, linewidth=0)
    axes.plot(curve.epochs, curve.median, color=color, linewidth=1.5, marker=marker, markersize=4)


def _scale(result: StudyResult, quantity: Quantity) -> _Scale:
    keys = (quantity.key, f"val_{quantity.key}")
    bands = [band(v.curves[key]) for v in result.arms for key in keys if key in v.curves]
    edges = np.concatenate([np.empty(0), *(b.low for b in bands), *(b.high for b in bands)])
    epochs = max((int(b.epochs[-1]) for b in bands if b.epochs.size), default=1)
    if not edges.size:
        return _Scale(epochs, 0.0, 1.0, log=False)
    low, high = float(edges.min()), float(edges.max())
    if low > 0 and high / low >= LOG_FROM:
        return _Scale(epochs, low / 1.3, high * 1.3, log=True)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return _Scale(epochs, low - margin, high + margin, log=False)


def _repaint(svg: str, key: str, said: str) -> str:
    """Make matplotlib's file an element that can share a page with others."""
    svg = svg[svg.index("<svg") :].rstrip()
    svg = re.sub(
        r"<style.*?</style>", "", svg, flags=re.DOTALL
    )  # its "*" rule would reach the page
    for drawn, painted in PAINT.items():
        svg = svg.replace(drawn, painted)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{key}-", svg)
    name = escape(said, quote=True)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{name}" stroke-linejoin="round" ', 1)
