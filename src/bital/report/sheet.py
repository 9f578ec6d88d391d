"""A table as values, for a page or for Markdown."""

from dataclasses import dataclass
from html import escape
from typing import Literal

MARKUP = r"\`*_[]<>|~$#&@"


@dataclass(frozen=True)
class Cell:
    """One value of a table, written out."""

    text: str
    more: str = ""
    """said after it in a softer voice, as in "± 0.0041" """
    kind: Literal["", "best", "bad"] = ""
    """best of its column, or a run lost"""


@dataclass(frozen=True)
class Sheet:
    """Rows below headings; the first column names the row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: frozenset[str] = frozenset()
    """headings of columns that hold words; the others hold numbers, and are right-aligned"""


def sheet(
    headings: list[str], rows: list[list[str | Cell]], words: frozenset[str] = frozenset()
) -> Sheet:
    """Make a table of plain texts and cells."""
    made = tuple(tuple(c if isinstance(c, Cell) else Cell(c) for c in row) for row in rows)
    return Sheet(tuple(headings), made, words | {headings[0]})


def html(table: Sheet) -> str:
    """Write a `<table>`; every text is escaped."""
    heads = "".join(
        f'<th scope="col"{_side(table, h)}>{escape(h)}</th>' for h in table.headings
    )  # fmt: skip
    rows = "\n".join(_row(table, row) for row in table.rows)
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"


def markdown(table: Sheet) -> str:
    """Write a table as GitHub reads it."""
    rule = ["---" if h in table.words else "---:" for h in table.headings]
    lines = [
        [escaped(heading) for heading in table.headings],
        rule,
        *([_marked(cell) for cell in row] for row in table.rows),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def escaped(text: str) -> str:
    """Return one line that Markdown takes as plain text, also inside a table."""
    flat = " ".join(text.split())
    return "".join(f"\\{mark}" if mark in MARKUP else mark for mark in flat)


def _row(table: Sheet, row: tuple[Cell, ...]) -> str:
    first, *rest = row
    cells = "".join(
        f"<td{_side(table, heading, cell.kind)}>{_cell(cell)}</td>"
        for heading, cell in zip(table.headings[1:], rest, strict=True)
    )
    return f'<tr><th scope="row">{escape(first.text)}</th>{cells}</tr>'


def _side(table: Sheet, heading: str, kind: str = "") -> str:
    kinds = " ".join(filter(None, ("" if heading in table.words else "number", kind)))
    return f' class="{kinds}"' if kinds else ""


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    text = f"<b>★ {text}</b>" if cell.kind == "best" else text
    return f'{text} <span class="spread">{escape(cell.more)}</span>' if cell.more else text


def _marked(cell: Cell) -> str:
    text = escaped(cell.text)
    text = f"**{text}**" if cell.kind and text else text
    return f"{text} {escaped(cell.more)}" if cell.more else text
