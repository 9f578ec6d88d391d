"""The study's table for a terminal or a pipe."""

from io import StringIO
from typing import TYPE_CHECKING

from bital.report import account
from bital.report.grid import grid, printable
from bital.report.optimism import sentence as flattery
from bital.report.verdict import sentence
from bital.study.result import StudyResult

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

UNLIMITED = 10_000


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


def _notes(result: StudyResult) -> list["Text"]:
    from rich.text import Text

    notes = [Text(printable(sentence(result)), style="bold")]
    if result.interrupted:
        notes.insert(0, Text(account.interruption(result), style="yellow"))
    about = [account.measures(result), flattery(result), f"Data: {account.data(result)}"]
    about.append(f"Time: {account.times(result)}")
    if result.arms:
        about.insert(0, _legend(result))
    notes.append(Text("\n".join(printable(line) for line in about if line), style="dim"))
    return notes


def _legend(result: StudyResult) -> str:
    marks = []
    if len(result.arms) > 1:
        marks.append("* best of its column")
    if len(result.units) > 1:
        marks.append(f"± standard deviation over {account.runs(result)}")
    return f"{'; '.join(marks)}." if marks else ""


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
