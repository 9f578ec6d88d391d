"""
Keras's own tests on JAX, with and without `bital.install()`: what changes?

    uv run --group bench python benchmarks/keras_suite.py [--paths trainers callbacks] [--jobs 2]

The tests are those inside the installed Keras wheel. They need pytest and absl-py; with grain,
orbax-checkpoint, pandas, tensorboard, TensorFlow and PyTorch more of them run (the bench group
brings all but PyTorch). Exit
code 1: a test passes without bital and not with it. README.md in this folder says more.
"""

import argparse
import datetime
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from arms import SOURCES, Arms, Results, restored, stored
from machine import machine, versions

FOLDERS = ("trainers", "callbacks", "models", "saving")
"Tests of training, and of what training leaves behind; they come first."
DOWNLOADING = ("applications",)
"Tests that fetch pretrained weights: only when asked for."
TRAINS = re.compile(r"\.(fit|evaluate|predict)\(|_on_batch\(|run_layer_test\(|make_\w+_function\(")
"What a test file says that trains. `run_layer_test`, of Keras's layers, calls `fit`."
ERROR_WIDTH = 150


@dataclass
class Compared:
    """One test file's results in both arms."""

    file: str
    without: Results
    bital: Results

    def __post_init__(self) -> None:
        self.alone: dict[str, str] = {}
        "What a test that was lost did when it was run again."

    @property
    def folder(self) -> str:
        return self.file.split("/", 1)[0]

    @property
    def lost(self) -> list[str]:
        """Tests that pass without bital and do not pass with it, by any outcome."""
        return [
            test
            for test, result in self.without.items()
            if result.outcome == "passed" and self.outcome(test) != "passed"
        ]

    @property
    def gained(self) -> list[str]:
        passed = {test for test, result in self.without.items() if result.outcome == "passed"}
        return [
            test
            for test, result in self.bital.items()
            if result.outcome == "passed" and test not in passed
        ]

    def outcome(self, test: str) -> str:
        return self.bital[test].outcome if test in self.bital else "missing"

    def error(self, test: str) -> str:
        return self.bital[test].error[:ERROR_WIDTH] if test in self.bital else "it did not run"


