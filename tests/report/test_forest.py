import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from bital.report.forest import differences, forest
from bital.study.statistics.overlap import Overlap

from .simulated import classification, diverge, judge, relabel, shift

NAMES = ("original", "l2", "dropout", "batch_norm")
RESULT = relabel(classification(names=NAMES), "l2", "L2 <&>")
RESULT = shift(shift(RESULT, "l2", -0.05), "dropout", 0.05, baseline="original", margin=0.001)
SVG = "{http://www.w3.org/2000/svg}"


def rows(result) -> dict[str, list[str]]:
    names = [c.first for c in result.verdict.comparisons]
    return dict(zip(names, differences(result, result.verdict), strict=True))


def drawn(result) -> ElementTree.Element:
    return ElementTree.fromstring(forest(result, result.verdict))


def at(value: str) -> float:
    return float(value.rstrip("%"))


def test_numbers_signs_and_readings():
    found = rows(RESULT)
    l2 = next(c for c in RESULT.verdict.comparisons if c.first == "l2")
    assert found["l2"] == [
        "L2 <&>",
        f"−{abs(l2.mean):.4f}",
        f"−{abs(l2.interval.low):.4f} to −{abs(l2.interval.high):.4f}",
        f"−{abs(l2.effect.size):.2f}",
        "< 0.001",
        "worse",
        "",
    ]
    assert found["dropout"][5] == "better"
    assert found["batch_norm"][5] == "not distinguishable"


def test_equivalence_names_its_margin():
    near = judge(RESULT, baseline="original", margin=0.02)
    assert rows(near)["batch_norm"][5] == "equivalent within 0.02"


def test_seeds_to_tell_only_where_open():
    plans = RESULT.verdict.plans
    found = rows(RESULT)
    assert found["batch_norm"][-1] == f"{plans['batch_norm'].observed:,}"
    assert found["l2"][-1] == ""
    overlapping = rows(judge(RESULT, baseline="original", overlap=Overlap(1, 1)))
    assert overlapping["batch_norm"][-1] == "only more data"


def test_every_difference_its_mean_and_interval_share_a_scale():
    root = drawn(RESULT)
    (zero,) = (line for line in root.iter(f"{SVG}line") if line.get("class") == "zero")
    each = [dot for dot in root.iter(f"{SVG}circle") if dot.get("class") == "each"]
    means = [dot for dot in root.iter(f"{SVG}circle") if dot.get("class").startswith("mean")]
    spans = [line for line in root.iter(f"{SVG}line") if line.get("class").startswith("span")]
    assert (len(each), len(means), len(spans)) == (30, 3, 3)
    l2, dropout, _ = means
    assert at(l2.get("cx")) < at(zero.get("x1")) < at(dropout.get("cx"))
    assert (l2.get("class"), dropout.get("class")) == ("mean worse", "mean better")
    for span, mean in zip(spans, means, strict=True):
        assert at(span.get("x1")) <= at(mean.get("cx")) <= at(span.get("x2"))
    y = means[0].get("cy")
    own = [at(dot.get("cx")) for dot in each if dot.get("cy") == y]
    assert np.mean(own) == pytest.approx(at(means[0].get("cx")), abs=0.02)


def test_the_margin_is_a_band_around_zero():
    (band,) = drawn(RESULT).iter(f"{SVG}rect")
    zero = next(x for x in drawn(RESULT).iter(f"{SVG}line") if x.get("class") == "zero")
    middle = at(band.get("x")) + at(band.get("width")) / 2
    assert middle == pytest.approx(at(zero.get("x1")), abs=0.02)
    assert not list(drawn(judge(RESULT)).iter(f"{SVG}rect"))


def test_what_has_no_mean_has_no_numbers():
    lost = diverge(RESULT, "l2", 10)
    assert rows(lost)["l2"][1:4] == ["–", "–", "–"]
    assert rows(lost)["l2"][5] == "worse"
    figure = forest(lost, lost.verdict)
    assert "nan" not in figure.lower()
    assert len(re.findall('class="mean', figure)) == len(lost.verdict.comparisons) - 1


def test_no_figure_where_nothing_differs():
    scores = {"test_accuracy": np.full(10, 0.9)}
    same = judge(replace(RESULT, arms=tuple(replace(v, scores=scores) for v in RESULT.arms)))
    assert forest(same, same.verdict) == ""
