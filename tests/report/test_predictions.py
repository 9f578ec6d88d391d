"""Predictions as a spreadsheet reads them."""

import csv
from io import StringIO
from typing import Any

import numpy as np

from bital.report.predictions import predictions_csv
from bital.store.run import Origin, Run


def table(*kept: dict[str, Any]) -> list[dict[str, str]]:
    runs = [Run(Origin({}, "d", "c", n), "finished", "가", "연구") for n in range(len(kept))]
    return list(csv.DictReader(StringIO(predictions_csv(list(zip(runs, kept, strict=True))))))


def part(target: Any, output: Any, rows: int = 2) -> dict[str, Any]:
    return {"row": np.arange(rows) + 7, "target": target, "output": output}


def test_classes_have_names() -> None:
    output = np.array([[0.75, 0.25], [0.5, 0.5]])
    (first, second) = table({"classes": ["개", "고양이"], "test": part(np.array([0, 1]), output)})
    assert first["part"] == "test"
    assert (first["row"], first["target"], first["predicted"]) == ("7", "개", "개")
    assert (first["output 개"], first["output 고양이"]) == ("0.75", "0.25")
    assert (second["arm"], second["target"], second["predicted"]) == ("가", "고양이", "개")


def test_quantities_and_several_outputs() -> None:
    size = part(np.array([1.5, 2.5]), np.array([[1.0], [2.0]]))
    both = part(
        {"a": np.array([[1], [2]]), "b": [np.zeros(2)]}, {"a": np.ones((2, 2)), "b": [np.ones(2)]}
    )
    rows = table({"classes": [], "validation": size, "test": size}, {"classes": [], "test": both})
    assert [row["part"] for row in rows] == ["validation"] * 2 + ["test"] * 4
    assert (rows[0]["target"], rows[0]["output"], rows[0]["output a 0"]) == ("1.5", "1.0", "")
    assert (rows[4]["target a"], rows[4]["output a 1"], rows[4]["output b 0"]) == (
        "1",
        "1.0",
        "1.0",
    )


def test_outputs_that_are_no_class_each_stay_numbers() -> None:
    (row, _) = table({"classes": ["아니오", "예"], "test": part(np.array([1, 0]), np.ones((2, 1)))})
    assert (row["target"], row["output"]) == ("예", "1.0")
    assert "predicted" not in row
