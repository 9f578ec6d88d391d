"""Thousands of random models, trained by Keras and by bital from the same state and compared.

    uv run python benchmarks/parity_fuzz.py [--models N] [--first SEED] [--jobs J] [--minutes M]
    uv run python benchmarks/parity_fuzz.py --replicas [--models N]
    uv run python benchmarks/parity_fuzz.py --plants [--only NAME]

It prints each failing model as a small program, a table of what was drawn, and the numbers of
models that agree, that Keras refuses and that differ. README.md in this folder says more.
"""

import argparse
import datetime
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from machine import machine, versions

CHUNK = 25
"Models a process compares before it ends: compiled programs stay in memory."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--first", type=int, default=100_000, help="number of the first model")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after these")
    parser.add_argument("--replicas", action="store_true", help="fit_replicas against Keras's fit")
    parser.add_argument("--plants", action="store_true", help="models until each fault is found")
    parser.add_argument("--only", help="one plant")
    parser.add_argument(
        "--record", type=Path, default=Path(__file__).parent / "results/parity_fuzz.jsonl"
    )
    options = parser.parse_args()
    # The least optimizing of LLVM's settings: compiling is what a model costs.
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_backend_optimization_level=1 --xla_llvm_disable_expensive_passes=true",
    )
    record = plants(options) if options.plants else fuzz(options)
    options.record.parent.mkdir(parents=True, exist_ok=True)
    with options.record.open("a", encoding="utf-8") as file:
        stamp = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        file.write(
            json.dumps({"time": stamp, **machine(), "versions": versions(), **record}) + "\n"
        )


def fuzz(options: argparse.Namespace) -> dict[str, Any]:
    start = time.monotonic()
    last = options.first + options.models
    chunks = [range(k, min(k + CHUNK, last)) for k in range(options.first, last, CHUNK)]
    counts: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    work = replica_chunk if options.replicas else chunk
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(options.jobs, mp_context=context, max_tasks_per_child=1)
    with pool:
        waiting = {pool.submit(work, seeds) for seeds in chunks}
        for done in as_completed(waiting):
            if done.cancelled():
                continue
            kinds, names, failures = done.result()
            counts.update(kinds)
            drawn.update(names)
            for text in failures:
                print(text, "\n" + "-" * 78, flush=True)
            minutes = (time.monotonic() - start) / 60
            print(f"{minutes:6.1f} min  {dict(counts)}", file=sys.stderr, flush=True)
            if minutes > options.minutes:
                for each in waiting:
                    each.cancel()
                options.minutes = float("inf")
    seconds = time.monotonic() - start
    print(f"models {sum(counts.values())}: {dict(counts)} in {seconds:.0f} s")
    print("drawn least:", ", ".join(f"{name} {n}" for name, n in drawn.most_common()[:-16:-1]))
    return {
        "counts": dict(counts),
        "seconds": seconds,
        "first": options.first,
        "drawn": dict(drawn),
    }


def chunk(seeds: range) -> tuple[Counter[str], Counter[str], list[str]]:
    """Compare a few models in a process of their own."""
    from fuzz.call import calls
    from fuzz.run import explained, results

    _own_cache()
    counts: Counter[str] = Counter()
    names: Counter[str] = Counter()
    failures = []
    for result in results(seeds):
        counts["refused" if result.refused else "differs" if result.differences else "same"] += 1
        parts = [node.layer for node in result.case.graph.nodes]
        parts += [result.case.compile, list(result.case.callbacks)]
        names.update({call.name for call in calls(parts)})
        if result.differences:
            failures.append(explained(result.case))
    return counts, names, failures


def replica_chunk(seeds: range) -> tuple[Counter[str], Counter[str], list[str]]:
    """Compare a few models trained as replicas."""
    from fuzz.replicas import results

    _own_cache()
    counts: Counter[str] = Counter()
    failures = []
    for case, kind, found in results(seeds):
        counts[kind.partition(":")[0]] += 1
        if found:
            failures.append("\n".join([*(f"# {each}" for each in found[:8]), case.program]))
    return counts, Counter(), failures


def plants(options: argparse.Namespace) -> dict[str, Any]:
    """Plant a fault at a time and count models until one differs."""
    from fuzz_plants import PLANTS

    found = {}
    print("| planted | models until found |\n|---|---:|")
    context = multiprocessing.get_context("spawn")
    for name in [options.only] if options.only else PLANTS:
        models = None
        for first in range(options.first, options.first + options.models, CHUNK):
            with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
                at = pool.submit(planted, name, range(first, first + CHUNK)).result()
            if at is not None:
                models = first - options.first + at
                break
        found[name] = models
        print(f"| {name} | {models or f'not in {options.models}'} |", flush=True)
    return {"plants": found}


def planted(name: str, seeds: range) -> int | None:
    """Return how many models it takes to find a fault, None if none of these does."""
    from fuzz.run import results
    from fuzz_plants import PLANTS

    _own_cache()
    with PLANTS[name]():
        for number, result in enumerate(results(seeds), 1):
            if result.differences:
                return number
    return None


def _own_cache() -> None:
    """Keep what is compiled here out of the user's cache."""
    import tempfile

    os.environ["BITAL_CACHE"] = tempfile.mkdtemp(prefix="parity-fuzz-")
    import atexit
    import shutil

    atexit.register(shutil.rmtree, os.environ["BITAL_CACHE"], ignore_errors=True)


if __name__ == "__main__":
    main()
