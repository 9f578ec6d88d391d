import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np

from bital.report.strips import strips
from bital.study.result import Unit

from .simulated import classification, diverge, relabel

SMALL = classification(3, names=("l2", "cnn"))
SVG = "{http://www.w3.org/2000/svg}"


def test_every_run_is_a_dot_and_every_seed_a_line():
    root = ElementTree.fromstring(strips(SMALL))
    assert len(root.findall(f"{SVG}g")) == 3
    assert len(list(root.iter(f"{SVG}circle"))) == 6
    assert len(root.findall(f"{SVG}g/{SVG}line")) == 3
    titles = [t.text for t in root.iter(f"{SVG}title")]
    assert f"L2, seed 2: {SMALL.arms[0].scores['test_accuracy'][2]:.5g}" in titles


def test_places_follow_scores():
    root = ElementTree.fromstring(strips(SMALL))
    for index, group in enumerate(root.findall(f"{SVG}g")):
        x = [float(dot.get("cx").rstrip("%")) for dot in group.findall(f"{SVG}circle")]
        y = [float(arm.scores["test_accuracy"][index]) for arm in SMALL.arms]
        assert (x[0] < x[1]) == (y[0] < y[1])
        (line,) = group.findall(f"{SVG}line")
        assert [float(line.get(end).rstrip("%")) for end in ("x1", "x2")] == x


def test_diverged_runs_are_crosses_at_the_worse_edge():
    root = ElementTree.fromstring(strips(diverge(SMALL, "l2", 2)))
    lost = [t for t in root.iter(f"{SVG}text") if t.text == "×"]
    assert [float(t.get("x").rstrip("%")) < 4 for t in lost] == [True, True]
    assert len(root.findall(f"{SVG}g/{SVG}line")) == 1
    assert "diverged 2/3" in [t.text for t in root.iter(f"{SVG}text")]


def test_folds_are_named():
    units = (Unit(0, 0, 0), Unit(0, 1, 0), Unit(0, 0, 1))
    said = strips(replace(SMALL, units=units))
    assert "seed 0, repeat 2, fold 1" in said
    assert "by seed and fold" in said


def test_hangul_and_markup_are_text():
    label = "드롭아웃 <무작위 & 제거>"
    root = ElementTree.fromstring(strips(relabel(SMALL, "l2", label)))
    assert label in [t.text for t in root.iter(f"{SVG}text")]


def test_nothing_to_span():
    same = {"test_accuracy": np.full(3, 0.9)}
    assert strips(replace(SMALL, arms=tuple(replace(a, scores=same) for a in SMALL.arms))) == ""
    assert strips(classification(names=())) == ""
    assert strips(diverge(diverge(SMALL, "l2", 3), "cnn", 3)) == ""


def test_only_its_namespace_is_an_address():
    assert set(re.findall(r"https?://[^\"]+", strips(SMALL))) == {"http://www.w3.org/2000/svg"}


def test_an_arm_that_was_settled_early_has_fewer_dots():
    arms = tuple(
        replace(a, scores={key: s[:1] for key, s in a.scores.items()}) if a.name == "cnn" else a
        for a in SMALL.arms
    )
    root = ElementTree.fromstring(strips(replace(SMALL, arms=arms)))
    assert len(list(root.iter(f"{SVG}circle"))) == 4
    assert len(root.findall(f"{SVG}g/{SVG}line")) == 1
