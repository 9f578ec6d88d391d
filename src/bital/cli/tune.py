"""`bital tune DATASET | FILE.toml`."""

import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from dataclasses import fields
from pathlib import Path

from bital.cli.late import LateParser
from bital.cli.options import add_import_option, add_options, fields_help
from bital.cli.place import add_store_options, read_place, say_where
from bital.cli.showing import add_report_options, progress, show
from bital.cli.surroundings import own_backend
from bital.data.catalog import is_folder, names
from bital.errors import UnknownName
from bital.study.search.spec import Effort
from bital.workbench.tuning import SpaceTable, TuneFile, search_of, search_on

STARTED = time.perf_counter()
FILE = ("better", "stratify")
"""what only a file says"""


def add_command(commands: "_SubParsersAction[LateParser]") -> None:
    """Describe the command; its options when it is chosen."""
    said = "search for good settings, then train the winner anew on fresh seeds"
    parser = commands.add_parser("tune", help=said, description=f"{said.capitalize()}.")
    parser.details = _options
    parser.set_defaults(run=run)


def _options(parser: ArgumentParser) -> None:
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = "\n\n".join(
        [
            f"Datasets: {', '.join(names())}.",
            fields_help(TuneFile, "Fields of a search's FILE.toml:"),
            fields_help(SpaceTable, "Fields of each of its tables [space.NAME]:"),
        ]
    )
    parser.add_argument(
        "what", metavar="SEARCH", help="a dataset or a folder of images, for a network's size, "
        "remedies and optimizer; or a search's FILE.toml",
    )  # fmt: skip
    add_options(parser, Effort, skip=FILE)
    add_import_option(parser)
    add_store_options(parser)
    add_report_options(parser, ".html (one file, figures inside), .md or .json")


def run(arguments: Namespace) -> int:
    """Carry out a search; returns the exit code."""
    what: str = arguments.what
    if not what.endswith(".toml") and what not in names() and not is_folder(what):
        raise UnknownName("search", what, names())
    store = read_place(arguments)
    own_backend()
    from bital.report.search import document, render
    from bital.workbench.tune import check_search_report, save_search, tune

    for path in arguments.report:
        check_search_report(path)
    given = {each.name: getattr(arguments, each.name, None) for each in fields(Effort)}
    changes = {name: value for name, value in given.items() if value is not None}
    file = what.endswith(".toml")
    allowed = arguments.allow_import
    search = search_of(Path(what), changes, allowed) if file else search_on(what, changes)
    with progress(search.language) as listener:
        result = tune(search, listener, STARTED, store)
    unsaved = show(result, arguments, document, render, save_search)
    if not arguments.no_store:
        say_where(arguments, result.reused)
    return 130 if result.confirmed.interrupted else unsaved
