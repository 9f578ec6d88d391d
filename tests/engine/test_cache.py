"""Programs are kept where they stay right, and go when their model goes."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
import pytest

import bital
from bital.engine.cache import cache_folder, persist_compilation
from bital.models import functional
from engine import made

X, Y = made.iris(64)
FIT = {"batch_size": 32, "verbose": 0, "shuffle": False}


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the steps traced so far."""
    seen: list[str] = []
    for name in ("train_step", "test_step", "predict_step"):
        inner = getattr(functional, name)

        def step(*args: Any, inner: Any = inner, name: str = name) -> Any:
            seen.append(name)
            return inner(*args)

        monkeypatch.setattr(functional, name, step)
    return seen


def test_a_second_call_traces_nothing(traces: list[str]) -> None:
    model = made.regularised()
    for _ in range(2):
        bital.fit(model, X, Y, epochs=2, validation_data=(X, Y), **FIT)
        bital.evaluate(model, X, Y, verbose=0)
        bital.predict(model, X, verbose=0)
    assert sorted(traces) == ["predict_step", "test_step", "test_step", "train_step"]


def test_other_values_and_epochs_are_the_same_program(traces: list[str]) -> None:
    model = made.mlp()
    bital.fit(model, X, Y, epochs=1, **FIT)
    bital.fit(model, X[::-1], Y[::-1], epochs=9, **FIT)
    model.optimizer.learning_rate = 0.5
    bital.fit(model, X, Y, steps_per_epoch=1, **FIT)
    assert traces == ["train_step"]


def test_another_shape_is_another_program(traces: list[str]) -> None:
    model = made.mlp()
    bital.fit(model, X, Y, **FIT)
    bital.fit(model, X, Y, **(FIT | {"batch_size": 16}))
    assert traces == ["train_step"] * 2


def test_compile_forgets(traces: list[str]) -> None:
    model = made.regression(loss="mse")
    targets = X[:, :1] + 3
    bital.fit(model, X, targets, **FIT)
    made.compiled(model, loss="mae", metrics=["mse"])
    history = bital.fit(model, X, targets, **FIT)
    assert traces == ["train_step"] * 2
    assert list(history.history) == ["loss", "mse"]
    error = bital.predict(model, X, verbose=0) - targets
    assert bital.evaluate(model, X, targets, verbose=0) == pytest.approx(
        [np.abs(error).mean(), np.square(error).mean()], rel=1e-4
    )


def test_frozen_after_compile_is_seen() -> None:
    model = made.mlp()
    bital.fit(model, X, Y, **FIT)
    model.layers[0].trainable = False
    made.compiled(model)
    frozen = np.asarray(model.layers[0].kernel.value)
    free = np.asarray(model.layers[1].kernel.value)
    bital.fit(model, X, Y, **FIT)
    np.testing.assert_array_equal(np.asarray(model.layers[0].kernel.value), frozen)
    assert not np.array_equal(np.asarray(model.layers[1].kernel.value), free)


def test_frozen_before_the_first_step_is_seen_at_once() -> None:
    model = made.mlp()
    before = bital.evaluate(model, X, Y, verbose=0)
    model.layers[0].trainable = False
    assert bital.evaluate(model, X, Y, verbose=0) == before


def test_weights_set_between_calls_are_used() -> None:
    model = made.mlp()
    first = bital.predict(model, X, verbose=0)
    for variable in model.trainable_variables:
        variable.assign(0 * variable.value)
    assert not np.allclose(first, 1 / 3)
    np.testing.assert_allclose(bital.predict(model, X, verbose=0), 1 / 3, rtol=1e-6)


def test_a_deleted_model_is_collected() -> None:
    model = made.regularised()
    bital.fit(model, X, Y, validation_data=(X, Y), **FIT)
    bital.evaluate(model, X, Y, verbose=0)
    bital.predict(model, X, verbose=0)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


# Keras reads its own variables so, and NumPy 2 tells it.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_model_with_programs_is_saved_and_cloned(tmp_path: Path) -> None:
    model = made.regularised()
    bital.fit(model, X, Y, **FIT)
    model.save(tmp_path / "model.keras")
    copies = [keras.models.load_model(tmp_path / "model.keras"), keras.models.clone_model(model)]
    for variable, value in zip(copies[1].variables, model.variables, strict=False):
        variable.assign(value.value)
    expected = bital.predict(model, X, verbose=0)
    for copy in copies:
        np.testing.assert_allclose(bital.predict(copy, X, verbose=0), expected, rtol=1e-5)


def test_the_folder_is_bital_cache_or_the_user_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_CACHE", "/somewhere")
    assert cache_folder() == Path("/somewhere")
    monkeypatch.delenv("BITAL_CACHE")
    assert cache_folder().name == "bital"


SCRIPT = """
import os, numpy as np, jax
if os.environ.get("OWN"):
    jax.config.update("jax_compilation_cache_dir", os.environ["OWN"])
if os.environ.get("OFF"):
    jax.config.update("jax_enable_compilation_cache", False)
import bital, keras
model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
bital.fit(model, np.ones((4, 2), "float32"), np.ones((4, 1), "float32"), verbose=0)
"""


@pytest.mark.parametrize("choice", ["none", "OWN", "OFF"])
def test_programs_are_kept_on_disk_unless_told_otherwise(tmp_path: Path, choice: str) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    environment = os.environ | {"BITAL_CACHE": str(ours)}
    if choice != "none":
        environment[choice] = str(theirs)
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True, timeout=120)
    assert ours.exists() == (choice == "none")
    if choice == "none":
        assert any((ours / "xla").iterdir())


def test_persisting_twice_changes_nothing() -> None:
    persist_compilation()
    chosen = jax.config.jax_compilation_cache_dir
    persist_compilation()
    assert jax.config.jax_compilation_cache_dir == chosen
