import json
from dataclasses import replace

import numpy as np
import pytest

from bital.report.document import document
from bital.study.statistics.summary import summarise

from .simulated import classification, diverge, regression


def strict(result):
    return json.loads(json.dumps(document(result), allow_nan=False))


def test_values_survive_the_round_trip():
    result = classification()
    read = strict(result)
    assert read["schema"] == "bital.study/3"
    assert read["spec"]["variants"] == list(result.spec.variants)
    assert read["data"]["rows"] == result.data.rows
    assert read["columns"][0] == {
        "key": "train_crossentropy",
        "label": "train loss",
        "better": "lower",
    }
    for written, variant in zip(read["arms"], result.arms, strict=True):
        assert written["name"] == variant.name
        assert written["packed"] is variant.packed
        assert written["train_seconds"] == variant.train_seconds
        for key, scores in variant.scores.items():
            np.testing.assert_array_equal(written["scores"][key], scores)
            assert written["mean"][key] == float(scores.mean())
            assert written["std"][key] == float(scores.std(ddof=1))
        for key, curve in variant.curves.items():
            np.testing.assert_array_equal(written["curves"][key], curve)


def test_verdict_with_its_comparisons():
    result = regression()
    read, verdict = strict(result)["verdict"], result.verdict
    assert read["reference"] == verdict.reference
    assert read["procedure"]["better"] == "lower"
    assert len(read["pairs"]) == 3
    one = verdict.comparisons[0]
    assert read["comparisons"][0] == {
        "first": one.first,
        "second": one.second,
        "ahead": "second",
        "mean": one.mean,
        "interval": {"low": one.interval.low, "high": one.interval.high},
        "effect": {
            "size": one.effect.size,
            "interval": {"low": one.effect.interval.low, "high": one.effect.interval.high},
        },
        "method": "t",
        "p": one.p,
        "equivalence_p": None,
        "adjusted_p": one.adjusted_p,
        "adjusted_equivalence_p": None,
        "level": 0.95,
        "reading": one.reading,
        "distinguishable": one.distinguishable,
    }
    assert sum(read["probability_best"].values()) == pytest.approx(1)
    assert read["plans"][one.first]["seeds"] == 5


def test_summaries_and_optimism():
    result = classification(names=("l2", "cnn"))
    read = strict(result)["arms"][0]
    scores = result.arms[0].scores["test_accuracy"]
    assert read["median"]["test_accuracy"] == np.median(scores)
    assert read["interval"]["test_accuracy"]["low"] == summarise(scores).interval.low
    best = result.arms[0].curves["val_accuracy"].max(axis=1)
    assert read["optimism"]["last"]["mean"] == pytest.approx((best - scores).mean())


def test_what_is_not_a_number_is_null():
    read = strict(diverge(classification(), "l2", 2))
    l2 = next(variant for variant in read["arms"] if variant["name"] == "l2")
    assert l2["diverged"] == 2
    assert l2["scores"]["test_accuracy"][:2] == [None, None]
    assert l2["scores"]["test_accuracy"][2] is not None
    assert l2["mean"]["test_accuracy"] is None
    assert l2["curves"]["loss"][0][-1] is None
    assert read["verdict"]["diverged"] == {"l2": 2}


def test_infinity_is_null():
    result = classification(names=("l2", "cnn"))
    curves = {**result.arms[0].curves, "loss": np.full((10, 30), np.inf)}
    first = replace(result.arms[0], curves=curves)
    read = strict(replace(result, arms=(first, result.arms[1])))
    assert read["arms"][0]["curves"]["loss"][0][0] is None


def test_one_seed_and_interrupted():
    read = strict(replace(classification(seeds=1), interrupted=True))
    assert read["verdict"] is None
    assert read["interrupted"] is True
    assert read["arms"][0]["std"]["test_crossentropy"] is None
    assert read["arms"][0]["optimism"] is None


def test_float32_scores_are_written():
    result = classification(names=("l2",))
    variant = result.arms[0]
    small = {key: scores.astype(np.float32) for key, scores in variant.scores.items()}
    read = strict(replace(result, arms=(replace(variant, scores=small),)))
    np.testing.assert_array_equal(
        np.float32(read["arms"][0]["scores"]["test_crossentropy"]), small["test_crossentropy"]
    )
