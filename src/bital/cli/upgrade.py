"""`bital upgrade SCRIPT.py`."""

import difflib
import os
import sys
from argparse import Namespace, _SubParsersAction
from pathlib import Path

from bital.cli.late import LateParser
from bital.errors import InvalidInput, MissingData


def add_command(commands: "_SubParsersAction[LateParser]") -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "upgrade",
        help="rewrite a Keras program for Keras 3",
        description="Show what changes to make a program of any era's Keras one of Keras 3, "
        "formatting and comments kept. What is left to do by hand is told with its line.",
    )
    parser.add_argument("scripts", nargs="+", metavar="SCRIPT.py", help="the programs")
    parser.add_argument("--write", action="store_true", help="change the files")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Carry out the command; returns the exit code."""
    for script in arguments.scripts:
        _upgrade(Path(script), arguments.write)
    return 0


def _upgrade(path: Path, write: bool) -> None:
    if not path.is_file():
        raise MissingData(f"a script to upgrade must be a file; {path} is none. Check the path.")
    import libcst

    from bital.compat.upgrade.rewrite import rewritten

    with path.open(encoding="utf-8", newline="") as stream:
        before = stream.read()
    try:
        found = rewritten(before)
    except libcst.ParserSyntaxError as error:
        raise InvalidInput(
            f"a script to upgrade must be Python 3; {path} is not (line {error.raw_line}: "
            f"{error.message}). Programs of Python 2 become so with 2to3 first."
        ) from error
    if write and found.source != before:
        temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
        temporary.write_text(found.source, encoding="utf-8", newline="")
        temporary.replace(path)
        print(f"rewritten: {path}")
    elif not write:
        old, new = (text.splitlines(keepends=True) for text in (before, found.source))
        sys.stdout.writelines(difflib.unified_diff(old, new, str(path), f"{path} (Keras 3)"))
    for line, text in found.remarks:
        print(f"{path}:{line}: {text}", file=sys.stderr)
