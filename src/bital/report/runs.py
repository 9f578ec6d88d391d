"""Stored runs as tables, JSON-ready values and CSV."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from bital.report.document import plain
from bital.report.number import duration
from bital.report.table import columned

if TYPE_CHECKING:
    from bital.store.run import Run

SCHEMA = "bital.run/1"
DIGITS = 12  # of a key: enough for 10^7 runs


def run_document(run: "Run") -> dict[str, Any]:
    """Turn a run into dicts, lists, strings and numbers; NaN and infinity become null.

    Returns:
        "schema" is "bital.run/1"; a key keeps its meaning as long as that stays. Times are ISO
        8601 in UTC; "arrays" has the SHA-256 of each file.
    """
    document: dict[str, Any] = plain(
        {
            "schema": SCHEMA,
            "key": run.key,
            "study": run.study,
            "name": run.name,
            "seed": run.origin.seed,
            "split": run.origin.split,
            "status": run.status,
            "started": _time(run.started),
            "ended": None if run.ended is None else _time(run.ended),
            "seconds": _seconds(run),
            "parameters": run.parameters,
            "metrics": dict(run.metrics),
            "scores": dict(run.scores),
            "spec": dict(run.origin.spec),
            "data": run.origin.data,
            "code": run.origin.code,
            "environment": dict(run.environment),
            "host": run.host,
            "error": run.error,
            "arrays": dict(run.blobs),
        }
    )
    return document


def runs_csv(runs: Sequence["Run"]) -> str:
    """Write one row a run; the columns of metrics and scores are those that any run has."""
    metrics, scores = _union(r.metrics for r in runs), _union(r.scores for r in runs)
    plainly = ["key", "study", "name", "seed", "status", "started", "ended", "seconds"]
    plainly += ["parameters", "data", "code", "host", "error"]
    out = StringIO()
    writer = csv.writer(out)
    titles = [*(f"metric:{key}" for key in metrics), *(f"score:{key}" for key in scores)]
    writer.writerow([*plainly, "split", "spec", *titles])
    for run in runs:
        document = run_document(run)
        nested = [json.dumps(document[key], ensure_ascii=False) for key in ("split", "spec")]
        numbers = [run.metrics.get(key, "") for key in metrics]
        numbers += [run.scores.get(key, "") for key in scores]
        writer.writerow([*(document[key] for key in plainly), *nested, *numbers])
    return out.getvalue()


def runs_table(runs: Sequence["Run"], width: int | None = None, color: bool = False) -> str:
    """Draw one line a run: key, status, what it is, its scores, when and how long."""
    scores = _union(run.scores for run in runs)
    headings = ["key", "status", "study", "name", "seed", *scores, "started (UTC)", "time"]
    rows = [
        [
            run.key[:DIGITS],
            run.status,
            run.study,
            run.name,
            str(run.origin.seed),
            *(_number(run.scores.get(key)) for key in scores),
            _time(run.started)[:16].replace("T", " "),
            _span(run),
        ]
        for run in runs
    ]
    counted = f"{len(runs)} run{'' if len(runs) == 1 else 's'}\n"
    return columned(headings, rows, width, color, fold=(2, 3)) + counted


def run_table(
    run: "Run", held: Mapping[str, str], width: int | None = None, color: bool = False
) -> str:
    """Draw all that is known of one run.

    Args:
        run: which.
        held: what is in its nests of arrays, by name.
        width: columns of the terminal, None for no limit.
        color: whether to style with ANSI sequences.
    """
    document = run_document(run)
    document["arrays"] = dict(held)
    rows = []
    for key, value in document.items():
        if isinstance(value, dict) and key != "split":
            raw: Mapping[str, Any] = {"metrics": run.metrics, "scores": run.scores}.get(key, value)
            rows += [[f"{key}: {name}", _said(item)] for name, item in raw.items()]
        elif key != "schema" and value not in (None, ""):
            rows.append([key, _said(value)])
    return columned(["", ""], rows, width, color, fold=(1,))


def shapes(nest: Any) -> str:
    """Say what a nest of arrays and numbers holds, as in "0000/kernel 4×8, 0001/bias 8"."""
    return ", ".join(f"{path} {'×'.join(map(str, shape))}" for path, shape in _shapes("", nest))


def _shapes(path: str, nest: Any) -> list[tuple[str, tuple[int, ...]]]:
    if isinstance(nest, Mapping):
        return [each for key in nest for each in _shapes(f"{path}/{key}".strip("/"), nest[key])]
    if isinstance(nest, list) and any(
        isinstance(item, (Mapping, list, np.ndarray)) for item in nest
    ):
        return [each for n, item in enumerate(nest) for each in _shapes(f"{path}/{n}", item)]
    return [(path, np.shape(nest))]


def runs_comparison(runs: Sequence["Run"], width: int | None = None, color: bool = False) -> str:
    """Draw runs side by side: what they differ in of what produced them, then what came out."""
    produced = [
        {
            "data": run.origin.data[:DIGITS],
            "code": run.origin.code[:DIGITS],
            "seed": run.origin.seed,
            "split": run.origin.split,
            **{f"spec: {key}": value for key, value in run.origin.spec.items()},
            **{f"environment: {key}": value for key, value in run.environment.items()},
        }
        for run in runs
    ]
    rows = [
        [key, *(_said(each[key]) if key in each else "-" for each in produced)]
        for key in _union(produced)
        if len({_said(each[key]) if key in each else "" for each in produced}) > 1
    ]
    rows.append(["status", *(run.status for run in runs)])
    rows.append(["time", *map(_span, runs)])
    rows.append(["parameters", *(_said(run.parameters) for run in runs)])
    for kind, held in (("metric", "metrics"), ("score", "scores")):
        numbers = [getattr(run, held) for run in runs]
        rows += [
            [f"{kind}: {key}", *(_number(each.get(key)) for each in numbers)]
            for key in _union(numbers)
        ]
    headings = ["", *(f"{run.key[:DIGITS]} {run.name}".strip() for run in runs)]
    return columned(headings, rows, width, color, fold=range(1, len(headings)))


def _union(each: Any) -> list[str]:
    return list(dict.fromkeys(key for keys in each for key in keys))


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _seconds(run: "Run") -> float | None:
    return None if run.ended is None else run.ended - run.started


def _span(run: "Run") -> str:
    seconds = _seconds(run)
    return "" if seconds is None else duration(max(0.0, seconds))
