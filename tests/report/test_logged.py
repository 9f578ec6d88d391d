from dataclasses import replace

import numpy as np

from bital.report.content import sections
from bital.report.logged import logged

from .simulated import classification

RESULT = classification(names=("original", "l2"))


def logging(result, name, key, curve):
    """Return a result in which an arm logged something more."""
    arms = [
        replace(a, curves={**a.curves, key: curve}) if a.name == name else a for a in result.arms
    ]
    return replace(result, arms=tuple(arms))


def test_means_over_runs_in_the_first_epoch_and_the_last():
    runs = len(RESULT.units)
    curve = np.linspace(1, 3, 5) + np.arange(runs)[:, None]
    table = logged(logging(RESULT, "l2", "gradient_1", curve))
    assert table.headings == ("arm", "epoch", "gradient 1")
    middle = (runs - 1) / 2
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["L2", "first", f"{1 + middle:g}"],
        ["L2", "last", f"{3 + middle:g}"],
    ]


def test_a_run_that_stopped_counts_with_its_own_last_epoch():
    curve = np.full((len(RESULT.units), 3), 4.0)
    curve[0] = [4.0, 2.0 * len(RESULT.units) + 4, np.nan]
    table = logged(logging(RESULT, "l2", "learning_rate", curve))
    assert [row[-1].text for row in table.rows] == ["4", "6"]


def test_what_some_arms_did_not_log_is_no_number():
    ones = np.ones((len(RESULT.units), 2))
    both = logging(logging(RESULT, "original", "gradient_1", ones), "l2", "gradient_2", 2 * ones)
    table = logged(both)
    assert [cell.text for cell in table.rows[0]] == ["Original DNN", "first", "1", "–"]
    assert [cell.text for cell in table.rows[3]] == ["L2", "last", "–", "2"]


def test_a_diverged_log_has_no_mean():
    curve = np.ones((len(RESULT.units), 2))
    curve[0, 1] = np.inf
    table = logged(logging(RESULT, "l2", "gradient_1", curve))
    assert [row[-1].text for row in table.rows] == ["1", "–"]


def test_losses_and_metrics_are_none_of_it():
    assert logged(RESULT) is None
    assert "Also logged" not in [section.title for section in sections(RESULT)]


def test_the_report_has_a_section_for_it():
    more = logging(RESULT, "l2", "gradient_1", np.ones((len(RESULT.units), 2)))
    assert "Also logged" in [section.title for section in sections(more)]
