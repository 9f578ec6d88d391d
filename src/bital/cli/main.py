"""The entry point of the `bital` command."""

import contextlib
import errno
import io
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from bital import __version__
from bital.cli import run, runs, study, tune, upgrade
from bital.cli.late import LateParser
from bital.errors import BitalError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1, 2 for bad input, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # no failure over a label the terminal cannot show
    given = list(sys.argv[1:] if argv is None else argv)
    if given and given[0].endswith((".py", ".ipynb")):
        given.insert(0, "run")
    if given[:2] == ["study", "plan"]:
        given[:2] = ["study plan"]
    arguments = _parser().parse_args(given)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()  # a full disk shows here, and not after the last line
    except BitalError as error:
        print(f"bital: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("bital: interrupted before anything was finished", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `bital study digits | head`
        sys.stderr.close()
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(
            f"bital: error: output must be written; {error.strerror}. Make room.", file=sys.stderr
        )
        _drop_output()
        return 1
    return code


def _drop_output() -> None:
    """Let what is left of standard output go nowhere: Python writes it once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="bital",
        usage="%(prog)s [-h] [--version] COMMAND ... | SCRIPT.py [ARGUMENT ...]",
        description="Where Keras code runs: compiled training, fair comparisons.",
        epilog="With a Python file instead of a command, bital runs it, as `bital run` does.",
    )
    parser.add_argument("--version", action="version", version=f"bital {__version__}")
    commands = parser.add_subparsers(
        prog="bital",
        required=True,
        metavar="COMMAND",
        title="commands",
        parser_class=LateParser,
    )
    study.add_command(commands)
    tune.add_command(commands)
    runs.add_command(commands)
    run.add_command(commands)
    upgrade.add_command(commands)
    return parser
