"""Replicas at work: progress, interrupts, failures, divergence."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import pytest

from bital.engine.fit_replicas import prepare_replicas
from bital.engine.replica_run import ReplicaRun
from bital.engine.replicas import ReplicaData, Replicas
from bital.errors import InvalidInput
from engine import made
from engine.test_replicas import SEEDS, SIZES, data, trained


@pytest.mark.parametrize("packed", [True, False])
def test_steps_are_told_and_add_up(packed: bool) -> None:
    told: list[int] = []
    given = data(*made.iris(120))
    trained(made.mlp, given, epochs=7, on_steps=told.append, packed=packed)
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
        trained(made.mlp, given, epochs=10_000, on_steps=stop, packed=packed)
    assert len(told) <= len(SEEDS)


def test_a_job_that_fails_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = ReplicaRun._group

    def group(run: Any, family: Any, members: list[int], *args: Any) -> Any:
        if members[0] == 1:
            raise MemoryError("out of device memory")
        return inner(run, family, members, *args)

    monkeypatch.setattr(ReplicaRun, "_group", group)
    given = data(*made.iris(120))
    with pytest.raises(MemoryError, match="out of device memory"):
        trained(made.mlp, given, epochs=2, packed=False)


@pytest.mark.parametrize("packed", [True, False])
def test_a_diverged_replica_is_among_the_others(packed: bool) -> None:
    x, y = made.iris(120)
    shared = data(x, y)
    each = np.stack([x, x * np.float32(1e30), x])
    targets = np.stack([x[:, :1]] * 3)
    given = ReplicaData((each, targets), (each, targets), shared.train, shared.validation, own=True)

    def make() -> keras.Model:
        stack = [keras.layers.Input((4,)), keras.layers.Dense(1)]
        return made.compiled(keras.Sequential(stack), loss="mse", metrics=None)

    replicas = trained(make, given, epochs=2, packed=packed)
    finite = [np.isfinite(history.history["loss"]).all() for history in replicas.history]
    assert finite == [True, False, True]


def test_labels_out_of_range_are_refused() -> None:
    x, y = made.iris(120)
    with pytest.raises(InvalidInput, match="from 0 to 2"):
        trained(made.mlp, data(x, y + 1), epochs=1)


def test_variants_compile_side_by_side() -> None:
    given = data(*made.iris(120))
    with ThreadPoolExecutor(2) as compiling:
        first, second = (
            prepare_replicas(make, SEEDS, given, compiling=compiling, **SIZES)
            for make in (made.mlp, made.regularised)
        )
        loss = losses(first(2, lambda steps: None))
        assert np.isfinite(losses(second(1, lambda steps: None))).all()
    np.testing.assert_array_equal(loss, losses(trained(made.mlp, given, epochs=2)))


def test_no_epochs_leave_the_initial_weights() -> None:
    replicas = trained(made.mlp, data(*made.iris(120)), epochs=0)
    assert all(history.history == {} for history in replicas.history)
    keras.utils.set_random_seed(SEEDS[1])
    for mine, variable in zip(
        replicas.states[1].trainable, made.mlp().trainable_variables, strict=True
    ):
        np.testing.assert_array_equal(mine, np.asarray(variable.value))


def test_a_trainer_trains_again_from_the_start() -> None:
    train = prepare_replicas(made.mlp, SEEDS, data(*made.iris(120)), **SIZES)
    first, second = (losses(train(2, lambda steps: None)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def losses(replicas: Replicas) -> np.ndarray:
    return np.array([history.history["loss"] for history in replicas.history])
