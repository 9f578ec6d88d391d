"""Replica r equals the same run alone, packed or in turn."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from bital.engine.replicas import ReplicaData, Replicas, fit_replicas
from bital.models.functional import State, write_state
from engine import made
from engine.parity import Outcome, assert_close, left_behind

SEEDS = (3, 14, 15)
EPOCHS = 3
SIZES = {"batch_size": 16, "validation_batch_size": 25}  # 4 batches and 8 rows; 1 and 5
TOLERANCE = 1e-4


MODELS = {"mlp": (made.regularised, made.iris(120)), "cnn": (made.cnn, made.digits(120))}


def data(x: np.ndarray, y: np.ndarray, seeds: tuple[int, ...] = SEEDS) -> ReplicaData:
    """Other rows for each replica, 72 to train on and 30 to validate on."""
    rows = np.stack([np.random.RandomState(s).permutation(len(y)) for s in seeds]).astype(np.int32)
    return ReplicaData(x, y, rows[:, :72], rows[:, 72:102])


def alone(make: Callable[[], keras.Model], seed: int, given: ReplicaData, r: int) -> Outcome:
    keras.utils.set_random_seed(seed)
    model = make()
    x, y = (given.x[r], given.y[r]) if given.own else (given.x, given.y)
    held, rows = (x[given.validation[r]], y[given.validation[r]]), given.train[r]
    settings = SIZES | {"epochs": EPOCHS, "validation_data": held, "verbose": 0}
    return left_behind(model, model.fit(x[rows], y[rows], **settings))


def assert_replicas_equal_runs_alone(
    replicas: Replicas, make: Callable[[], keras.Model], given: ReplicaData
) -> None:
    for r, seed in enumerate(SEEDS):
        run = alone(make, seed, given, r)
        assert set(replicas.history) == set(run.history.history)
        for key, values in run.history.history.items():
            assert replicas.history[key].shape == (len(SEEDS), EPOCHS)
            assert_close(replicas.history[key][r], values, TOLERANCE, f"{seed} {key}")
        groups = run.weights, run.rest, run.optimizer, run.metrics
        for name, mine, expected in zip(State._fields, replicas.states[r], groups, strict=True):
            for index, pair in enumerate(zip(mine, expected, strict=True)):
                room = 10 * TOLERANCE if name == "optimizer" else TOLERANCE
                assert_close(*pair, room, f"{seed} {name}[{index}]")


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_a_replica_equals_the_run_alone(name: str, packed: bool) -> None:
    make, arrays = MODELS[name]
    given = data(*arrays)
    replicas = fit_replicas(make, SEEDS, given, epochs=EPOCHS, packed=packed, **SIZES)
    assert replicas.packed is packed
    assert replicas.train_seconds > 0
    assert replicas.compile_seconds > 0
    assert_replicas_equal_runs_alone(replicas, make, given)
    assert_outputs_are_the_models(replicas, given)


@pytest.mark.parametrize("packed", [True, False])
def test_each_replica_can_have_its_own_table(packed: bool) -> None:
    """As when each one's rows are scaled by its own training rows."""
    x, y = made.iris(120)
    shared = data(x, y)
    each = np.stack([x * (1 + 0.2 * r) - r for r in range(len(SEEDS))]).astype(np.float32)
    labels = np.stack([(y + r) % 3 for r in range(len(SEEDS))])
    given = ReplicaData(each, labels, shared.train, shared.validation, own=True)
    replicas = fit_replicas(made.mlp, SEEDS, given, epochs=EPOCHS, packed=packed, **SIZES)
    assert_replicas_equal_runs_alone(replicas, made.mlp, given)
    assert_outputs_are_the_models(replicas, given)


def assert_outputs_are_the_models(replicas: Replicas, given: ReplicaData) -> None:
    for r, state in enumerate(replicas.states):
        write_state(replicas.model, state)
        expected = replicas.model.predict(given.x[r] if given.own else given.x, verbose=0)
        np.testing.assert_allclose(replicas.outputs[r], expected, rtol=1e-4, atol=1e-6)


def test_one_replica_is_a_study_too() -> None:
    x, y = made.iris(120)
    given = data(x, y, SEEDS[:1])
    one = fit_replicas(made.regularised, SEEDS[:1], given, epochs=EPOCHS, **SIZES)
    run = alone(made.regularised, SEEDS[0], given, 0)
    assert_close(one.history["loss"][0], run.history.history["loss"], TOLERANCE)


def test_raw_arrays_train_as_in_fit() -> None:
    """float64 inputs, int64 labels and row numbers, as NumPy makes them."""
    x, y = made.iris(120)
    usual = data(x, y)
    raw = ReplicaData(
        x.astype(np.float64),
        y.astype(np.int64),
        usual.train.astype(np.int64),
        usual.validation.astype(np.int64),
    )
    settings = {"epochs": 1, **SIZES}
    histories = [fit_replicas(made.mlp, SEEDS, d, **settings).history["loss"] for d in (usual, raw)]
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-6)
