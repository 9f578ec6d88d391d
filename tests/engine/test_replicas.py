"""Replica r equals the same run alone, packed or in turn."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from bital.engine.fit_replicas import prepare_replicas
from bital.engine.replicas import ReplicaData, Replicas, Trained
from bital.models.functional import State
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
    scored = {"train": rows[:, :72], "test": rows[:, 102:]}
    return ReplicaData((x, y), (x, y), rows[:, :72], rows[:, 72:102], scored=scored)


def trained(
    make: Callable[[], keras.Model],
    given: ReplicaData,
    seeds: tuple[int, ...] = SEEDS,
    epochs: int = EPOCHS,
    on_steps: Callable[[int], None] = lambda steps: None,
    **options: Any,
) -> Replicas:
    return prepare_replicas(make, seeds, given, **SIZES, **options)(epochs, on_steps)


def alone(make: Callable[[], keras.Model], seed: int, given: ReplicaData, r: int) -> Outcome:
    keras.utils.set_random_seed(seed)
    model = make()
    x, y = given.rows if not given.own else (part[r] for part in given.rows)
    assert given.train is not None
    assert given.validation is not None
    held, rows = (x[given.validation[r]], y[given.validation[r]]), given.train[r]
    settings = SIZES | {"epochs": EPOCHS, "validation_data": held, "verbose": 0}
    return left_behind(model, model.fit(x[rows], y[rows], **settings))


def assert_replicas_equal_runs_alone(
    replicas: Replicas, make: Callable[[], keras.Model], given: ReplicaData
) -> None:
    for r, seed in enumerate(SEEDS):
        run = alone(make, seed, given, r)
        assert list(replicas.history[r].history) == list(run.history.history)
        assert replicas.history[r].epoch == run.history.epoch
        for key, values in run.history.history.items():
            assert_close(replicas.history[r].history[key], values, TOLERANCE, f"{seed} {key}")
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
    replicas = trained(make, given, packed=packed)
    assert replicas.packed is packed
    assert replicas.train_seconds > 0
    assert replicas.compile_seconds > 0
    assert_replicas_equal_runs_alone(replicas, make, given)
    assert_scores_are_the_models(replicas, given)


@pytest.mark.parametrize("packed", [True, False])
def test_each_replica_can_have_its_own_table(packed: bool) -> None:
    """As when each one's rows are scaled by its own training rows."""
    x, y = made.iris(120)
    shared = data(x, y)
    each = np.stack([x * (1 + 0.2 * r) - r for r in range(len(SEEDS))]).astype(np.float32)
    labels = np.stack([(y + r) % 3 for r in range(len(SEEDS))])
    rows = each, labels
    given = ReplicaData(rows, rows, shared.train, shared.validation, True, shared.scored)
    replicas = trained(made.mlp, given, packed=packed)
    assert_replicas_equal_runs_alone(replicas, made.mlp, given)
    assert_scores_are_the_models(replicas, given)


def assert_scores_are_the_models(replicas: Replicas, given: ReplicaData) -> None:
    for r in range(len(replicas)):
        x, y = (part[r] if given.own else part for part in given.rows)
        assert sorted(replicas.scores[r]) == ["test", "train"]
        for name, scores in replicas.scores[r].items():
            rows = given.scored[name][r]
            expected = replicas.model(r).evaluate(x[rows], y[rows], verbose=0, return_dict=True)
            assert set(scores) == set(expected)
            for key, value in expected.items():
                assert scores[key] == pytest.approx(value, rel=1e-4, abs=1e-6)


def test_who_is_trained_in_turn_is_told_of_as_soon_as_he_is() -> None:
    given = data(*made.iris(120))
    for packed in (False, True):
        told: list[dict[int, Trained]] = []
        train = prepare_replicas(made.mlp, SEEDS, given, packed=packed, **SIZES)
        replicas = train(1, lambda steps: None, told.append)
        assert sorted(map(list, told)) == ([[0, 1, 2]] if packed else [[0], [1], [2]])
        for r, each in (pair for some in told for pair in some.items()):
            assert each.history is replicas.history[r]
            assert each.scores is replicas.scores[r]
            assert each.state is replicas.states[r]
            assert each.packed is packed
        seconds = sum(each.train_seconds for some in told for each in some.values())
        assert seconds == pytest.approx(replicas.train_seconds, rel=0.2, abs=0.05)


def test_one_replica_is_a_study_too() -> None:
    x, y = made.iris(120)
    given = data(x, y, SEEDS[:1])
    one = trained(made.regularised, given, SEEDS[:1])
    run = alone(made.regularised, SEEDS[0], given, 0)
    assert_close(one.history[0].history["loss"], run.history.history["loss"], TOLERANCE)


def test_raw_arrays_train_as_in_fit() -> None:
    """float64 inputs, int64 labels and row numbers, as NumPy makes them."""
    x, y = made.iris(120)
    usual = data(x, y)
    assert usual.train is not None
    assert usual.validation is not None
    rows = x.astype(np.float64), y.astype(np.int64)
    chosen = usual.train.astype(np.int64), usual.validation.astype(np.int64)
    raw = ReplicaData(rows, rows, *chosen)
    every = [trained(made.mlp, each, epochs=1).history for each in (usual, raw)]
    for mine, other in zip(*every, strict=True):
        np.testing.assert_allclose(mine.history["loss"], other.history["loss"], rtol=1e-6)
