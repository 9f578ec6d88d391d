"""`bital.fit_replicas`: replica r is what `keras.Model.fit` gives with its seed and values."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import bital
from bital.engine import packing, rules
from bital.engine.cache import PROGRAMS
from bital.engine.replicas import Replicas
from bital.errors import InvalidInput, UnknownName
from engine import made
from engine.parity import Outcome, assert_close, left_behind

# Keras's get_weights and get_config
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X, Y = made.iris(120)
SEEDS = (3, 14, 15)
FIT: dict[str, Any] = {"batch_size": 16, "epochs": 3, "validation_split": 0.25}
TOLERANCE = 1e-5
WAYS = {"turns": False, "first axis": True, "side by side": True}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How replicas go through a program, however few there are."""
    PROGRAMS.clear()  # kept ones were packed by other limits
    if request.param == "side by side":
        monkeypatch.setattr(packing, "FEWEST", 1)
        monkeypatch.setattr(packing, "NARROWEST", 4)
        monkeypatch.setattr(packing, "STRIDE", 1)
    return str(request.param)


@pytest.fixture
def packed(way: str) -> bool:
    return WAYS[way]


def few_otherwise(names: Iterable[str], *few: str) -> list[Any]:
    """A few cases in every way, and behind `slow` the others along a first axis."""
    every = [(way, name) for name in few for way in WAYS]
    rest = [("first axis", name) for name in names if name not in few]
    return [*every, *(pytest.param(*one, marks=pytest.mark.slow) for one in rest)]


def alone(
    make: Callable[[], keras.Model], seed: int, x: Any = X, y: Any = Y, **fit: Any
) -> Outcome:
    keras.utils.set_random_seed(seed)
    model = make()
    return left_behind(model, model.fit(x, y, verbose=0, **(FIT | fit)))


def assert_history(replicas: Replicas, r: int, run: Outcome, tolerance: float) -> None:
    history = replicas.history[r]
    assert list(history.history) == list(run.history.history)
    assert history.epoch == run.history.epoch
    for key, values in run.history.history.items():
        assert [type(v) for v in history.history[key]] == [type(v) for v in values]
        assert_close(history.history[key], values, tolerance, f"{r} {key}")


def assert_replica(replicas: Replicas, r: int, run: Outcome, tolerance: float = TOLERANCE) -> None:
    assert_history(replicas, r, run, tolerance)
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
}
SLOW = pytest.mark.slow
LITERAL = {"learning_rate": "step", "dropout": "rate", "label_smoothing": "smoothing"}


@pytest.mark.parametrize("name", ["all", *(pytest.param(n, marks=SLOW) for n in HYPER)])
def test_hyperparameters_are_the_literal_values(name: str, packed: bool) -> None:
    hyper = (
        HYPER[name] if name in HYPER else {k: v for each in HYPER.values() for k, v in each.items()}
    )
    replicas = bital.fit_replicas(
        penalised, X, ONE_HOT, seeds=SEEDS, hyper=hyper, packed=packed, **FIT
    )
    assert replicas.hyper == {key: tuple(values) for key, values in hyper.items()}
    for r, seed in enumerate(SEEDS[: 3 if name == "all" else 2]):  # a Keras training each
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


@pytest.mark.parametrize(
    ("way", "name"), few_otherwise(CALLBACKS, "baseline", "plateau and stop"), indirect=["way"]
)
def test_each_replica_has_its_own_callbacks(name: str, packed: bool) -> None:
    seeds, make = (3, 14, 92), CALLBACKS[name]
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


