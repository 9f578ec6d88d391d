"""Where a command keeps its runs."""

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from bital.errors import InvalidInput

if TYPE_CHECKING:
    from bital.workbench.study import Place


def add_store_options(parser: ArgumentParser) -> None:
    """Give the parser --store and --no-store."""
    parser.add_argument(
        "--store",
        metavar="PLACE",
        help="where runs are kept and found again: a path (SQLite) or a postgresql:// URL "
        "(default: BITAL_STORE, else bital.db here)",
    )
    parser.add_argument("--no-store", action="store_true", help="keep no runs")


def read_place(arguments: Namespace) -> "Place":
    """Return what the options say, as `bital.workbench.study.Study.run` takes it."""
    if arguments.no_store and arguments.store is not None:
        raise InvalidInput(
            f"runs are kept or not; got --store {arguments.store} and --no-store. Leave one out."
        )
    return False if arguments.no_store else arguments.store


def say_where(arguments: Namespace, reused: int) -> None:
    """Say where runs are kept, and how many of them were there already."""
    where = arguments.store or os.environ.get("BITAL_STORE") or "bital.db"
    print(f"Runs: {where}; {reused} were there already.", file=sys.stderr)
