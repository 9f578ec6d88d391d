"""How far a command is while it works, and what it found."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bital.cli.interrupt import heard_interrupts
from bital.cli.surroundings import terminal
from bital.errors import SaveFailure
from bital.report.voice import Voice
from bital.study.words import Language
from bital.workbench.progress import ProgressLine

if TYPE_CHECKING:
    from bital.study.estimate import Listener, Moment


def add_report_options(parser: ArgumentParser, forms: str) -> None:
    """Give the parser --json and --report; `forms` says which endings a report may have."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON instead")
    parser.add_argument(
        "--report",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=f"also write a report: {forms}, by the file's ending; may be given more than once",
    )


@contextmanager
def progress(language: Language) -> "Iterator[Listener]":
    """Yield a listener that draws a line of progress and raises where Ctrl-C was pressed."""
    line = ProgressLine(Voice(language))
    with heard_interrupts() as check:

        def listener(moment: "Moment") -> None:
            check()
            line(moment)

        try:
            yield listener
        finally:
            line.clear()


def show(
    result: Any,
    arguments: Namespace,
    document: Callable[[Any], dict[str, Any]],
    render: Callable[..., str],
    save: Callable[[Any, Path], None],
) -> int:
    """Print a result, as a table or as JSON, and write the reports asked for.

    Args:
        result: what was found.
        arguments: with `add_report_options`.
        document: turns it into JSON-ready values.
        render: draws it; takes `width` and `color`.
        save: writes a report.

    Returns:
        1 if a report could not be written, which a line on standard error says; else 0.
    """
    failed = 0
    if arguments.json:
        print(json.dumps(document(result), ensure_ascii=False, allow_nan=False, indent=2))
    else:
        print(render(result, **terminal()), end="")
    for path in arguments.report:
        try:
            save(result, path)
        except SaveFailure as error:
            print(f"bital: error: {error}", file=sys.stderr)
            failed = 1
        else:
            print(f"Report: {path}", file=sys.stderr)
    return failed