def test_files(paths: list[str] | None, everything: bool) -> list[str]:
    """The wheel's test files, by default those that train, relative to keras/src."""
    found = sorted(str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*_test.py"))
    if paths:  # in the order asked for
        return [
            file
            for path in paths
            for file in found
            if file == path or file.startswith(path.rstrip("/") + "/")
        ]
    first = [file for folder in FOLDERS for file in found if file.startswith(folder + "/")]
    rest = [file for file in found if not file.startswith((*FOLDERS, *DOWNLOADING))]
    return first + [file for file in rest if everything or trains(SOURCES / file)]


def trains(path: Path) -> bool:
    return TRAINS.search(path.read_text()) is not None


def compare(file: str, arms: Arms, known: dict[str, Results]) -> Compared:
    """Both arms; what is lost once more, to tell bital's doing from chance."""
    without = known[file] if file in known else arms.run(file, bital=False)
    compared = Compared(file, without, arms.run(file, bital=True))
    for test in compared.lost:
        compared.alone[test] = alone(compared, test, arms)
    if "passes" in compared.alone.values():
        again = Compared(file, without, arms.run(file, bital=True))
        for test, verdict in compared.alone.items():
            if verdict == "passes":
                company = test in again.lost
                compared.alone[test] = "passes, fails with its file" if company else "by chance"
    return compared


def alone(compared: Compared, test: str, arms: Arms) -> str:
    if test not in compared.bital:
        return "fails"
    both = [arms.run(compared.file, bital, [test]) for bital in (False, True)]
    again = Compared(compared.file, *both)
    if test in again.lost:
        compared.bital[test] = again.bital.get(test, compared.bital[test])
        return "fails"
    passes = again.outcome(test) == "passed"
    return "passes" if passes else "by chance: fails without bital, too"


def table(compared: list[Compared]) -> str:
    """Markdown: a line per folder of Keras's sources."""
    lines = [
        "| Keras's tests of | files | passed | failed | skipped "
        "| with bital: passed | failed | skipped | lost |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    folders = list(dict.fromkeys(each.folder for each in compared))
    groups = [(name, [each for each in compared if each.folder == name]) for name in folders]
    if len(groups) > 1:
        groups.append(("all", compared))
    for name, group in groups:
        counts = [
            *numbers([each.without for each in group]),
            *numbers([each.bital for each in group]),
            sum(len(confirmed(each)) for each in group),
        ]
        lines.append(f"| {name} | {len(group)} | " + " | ".join(map("{:,}".format, counts)) + " |")
    return "\n".join(lines)


def numbers(results: list[Results]) -> Iterator[int]:
    """Passed, failed or crashed, skipped."""
    count = Counter(result.outcome for each in results for result in each.values())
    yield count["passed"]
    yield count["failed"] + count["crashed"]
    yield count["skipped"]


def confirmed(compared: Compared) -> list[str]:
    return [test for test, seen in compared.alone.items() if not seen.startswith("by chance")]


def account(compared: Compared) -> list[str]:
    """A line per lost test."""
    lines = []
    for test in compared.lost:
        seen = compared.alone[test]
        how = compared.outcome(test) + ("" if seen == "fails" else f"; alone: {seen}")
        lines.append(f"{short(test)} ({how}): {compared.error(test)}")
    return lines


def plans(compared: list[Compared]) -> Counter[str]:
    """How often bital carried out a call of fit in each way."""
    return Counter(
        plan for each in compared for result in each.bital.values() for plan in result.plans
    )


def told(counted: Counter[str]) -> list[str]:
    """The ways, and for each its reasons."""
    ways: dict[str, Counter[str]] = {}
    for plan, times in counted.items():
        way, _, reason = plan.partition(": ")
        ways.setdefault(way, Counter())[reason] += times
    lines = [f"{counted.total():,} calls of fit with bital:"]
    for way, reasons in sorted(ways.items(), key=lambda item: -item[1].total()):
        lines.append(f"  {reasons.total():,} {way}")
        lines += [f"    {times:,} {reason}" for reason, times in reasons.most_common() if reason]
    return lines


def short(test: str) -> str:
    return test.removeprefix("keras/src/")


def known_results(path: Path | None) -> dict[str, Results]:
    """What an earlier run stored of the arm without bital, if the versions are the same."""
    if path is None or not path.is_file():
        return {}
    found = json.loads(path.read_text())
    if found["versions"] != peers():
        tell("other versions: the arm without bital runs again")
        return {}
    return {file: restored(fields) for file, fields in found["files"].items()}


def keep_results(path: Path, known: dict[str, Results], compared: list[Compared]) -> None:
    files = known | {each.file: each.without for each in compared}
    fields = {file: stored(results) for file, results in files.items()}
    path.write_text(json.dumps({"versions": peers(), "files": fields}))


def peers() -> dict[str, str]:
    return {name: version for name, version in versions().items() if name != "bital"}


def record(compared: list[Compared], options: argparse.Namespace) -> dict:
    return {
        "benchmark": "keras_suite",
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "keyword": options.k,
        "devices": options.devices,
        "plans": plans(compared),
        "files": [
            {
                "file": each.file,
                "without": list(numbers([each.without])),
                "bital": list(numbers([each.bital])),
                "lost": confirmed(each),
                "gained": each.gained,
            }
            for each in compared
        ],
    }


def tell(text: str) -> None:
    """Progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument(
        "--paths",
        nargs="+",
        help="folders and files below keras/src; default: every test file that trains",
    )
    parser.add_argument("--all", action="store_true", help="every test file")
    parser.add_argument("-k", default="", metavar="EXPRESSION", help="pytest's -k")
    parser.add_argument("--jobs", type=int, default=1, help="files at a time; default: 1")
    parser.add_argument(
        "--patience", type=float, default=300, help="seconds a test may take; default: %(default)g"
    )
    parser.add_argument(
        "--devices", type=int, default=1, help="JAX devices; some tests want 2; default: 1"
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        help="JSON file that keeps the results without bital; a later run reads them from there",
    )
    parser.add_argument(
        "--tracebacks", type=Path, help="text file for the tracebacks of the tests that are lost"
    )
    results = Path(__file__).parent / "results" / "keras_suite.jsonl"
    parser.add_argument("--record", type=Path, default=results, help="JSON lines file to append to")
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error(f"--jobs must be at least 1; got {options.jobs}")
    if options.k and options.baseline:
        parser.error("--baseline keeps whole files; leave out -k")
    options.files = test_files(options.paths, options.all)
    if not options.files:
        parser.error(f"no test file of Keras is in {', '.join(options.paths)}")
    return options


def main() -> None:
    options = arguments()
    known = known_results(options.baseline)
    compared: list[Compared] = []
    if options.tracebacks:
        options.tracebacks.write_text("")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        arms = Arms(Path(folder), options.patience, options.k, options.devices)
        for each in pool.map(partial(compare, arms=arms, known=known), options.files):
            compared.append(each)
            counts = [" ".join(map(str, numbers([r]))) for r in (each.without, each.bital)]
            tell(f"{len(compared)}/{len(options.files)} {each.file}: {' | '.join(counts)}")
            for line in account(each):
                tell(f"    {line}")
            if options.tracebacks:
                with options.tracebacks.open("a") as file:
                    for test in each.lost:
                        text = each.bital[test].text if test in each.bital else ""
                        file.write(f"{'=' * 100}\n{test} [{each.alone[test]}]\n\n{text}\n")
            if options.baseline:
                keep_results(options.baseline, known, compared)
    print(table(compared))
    print("", *told(plans(compared)), sep="\n")
    lost = [line for each in compared for line in account(each)]
    gained = [short(test) for each in compared for test in each.gained]
    for title, lines in (
        ("Pass without bital, not with it", lost),
        ("Pass with bital only", gained),
    ):
        if lines:
            print(f"\n{title}:", *lines, sep="\n  ")
    options.record.parent.mkdir(parents=True, exist_ok=True)
    with options.record.open("a") as file:
        file.write(json.dumps(record(compared, options)) + "\n")
    sys.exit(any(confirmed(each) for each in compared))


if __name__ == "__main__":
    main()
