"""Programs are kept where they stay right, shared by structure, and go when they must."""

import gc
import weakref
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
import pytest

import bital
from bital.engine import cache
from bital.engine.cache import PROGRAMS
from bital.engine.owner import FEW, Owners
from bital.engine.programs import Programs
from bital.models import functional
from engine import made
from engine.parity import check_same

X, Y = made.iris(64)
FIT = {"batch_size": 32, "verbose": 0, "shuffle": False}


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the steps traced so far, of no programs but this test's."""
    PROGRAMS.clear()
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


def test_models_of_the_same_structure_share(traces: list[str]) -> None:
    for seed in range(3):
        keras.utils.set_random_seed(seed)
        keras.utils.clear_session()
        model = made.regularised(optimizer=keras.optimizers.Adam(0.01 * (seed + 1)))
        bital.fit(model, X, Y, **FIT)
        bital.evaluate(model, X, Y, verbose=0)
        bital.predict(model, X, verbose=0)
    assert sorted(traces) == ["predict_step", "test_step", "train_step"]
    assert len(PROGRAMS) == 3


def test_models_of_different_structure_do_not(traces: list[str]) -> None:
    bital.fit(made.mlp(), X, Y, **FIT)
    bital.fit(made.mlp(optimizer="adam"), X, Y, **FIT)
    bital.fit(made.softmax(), X, Y, **FIT)
    bital.fit(made.compiled(made.Subclassed()), X, Y, **FIT)
    bital.fit(made.compiled(made.Subclassed()), X, Y, **FIT)
    assert traces == ["train_step"] * 5


def test_a_model_that_shares_trains_as_keras_trains_it(traces: list[str]) -> None:
    rows = {"x": X, "y": Y, "epochs": 2, "batch_size": 24, "validation_data": (X[:20], Y[:20])}
    for _ in range(2):
        check_same(made.regularised, **rows)
    lengths = {"x": X, "y": [Y, X[:, :1]], "epochs": 2}
    for _ in range(2):
        check_same(made.two_by_two_listed, **(lengths | {"x": [X[:, :2], X[:, 2:]]}))
    assert traces.count("train_step") == 3  # full and short batches of the one, the other's


def test_a_frozen_layer_is_another_structure(traces: list[str]) -> None:
    def frozen() -> keras.Model:
        model = made.mlp()
        model.layers[0].trainable = False
        return made.compiled(model)

    for make in (made.mlp, frozen, frozen):
        model = make()
        before = np.asarray(model.layers[0].kernel.value)
        bital.fit(model, X, Y, **FIT)
        assert np.array_equal(before, np.asarray(model.layers[0].kernel.value)) == (make is frozen)
    assert traces == ["train_step"] * 2


def test_a_setting_changed_on_a_layer_is_seen_after_compile(traces: list[str]) -> None:
    model, other = made.regularised(), made.regularised()
    bital.fit(model, X, Y, **FIT)
    model.layers[3].rate = 0.9
    bital.fit(model, X, Y, **FIT)
    assert traces == ["train_step"]
    made.compiled(model)
    bital.fit(model, X, Y, **FIT)
    assert traces == ["train_step"] * 2
    bital.fit(other, X, Y, **FIT)  # the program it asks for is still that of the old rate
    assert traces == ["train_step"] * 2


def test_a_program_made_again_is_kept_under_the_structure_of_now(traces: list[str]) -> None:
    model, other = made.regularised(), made.regularised()
    bital.fit(model, X, Y, **FIT)
    model.layers[3].rate = 0.9
    PROGRAMS.clear()
    bital.fit(model, X, Y, **FIT)
    bital.fit(other, X, Y, **FIT)
    assert traces == ["train_step"] * 3


def test_a_setting_of_jax_or_keras_is_another_program(traces: list[str]) -> None:
    model = made.mlp()
    bital.fit(model, X, Y, **FIT)
    with jax.default_matmul_precision("high"):
        bital.fit(model, X, Y, **FIT)
    bital.fit(model, X, Y, **FIT)
    assert traces == ["train_step"] * 2


def test_a_patched_class_is_not_the_one_that_was_traced(
    traces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bital.fit(made.regularised(), X, Y, **FIT)
    with monkeypatch.context() as patched:
        patched.setattr(keras.layers.Dropout, "call", lambda self, x, training=False: 0 * x)
        model = made.regularised()
        assert np.ptp(bital.predict(model, X, verbose=0), axis=0) == pytest.approx(0)
        bital.fit(model, X, Y, **FIT)
    bital.fit(made.regularised(), X, Y, **FIT)
    assert traces.count("train_step") == 2


def test_rows_in_a_dict_are_picked_by_name(traces: list[str]) -> None:
    def make(first: str, second: str) -> keras.Model:
        a, b = (keras.layers.Input((4,), name=name) for name in (first, second))
        return keras.Model([a, b], a - 2 * b)

    rows = {"a": X, "b": 2 * X}
    for names in ("ab", "ba"):
        model = make(*names)
        x = [rows[name] for name in names]
        expected = x[0] - 2 * x[1]
        np.testing.assert_allclose(bital.predict(model, x, verbose=0), expected, rtol=1e-6)
        np.testing.assert_allclose(bital.predict(model, rows, verbose=0), expected, rtol=1e-6)
    assert traces == ["predict_step"] * 3


@pytest.mark.parametrize("make", [made.regularised, lambda: made.compiled(made.Subclassed())])
def test_a_deleted_model_is_collected(make: Any) -> None:
    PROGRAMS.clear()
    model = make()
    bital.fit(model, X, Y, validation_data=(X, Y), **FIT)
    bital.evaluate(model, X, Y, verbose=0)
    bital.predict(model, X, verbose=0)
    assert len(PROGRAMS) == 3
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    assert len(PROGRAMS) == (3 if make is made.regularised else 0)


def test_compile_lets_go_of_a_model_s_own_programs() -> None:
    PROGRAMS.clear()
    model = made.compiled(made.Subclassed())
    for _ in range(3):
        made.compiled(model)
        bital.predict(bital.fit(model, X, Y, **FIT).model, X, verbose=0)
    assert len(PROGRAMS) == 2


def executables() -> int:
    gc.collect()
    return len(jax.devices()[0].client.live_executables())


def test_programs_forgotten_are_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Programs(limit=2)
    monkeypatch.setattr(cache, "PROGRAMS", few)
    models = [made.softmax(), made.compiled(made.Subclassed())]
    for model in models:
        bital.fit(model, X, Y, **FIT)
    before = executables()
    for forgotten in (1, 2):
        few.get(forgotten, object)
        assert executables() == before - forgotten


def test_dead_models_with_programs_of_their_own_do_not_pile_up() -> None:
    owners, most = Owners(PROGRAMS), 0
    gc.disable()
    try:
        for _ in range(20):
            model = made.compiled(made.Subclassed())
            owners.give(owners.of(model), object())
            most = max(most, len(owners))
    finally:
        gc.enable()
    assert most <= FEW + 1


def test_an_executable_has_no_way_back_to_its_model() -> None:
    model = made.compiled(made.Subclassed())
    bital.fit(model, X, Y, **FIT)
    owner = model.__dict__["_bital_programs"][1]
    programs = [PROGRAMS.get(key, dict) for key in owner.own]
    assert programs
    gone = weakref.ref(model)
    del model, owner
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
