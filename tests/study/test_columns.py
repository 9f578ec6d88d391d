from bital.study.columns import columns, label
from bital.study.splits import Holdout

from .small import design

ALL = {"train", "val", "test"}


def keys(parts: set[str] = ALL, **choices: object) -> list[str]:
    return [column.key for column in columns(design(**choices), "higher", parts)]


def test_the_compared_one_is_last() -> None:
    assert keys() == ["val_loss", "train_accuracy", "test_accuracy", "val_accuracy"]
    assert keys(metric="test_accuracy")[-1] == "test_accuracy"
    assert keys(metric="val_loss") == ["train_loss", "test_loss", "val_loss"]


def test_only_parts_that_there_are() -> None:
    chosen = {"metric": "test_accuracy", "splits": Holdout(validation=0)}
    assert keys({"train", "test"}, **chosen) == ["test_loss", "train_accuracy", "test_accuracy"]
    assert keys({"train"}, metric="train_accuracy") == ["train_accuracy"]


def test_directions() -> None:
    shown = columns(design(), "higher", ALL)
    assert [column.better for column in shown] == ["lower", "higher", "higher", "higher"]


def test_labels() -> None:
    assert label("val_top_k_accuracy") == "validation top k accuracy"
