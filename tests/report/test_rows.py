import csv
from dataclasses import replace
from io import StringIO

import numpy as np

from bital.report.rows import rows
from bital.study.result import Unit

from .simulated import classification, diverge, relabel

SMALL = classification(3, names=("l2", "cnn"))


def read(result) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(rows(result))))


def test_a_row_a_run_with_every_digit():
    found = read(relabel(SMALL, "l2", '드롭아웃, "무작위"\n제거'))
    assert len(found) == 6
    assert [r["seed"] for r in found] == ["0", "1", "2"] * 2
    assert {r["arm"]: r["label"] for r in found}["l2"] == '드롭아웃, "무작위"\n제거'
    for arm in SMALL.arms:
        own = [r for r in found if r["arm"] == arm.name]
        for key, scores in arm.scores.items():
            assert [float(r[key]) for r in own] == [float(s) for s in scores]


def test_diverged_runs_are_there():
    found = read(diverge(SMALL, "l2", 1))
    assert np.isnan(float(found[0]["test_accuracy"]))
    assert not np.isnan(float(found[1]["test_accuracy"]))


def test_folds_and_repeats():
    units = (Unit(0, 0, 0), Unit(0, 1, 0), Unit(0, 0, 1))
    found = read(replace(SMALL, units=units))
    assert [(r["seed"], r["repeat"], r["fold"]) for r in found[:3]] == [
        ("0", "0", "0"),
        ("0", "0", "1"),
        ("0", "1", "0"),
    ]
    assert read(SMALL)[0]["fold"] == ""


def test_an_arm_without_a_score_leaves_it_empty():
    first = replace(SMALL.arms[0], scores={"test_accuracy": SMALL.arms[0].scores["test_accuracy"]})
    found = read(replace(SMALL, arms=(first, SMALL.arms[1])))
    assert found[0]["test_crossentropy"] == ""
    assert found[3]["test_crossentropy"] != ""
