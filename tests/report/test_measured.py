import numpy as np

from bital.report.measured import best, measure
from bital.study.result import Column
from bital.study.statistics.summary import summarise

from .simulated import classification, diverge

HIGHER = Column("score", "score", "higher")
LOWER = Column("score", "score", "lower")


def rows(**scores):
    return {name: summarise(np.array(values)) for name, values in scores.items()}


def test_best_follows_the_columns_direction():
    two = rows(a=[0.9, 0.8], b=[0.7, 0.6])
    assert best(HIGHER, two) == {"a"}
    assert best(LOWER, two) == {"b"}


def test_a_tie_marks_both():
    assert best(HIGHER, rows(a=[0.9, 0.7], b=[0.8, 0.8], c=[0.1, 0.1])) == {"a", "b"}


def test_a_diverged_variant_is_never_best():
    assert best(HIGHER, rows(a=[0.99, np.nan], b=[0.7, 0.6])) == {"b"}
    assert best(HIGHER, rows(a=[np.nan], b=[np.nan])) == set()


def test_nothing_is_best_of_one():
    assert best(HIGHER, rows(a=[0.9, 0.8])) == set()


def test_measure_keeps_the_results_order_and_spares_diverged_spreads():
    result = diverge(classification(), "l2", 3)
    measured = measure(result, result.columns[-1])
    assert list(measured.rows) == [arm.name for arm in result.arms]
    assert measured.rows["l2"].diverged == 3
    assert measured.places == 4
