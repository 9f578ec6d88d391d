"""What cannot be chosen is told where it is chosen."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from bital.errors import InvalidInput, UnknownName
from bital.study.arm import Arm
from bital.study.splits import Holdout, KFold

from .small import design, narrow, wide


def test_a_builder_stands_for_an_arm() -> None:
    asked = design(arms={"a": wide, "b": Arm(narrow, "좁게")})
    assert asked.arm("a") == Arm(wide)
    assert (asked.label("a"), asked.label("b")) == ("a", "좁게")
    assert (asked.part, asked.measure) == ("val", "accuracy")
    assert replace(asked, metric="test_top_k").measure == "top_k"


@pytest.mark.parametrize(
    ("seeds", "numbers"), [(3, (0, 1, 2)), ((5, 1), (5, 1)), (range(2, 4), (2, 3)), ([7], (7,))]
)
def test_seeds(seeds: Any, numbers: tuple[int, ...]) -> None:
    assert design(seeds=seeds).seed_numbers == numbers


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"arms": {}}, "at least one"),
        ({"arms": [wide]}, "arms must be a mapping"),
        ({"arms": {"": wide}}, "names of printable text"),
        ({"arms": {"a\n": wide}}, "names of printable text"),
        ({"arms": {"a": Arm(wide, "same"), "b": Arm(wide, "same")}}, "two have 'same'"),
        ({"arms": {"a": Arm(wide, "b"), "b": wide}}, "two have 'b'"),
        ({"arms": {"a": 3}}, "a function that returns a compiled model; got int"),
        ({"name": "a\nb"}, "name must be one line"),
        ({"seeds": 0}, "seeds must be"),
        ({"seeds": True}, "seeds must be"),
        ({"seeds": "3"}, "seeds must be"),
        ({"seeds": []}, "seeds must be"),
        ({"seeds": [1, 1]}, "seeds must differ"),
        ({"seeds": [-1]}, "seeds must be"),
        ({"epochs": 0}, "epochs must be an integer of at least 1; got 0"),
        ({"batch_size": 1.5}, "batch_size must be an integer"),
        ({"metric": "accuracy"}, "metric must be"),
        ({"metric": "validation_accuracy"}, "metric must be"),
        ({"metric": "val_"}, "metric must be"),
        ({"splits": Holdout(validation=0)}, "the splits have none"),
        ({"splits": 5}, "splits must be bital.Holdout or bital.KFold; got int"),
        ({"baseline": "wid"}, "Did you mean 'wide'"),
        ({"published": {"wid": 0.9}}, "Did you mean 'wide'"),
        ({"margin": 0.0}, "margin must be a number above 0"),
        ({"margin": float("nan")}, "margin must be a number above 0"),
        ({"level": 1.0}, "level must be"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_choices(choices: dict[str, Any], words: str) -> None:
    with pytest.raises((InvalidInput, UnknownName), match=words):
        design(**choices)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (
            {"callbacks": [keras.callbacks.EarlyStopping()]},
            "callbacks of an arm must be a function",
        ),
        ({"epochs": -1}, "epochs must be"),
        ({"batch_size": "every"}, "batch_size must be"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_arms(choices: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Arm(wide, **choices)


@pytest.mark.parametrize("shares", [(-0.1, 0.2), (0.5, 0.5), (1.0, 0.0), (float("nan"), 0.1)])
def test_bad_holdouts(shares: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput, match="leave rows for training"):
        Holdout(*shares)


@pytest.mark.parametrize("choices", [{"k": 1}, {"k": 2.0}, {"repeats": 0}, {"validation": 1.0}])
def test_bad_folds(choices: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="must be"):
        KFold(**choices)


def test_splits_say_what_they_are() -> None:
    assert Holdout().said("en") == (
        "Holdout drawn anew for each seed, by class: validation 0.2, test 0.2."
    )
    fixed = Holdout(0.1, 0, stratify=False, fixed=True)
    assert fixed.said("en") == "Holdout drawn once for all seeds: validation 0.1, test 0."
    assert KFold(10, 3, groups=np.arange(5)).said("en") == (
        "10-fold, 3 times, by group: validation 0.2 of the other folds."
    )
