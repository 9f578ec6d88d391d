"""The columns of a study's table, laid out for a width."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bital.report.measured import measure
from bital.report.number import fixed, seconds
from bital.report.voice import Voice
from bital.study.result import Column, StudyResult
from bital.study.statistics.summary import Summary

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


@dataclass(frozen=True)
class Layout:
    """One way to draw the table."""

    stacked: bool
    """the deviation below the mean instead of beside it, and labels may wrap"""
    gap: int
    """spaces between columns, at least 1"""
    costs: bool = True
    """with the parameters and seconds columns"""


LAYOUTS = (
    Layout(stacked=False, gap=2),
    Layout(stacked=False, gap=1),
    Layout(stacked=True, gap=2),
    Layout(stacked=True, gap=1),
    Layout(stacked=True, gap=1, costs=False),
)


@dataclass(frozen=True)
class _Numbers:
    """A right-aligned column: its heading and one cell per arm."""

    heading: str
    cells: "list[Text]"

    @property
    def width(self) -> int:
        return _widest([self.heading, *(cell.plain for cell in self.cells)])


def grid(result: StudyResult, limit: int) -> "tuple[Table, int]":
    """Lay a study out in the roomiest way that fits.

    Rich's own fitting cuts numbers off before it wraps labels, so every width is set here.

    Args:
        result: a study with at least one arm.
        limit: columns to fit in; exceeded when even the tightest layout needs more.

    Returns:
        The table and the columns it takes.
    """
    arm = Voice(result.language)("arm")
    for layout in LAYOUTS:
        numbers = _numbers(result, layout)
        rest = sum(column.width + layout.gap for column in numbers)
        labels = [printable(arm.label) for arm in result.arms]
        natural = _widest([arm, *labels])
        least = (
            _widest([label.replace(" ", "\n") for label in labels]) if layout.stacked else natural
        )
        if rest + least <= limit:
            break
    width = min(natural, max(least, limit - rest))
    return _table(arm, labels, width, numbers, layout.gap), width + rest


def printable(text: str) -> str:
    """Replace control characters by spaces, so that a label cannot steer the terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def _table(
    heading: str, labels: list[str], width: int, numbers: list[_Numbers], gap: int
) -> "Table":
    from rich.box import Box
    from rich.table import Table
    from rich.text import Text

    head_rule = Box("    \n    \n────\n    \n    \n    \n    \n    \n")
    padding = (0, gap - 1, 0, 0)  # the box's own divider is one space wide
    table = Table(
        box=head_rule, padding=padding, pad_edge=False, show_edge=False, border_style="dim"
    )
    table.add_column(heading, width=width, overflow="fold")
    for column in numbers:
        table.add_column(column.heading, justify="right", no_wrap=True, width=column.width)
    for row, label in enumerate(labels):
        table.add_row(Text(label), *(column.cells[row] for column in numbers))
    return table


def _numbers(result: StudyResult, layout: Layout) -> list[_Numbers]:
    columns = [_measured(result, column, layout.stacked) for column in result.columns]
    if layout.costs:
        sizes = [f"{arm.parameters:,}" for arm in result.arms]
        times = seconds(arm.train_seconds for arm in result.arms)
        say = Voice(result.language)
        columns += [_column(say("parameters"), sizes), _column(say("seconds"), times)]
    return columns


def _column(heading: str, values: list[str]) -> _Numbers:
    from rich.text import Text

    return _Numbers(heading, [Text(value) for value in values])


def _measured(result: StudyResult, column: Column, stacked: bool) -> _Numbers:
    measured, say = measure(result, column), Voice(result.language)
    cells = [
        _cell(say, row, measured.places, name in measured.best, stacked)
        for name, row in measured.rows.items()
    ]
    return _Numbers(column.label.replace(" ", "\n") if stacked else column.label, cells)


def _cell(say: Voice, row: Summary, places: int, winner: bool, stacked: bool) -> "Text":
    from rich.text import Text

    between = "\n" if stacked else " "
    if row.diverged:
        said = say("diverged {lost}/{runs}", lost=row.diverged, runs=row.runs)
        return Text(said.replace(" ", between), style="red")
    mean = ("*" if winner else "") + fixed(row.mean, places)
    text = Text(mean, style="bold green" if winner else "")
    if row.runs > 1:
        text.append(f"{between}± {fixed(row.std, places)}", style="" if winner else "dim")
    return text


def _widest(texts: Sequence[str]) -> int:
    from rich.cells import cell_len

    return max(cell_len(line) for text in texts for line in text.split("\n"))
