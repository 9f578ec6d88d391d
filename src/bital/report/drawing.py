"""Figures whose text keeps its size at any width: places across in per cent, down in pixels.

An SVG with a viewBox would shrink its letters on a phone. Colours are the page's, by class.
"""

import unicodedata
from collections.abc import Iterable
from html import escape

from bital.report.axis import Axis
from bital.report.number import fixed, signed

NAMESPACE = "http://www.w3.org/2000/svg"
FOOT = 44
"""pixels below the rows for ticks and the axis' title"""
LINE = 17
"""pixels from one line of text to the next"""
PHONE = 44
"""letters that fit across a phone; Hangul counts twice"""


def figure(kind: str, name: str, rows_height: float, parts: Iterable[str]) -> str:
    """Return a standalone `<svg>` element, as wide as its place.

    Args:
        kind: its CSS class.
        name: what it shows, for who cannot see it.
        rows_height: pixels of what is above the axis.
        parts: elements.
    """
    height = f"{rows_height + FOOT:g}"
    return (
        f'<svg xmlns="{NAMESPACE}" class="{kind}" role="img" '
        f'aria-label="{escape(name, quote=True)}" width="100%" height="{height}">\n'
        + "\n".join(parts)
        + "\n</svg>"
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Write words at x per cent, y pixels."""
    return (
        f'<text{_kind(kind)} x="{x:.2f}%" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'
    )


def wrapped(label: str, beside: str) -> list[str]:
    """Break a label into lines that fit a phone, the last one with `beside` at its right."""
    lines = [""]
    for word in label.split():
        longer = f"{lines[-1]} {word}".strip()
        if _letters(longer) <= PHONE:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines if _letters(lines[-1]) + _letters(beside) <= PHONE else [*lines, ""]


def _letters(words: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(mark) in "WF") for mark in words)


def headed(top: float, label: str, beside: str, kind: str) -> tuple[list[str], float]:
    """Write a row's label and what stands at its right; returns where the row goes on."""
    lines = wrapped(label, beside)
    parts = [text(0.0, top + 15 + LINE * n, words, "name") for n, words in enumerate(lines)]
    below = top + LINE * len(lines)
    return [*parts, text(100.0, below - 2, beside, kind, "end")], below


def line(start: tuple[float, float], end: tuple[float, float], kind: str) -> str:
    """Draw from one (per cent, pixels) to another."""
    (x1, y1), (x2, y2) = start, end
    return f'<line{_kind(kind)} x1="{x1:.2f}%" y1="{y1:g}" x2="{x2:.2f}%" y2="{y2:g}"/>'


def dot(x: float, y: float, radius: float, kind: str = "", said: str = "") -> str:
    """Draw a dot; `said` shows where a pointer rests on it."""
    circle = f'<circle{_kind(kind)} cx="{x:.2f}%" cy="{y:g}" r="{radius:g}"'
    return f"{circle}><title>{escape(said)}</title></circle>" if said else f"{circle}/>"


def band(left: float, right: float, height: float, kind: str) -> str:
    """Fill from left to right per cent, from the top."""
    place = f'x="{left:.2f}%" y="0" width="{right - left:.2f}%"'
    return f'<rect{_kind(kind)} {place} height="{height:g}"/>'


def scale(axis: Axis, height: float, title: str, difference: bool = False) -> list[str]:
    """Draw an axis below the rows: hairlines, numbers (with their signs), a title."""
    write = signed if difference else fixed
    parts = [line((0.0, height), (100.0, height), "axis")]
    for tick in axis.ticks:
        x = axis.at(tick)
        parts.append(line((x, 0.0), (x, height), "hair"))
        parts.append(text(x, height + 16, write(tick, axis.places), "tick", "middle"))
    return [*parts, text(50.0, height + 36, title, "tick", "middle")]


def _kind(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
