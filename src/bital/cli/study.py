"""`bital study DATASET | NAME | FILE.toml` and `bital study plan`."""

import shlex
import sys
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from pathlib import Path
from typing import TYPE_CHECKING

from bital.cli.late import LateParser
from bital.cli.options import add_import_option, add_options, fields_help, read_options
from bital.cli.place import add_store_options, read_place, say_where
from bital.cli.showing import add_report_options, progress, show
from bital.cli.surroundings import own_backend, terminal
from bital.data.catalog import is_folder, names
from bital.errors import InvalidInput, UnknownName
from bital.models.recipe import RECIPES
from bital.study.keep import check_keep
from bital.study.spec import StudySpec
from bital.study.words import check_language

if TYPE_CHECKING:
    from bital.study.design import Design
    from bital.study.result import StudyResult
    from bital.study.workers import Processes

STARTED = time.perf_counter()

CHANGES = (
    *("seeds", "epochs", "batch_size", "baseline", "margin", "metric", "splits"),
    *("language", "keep"),
)
"""options that change what a study says"""
VARIANTS = ("variants", "optimizer", "learning_rate")
"""options of a dataset's built-in variants"""


def add_command(commands: "_SubParsersAction[LateParser]") -> None:
    """Describe the commands; their options when one of them is chosen."""
    said = "train and compare networks, every one with the same seeds on the same splits"
    parser = commands.add_parser("study", help=said, description=f"{said.capitalize()}.")
    parser.details = _study_options
    parser.set_defaults(run=run)
    said = "say how many more seeds would settle what a study leaves open"
    planning = commands.add_parser("study plan", help=said, description=f"{said.capitalize()}.")
    planning.details = _plan_options
    planning.set_defaults(run=plan)


def _study_options(parser: ArgumentParser) -> None:
    _options(parser, skip=())
    parser.add_argument(
        "--time-budget",
        metavar="TIME",
        help='a time such as "90s", "10m" or "1h": five seeds for every arm, then more, up to '
        "--seeds, where the verdict is still open",
    )
    forms = ".html (one file, figures inside), .md, .csv (a row a run) or .json"
    add_report_options(parser, forms)


def _plan_options(parser: ArgumentParser) -> None:
    _options(parser, skip=("keep",))
    parser.set_defaults(keep=None)
    parser.epilog = (
        "Planned from the runs that the store has; where it has fewer than five seeds, or with "
        f"--seeds, the missing ones are run first.\n\n{parser.epilog}"
    )


def _options(parser: ArgumentParser, skip: tuple[str, ...]) -> None:
    """Add what a study and its plan have in common."""
    from bital.study.shipped.catalog import TITLES
    from bital.workbench.studyfile import ArmTable, StudyFile

    parser.epilog = "\n\n".join(
        [
            f"Datasets: {', '.join(names())}.\nTheir variants: {', '.join(RECIPES)}.",
            "Studies that come with bital:\n"
            + "\n".join(f"  {name:<23} {title.en}" for name, title in TITLES.items()),
            fields_help(StudyFile, "Fields of a study's FILE.toml:"),
            fields_help(ArmTable, "Fields of each of its tables [arms.NAME]:"),
        ]
    )
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.add_argument(
        "what",
        metavar="STUDY",
        help="a dataset, or a folder of images with a subfolder a class, to compare built-in "
        "variants on; a study that comes with bital; or a study's FILE.toml",
    )
    add_options(parser, StudySpec, skip=("dataset", *skip))
    parser.add_argument(
        "--metric", metavar="NAME", help='what the verdict compares, as in "val_accuracy"'
    )
    parser.add_argument(
        "--splits",
        metavar="KIND",
        help='"holdout", "5-fold" or "3x5-fold"; the study\'s own when left out',
    )
    add_import_option(parser)
    add_store_options(parser)
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes to train in; 1 for this one alone, what is faster when left out",
    )
    parser.add_argument(
        "--on",
        choices=("here", "ray"),
        default="here",
        help="where to train: in this machine's processes, or a Ray cluster's (bital[ray]; the one "
        "that RAY_ADDRESS names, else one that is started here)",
    )


