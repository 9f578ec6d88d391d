from dataclasses import replace

import pytest

from bital.report.number import duration
from bital.report.planned import needed, planned, seconds, sentence
from bital.study.result import StudyResult, Unit
from bital.study.statistics.power import Plan

from .simulated import classification, diverge, judge, shift

ALIKE = classification(names=("original", "l2", "batch_norm"))  # nothing is distinguishable
NAMES = [one.first for one in ALIKE.verdict.comparisons]


def with_plans(result: StudyResult, *plans: Plan) -> StudyResult:
    found = dict(zip(NAMES, plans, strict=False))
    return replace(result, verdict=replace(result.verdict, plans=found))


def test_more_seeds_are_those_beyond_what_there_is():
    result = with_plans(ALIKE, Plan(10, 25, 40), Plan(10, None, 11))
    first, second = result.verdict.comparisons
    assert needed(result, result.verdict, first) == (15, 30)
    assert needed(result, result.verdict, second) == (None, 1)
    enough = with_plans(ALIKE, Plan(10, 7, None))
    assert needed(enough, enough.verdict, first) == (1, None)


def test_with_folds_repeats_are_what_helps():
    units = tuple(Unit(0, fold, repeat) for repeat in (0, 1) for fold in range(5))
    result = with_plans(replace(ALIKE, units=units), Plan(10, 26, None))
    assert needed(result, result.verdict, result.verdict.comparisons[0]) == (4, None)
    assert "more repeats" in planned(result, result.verdict).headings
    assert "4 more repeats of every arm (6 in all" in sentence(result)
    total = sum(arm.train_seconds for arm in result.arms)
    assert seconds(result) == pytest.approx(total / 2)


def test_a_settled_comparison_needs_none():
    result = judge(shift(ALIKE, "l2", 0.05), baseline="original")
    told = next(one for one in result.verdict.comparisons if one.first == "l2")
    assert needed(result, result.verdict, told) == (None, None)
    row = next(row for row in planned(result, result.verdict).rows if row[0].text == "L2")
    assert [cell.text for cell in row] == ["L2", "better", "settled", ""]


def test_the_table_has_the_time_of_all_arms():
    result = with_plans(ALIKE, Plan(10, 25, 40), Plan(10, None, None))
    total = sum(arm.train_seconds for arm in result.arms)
    assert seconds(result) == pytest.approx(total / 10)
    first, second = planned(result, result.verdict).rows
    assert first[2].text == "15"
    assert first[3].text == duration(15 * seconds(result))
    assert [cell.text for cell in second[2:]] == ["only more data", ""]


def test_a_margin_has_its_own_column():
    result = with_plans(judge(ALIKE, margin=0.0004), Plan(10, 25, 40))
    made = planned(result, result.verdict)
    assert "for 0.0004" in made.headings
    assert [cell.text for cell in made.rows[0][2:4]] == ["15", "30"]


def test_the_sentence():
    result = with_plans(ALIKE, Plan(10, 25, None), Plan(10, None, None))
    said = sentence(result)
    assert said.startswith("10 seeds so far (30 runs made for this plan), compared with")
    assert "2 of 2 comparisons are open" in said
    assert "15 more seeds of every arm (25 in all" in said
    assert "would settle 1 of them" in said
    assert "No number of seeds would tell" in said
    both = sentence(with_plans(ALIKE, Plan(10, 11, None), Plan(10, 12, None)))
    assert "2 more seeds of every arm" in both
    assert "settle all of them" in both
    assert "No number" not in both


def test_stored_runs_are_told():
    half = replace(ALIKE, reused=14)
    assert "(16 runs made for this plan)" in sentence(half)
    assert "(all from the store)" in sentence(replace(ALIKE, reused=30))


def test_nothing_open_and_nothing_to_plan():
    apart = classification(names=("original", "l2"))
    assert sentence(judge(shift(apart, "l2", 0.05))).endswith("nothing is open.")
    assert "Nothing can be planned" in sentence(classification(1, names=("l2", "cnn")))


def test_a_diverged_arm_cannot_be_planned():
    result = diverge(classification(names=("original", "l2", "batch_norm")), "original", 1)
    open_ = [o for o in result.verdict.comparisons if o.reading == "not distinguishable"]
    rows = {row[0].text: row[2].text for row in planned(result, result.verdict).rows}
    if any(one.first == "original" for one in open_):
        assert rows["Original DNN"] == "–"
    assert "runs that diverged" in sentence(result)
