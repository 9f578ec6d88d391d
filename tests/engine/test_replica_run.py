"""Replicas at work: progress, interrupts, failures, divergence."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import pytest

from bital.engine.replica_run import ReplicaRun
from bital.engine.replicas import ReplicaData, fit_replicas, prepare_replicas
from bital.errors import InvalidInput
from engine import made
from engine.test_replicas import SEEDS, SIZES, data


@pytest.mark.parametrize("packed", [True, False])
def test_steps_are_told_and_add_up(packed: bool) -> None:
    told: list[int] = []
    given = data(*made.iris(120))
    settings = {"epochs": 7, "packed": packed, **SIZES}
    fit_replicas(made.mlp, SEEDS, given, on_steps=told.append, **settings)
    assert sum(told) == 7 * 5 * len(SEEDS)
    assert min(told) > 0


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("error", [KeyboardInterrupt, LookupError])
def test_what_on_steps_raises_stops_all(packed: bool, error: type[BaseException]) -> None:
    told: list[int] = []

    def stop(steps: int) -> None:
        told.append(steps)
        raise error

    given = data(*made.iris(120))
    with pytest.raises(error):
        fit_replicas(made.mlp, SEEDS, given, epochs=10_000, packed=packed, on_steps=stop, **SIZES)
    assert len(told) <= len(SEEDS)


def test_a_job_that_fails_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = ReplicaRun._call

    def call(run: Any, program: Any, group: range, *args: Any) -> Any:
        if group.start == 1:
            raise MemoryError("out of device memory")
        return inner(run, program, group, *args)

    monkeypatch.setattr(ReplicaRun, "_call", call)
    given = data(*made.iris(120))
    with pytest.raises(MemoryError, match="out of device memory"):
        fit_replicas(made.mlp, SEEDS, given, epochs=2, packed=False, **SIZES)


@pytest.mark.parametrize("packed", [True, False])
def test_a_diverged_replica_is_among_the_others(packed: bool) -> None:
    x, y = made.iris(120)
    shared = data(x, y)
    each = np.stack([x, x * np.float32(1e30), x])
    targets = np.stack([x[:, :1]] * 3)
    given = ReplicaData(each, targets, shared.train, shared.validation, own=True)

    def make() -> keras.Model:
        stack = [keras.layers.Input((4,)), keras.layers.Dense(1)]
        return made.compiled(keras.Sequential(stack), loss="mse", metrics=None)

    loss = fit_replicas(make, SEEDS, given, epochs=2, packed=packed, **SIZES).history["loss"]
    assert np.isfinite(loss).all(axis=1).tolist() == [True, False, True]


def test_labels_out_of_range_are_refused() -> None:
    x, y = made.iris(120)
    with pytest.raises(InvalidInput, match="from 0 to 2"):
        fit_replicas(made.mlp, SEEDS, data(x, y + 1), epochs=1, **SIZES)


def test_variants_compile_side_by_side() -> None:
    given = data(*made.iris(120))
    with ThreadPoolExecutor(2) as compiling:
        first, second = (
            prepare_replicas(make, SEEDS, given, compiling=compiling, **SIZES)
            for make in (made.mlp, made.regularised)
        )
        loss = first(2, lambda steps: None).history["loss"]
        assert np.isfinite(second(1, lambda steps: None).history["loss"]).all()
    by_itself = fit_replicas(made.mlp, SEEDS, given, epochs=2, **SIZES)
    np.testing.assert_array_equal(loss, by_itself.history["loss"])


def test_no_epochs_leave_the_initial_weights() -> None:
    given = data(*made.iris(120))
    replicas = fit_replicas(made.mlp, SEEDS, given, epochs=0, **SIZES)
    assert all(values.shape == (len(SEEDS), 0) for values in replicas.history.values())
    keras.utils.set_random_seed(SEEDS[1])
    for mine, variable in zip(
        replicas.states[1].trainable, made.mlp().trainable_variables, strict=True
    ):
        np.testing.assert_array_equal(mine, np.asarray(variable.value))


def test_a_trainer_trains_again_from_the_start() -> None:
    train = prepare_replicas(made.mlp, SEEDS, data(*made.iris(120)), **SIZES)
    first, second = (train(2, lambda steps: None).history["loss"] for _ in range(2))
    np.testing.assert_array_equal(first, second)
