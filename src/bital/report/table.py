"""The study's table for a terminal or a pipe."""

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from bital.report import account, planned
from bital.report.grid import grid, printable
from bital.report.optimism import sentence as flattery
from bital.report.verdict import sentence
from bital.report.voice import Voice
from bital.study.result import StudyResult

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

UNLIMITED = 10_000
_GAP = 2  # spaces between columns
_NARROWEST = 10  # columns left to text that is folded


def render(result: StudyResult, width: int | None = None, color: bool = False) -> str:
    """Draw a study as a table, its verdict and what was run.

    Args:
        result: any study, also an interrupted one.
        width: columns of the terminal, None for no limit. A narrow table puts each deviation
            below its mean and, narrower still, leaves out parameters and seconds; numbers are
            never cut off, so in a very narrow terminal the table is wider than asked.
        color: True styles the text with ANSI sequences; False holds no control characters at
            all but the newline.

    Returns:
        Lines without trailing spaces, each ended by a newline.
    """
    from rich.text import Text

    limit = UNLIMITED if width is None else max(1, width)
    blocks = [draw(Text(printable(account.title(result)), style="bold"), limit, color)]
    if result.arms:
        table, needed = grid(result, limit)
        rule = draw(Text("─" * needed, style="dim"), needed, color)
        blocks.append(rule + draw(table, needed, color) + rule)
    blocks.extend(draw(note, limit, color) for note in _notes(result))
    return "\n".join(blocks)


def render_plan(result: StudyResult, width: int | None = None, color: bool = False) -> str:
    """Draw what is open in a study and how many more seeds would settle it.

    Args:
        result: any study; of two runs an arm or more there is something to plan.
        width: columns of the terminal, None for no limit.
        color: True styles the text with ANSI sequences.
    """
    from rich.text import Text

    limit = UNLIMITED if width is None else max(1, width)
    said = draw(Text(printable(planned.sentence(result))), limit, color)
    if result.verdict is None:
        return said
    made = planned.planned(result, result.verdict)
    rows = [[cell.text for cell in row] for row in made.rows]
    return columned(made.headings, rows, width, color, fold=(0,)) + "\n" + said


def _notes(result: StudyResult) -> list["Text"]:
    from rich.text import Text

    notes = [Text(printable(sentence(result)), style="bold")]
    lost = "\n".join(printable(said) for said in account.losses(result))
    if lost:
        notes.insert(0, Text(lost, style="yellow"))
    say = Voice(result.language)
    about = [account.measures(result), flattery(result)]
    about.append(say("Data: {data}", data=account.data(result)))
    about.append(say("Time: {times}", times=account.times(result)))
    if result.arms:
        about.insert(0, _legend(result))
    notes.append(Text("\n".join(printable(line) for line in about if line), style="dim"))
    return notes


def _legend(result: StudyResult) -> str:
    say, marks = Voice(result.language), []
    if len(result.arms) > 1:
        marks.append(say("* best of its column"))
    if len(result.units) > 1:
        marks.append(say("± standard deviation over {runs}", runs=account.runs(result)))
    return f"{'; '.join(marks)}." if marks else ""


def columned(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int | None,
    color: bool,
    fold: Sequence[int],
) -> str:
    """Draw columns, those whose numbers are in `fold` in several lines where width is short.

    Args:
        headings: of the columns; no heading at all where every one is empty.
        rows: of texts.
        width: columns of the terminal, None for no limit.
        color: whether to style with ANSI sequences.
        fold: numbers of the columns that may take several lines.
    """
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    lines = [[printable(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    over = sum(widths) + _GAP * (len(widths) - 1) - (UNLIMITED if width is None else width)
    while over > 0 and max(widths[i] for i in fold) > _NARROWEST:
        widths[max(fold, key=lambda i: widths[i])] -= 1
        over -= 1
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, _GAP, 0, 0),
        show_header=any(headings),
        header_style="bold",
    )
    for heading, columns in zip(lines[0], widths, strict=True):
        table.add_column(Text(heading), width=columns, overflow="fold")
    for line in lines[1:]:
        table.add_row(*map(Text, line))
    return draw(table, sum(widths) + _GAP * len(widths), color)


def draw(drawable: "Table | Text", width: int, color: bool) -> str:
    """Draw for a terminal or a pipe: lines without trailing spaces, each ended by a newline."""
    from rich.console import Console

    console = Console(
        file=StringIO(),
        force_terminal=color,
        color_system="standard" if color else None,
        width=width,
        height=100,  # with both given, Rich does not answer 80 under TERM=dumb
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        safe_box=False,
    )
    with console.capture() as capture:
        console.print(drawable)
    return "".join(line.rstrip() + "\n" for line in capture.get().splitlines())
