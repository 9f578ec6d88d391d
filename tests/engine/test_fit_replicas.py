"""`bital.fit_replicas`: replica r is what `keras.Model.fit` gives with its seed and values."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import pytest
from keras import layers

import bital
from bital.engine import packing
from bital.engine.replicas import Replicas
from engine import made
from engine.parity import Outcome, assert_close, left_behind

X, Y = made.iris(120)
SEEDS = (3, 14, 15)
FIT: dict[str, Any] = {"batch_size": 16, "epochs": 3, "validation_split": 0.25}
TOLERANCE = 1e-5
WAYS = {"turns": False, "first axis": True, "side by side": True}


@pytest.fixture(params=WAYS)
def packed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """How replicas go through a program, the number of them aside."""
    if request.param == "side by side":
        monkeypatch.setattr(packing, "FEWEST", 1)
        monkeypatch.setattr(packing, "NARROWEST", 4)
        monkeypatch.setattr(packing, "STRIDE", 1)
    return WAYS[request.param]


def alone(
    make: Callable[[], keras.Model], seed: int, x: Any = X, y: Any = Y, **fit: Any
) -> Outcome:
    keras.utils.set_random_seed(seed)
    model = make()
    return left_behind(model, model.fit(x, y, verbose=0, **(FIT | fit)))


def assert_replica(replicas: Replicas, r: int, run: Outcome, tolerance: float = TOLERANCE) -> None:
    history = replicas.history[r]
    assert list(history.history) == list(run.history.history)
    assert history.epoch == run.history.epoch
    for key, values in run.history.history.items():
        assert [type(v) for v in history.history[key]] == [type(v) for v in values]
        assert_close(history.history[key], values, tolerance, f"{r} {key}")
    state = replicas.states[r]
    groups = run.weights, run.rest, run.optimizer, run.metrics
    for name, mine, expected in zip(state._fields, state, groups, strict=True):
        for index, pair in enumerate(zip(mine, expected, strict=True)):
            room = 10 * tolerance if name == "optimizer" else tolerance
            assert_close(*pair, room, f"{r} {name}[{index}]")


def penalised(
    rate: float = 0.3, l1: float = 1e-3, l2: float = 1e-3, smoothing: float = 0.1, step: float = 0.1
) -> keras.Model:
    """All that can be set, with literal values."""
    both = keras.regularizers.L1L2(l1, l2)
    stack = [
        layers.Input((4,)),
        layers.Dense(12, activation="relu", kernel_regularizer=both),
        layers.Dropout(rate),
        layers.Dense(6, activation="relu", kernel_regularizer=keras.regularizers.L2(l2)),
        layers.AlphaDropout(rate),
        layers.Dense(3, activation="softmax", bias_regularizer=keras.regularizers.L1(l1)),
    ]
    return made.compiled(
        keras.Sequential(stack),
        optimizer=keras.optimizers.SGD(step, momentum=0.9),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=smoothing),
    )


ONE_HOT = keras.utils.to_categorical(Y)
HYPER: dict[str, dict[str, list[float]]] = {
    "learning_rate": {"learning_rate": [0.1, 0.01, 0.3]},
    "dropout": {"dropout": [0.1, 0.5, 0.3]},
    "l1": {"l1": [0.0, 1e-2, 1e-3]},
    "l2": {"l2": [1e-4, 0.0, 1e-2]},
    "label_smoothing": {"label_smoothing": [0.0, 0.2, 0.5]},
    "all": {
        "learning_rate": [0.05, 0.2, 0.1],
        "dropout": [0.2, 0.6, 0.4],
        "l1": [1e-3, 0.0, 1e-4],
        "l2": [0.0, 1e-3, 1e-2],
        "label_smoothing": [0.3, 0.1, 0.0],
    },
}
LITERAL = {"learning_rate": "step", "dropout": "rate", "label_smoothing": "smoothing"}


@pytest.mark.parametrize("name", HYPER)
def test_a_hyperparameter_is_the_literal_value(name: str, packed: bool) -> None:
    hyper = HYPER[name]
    replicas = bital.fit_replicas(
        penalised, X, ONE_HOT, seeds=SEEDS, hyper=hyper, packed=packed, **FIT
    )
    assert replicas.hyper == {key: tuple(values) for key, values in hyper.items()}
    for r, seed in enumerate(SEEDS):
        values = {LITERAL.get(key, key): each[r] for key, each in hyper.items()}
        assert_replica(replicas, r, alone(lambda v=values: penalised(**v), seed, y=ONE_HOT))


STOP = keras.callbacks.EarlyStopping
CALLBACKS: dict[str, Callable[[], Any]] = {
    "patience": lambda: STOP(patience=2),
    "no patience": lambda: STOP(patience=0),
    "delta": lambda: STOP("loss", min_delta=0.02, patience=1),
    "restored": lambda: STOP(patience=1, restore_best_weights=True),
    "restored at the end": lambda: STOP(patience=50, restore_best_weights=True),
    "baseline": lambda: STOP(patience=2, baseline=0.4, restore_best_weights=True),
    "late": lambda: STOP(patience=0, start_from_epoch=4, restore_best_weights=True),
    "upwards": lambda: STOP("val_accuracy", patience=1, min_delta=0.01, restore_best_weights=True),
    "two": lambda: [STOP("loss", patience=6), STOP(patience=3, restore_best_weights=True)],
    "plateau": lambda: keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5, cooldown=1),
    "plateau and stop": lambda: [
        keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=0.05, min_lr=0.02),
        STOP(patience=4, restore_best_weights=True),
    ],
}


def restless() -> keras.Model:
    """Its losses go up and down, not everyone's at the same time."""
    return made.regularised(optimizer=keras.optimizers.SGD(0.6, momentum=0.9))


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # Keras's get_weights
@pytest.mark.parametrize("name", CALLBACKS)
def test_each_replica_has_its_own_callbacks(name: str, packed: bool) -> None:
    seeds, make = (3, 14, 15, 92, 65), CALLBACKS[name]
    given = make()
    replicas = bital.fit_replicas(
        restless, X, Y, seeds=seeds, packed=packed, callbacks=given, **(FIT | {"epochs": 14})
    )
    for r, seed in enumerate(seeds):
        callbacks = make()
        run = alone(restless, seed, callbacks=callbacks, epochs=14)
        assert_replica(replicas, r, run, 1e-4)
        for mine, other in zip(replicas.callbacks[r], keras.tree.flatten(callbacks), strict=True):
            for key in ("wait", "stopped_epoch", "best_epoch", "cooldown_counter"):
                assert getattr(mine, key, None) == getattr(other, key, None), key
    assert all(getattr(c, "best", None) is None for c in keras.tree.flatten(given))
