import json
from dataclasses import replace

import numpy as np

from bital.report.document import document
from bital.study.result import Difference, Verdict

from .simulated import classification, diverge, regression


def strict(result):
    return json.loads(json.dumps(document(result), allow_nan=False))


def test_values_survive_the_round_trip():
    result = classification()
    read = strict(result)
    assert read["schema"] == "bital.study/1"
    assert read["spec"]["variants"] == list(result.spec.variants)
    assert read["data"]["rows"] == result.data.rows
    assert read["columns"][0] == {"key": "train_loss", "label": "train loss", "better": "lower"}
    for written, variant in zip(read["variants"], result.variants, strict=True):
        assert written["name"] == variant.name
        assert written["packed"] is variant.packed
        assert written["train_seconds"] == variant.train_seconds
        for key, scores in variant.scores.items():
            np.testing.assert_array_equal(written["scores"][key], scores)
            assert written["mean"][key] == float(scores.mean())
            assert written["std"][key] == float(scores.std(ddof=1))
        for key, curve in variant.curves.items():
            np.testing.assert_array_equal(written["curves"][key], curve)


def test_verdict_with_its_differences():
    result = regression()
    read = strict(result)["verdict"]
    assert read["best"] == result.verdict.best
    difference = result.verdict.differences[0]
    assert read["differences"][0] == {
        "variant": difference.variant,
        "mean": difference.mean,
        "low": difference.low,
        "high": difference.high,
        "distinguishable": difference.distinguishable,
    }


def test_what_is_not_a_number_is_null():
    read = strict(diverge(classification(), "l2", 2))
    l2 = next(variant for variant in read["variants"] if variant["name"] == "l2")
    assert l2["diverged"] == 2
    assert l2["scores"]["test_accuracy"][:2] == [None, None]
    assert l2["scores"]["test_accuracy"][2] is not None
    assert l2["mean"]["test_accuracy"] is None
    assert l2["curves"]["loss"][0][-1] is None
    assert read["verdict"]["diverged"] == ["l2"]


def test_infinity_is_null():
    verdict = Verdict("test_accuracy", "l2", 0.95, (Difference("cnn", 0.0, -np.inf, np.inf),), ())
    assert (
        strict(replace(classification(), verdict=verdict))["verdict"]["differences"][0]["low"]
        is None
    )


def test_one_seed_and_interrupted():
    read = strict(replace(classification(seeds=1), interrupted=True))
    assert read["verdict"] is None
    assert read["interrupted"] is True
    assert read["variants"][0]["std"]["test_loss"] is None


def test_float32_scores_are_written():
    result = classification(names=("l2",))
    variant = result.variants[0]
    small = {key: scores.astype(np.float32) for key, scores in variant.scores.items()}
    read = strict(replace(result, variants=(replace(variant, scores=small),)))
    np.testing.assert_array_equal(
        np.float32(read["variants"][0]["scores"]["test_loss"]), small["test_loss"]
    )
