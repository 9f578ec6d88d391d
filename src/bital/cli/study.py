"""`bital study DATASET`."""

import json
import os
import shutil
import sys
import time
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from bital.cli.interrupt import heard_interrupts
from bital.cli.options import add_options, read_options
from bital.data.catalog import names
from bital.errors import UnknownName
from bital.models.recipe import RECIPES
from bital.study.estimate import Moment
from bital.study.spec import StudySpec
from bital.workbench.progress import ProgressLine

if TYPE_CHECKING:
    from bital.study.result import StudyResult

STARTED = time.perf_counter()


def add_command(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Describe the command and its options."""
    parser = commands.add_parser(
        "study",
        help="train and compare variants of a network on a dataset",
        description="Train variants of a network on a dataset, every one with the same seeds on "
        "the same splits, and print one table that says which differ.",
        epilog=f"Datasets: {', '.join(names())}. Variants: {', '.join(RECIPES)}.",
    )
    add_options(parser, StudySpec, positional="dataset")
    parser.add_argument("--json", action="store_true", help="print the result as JSON instead")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write a one-file report")
    parser.add_argument(
        "--store",
        metavar="PLACE",
        help="where runs are kept and found again: a path (SQLite) or a postgresql:// URL "
        "(default: BITAL_STORE, else bital.db here)",
    )
    parser.add_argument("--no-store", action="store_true", help="keep no runs")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Carry out the command; returns the exit code."""
    spec = read_options(arguments, StudySpec)
    if spec.dataset not in names():  # before the slow imports
        raise UnknownName("dataset", spec.dataset, names())
    for variant in spec.variants:
        if variant not in RECIPES:
            raise UnknownName("variant", variant, RECIPES)
    _own_backend()
    from bital.workbench.study import save_page, study
    from bital.workbench.target import check_target

    if arguments.html is not None:
        check_target(arguments.html)
    progress = ProgressLine()
    with heard_interrupts() as check:

        def listener(moment: Moment) -> None:
            check()
            progress(moment)

        try:
            result = study(
                spec, listener, STARTED, False if arguments.no_store else arguments.store
            )
        finally:
            progress.clear()
    if arguments.json:
        from bital.report.document import document

        print(json.dumps(document(result), ensure_ascii=False, allow_nan=False, indent=2))
    else:
        from bital.report.table import render

        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        print(render(result, width=width, color=terminal and "NO_COLOR" not in os.environ), end="")
    if arguments.html is not None:
        save_page(result, arguments.html)
        print(f"Report: {arguments.html}", file=sys.stderr)
    _say_kept(result, arguments)
    return 130 if result.interrupted else 1 if result.unkept else 0


def _say_kept(result: "StudyResult", arguments: Namespace) -> None:
    if result.unkept:
        print(f"bital: error: {result.unkept}", file=sys.stderr)
    elif not arguments.no_store:
        where = arguments.store or os.environ.get("BITAL_STORE") or "bital.db"
        print(f"Runs: {where}; {result.reused} were there already.", file=sys.stderr)


def _own_backend() -> None:
    """Run Keras on JAX in this process, which is ours, whatever KERAS_BACKEND says."""
    asked = os.environ.get("KERAS_BACKEND", "jax")
    if asked != "jax":
        print(f"bital: note: running Keras on JAX, not {asked!r}", file=sys.stderr)
    os.environ["KERAS_BACKEND"] = "jax"