@pytest.mark.parametrize("foreseen", ["never", "always"])
def test_callbacks_decide_whatever_rules_foresee(
    foreseen: str, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = rules.Stop.update

    def wrong(rule: Any, carry: Any, moment: Any) -> Any:
        kept, _ = update(rule, carry, moment)
        return kept, np.bool_(foreseen == "always")

    monkeypatch.setattr(rules.Stop, "update", wrong)
    settings = FIT | {"epochs": 9}
    stop = STOP(patience=2, restore_best_weights=True)
    replicas = bital.fit_replicas(
        restless, X, Y, seeds=SEEDS, packed=packed, callbacks=stop, **settings
    )
    for r, seed in enumerate(SEEDS):
        own = STOP(patience=2, restore_best_weights=True)
        assert_replica(replicas, r, alone(restless, seed, callbacks=own, epochs=9), 1e-4)


def test_weights_that_a_rule_has_lost_are_found_again(
    packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule that sees an improvement where its callback sees none, and the other way round."""
    over = rules.Improvement.over
    monkeypatch.setattr(
        rules.Improvement, "over", lambda self, value, best: ~over(self, value, best)
    )
    own = {"patience": 3, "restore_best_weights": True}
    replicas = bital.fit_replicas(
        restless, X, Y, seeds=SEEDS, packed=packed, callbacks=STOP(**own), **(FIT | {"epochs": 9})
    )
    monkeypatch.undo()
    for r, seed in enumerate(SEEDS):
        run = alone(restless, seed, callbacks=STOP(**own), epochs=9)
        assert_replica(replicas, r, run, 1e-4)


@pytest.mark.parametrize("unit", [1, 3])
def test_a_replica_ends_at_the_batch_that_is_not_finite(unit: int, packed: bool) -> None:
    def make() -> keras.Model:
        stack = [layers.Input((4,)), layers.Dense(5), layers.Dense(1)]
        own = {"optimizer": "sgd", "loss": "mse", "metrics": ["mae"], "steps_per_execution": unit}
        return made.compiled(keras.Sequential(stack), **own)

    rates, settings = [0.01, 3.0, 10.0], {"batch_size": 8, "epochs": 5}
    callbacks = [keras.callbacks.TerminateOnNaN(), STOP("loss", patience=50)]
    replicas = bital.fit_replicas(
        make,
        X,
        X[:, :1],
        seeds=SEEDS,
        hyper={"learning_rate": rates},
        packed=packed,
        callbacks=callbacks,
        **(FIT | settings),
    )
    epochs = []
    for r, seed in enumerate(SEEDS):

        def literal(rate: float = rates[r]) -> keras.Model:
            model = make()
            model.optimizer.learning_rate = rate
            return model

        own = [keras.callbacks.TerminateOnNaN(), STOP("loss", patience=50)]
        run = alone(literal, seed, y=X[:, :1], callbacks=own, **settings)
        assert_history(replicas, r, run, 1e-4)  # rounding decides which infinity a weight is
        epochs.append(len(run.history.epoch))
    assert epochs[0] == 5
    assert min(epochs) < 5


def test_without_a_rate_nothing_is_drawn(packed: bool) -> None:
    rates = [0.0, 0.4, 0.0]
    replicas = bital.fit_replicas(
        penalised, X, ONE_HOT, seeds=SEEDS, hyper={"dropout": rates}, packed=packed, **FIT
    )
    for r, seed in enumerate(SEEDS):

        def literal(rate: float = rates[r]) -> keras.Model:
            model = penalised()
            for layer in model.layers:
                if hasattr(layer, "rate"):
                    layer.rate = rate
            return model

        assert_replica(replicas, r, alone(literal, seed, y=ONE_HOT))


def test_a_compiled_model_is_cloned_and_stays_as_it_is() -> None:
    model = made.regularised(optimizer="adam")
    model.fit(X, Y, epochs=1, verbose=0)
    before = left_behind(model)
    first = bital.fit_replicas(model, X, Y, seeds=SEEDS, **FIT)
    kept = len(PROGRAMS)
    again = bital.fit_replicas(model, X, Y, seeds=SEEDS[::-1], **FIT)
    assert len(PROGRAMS) == kept
    after = left_behind(model)
    for name in ("weights", "rest", "optimizer", "metrics"):
        for pair in zip(getattr(before, name), getattr(after, name), strict=True):
            np.testing.assert_array_equal(*pair)
    for r, seed in enumerate(SEEDS):
        run = alone(lambda: keras.models.clone_model(model), seed)
        assert_replica(first, r, run)
        assert_replica(again, len(SEEDS) - 1 - r, run)


def test_many_replicas_are_each_the_run_alone() -> None:
    """Two groups side by side, the last one with room left, more than one call."""
    count = packing.NARROWEST + 3
    rates = np.linspace(0.01, 0.2, count)
    replicas = bital.fit_replicas(
        made.mlp(), X, Y, seeds=count, hyper={"learning_rate": rates}, **(FIT | {"epochs": 8})
    )
    assert replicas.packed
    assert replicas.seeds == tuple(range(count))
    for r in (0, 1, count - 1):

        def literal(rate: float = float(rates[r])) -> keras.Model:
            return made.mlp(optimizer=keras.optimizers.SGD(rate, momentum=0.9))

        assert_replica(replicas, r, alone(literal, r, epochs=8), 1e-4)


PARTS = {"petals": X[:, 2:], "sepals": X[:, :2]}
TARGETS = {"kind": Y, "length": X[:, :1]}
WEIGHTS = np.linspace(0.1, 2, len(Y)).astype(np.float32)
DATA: dict[str, tuple[Callable[[], keras.Model], Any, Any, dict[str, Any]]] = {
    "by name": (made.two_by_two, PARTS, TARGETS, {}),
    "listed": (made.two_by_two_listed, list(PARTS.values()), list(TARGETS.values()), {}),
    "weighted": (made.mlp, X, Y, {"sample_weight": WEIGHTS}),
    "by class": (made.mlp, X, Y, {"class_weight": {0: 0.2, 1: 1.0, 2: 3.0}}),
    "weighted validation": (made.mlp, X, Y, {"validation_data": (X[:30], Y[:30], WEIGHTS[:30])}),
    "no validation": (made.mlp, X, Y, {"validation_split": 0.0}),
    "as it lies": (made.mlp, X, Y, {"shuffle": False}),
    "in batches": (made.mlp, X, Y, {"shuffle": "batch"}),
    "one batch": (made.mlp, X, Y, {"batch_size": 500}),
    "float64": (made.mlp, X.astype(np.float64), Y.astype(np.int64), {}),
}


@pytest.mark.parametrize("name", DATA)
def test_data_of_every_kind(name: str) -> None:
    make, x, y, settings = DATA[name]
    fit = FIT | settings
    replicas = bital.fit_replicas(make, x, y, seeds=SEEDS, packed=True, **fit)
    for r, seed in enumerate(SEEDS[:2]):
        assert_replica(replicas, r, alone(make, seed, x, y, **settings))


def test_averaged_weights() -> None:
    def make() -> keras.Model:
        optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8)
        return made.mlp(optimizer=optimizer)

    replicas = bital.fit_replicas(make, X, Y, seeds=SEEDS, **FIT)
    for r, seed in enumerate(SEEDS):
        assert_replica(replicas, r, alone(make, seed))


def test_a_replica_as_a_model() -> None:
    hyper = {"dropout": [0.1, 0.6, 0.3], "l2": [1e-2, 0.0, 1e-3], "learning_rate": [0.1, 0.2, 0.3]}
    for source in (made.regularised, made.regularised()):
        replicas = bital.fit_replicas(source, X, Y, seeds=SEEDS, hyper=hyper, **FIT)
        assert len(replicas) == len(SEEDS)
        for r in range(len(SEEDS)):
            model = replicas.model(r)
            for mine, other in zip(model.get_weights(), replicas.weights[r], strict=True):
                np.testing.assert_array_equal(mine, other)
            dropout = next(layer for layer in model.layers if hasattr(layer, "rate"))
            assert dropout.rate == hyper["dropout"][r]
            assert model.layers[0].kernel_regularizer.l2 == hyper["l2"][r]
            rate = np.float32(hyper["learning_rate"][r])
            assert np.float32(model.optimizer.learning_rate.value) == rate
            assert int(model.optimizer.iterations.value) == 3 * 6
            held_out = X[90:], Y[90:]
            loss = model.evaluate(*held_out, batch_size=16, verbose=0, return_dict=True)["loss"]
            assert loss == pytest.approx(replicas.history[r].history["val_loss"][-1], rel=1e-4)
            model.fit(X, Y, verbose=0)  # the result keeps its own arrays
            replicas.model(r)
        with pytest.raises(IndexError):
            replicas.model(3)


def test_generators_are_left_alone() -> None:
    keras.utils.set_random_seed(5)
    expected = np.random.rand(), random.random()
    keras.utils.set_random_seed(5)
    bital.fit_replicas(made.mlp, X, Y, seeds=2, **FIT).model(0)
    assert (np.random.rand(), random.random()) == expected


@pytest.mark.parametrize(
    ("seeds", "hyper", "expected"),
    [
        (2, None, (0, 1)),
        ((7, 7), None, (7, 7)),
        (None, {"learning_rate": [0.1, 0.2]}, (0, 1)),
        (np.array([4, 2]), {"learning_rate": 0.1}, (4, 2)),
    ],
)
def test_seeds(seeds: Any, hyper: Any, expected: tuple[int, ...]) -> None:
    replicas = bital.fit_replicas(made.softmax, X, Y, seeds=seeds, hyper=hyper, **FIT)
    assert replicas.seeds == expected
    if hyper:
        assert len(replicas.hyper["learning_rate"]) == len(expected)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "seeds must be given"),
        ({"seeds": 0}, "seeds must be an integer of at least 1"),
        ({"seeds": []}, "seeds must be integers"),
        ({"seeds": [1.5]}, "seeds must be integers"),
        ({"seeds": [-1]}, "seeds must be integers"),
        ({"seeds": 3, "hyper": {"l2": [0.1, 0.2]}}, "one value per replica, or one for all; got 2"),
        ({"seeds": 3, "hyper": {"l2": [0.1]}}, "at least one L1L2 or L2 regularizer"),
        ({"seeds": 3, "epochs": -1}, "epochs must be an integer"),
        ({"seeds": 3, "batch_size": 0}, "batch_size must be an integer"),
        ({"seeds": 3, "validation_split": 1.0}, "validation_split must be a fraction"),
        ({"seeds": 3, "callbacks": [keras.callbacks.CSVLogger("x")]}, "got CSVLogger"),
        ({"seeds": 3, "callbacks": [keras.callbacks.TerminateOnNaN(True)]}, "raise_error"),
        ({"seeds": 3, "callbacks": [STOP("val_acc")]}, "got 'val_acc'"),
        ({"seeds": 3, "callbacks": [STOP()], "validation_split": 0.0}, "There is no validation"),
        ({"seeds": 3, "sample_weight": np.ones(3)}, "the same number of rows"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        bital.fit_replicas(made.softmax, X, Y, **(FIT | settings))


def test_models_and_data_that_no_program_takes_are_refused() -> None:
    class OwnFit(keras.Sequential):
        def fit(self, *args: Any, **kwargs: Any) -> Any:
            return super().fit(*args, **kwargs)

    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    own = made.compiled(OwnFit([layers.Input((4,)), layers.Dense(3)]))
    eager = made.repeated(made.softmax, run_eagerly=True)
    sources: list[tuple[Any, str]] = [
        (eager, "run_eagerly"),
        (eager(), "run_eagerly"),
        (own, r"overrides fit\(\)"),
        (keras.Sequential([layers.Input((4,)), layers.Dense(3)]), "must be compiled"),
        ("model.keras", "a compiled keras.Model or a function"),
    ]
    for source, message in sources:
        with pytest.raises(InvalidInput, match=message):
            bital.fit_replicas(source, X, Y, seeds=2, **FIT)
    scheduled = made.softmax(optimizer=keras.optimizers.SGD(schedule))
    with pytest.raises(InvalidInput, match="SGD has a schedule"):
        bital.fit_replicas(scheduled, X, Y, hyper={"learning_rate": [0.1]}, **FIT)
    plateau = keras.callbacks.ReduceLROnPlateau()
    with pytest.raises(InvalidInput, match="needs a learning rate that is a number"):
        bital.fit_replicas(scheduled, X, Y, seeds=2, callbacks=plateau, **FIT)
    batches = (pair for pair in [(X, Y)])
    with pytest.raises(InvalidInput, match="replicas need x on the device, as arrays"):
        bital.fit_replicas(made.softmax, batches, seeds=2, epochs=1)


def test_an_unknown_hyperparameter_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'learning_rate'"):
        bital.fit_replicas(made.softmax, X, Y, hyper={"learning_rates": [0.1]}, **FIT)


def test_a_bar_shows_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    bital.fit_replicas(made.softmax, X, Y, seeds=2, verbose=1, **FIT)
    assert "36/36" in capsys.readouterr().out
