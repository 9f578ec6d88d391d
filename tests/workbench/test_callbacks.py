"""Callbacks of a study's file are Keras's, made anew for each run, or it is told why not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bital.errors import InvalidInput
from bital.store.code import code_version
from bital.study.run import run_design
from bital.workbench.designed import design_of

MODULE = """
import keras

def halved(epoch, rate):
    return rate / 2

def mine():
    return [keras.callbacks.EarlyStopping(patience=7)]
"""


@pytest.fixture(autouse=True)
def imports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("named_callbacks", None)


def write(folder: Path, arm: str) -> Path:
    (folder / "named_callbacks.py").write_text(MODULE, encoding="utf-8")
    path = folder / "study.toml"
    path.write_text(
        f'data = "iris"\nseeds = 2\nepochs = 4\n[arms.a]\ncallbacks = {arm}\n', encoding="utf-8"
    )
    return path


def test_each_run_has_new_ones(tmp_path: Path) -> None:
    said = "{ EarlyStopping = { patience = 3, baseline = 0.5 }, TerminateOnNaN = {} }"
    make = design_of(write(tmp_path, said)).arm("a").callbacks
    assert make is not None
    first, second = make(), make()
    assert [type(each).__name__ for each in first] == ["EarlyStopping", "TerminateOnNaN"]
    assert (first[0].patience, first[0].baseline) == (3, 0.5)
    assert first[0] is not second[0]


def test_functions(tmp_path: Path) -> None:
    arm = design_of(write(tmp_path, '"named_callbacks.py:mine"')).arm("a")
    assert arm.callbacks is not None
    assert arm.callbacks()[0].patience == 7
    said = '{ LearningRateScheduler = { schedule = "named_callbacks.py:halved" } }'
    arm = design_of(write(tmp_path, said)).arm("a")
    assert arm.callbacks is not None
    assert arm.callbacks()[0].schedule(0, 1.0) == 0.5


def test_runs_are_told_apart_by_their_arguments(tmp_path: Path) -> None:
    texts = [f"{{ EarlyStopping = {{ patience = {n} }} }}" for n in (1, 2, 1)]
    arms = [design_of(write(tmp_path, text)).arm("a") for text in texts]
    first, other, again = (code_version(arm.callbacks) for arm in arms if arm.callbacks)
    assert first == again != other


def test_training_stops_early(tmp_path: Path) -> None:
    said = '{ EarlyStopping = { monitor = "loss", mode = "max", patience = 1 } }'
    result = run_design(design_of(write(tmp_path, said)))
    assert result.arms[0].curves["loss"].shape == (2, 2)
    assert result.plain["arms"]["a"]["callbacks"][0].startswith("EarlyStopping(")


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        ("{ EarlyStoping = {} }", "callback of study.toml, arms.a must be one of EarlyStopping"),
        ("{ ModelCheckpoint = {} }", 'Or name a function that .*callbacks = "models.py:mine"'),
        ("{ EarlyStopping = { patince = 3 } }", "an argument of .*Did you mean 'patience'"),
        ("{ EarlyStopping = { verbose = 1 } }", "an argument of EarlyStopping"),
        ('{ EarlyStopping = { patience = "3" } }', "patience of .* must be a number; got '3'"),
        ("{ EarlyStopping = { monitor = 3 } }", "monitor of EarlyStopping must be text; got 3"),
        ("{ EarlyStopping = { restore_best_weights = 1 } }", "must be true or false; got 1"),
        ('{ EarlyStopping = { mode = "most" } }', "callbacks cannot be made; .*most"),
        ("{ ReduceLROnPlateau = { factor = 2 } }", "callbacks cannot be made; .*factor"),
        ("{ LearningRateScheduler = {} }", "callbacks cannot be made; .*schedule"),
        ("{ LearningRateScheduler = { schedule = 3 } }", "must be a function, as in"),
        ('"named_callbacks.py:none"', "a function of named_callbacks.py must be one of"),
        ("3", "callbacks must be text or a table; got 3"),
    ],
)
def test_what_cannot_be_is_told(arm: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=told):
        design_of(write(tmp_path, arm))


def test_a_monitor_that_no_log_is_called_is_told_before_training(tmp_path: Path) -> None:
    design = design_of(write(tmp_path, '{ EarlyStopping = { monitor = "val_acc" } }'))
    with pytest.raises(InvalidInput, match=r"arm 'a': monitor .*Did you mean 'val_accuracy'"):
        run_design(design)
