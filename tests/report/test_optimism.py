import re
from dataclasses import replace

import numpy as np
import pytest

from bital.report.optimism import optimisms, sentence, table
from bital.report.table import render

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
    text = table(result, optimisms(result))
    assert text.count("<tr>") == 4
    assert ">diverged 2/10<" in text
    shown = re.search(r">L2</th><td[^>]*>([\d.]+)<", text)
    epochs = RESULT.arms[1].curves["val_accuracy"].argmax(axis=1) + 1
    assert float(shown[1]) == np.median(epochs)


def test_labels_are_escaped():
    evil = replace(RESULT, arms=(replace(RESULT.arms[0], label="<b>"),))
    assert "<b>" not in table(evil, optimisms(evil))
