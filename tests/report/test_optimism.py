from dataclasses import replace

import numpy as np
import pytest

from bital.report.optimism import held_against, optimisms, sentence, table
from bital.report.table import render
from bital.study.result import Column

from .simulated import classification, diverge, regression

RESULT = classification(names=("original", "l2", "cnn"))


def test_best_validation_epoch_against_the_test_score():
    found = optimisms(RESULT)
    assert list(found) == ["original", "l2", "cnn"]
    l2 = RESULT.arms[1]
    gap = l2.curves["val_accuracy"].max(axis=1) - l2.scores["test_accuracy"]
    assert found["l2"].last.mean == pytest.approx(gap.mean())


def test_lower_errors_flatter_too():
    result = regression()
    first = result.arms[0]
    gap = first.scores["test_mae"] - first.curves["val_mae"].min(axis=1)
    assert optimisms(result)["original"].last.mean == pytest.approx(gap.mean())


def test_the_sentence_names_the_ends():
    gaps = {name: one.last.mean for name, one in optimisms(RESULT).items()}
    said = sentence(RESULT)
    assert said.index(f"({label(min(gaps, key=gaps.get))})") < said.index(
        f"({label(max(gaps, key=gaps.get))})"
    )
    assert said in render(RESULT)
    assert " to " not in sentence(classification(names=("l2",)))
    assert sentence(classification(seeds=1)) == ""
    assert sentence(diverge(classification(names=("l2",)), "l2", 1)) == ""


def label(name: str) -> str:
    return next(v.label for v in RESULT.arms if v.name == name)


def test_a_row_per_variant():
    result = diverge(RESULT, "cnn", 2)
    rows = {
        row[0].text: [cell.text for cell in row[1:]]
        for row in table(result, optimisms(result)).rows
    }
    assert list(rows) == ["Original DNN", "L2", "CNN + DNN"]
    assert rows["CNN + DNN"] == ["–", "diverged 2/10", "–"]
    epochs = RESULT.arms[1].curves["val_accuracy"].argmax(axis=1) + 1
    assert float(rows["L2"][0]) == np.median(epochs)
    l2 = optimisms(result)["l2"].last
    assert rows["L2"][1] == f"{l2.mean:+.4f}".replace("-", "−")


def test_a_metric_of_validation_is_held_against_its_test():
    validated = Column("val_accuracy", "validation accuracy", "higher")
    arms = tuple(
        replace(a, scores={**a.scores, "val_accuracy": a.scores["test_accuracy"] + 0.1})
        for a in RESULT.arms
    )
    result = replace(RESULT, columns=(RESULT.columns[0], validated), arms=arms)
    assert optimisms(result)["l2"].last.mean == optimisms(RESULT)["l2"].last.mean
    assert held_against(result) == "test accuracy"


def test_without_a_validation_curve_or_a_test_score_nothing_is_said():
    bare = replace(RESULT.arms[0], curves={"accuracy": RESULT.arms[0].curves["accuracy"]})
    assert list(optimisms(replace(RESULT, arms=(bare, RESULT.arms[1])))) == ["l2"]
    assert sentence(replace(RESULT, arms=(bare,))) == ""
