"""What goes to Keras's own loop, the reason given, and that the answer is Keras's."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.engine import plan
from engine import made
from engine.parity import assert_same, assert_same_numpy_state, left_behind, trained

X, Y = made.iris(96)


class Sequence(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        rows = slice(32 * index, 32 * index + 32)
        return X[rows], Y[rows]


class OwnFunction(made.Subclassed):
    def make_train_function(self, force: bool = False) -> Any:
        return super().make_train_function(force)


class OwnFit(made.Subclassed):
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        return super().fit(*args, **kwargs)


class OwnTest(made.Subclassed):
    """`fit` validates through `evaluate`, so this model's validation loss is its own."""

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        return {key: value + 1 for key, value in super().evaluate(*args, **kwargs).items()}


class OwnTestFunction(made.Subclassed):
    def make_test_function(self, force: bool = False) -> Any:
        return super().make_test_function(force)


def batches() -> Iterator[Any]:
    for _ in range(2):
        for start in range(0, 96, 32):
            yield X[start : start + 32], Y[start : start + 32]


def settled(make: Any = made.mlp, **compile_settings: Any) -> Callable[[], keras.Model]:
    return lambda: make(**compile_settings)


ARRAYS = {"x": X, "y": Y, "validation_split": 0.25}
FALLBACKS: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]], str]] = {
    "eager": (settled(run_eagerly=True), lambda: {"x": X[:8], "y": Y[:8]}, "run_eagerly"),
    "not_compiled": (settled(jit_compile=False), lambda: ARRAYS, "jit_compile"),
    "own_train_function": (
        lambda: made.compiled(OwnFunction()),
        lambda: ARRAYS,
        "OwnFunction overrides make_train_function",
    ),
    "own_fit": (lambda: made.compiled(OwnFit()), lambda: ARRAYS, "OwnFit overrides fit"),
    "own_evaluate": (lambda: made.compiled(OwnTest()), lambda: ARRAYS, "OwnTest overrides"),
    "own_test_function": (
        lambda: made.compiled(OwnTestFunction()),
        lambda: ARRAYS,
        "OwnTestFunction overrides",
    ),
}


@pytest.mark.parametrize("case", FALLBACKS)
def test_keras_takes_over_and_says_why(case: str) -> None:
    make, settings, reason = FALLBACKS[case]
    ours = trained(bital.fit, make, epochs=2, **settings())
    assert ours.history.bital.path == "keras"
    assert reason in ours.history.bital.reason
    assert_same(ours, trained(keras.Model.fit, make, epochs=2, **settings()))


PLANS: dict[str, tuple[dict[str, Any], str, str, int | None]] = {
    "nobody_looks": ({}, "epochs", "", 1),
    "rules": ({"callbacks": [keras.callbacks.EarlyStopping("loss")]}, "epochs", "", 1),
    "watcher": ({"callbacks": [keras.callbacks.TensorBoard()]}, "chunks", "TensorBoard hears", 7),
    "epoch_edge": (
        {"callbacks": [keras.callbacks.LambdaCallback(on_epoch_end=print)]},
        "epoch",
        "LambdaCallback may look at the model after each epoch",
        7,
    ),
    "hook": (
        {"callbacks": [keras.callbacks.LambdaCallback(on_train_batch_end=print)]},
        "chunks",
        "LambdaCallback hears of every batch",
        7,
    ),
    "dataset": ({"x": Sequence(), "y": None}, "chunks", "Sequence is read batch by batch", None),
    "generator": ({"x": batches(), "y": None}, "chunks", "generator is read batch", None),
    "steps": ({"x": batches(), "y": None, "steps_per_epoch": 3}, "chunks", "generator", 7),
    "validation": (
        {"validation_data": Sequence()},
        "epoch",
        "validation_data: Sequence is read batch by batch",
        7,
    ),
}


@pytest.mark.parametrize("case", PLANS)
def test_a_plan_says_what_will_happen(case: str) -> None:
    settings, path, reason, dispatches = PLANS[case]
    model = made.mlp()
    before, drawn = left_behind(model), np.random.get_state()
    answer = bital.plan(model, **({"x": X, "y": Y, "epochs": 7} | settings))
    assert answer.path == path
    assert reason in answer.reason
    assert bool(answer.reason) == (path != "epochs")
    assert answer.dispatches == dispatches
    assert_same_numpy_state(np.random.get_state(), drawn)
    for mine, other in zip(left_behind(model).weights, before.weights, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert len(list(batches())) == 6
    if case == "steps":
        assert len(list(settings["x"])) == 6, "a plan must not draw from a generator"


def test_a_plan_knows_what_lies_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made.mlp()
    assert bital.plan(model, X, Y).memory >= X.nbytes + Y.nbytes
    monkeypatch.setenv("BITAL_MEMORY", "1KB")
    streamed = bital.plan(model, X, Y, epochs=4)
    assert (streamed.path, streamed.dispatches) == ("chunks", 4)
    assert "more than the 0 MB of BITAL_MEMORY" in streamed.reason


def test_a_plan_of_keras_s_loop() -> None:
    answer = bital.plan(made.mlp(run_eagerly=True), X, Y)
    assert answer.path == "keras"
    assert "run_eagerly" in str(answer)


def test_the_history_has_the_plan_that_was_followed() -> None:
    history = bital.fit(made.mlp(), X, Y, epochs=3, verbose=0)
    assert history.bital.path == "epochs"
    assert history.bital.dispatches >= 1


def test_the_reason_is_shown_once_and_not_when_silent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "_said", set())
    model = made.mlp(run_eagerly=True)
    bital.fit(model, X[:8], Y[:8], verbose=0)
    assert "bital:" not in capsys.readouterr().out
    for _ in range(2):
        bital.fit(model, X[:8], Y[:8], verbose=2)
    assert (
        capsys.readouterr().out.count("bital: Keras's own loop trains this model: run_eager") == 1
    )
