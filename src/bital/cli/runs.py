"""`bital runs list|show|compare|delete|export`."""

import json
import os
import shutil
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bital.cli.late import LateParser
from bital.cli.options import add_options, read_options
from bital.errors import InvalidInput
from bital.store.selection import Selection

if TYPE_CHECKING:
    from bital.store.run import Run


def add_command(commands: "_SubParsersAction[LateParser]") -> None:
    """Describe the command; what it can do when it is chosen."""
    parser = commands.add_parser(
        "runs",
        help="look at, compare, delete and export the runs of a store",
        description="The runs of a store: what produced each, how it ended, what it measured.",
    )
    parser.details = _actions


def _actions(parser: ArgumentParser) -> None:
    where = ArgumentParser(add_help=False)
    where.add_argument(
        "--store",
        metavar="PLACE",
        help="an SQLite file or postgresql://...?blobs=FOLDER (default: BITAL_STORE or bital.db)",
    )
    which = ArgumentParser(add_help=False)
    add_options(which, Selection)
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")

    def action(
        name: str, does: Callable[[Namespace], int], said: str, *more: ArgumentParser
    ) -> Any:
        made = actions.add_parser(
            name, help=said, description=f"{said[0].upper()}{said[1:]}.", parents=[where, *more]
        )
        made.set_defaults(run=does)
        return made

    listing = action("list", _list, "list runs, oldest first", which)
    showing = action("show", _show, "show all that is known of one run")
    showing.add_argument("key", metavar="KEY", help="the first 4 digits of its key, or more")
    comparing = action("compare", _compare, "put runs side by side: what differs, what came out")
    comparing.add_argument("keys", nargs="+", metavar="KEY", help="at least two")
    for each in (listing, showing, comparing):
        each.add_argument("--json", action="store_true", help="print JSON instead")
    deleting = action("delete", _delete, "delete runs and the arrays that no other run has", which)
    deleting.add_argument("--yes", action="store_true", help="do not ask")
    exporting = action("export", _export, "write runs for other programs", which)
    for each in (deleting, exporting):
        each.add_argument("keys", nargs="*", metavar="KEY", help="runs; or choose them by filters")
    forms = exporting.add_mutually_exclusive_group(required=True)
    forms.add_argument("--csv", type=Path, metavar="FILE", help="one row a run")
    forms.add_argument("--json", type=Path, metavar="FILE", help="everything but arrays")
    forms.add_argument("--folder", type=Path, metavar="DIR", help="everything; arrays as .npz")
    forms.add_argument("--predictions", type=Path, metavar="FILE", help="CSV of what was predicted")
    forms.add_argument("--weights", type=Path, metavar="DIR", help="an .npz a run, for set_weights")
    forms.add_argument("--tensorboard", type=Path, metavar="DIR", help="for tensorboard --logdir")
    forms.add_argument("--mlflow", metavar="URI", help="sqlite:///FILE or a tracking server")


def _list(arguments: Namespace) -> int:
    selection = read_options(arguments, Selection)
    from bital.report.runs import runs_table
    from bital.workbench.runs import open_store

    store = open_store(arguments.store)
    _show_runs(arguments, store.runs(selection), runs_table)
    for key, reason in store.damaged().items():
        print(
            f"bital: run {key[:12]} has been damaged ({reason}) and is left out; starting its "
            "study again replaces it.",
            file=sys.stderr,
        )
    return 0


def _show(arguments: Namespace) -> int:
    from bital.report.runs import run_document, run_table
    from bital.workbench.runs import contents, open_store

    store = open_store(arguments.store)
    run = store.run(arguments.key)
    if arguments.json:
        _print_json(run_document(run))
    else:
        print(run_table(run, contents(store, run), **_terminal()), end="")
    return 0


def _compare(arguments: Namespace) -> int:
    from bital.report.runs import runs_comparison
    from bital.workbench.runs import chosen, open_store

    runs = chosen(open_store(arguments.store), arguments.keys, Selection())
    if len(runs) < 2:
        raise InvalidInput(
            f"at least two runs can be compared; got {runs[0].key[:12]} alone. Name another one."
        )
    _show_runs(arguments, runs, runs_comparison)
    return 0


def _delete(arguments: Namespace) -> int:
    selection = read_options(arguments, Selection)
    if not arguments.keys and selection == Selection():
        raise InvalidInput(
            "runs to delete must be named by keys or filters; got none. For every run that "
            "finished, for example, give --status finished."
        )
    from bital.report.runs import runs_table
    from bital.workbench.runs import chosen, open_store

    store = open_store(arguments.store)
    runs = chosen(store, arguments.keys, selection)
    if not arguments.yes:
        print(runs_table(runs, **_terminal()), end="")
        if not _agreed(f"Delete {len(runs)} of {store.place}? [y/N] "):
            print("Nothing was deleted.", file=sys.stderr)
            return 1
    freed = store.delete([run.key for run in runs])
    print(f"Deleted {len(runs)}, {freed:,} bytes of arrays freed.", file=sys.stderr)
    return 0


def _export(arguments: Namespace) -> int:
    selection = read_options(arguments, Selection)
    from bital.workbench import runs as workbench

    store = workbench.open_store(arguments.store)
    runs = workbench.chosen(store, arguments.keys, selection)
    count = len(runs)
    if arguments.csv:
        workbench.export_csv(runs, arguments.csv)
    elif arguments.json:
        workbench.export_json(runs, arguments.json)
    elif arguments.folder:
        workbench.export_folder(store, runs, arguments.folder)
    elif arguments.predictions:
        count = workbench.export_predictions(store, runs, arguments.predictions)
    elif arguments.weights:
        count = workbench.export_weights(store, runs, arguments.weights)
    elif arguments.tensorboard:
        workbench.export_tensorboard(store, runs, arguments.tensorboard)
    else:
        count = workbench.export_mlflow(store, runs, arguments.mlflow)
    forms = ("csv", "json", "folder", "predictions", "weights", "tensorboard", "mlflow")
    target = next(filter(None, (getattr(arguments, form) for form in forms)))
    print(f"Exported {count} of {len(runs)} runs: {target}", file=sys.stderr)
    return 0


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes", "예", "네")
    except EOFError:  # nobody there to ask
        print(file=sys.stderr)
        return False


def _show_runs(arguments: Namespace, runs: "list[Run]", table: Callable[..., str]) -> None:
    from bital.report.runs import run_document

    if arguments.json:
        _print_json([run_document(run) for run in runs])
    else:
        print(table(runs, **_terminal()), end="")


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


def _terminal() -> dict[str, Any]:
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    return {"width": width, "color": terminal and "NO_COLOR" not in os.environ}
