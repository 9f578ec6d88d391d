"""`bital run SCRIPT.py`."""

import argparse
import sys
from argparse import Namespace, _SubParsersAction
from collections.abc import Sequence

from bital.cli.late import LateParser


def add_command(commands: "_SubParsersAction[LateParser]") -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "run",
        help="run a Keras program of any era",
        description="Run a program written for any Keras since version 1, or for tf.keras, on "
        "Keras 3 and JAX, its fit, evaluate and predict compiled. What it says in an older Keras's "
        "words is told at the end, with today's.",
        epilog="python -m bital SCRIPT.py is the same.",
    )
    parser.add_argument(
        "--show", action="store_true", help="open figures in windows, do not save them"
    )
    parser.add_argument("script", metavar="SCRIPT.py", help="the program, or a notebook")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="what it is given"
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Carry out the command; returns the exit code."""
    return script(arguments.script, *arguments.arguments, show=arguments.show)


def script(path: str, *arguments: str, show: bool = False) -> int:
    """Run a script; returns its exit code.

    Raises:
        BitalError: it could not be started.
        SystemExit: it asked for an exit of its own.
    """
    from bital.compat.script import prepared

    program = prepared(path, arguments, show)
    try:
        program()
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - it is the program's, and shown as Python would
        from bital.compat.around.missing import explain
        from bital.compat.failure import trimmed

        if isinstance(error, ModuleNotFoundError):
            explain(error)
        trimmed(error)
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    finally:
        sys.stdout.flush()
        tell()
    return 0


def tell() -> None:
    """Print the old spellings that were met, one a line, with today's."""
    from bital.compat.notes import told

    met: Sequence[tuple[str, str]] = told()
    if met:
        width = min(40, max(len(old) for old, _ in met))
        print("bital: this program speaks an older Keras:", file=sys.stderr)
        for old, today in met:
            print(f"  {old:<{width}} → {today}", file=sys.stderr)
