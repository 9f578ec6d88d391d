"""Kept predictions as CSV: a row a run and row of its data."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bital.store.run import Run

PARTS = ("validation", "test")


def predictions_csv(runs: Sequence[tuple["Run", Mapping[str, Any]]]) -> str:
    """Write what runs predicted beside what they should have.

    Args:
        runs: with what the store has of them as "predictions".

    Returns:
        CSV with the columns key, study, arm, seed, part, row (from 0, as the study deals them), the
        target, the predicted class where there is one output a class, and every output.
    """
    every = [
        (run, part, _table(kept, part)) for run, kept in runs for part in PARTS if part in kept
    ]
    names = list(dict.fromkeys(name for _, _, table in every for name in table))
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["key", "study", "arm", "seed", "part", *names])
    for run, part, table in every:
        begins = [run.key, run.study, run.name, run.origin.seed, part]
        columns = [table.get(name) for name in names]
        for index in range(len(table["row"])):
            writer.writerow([*begins, *("" if c is None else c[index] for c in columns)])
    return out.getvalue()


def _table(kept: Mapping[str, Any], part: str) -> dict[str, Sequence[Any]]:
    """Return a part's columns by name."""
    classes, found = kept["classes"], kept[part]
    target, output = _columns("target", found["target"]), _columns("output", found["output"])
    single = isinstance(found["output"], np.ndarray) and len(output) == len(classes) > 1
    if classes and list(target) == ["target"]:
        target["target"] = [classes[index] for index in target["target"]]
    if not single:
        return {"row": found["row"].tolist(), **target, **output}
    chosen = np.argmax(found["output"].reshape(len(found["row"]), -1), axis=1)
    return {
        "row": found["row"].tolist(),
        **target,
        "predicted": [classes[index] for index in chosen],
        **{f"output {name}": values for name, values in zip(classes, output.values(), strict=True)},
    }


def _columns(path: str, nest: Any) -> dict[str, Sequence[Any]]:
    """Return a nest of arrays with rows first as plain columns, named by their place in it."""
    if isinstance(nest, Mapping):
        parts = [_columns(f"{path} {key}", nest[key]) for key in nest]
    elif isinstance(nest, list):
        parts = [_columns(f"{path} {index}", item) for index, item in enumerate(nest)]
    else:
        table = np.asarray(nest).reshape(len(nest), -1)
        count = table.shape[1]
        names = [path] if count == 1 else [f"{path} {n}" for n in range(count)]
        parts = [dict(zip(names, table.T.tolist(), strict=True))]
    return {name: values for part in parts for name, values in part.items()}
