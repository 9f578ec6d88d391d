import re
from dataclasses import replace

import numpy as np

from bital.report.forest import forest
from bital.study.statistics.overlap import Overlap

from .simulated import classification, diverge, judge, relabel, shift

NAMES = ("original", "l2", "dropout", "batch_norm")
RESULT = relabel(classification(names=NAMES), "l2", "L2 <&>")
RESULT = shift(shift(RESULT, "l2", -0.05), "dropout", 0.05, baseline="original", margin=0.001)


def rows(result) -> dict[str, str]:
    text = forest(result, result.verdict)
    return dict(zip(
        [c.first for c in result.verdict.comparisons],
        re.findall(r"<tr class=.*?</tr>", text), strict=True,
    ))  # fmt: skip


def test_numbers_signs_and_readings():
    found = rows(RESULT)
    l2 = next(c for c in RESULT.verdict.comparisons if c.first == "l2")
    assert f">−{abs(l2.mean):.4f}<" in found["l2"]
    assert f">−{abs(l2.interval.low):.4f} to −{abs(l2.interval.high):.4f}<" in found["l2"]
    assert f">−{abs(l2.effect.size):.2f}<" in found["l2"]
    assert ">&lt; 0.001<" in found["l2"]
    assert 'class="worse"' in found["l2"]
    assert ">worse<" in found["l2"]
    assert "L2 &lt;&amp;&gt;" in found["l2"]
    assert 'class="better"' in found["dropout"]
    assert ">better<" in found["dropout"]
    assert 'class="alike"' in found["batch_norm"]
    assert ">not distinguishable<" in found["batch_norm"]
    assert "95 % interval" in forest(RESULT, RESULT.verdict)


def test_equivalence_names_its_margin():
    near = rows(judge(RESULT, baseline="original", margin=0.02))
    assert ">equivalent within 0.02<" in near["batch_norm"]


def test_seeds_to_tell_only_where_open():
    plans = RESULT.verdict.plans
    found = rows(RESULT)
    assert found["batch_norm"].endswith(f">{plans['batch_norm'].observed:,}</td></tr>")
    assert found["l2"].endswith('<td class="number"></td></tr>')
    overlapping = rows(judge(RESULT, baseline="original", overlap=Overlap(1, 1)))
    assert "only more data" in overlapping["batch_norm"]


def test_bars_share_a_scale_that_holds_zero():
    found = [[float(p) for p in re.findall(r"left:([\d.]+)%", r)] for r in rows(RESULT).values()]
    l2, dropout, same = found
    assert l2[0] == dropout[0] == same[0]  # zero
    assert l2[1] < l2[2] < l2[0]
    assert dropout[0] < dropout[1] < dropout[2]
    assert all(0 <= position <= 100 for position in l2 + dropout + same)


def test_what_has_no_mean_has_no_numbers():
    found = rows(diverge(RESULT, "l2", 10))["l2"]
    assert "nan" not in found
    assert "track" not in found
    assert found.count(">–<") == 3
    assert ">worse<" in found


def test_no_bar_where_nothing_differs():
    scores = {"test_accuracy": np.full(10, 0.9)}
    same = judge(replace(RESULT, arms=tuple(replace(v, scores=scores) for v in RESULT.arms)))
    assert "track" not in forest(same, same.verdict)
