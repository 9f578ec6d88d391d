"""Stored runs as tables, JSON and CSV."""

import csv
import json
from io import StringIO
from math import nan
from typing import Any

import pytest
from rich.cells import cell_len

from bital.report.runs import run_document, run_table, runs_comparison, runs_csv, runs_table
from bital.store.run import Origin, Run


def run(seed: int = 0, rate: float = 0.1, **fields: Any) -> Run:
    given = {
        "name": "원본 DNN",
        "study": "과적합",
        "started": 1_700_000_000.0,
        "ended": 1_700_000_075.5,
        "scores": {"test_accuracy": 0.98765},
        "metrics": {"val_loss": nan},
        "environment": {"keras": "3.15"},
        "parameters": 1234,
        **fields,
    }
    return Run(Origin({"rate": rate, "층": [1, 2]}, "d" * 64, "c" * 64, seed), "finished", **given)


def test_a_document_is_json_with_nan_as_null() -> None:
    found = json.loads(json.dumps(run_document(run(3)), allow_nan=False))
    assert found["schema"] == "bital.run/1"
    assert found["key"] == run(3).key
    assert (found["started"], found["seconds"]) == ("2023-11-14T22:13:20+00:00", 75.5)
    assert found["metrics"] == {"val_loss": None}
    assert found["spec"] == {"rate": 0.1, "층": [1, 2]}
    assert (
        run_document(run(ended=None))["ended"] is run_document(run(ended=None))["seconds"] is None
    )


def test_csv_has_every_column_that_any_run_has() -> None:
    runs = [run(0), run(1, scores={"mse": 0.1}, name='따옴표", 쉼표')]
    rows = list(csv.DictReader(StringIO(runs_csv(runs))))
    assert [row["key"] for row in rows] == [each.key for each in runs]
    assert [row["score:test_accuracy"] for row in rows] == ["0.98765", ""]
    assert [row["score:mse"] for row in rows] == ["", "0.1"]
    assert [row["metric:val_loss"] for row in rows] == ["nan", "nan"]
    assert rows[1]["name"] == '따옴표", 쉼표'
    assert json.loads(rows[0]["spec"]) == {"rate": 0.1, "층": [1, 2]}


def test_a_list_has_one_line_a_run() -> None:
    head, first, second, counted = runs_table([run(0), run(1, name="a\x1b[31mb")]).splitlines()
    assert " ".join(head.split()) == "key status study name seed test_accuracy started (UTC) time"
    assert " ".join(first.split()) == (
        f"{run(0).key[:12]} finished 과적합 원본 DNN 0 0.98765 2023-11-14 22:13 75.5 s"
    )
    assert "a [31mb" in second
    assert counted == "2 runs"
    assert runs_table([]).splitlines()[-1] == "0 runs"


@pytest.mark.parametrize("width", [1, 40, 95, 200])
def test_a_list_folds_names_and_never_numbers(width: int) -> None:
    shown = run(0, name="가나다라마바사아자차카타파하" * 3)
    text = runs_table([shown], width=width)
    for whole in (shown.key[:12], "finished", "0.98765", "2023-11-14 22:13", "75.5 s"):
        assert whole in text
    assert all(text.count(mark) >= 3 for mark in "가나다라마바사아자차카타파하")
    if width >= 95:
        assert all(cell_len(line) <= width for line in text.splitlines())
    assert "\x1b" not in text
    assert "\x1b" in runs_table([shown], width=width, color=True)


def test_one_run_shows_all_that_is_known() -> None:
    text = run_table(run(5, error="왜"), {"history": "loss 3"})
    for said in (run(5).key, "spec: 층", "[1, 2]", "val_loss", "NaN", "0.98765", "3.15", "왜"):
        assert said in text


def test_a_comparison_shows_what_differs_and_what_came_out() -> None:
    text = runs_comparison([run(0), run(1, rate=0.2, scores={"test_accuracy": 0.5})])
    lines = {line.split("  ")[0]: line.split()[1:] for line in text.splitlines()[1:]}
    assert lines["seed"] == ["0", "1"]
    assert lines["spec: rate"] == ["rate", "0.1", "0.2"]
    assert lines["score: test_accuracy"] == ["test_accuracy", "0.98765", "0.5"]
    assert lines["metric: val_loss"] == ["val_loss", "nan", "nan"]
    assert "spec: 층" not in lines
    assert "data" not in lines
