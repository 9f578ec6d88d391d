"""A search's file."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bital.errors import InvalidInput, UnknownName
from bital.study.search.space import Choice, Real, Whole
from bital.workbench.tuning import search_of, search_on

MODELS = """
import keras

def 모델(units, rate, act, extra):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=act),
                              keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy",
                  metrics=["accuracy"])
    return model
"""

FILE = """
data = "iris"
build = "모형.py:모델"
arguments = { extra = 1 }
trials = 4
epochs = 2
question = "어떤 설정이 좋은가?"

[space]
units = { low = 4, high = 16, step = 4 }
rate = { low = 1e-3, high = 1.0, log = true }
act = { values = ["relu", "tanh"] }

[start]
units = 8
rate = 0.1
act = "relu"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "모형.py").write_text(MODELS, encoding="utf-8")
    (tmp_path / "찾기.toml").write_text(FILE, encoding="utf-8")
    yield tmp_path
    sys.modules.pop("모형", None)


def test_a_file_is_read(folder: Path) -> None:
    search = search_of(folder / "찾기.toml", {"trials": 7})
    assert search.name == "찾기"
    assert search.trials == 7
    assert search.epochs == 2
    assert search.space == {
        "units": Whole(4, 16, 4),
        "rate": Real(1e-3, 1.0, log=True),
        "act": Choice(("relu", "tanh")),
    }
    model = search.build(units=4, rate=0.1, act="tanh")
    assert model.layers[0].units == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("trials = 4", "trail = 4", "trials"),
        ("values = [", "values = [1", "TOML"),
        ("step = 4 }", "step = 4, values = [1, 2] }", "values go alone"),
        ("low = 4, high = 16, step = 4", "low = 4", "low and high"),
        ("low = 1e-3, high = 1.0", "low = 1e-3, high = 1.0, step = 2", "whole numbers"),
        ("units = 8", "units = 9", "in its range"),
    ],
)
def test_what_a_file_cannot_say(folder: Path, old: str, new: str, said: str) -> None:
    text = FILE.replace(old, new, 1)
    assert text != FILE
    (folder / "찾기.toml").write_text(text, encoding="utf-8")
    with pytest.raises((InvalidInput, UnknownName), match=said):
        search_of(folder / "찾기.toml", {})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Correct the path"):
        search_of(tmp_path / "none.toml", {})


def test_the_search_on_a_dataset_builds_what_it_starts_with() -> None:
    search = search_on("iris", {"trials": 3})
    own = {name: value for name, value in search.start.items() if name != "batch_size"}
    model = search.build(**own)
    assert [layer.units for layer in model.layers if hasattr(layer, "units")] == [128, 128, 3]
    assert search.trials == 3
