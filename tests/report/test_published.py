from dataclasses import replace

import pytest

from bital.report.published import published, sentences

from .simulated import classification, diverge, judge, shift

RESULT = classification(names=("original", "l2", "cnn"))
# The order of means is cnn, l2, original; l2 is surely better than original.
RESULT = shift(shift(RESULT, "l2", 0.02), "cnn", 0.05)


def cells(result) -> dict[str, list[str]]:
    return {row[0].text: [cell.text for cell in row[1:]] for row in published(result).rows}


def test_figures_beside_ours():
    figures = {"original": 0.999, "cnn": 0.5}
    found = cells(replace(RESULT, published=figures))
    assert list(found) == ["Original DNN", "CNN + DNN"]
    above, rank, mean, ours, interval, single, ranks = found["Original DNN"]
    scores = RESULT.arms[0].scores["test_accuracy"]
    assert (above, rank, ours) == ("↑ 0.999", "1", "2")
    assert mean == f"{scores.mean():.4f}"
    assert single == f"{scores.min():.4f} to {scores.max():.4f}"
    assert " to " in interval
    assert ranks == "2"
    assert found["CNN + DNN"][:2] == ["↓ 0.5", "2"]


def test_within_our_runs_there_is_no_mark():
    middle = float(RESULT.arms[0].scores["test_accuracy"].mean().round(4))
    assert (
        cells(replace(RESULT, published={"original": middle}))["Original DNN"][0] == f"{middle:g}"
    )


def test_orders_confirmed_and_contradicted():
    told = sentences(replace(RESULT, published={"original": 0.98, "l2": 0.97, "cnn": 0.99}))
    assert told == [
        "The published figures put 3 pairs of arms in an order. Of these, our 10 runs an arm "
        "confirm 2, contradict 1, and cannot tell 0 apart.",
        "Where the published runs would have misled: L2 is better than Original DNN.",
    ]


def test_orders_that_cannot_be_told():
    alike = classification(names=("original", "l2"))
    (told,) = sentences(replace(alike, published={"original": 0.98, "l2": 0.97}))
    assert told.endswith("confirm 0, contradict 0, and cannot tell 1 apart.")
    (equal,) = sentences(replace(alike, published={"original": 0.98, "l2": 0.98}))
    assert "put 0 pairs" in equal


def test_lower_may_be_better():
    column = replace(RESULT.columns[-1], better="lower")
    turned = judge(replace(RESULT, columns=(*RESULT.columns[:-1], column)))
    told = sentences(replace(turned, published={"original": 0.98, "l2": 0.97, "cnn": 0.99}))
    assert "confirm 2, contradict 1" in told[0]
    assert told[1].endswith("misled: Original DNN is better than L2.")


def test_nothing_published():
    assert published(RESULT) is None
    assert sentences(RESULT) == []
    gone = replace(RESULT, published={"not_finished": 1.0})
    assert published(gone) is None


@pytest.mark.parametrize("runs", [1, 10])
def test_diverged_arms_have_no_mean(runs):
    lost = diverge(replace(RESULT, published={"l2": 0.98, "cnn": 0.99}), "l2", runs)
    assert cells(lost)["L2"] == ["0.98", "2", f"diverged {runs}/10", "–", "–", "–", "–"]
    assert cells(lost)["CNN + DNN"][3] == "1"