def run(arguments: Namespace) -> int:
    """Carry out a study; returns the exit code."""
    _check(arguments)
    own_backend()
    from bital.report.document import document
    from bital.report.table import render
    from bital.workbench.study import check_report, save_report

    for path in arguments.report:
        check_report(path)
    result = _carried_out(arguments)
    unsaved = show(result, arguments, document, render, save_report)
    return _ended(result, arguments) or unsaved


def plan(arguments: Namespace) -> int:
    """Say how many more seeds it would take; returns the exit code."""
    _check(arguments)
    own_backend()
    from bital.report.table import render_plan

    result = _carried_out(arguments, planning=arguments.seeds is None)
    print(render_plan(result, **terminal()), end="")
    return _ended(result, arguments)


def _ended(result: "StudyResult", arguments: Namespace) -> int:
    """Say where runs are kept; returns the exit code."""
    if result.unkept:
        print(f"bital: error: {result.unkept}", file=sys.stderr)
    elif not arguments.no_store:
        say_where(arguments, result.reused)
    return 130 if result.interrupted else 1 if result.unkept or result.failed else 0


def _check(arguments: Namespace) -> None:
    """Raise over what can be told before the slow imports."""
    from bital.study.shipped.catalog import TITLES

    read_place(arguments)
    if arguments.on == "ray" and arguments.workers is not None:
        raise InvalidInput(
            f"--workers counts this machine's processes; got {arguments.workers} and --on ray. "
            "Leave one out."
        )
    what: str = arguments.what
    if arguments.language is not None:
        check_language(arguments.language)
    check_keep(arguments.keep or ())
    if what.endswith(".toml") or what in TITLES:
        for name in VARIANTS:
            if getattr(arguments, name) is not None:
                raise InvalidInput(
                    f"--{name.replace('_', '-')} belongs to a dataset's built-in variants; the "
                    f"arms of {what} are its own. Leave it out, or write a file."
                )
        return
    if what not in names() and not is_folder(what):
        raise UnknownName("study", what, [*names(), *TITLES])
    for variant in read_options(arguments, StudySpec, dataset=what).variants:
        if variant not in RECIPES:
            raise UnknownName("variant", variant, RECIPES)


def _asked(arguments: Namespace) -> "StudySpec | Design":
    """Return what is to be done."""
    from bital.study.shipped.catalog import TITLES, shipped
    from bital.workbench.designed import changed, design_of, design_of_variants

    what: str = arguments.what
    given = {name: getattr(arguments, name) for name in CHANGES}
    if what in TITLES:
        return changed(shipped(what, given["language"] or "en"), **given)
    if what.endswith(".toml"):
        return changed(design_of(Path(what), arguments.allow_import), **given)
    spec = read_options(arguments, StudySpec, dataset=what)
    if given["metric"] is None and given["splits"] is None:
        return spec
    return changed(design_of_variants(spec), metric=given["metric"], splits=given["splits"])


def _carried_out(arguments: Namespace, planning: bool = False) -> "StudyResult":
    from dataclasses import replace

    from bital.workbench.study import Means, plan, study

    asked = _asked(arguments)
    budget = getattr(arguments, "time_budget", None)  # a plan has none
    workers: Processes = "ray" if arguments.on == "ray" else arguments.workers
    means = Means(read_place(arguments), workers, budget)
    carry_out = plan if planning else study
    with progress(asked.language) as listener:
        result = carry_out(asked, listener, STARTED, means)
    return result if isinstance(asked, StudySpec) else replace(result, command=_command(arguments))


def _command(arguments: Namespace) -> str:
    """Write the command line again, as far as it decides what comes out."""
    words = ["bital", "study", arguments.what]
    for name in (*VARIANTS, *CHANGES):
        value = getattr(arguments, name)
        if value is not None:
            said = ",".join(value) if isinstance(value, tuple) else str(value)
            words += [f"--{name.replace('_', '-')}", said]
    words += [word for package in arguments.allow_import for word in ("--allow-import", package)]
    return shlex.join(words)
