import re

import numpy as np

from bital.report.forest import forest
from bital.study.result import Difference, Verdict

from .simulated import classification, relabel

RESULT = relabel(classification(names=("original", "l2", "dropout")), "l2", "L2 <&>")
APART = Difference("original", -0.02, -0.03, -0.01)
ALIKE = Difference("l2", -0.002, -0.01, 0.006)


def drawn(*differences: Difference) -> str:
    return forest(RESULT, Verdict("test_accuracy", "dropout", 0.9, differences, ()))


def test_numbers_signs_and_reading():
    text = drawn(APART, ALIKE)
    apart, alike = re.findall(r"<tr class=.*?</tr>", text)
    assert "−0.0200" in apart
    assert "−0.0300 to −0.0100" in apart
    assert ">worse<" in apart
    assert "−0.0100 to +0.0060" in alike
    assert ">not distinguishable<" in alike
    assert "L2 &lt;&amp;&gt;" in alike
    assert "90 % interval" in text


def test_bars_share_a_scale_that_holds_zero():
    apart, alike = (
        [float(p) for p in re.findall(r"left:([\d.]+)%", row)]
        for row in re.findall(r"<tr class=.*?</tr>", drawn(APART, ALIKE))
    )
    assert apart[0] == alike[0]  # zero
    assert apart[1] < apart[2] < apart[0]
    assert alike[1] < alike[2] < alike[0]
    assert all(0 <= position <= 100 for position in apart + alike)


def test_no_bar_without_an_interval():
    assert "track" not in drawn(Difference("l2", 0.0, 0.0, 0.0))
    assert "nan%" not in drawn(Difference("l2", np.nan, np.nan, np.nan))
