"""`bital upgrade SCRIPT.py`."""

import ast
import difflib
import stat
import sys
import warnings
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
    if path.suffix == ".ipynb":
        raise InvalidInput(
            f"a script to upgrade must be Python; {path} is a notebook. "
            f"Make it a script first: jupyter nbconvert --to script {path}"
        )
    from bital.compat.old.source_file import read_source
    from bital.compat.upgrade.rewrite import rewritten

    before = read_source(path)
    _check_python(path, before.text)
    try:
        found = rewritten(before.text)
    except RecursionError as error:
        raise _too_long(path) from error
    if write and found.source != before.text:
        _write(path, before.encoded(found.source))
        print(f"rewritten: {path}")
    elif not write:
        old, new = (text.splitlines(keepends=True) for text in (before.text, found.source))
        sys.stdout.writelines(difflib.unified_diff(old, new, str(path), f"{path} (Keras 3)"))
    for line, text in found.remarks:
        print(f"{path}:{line}: {text}", file=sys.stderr)


def _check_python(path: Path, text: str) -> None:
    """Raise if Python 3 cannot parse a script: what rewrites it would crash on some of them."""
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(text)
    except (RecursionError, MemoryError) as error:
        raise _too_long(path) from error
    except SyntaxError as error:
        raise InvalidInput(
            f"a script to upgrade must be Python 3; {path} is not (line {error.lineno}: "
            f"{error.msg}). Programs of Python 2 become so with 2to3 first."
        ) from error


def _too_long(path: Path) -> InvalidInput:
    return InvalidInput(
        f"a script to upgrade must have expressions of some hundred parts at most; {path} has a "
        "longer one. Part it in two."
    )


def _write(path: Path, content: bytes) -> None:
    """Put content in a script's place, which keeps its permissions and the links to it."""
    from bital.workbench.target import write_whole

    mode = path.stat().st_mode
    try:
        write_whole(path.resolve(), lambda: content)
    except OSError as error:
        raise InvalidInput(
            f"a script to rewrite must be in a folder that can be written to, with room on its "
            f"disk; {path} is not ({error}). Without --write, upgrade shows the changes."
        ) from error
    path.chmod(stat.S_IMODE(mode))
