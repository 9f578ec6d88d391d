"""A study's defaults filled in, and what a study cannot be."""

import numpy as np
import pytest

from bital.data import Dataset
from bital.data.catalog import names
from bital.errors import InvalidInput, UnknownName
from bital.models.recipe import RECIPES
from bital.study.defaults import TRAINING, completed
from bital.study.spec import StudySpec

TABLE = Dataset(
    name="iris",
    task="classification",
    x=np.zeros((4, 2), np.float32),
    y=np.array([0, 1, 0, 1], np.int32),
    classes=("a", "b"),
)
IMAGES = Dataset(
    name="digits",
    task="classification",
    x=np.zeros((4, 2, 2, 1), np.uint8),
    y=np.array([0, 1, 0, 1], np.int32),
    classes=("a", "b"),
)


def test_every_dataset_has_defaults() -> None:
    assert sorted(TRAINING) == sorted(names())


def test_what_was_left_out_is_filled_in() -> None:
    spec = completed(StudySpec("digits"), IMAGES)
    assert spec.variants == tuple(RECIPES)
    assert (spec.epochs, spec.batch_size) == TRAINING["digits"]
    assert (spec.seeds, spec.optimizer, spec.learning_rate) == (10, "adam", None)


def test_a_table_is_not_convolved() -> None:
    spec = completed(StudySpec("iris"), TABLE)
    assert spec.variants == tuple(name for name in RECIPES if name != "cnn")


def test_what_was_asked_for_stays() -> None:
    asked = StudySpec("digits", ("cnn", "l2"), 1, 2, 3, "sgd", 0.5)
    assert completed(asked, IMAGES) == asked


@pytest.mark.parametrize("field", ["seeds", "epochs", "batch_size"])
@pytest.mark.parametrize("value", [0, -1])
def test_sizes_are_at_least_one(field: str, value: int) -> None:
    spec = StudySpec("iris", **{field: value})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=rf"{field} must be .* at least 1; got {value}"):
        completed(spec, TABLE)


@pytest.mark.parametrize("rate", [0.0, -0.1, float("nan")])
def test_the_learning_rate_is_above_zero(rate: float) -> None:
    with pytest.raises(InvalidInput, match="learning_rate must be a number above 0; got"):
        completed(StudySpec("iris", learning_rate=rate), TABLE)


def test_an_infinite_learning_rate_is_refused() -> None:
    with pytest.raises(InvalidInput, match="learning_rate"):
        completed(StudySpec("iris", learning_rate=float("inf")), TABLE)


def test_an_unknown_variant_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"got 'dropuot'\. Did you mean 'dropout'"):
        completed(StudySpec("iris", ("l2", "dropuot")), TABLE)


def test_a_convolution_of_a_table_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'cnn' convolves images, and iris is a table.*l2"):
        completed(StudySpec("iris", ("original", "cnn")), TABLE)


def test_a_variant_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'l2' was given twice"):
        completed(StudySpec("iris", ("l2", "dropout", "l2")), TABLE)


def test_the_baseline_is_one_of_the_variants() -> None:
    with pytest.raises(UnknownName, match=r"baseline must be one of dropout, l2; got 'cnn'"):
        completed(StudySpec("iris", ("l2", "dropout"), baseline="cnn"), TABLE)
    assert completed(StudySpec("iris", baseline="l2"), TABLE).baseline == "l2"


@pytest.mark.parametrize("margin", [0.0, -0.1, float("nan")])
def test_the_margin_is_above_zero(margin: float) -> None:
    with pytest.raises(InvalidInput, match="margin must be a number above 0; got"):
        completed(StudySpec("iris", margin=margin), TABLE)
