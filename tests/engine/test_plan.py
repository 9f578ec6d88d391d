"""What goes to Keras's own loop, the reason given, and that the answer is Keras's."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import scipy.sparse

import bital
from bital.engine import plan
from engine import made
from engine.parity import assert_same, trained

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


def hooked(name: str) -> Callable[[], list[Any]]:
    """A callback with one hook that does nothing."""
    hook = {name: lambda self, *args, **kwargs: None}
    return lambda: [type("Hooked", (keras.callbacks.Callback,), hook)()]


def batches() -> Iterator[Any]:
    for _ in range(2):
        for start in range(0, 96, 32):
            yield X[start : start + 32], Y[start : start + 32]


def settled(make: Any = made.mlp, **compile_settings: Any) -> Callable[[], keras.Model]:
    return lambda: make(**compile_settings)


ARRAYS = {"x": X, "y": Y, "validation_split": 0.25}
FALLBACKS: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]], str]] = {
    "generator": (
        made.mlp,
        lambda: {"x": batches(), "steps_per_epoch": 3, "shuffle": False},
        "not made of arrays",
    ),
    "dataset": (made.mlp, lambda: {"x": Sequence()}, "not made of arrays"),
    "validation_dataset": (
        made.mlp,
        lambda: {"x": X, "y": Y, "validation_data": Sequence()},
        "validation_data is not made of arrays",
    ),
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
    **{
        hook: (
            made.mlp,
            lambda hook=hook: ARRAYS | {"callbacks": hooked(hook)},
            f"Hooked has {hook}",
        )
        for hook in (
            "on_train_batch_begin",
            "on_train_batch_end",
            "on_batch_begin",
            "on_batch_end",
            "on_test_batch_begin",
            "on_test_batch_end",
        )
    },
    "terminate_on_nan": (
        made.mlp,
        lambda: ARRAYS | {"callbacks": lambda: [keras.callbacks.TerminateOnNaN()]},
        "TerminateOnNaN has on_batch_end",
    ),
}


@pytest.mark.parametrize("case", FALLBACKS)
def test_keras_takes_over_and_says_why(case: str) -> None:
    make, settings, reason = FALLBACKS[case]
    ours = trained(bital.fit, make, epochs=2, **settings())
    assert ours.history.bital.path == "keras"
    assert reason in ours.history.bital.reason
    assert_same(ours, trained(keras.Model.fit, make, epochs=2, **settings()))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Keras densifies step by step and says so
def test_sparse_arrays_are_keras_s() -> None:
    sparse = scipy.sparse.csr_matrix(np.maximum(X[:32], 0))
    ours = trained(bital.fit, made.mlp, x=sparse, y=Y[:32])
    assert ours.history.bital.path == "keras"
    assert "sparse" in ours.history.bital.reason
    assert_same(ours, trained(keras.Model.fit, made.mlp, x=sparse, y=Y[:32]))


def test_a_hook_for_another_method_does_not_count() -> None:
    model = made.mlp()
    for hook in ("on_predict_batch_end", "on_test_batch_end", "on_train_batch_end"):
        callbacks = hooked(hook)()
        reasons = {m: plan.keras_reason(model, callbacks, m) for m in ("evaluate", "predict")}
        assert (reasons["evaluate"] is not None) == (hook == "on_test_batch_end")
        assert (reasons["predict"] is not None) == (hook == "on_predict_batch_end")


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
