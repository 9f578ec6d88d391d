from dataclasses import replace

import numpy as np

from bital.report.outcome import costs, outcome
from bital.study.statistics.summary import summarise

from .simulated import classification, diverge, judge, regression, relabel


def table(made) -> dict[str, dict[str, object]]:
    return {row[0].text: dict(zip(made.headings[1:], row[1:], strict=True)) for row in made.rows}


def test_the_compared_score_with_its_interval():
    result = classification()
    found = table(outcome(result))["L2"]
    scores = next(a for a in result.arms if a.name == "l2").scores["test_accuracy"]
    span = summarise(scores).interval
    assert found["mean ± sd"].text == f"{scores.mean():.4f}"
    assert found["mean ± sd"].more == f"± {scores.std(ddof=1):.4f}"
    assert found["median"].text == f"{np.median(scores):.4f}"
    assert found["95 % interval"].text == f"{span.low:.4f} to {span.high:.4f}"
    (one,) = (c for c in result.verdict.comparisons if c.first == "l2")
    assert found["reading"].text == one.reading


def test_the_reference_is_named():
    result = classification()
    assert table(outcome(result))["CNN + DNN"]["reading"].text == "best mean"
    chosen = judge(result, baseline="l2")
    assert table(outcome(chosen))["L2"]["reading"].text == "baseline"


def test_chances_of_being_best():
    result = classification(names=("l2", "cnn"))
    verdict = replace(result.verdict, probability_best={"l2": 0.001, "cnn": 0.999})
    found = table(outcome(replace(result, verdict=verdict)))
    assert found["L2"]["chance of best"].text == "< 1 %"
    assert found["CNN + DNN"]["chance of best"].text == "100 %"
    verdict = replace(verdict, probability_best={"l2": 0.0, "cnn": 1.0})
    found = table(outcome(replace(result, verdict=verdict)))
    assert found["L2"]["chance of best"].text == "0 %"


def test_the_best_of_every_other_column_is_marked_once():
    result = regression()
    found = table(costs(result))
    assert list(found["L2"]) == [
        *("train MSE", "validation MSE", "test MSE"),
        *("parameters", "seconds", "compiling"),
    ]
    for column in result.columns[:-1]:
        best = min(result.arms, key=lambda a: a.scores[column.key].mean())
        assert [name for name, cells in found.items() if cells[column.label].kind == "best"] == [
            best.label
        ]


def test_diverged_labels_and_numbers():
    result = relabel(diverge(classification(), "l2", 2), "cnn", "<b>")
    assert table(outcome(result))["L2"]["mean ± sd"].text == "diverged 2/10"
    assert table(outcome(result))["L2"]["median"].text == "–"
    assert table(costs(result))["L2"]["train loss"].kind == "bad"
    assert table(costs(result))["<b>"]["parameters"].text == "55,562"


def test_one_seed_has_no_spread():
    found = table(outcome(classification(1, names=("l2", "cnn"))))["L2"]
    assert (found["mean ± sd"].more, found["95 % interval"].text) == ("", "–")
    assert "reading" not in found
