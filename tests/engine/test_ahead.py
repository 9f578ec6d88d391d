"""Epochs that run ahead of callbacks that decide: what Keras leaves behind, in few dispatches."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np
import pytest

import bital
from bital.engine.fit import train
from bital.engine.fitspec import FitSpec
from bital.engine.pace import Pace
from engine import made
from engine.parity import Outcome, Twins, assert_close, assert_same, check_same, trained
from engine.test_sources import heard

# Keras reads its own variables so (get_weights, among others), and NumPy 2 tells it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

C = keras.callbacks
EPOCHS = 24
NAN, INF = np.nan, np.inf


def loss(y: Any, p: Any) -> Any:
    """The label itself, whatever the model says; the weight falls by the learning rate a step."""
    return y + (p - jax.lax.stop_gradient(p))


def score(y: Any, p: Any) -> Any:
    return y


def scripted(optimizer: Any = None) -> keras.Model:
    """A model whose loss in each epoch is that epoch's label: one row is one epoch.

    Its validation's error shrinks while the weight falls to the validation's label, then it grows.
    """
    stack = [
        keras.layers.Input((1,)),
        keras.layers.Dense(1, use_bias=False, kernel_initializer="ones"),
    ]
    optimizer = optimizer() if optimizer else keras.optimizers.SGD(0.1)
    return made.compiled(
        keras.Sequential(stack), optimizer=optimizer, loss=loss, metrics=["mae", score]
    )


@cache
def kept(optimizer: Any = None) -> Twins:
    return Twins(lambda: scripted(optimizer), (np.ones((1, 1)), np.ones((1, 1))))


def script(losses: Any, target: float = 0.34) -> dict[str, Any]:
    """Arguments of `fit` for such losses; the last one goes on."""
    y = np.full((EPOCHS, 1), losses[-1], np.float32)
    y[: len(losses), 0] = losses
    return {
        "x": np.ones((EPOCHS, 1), np.float32),
        "y": y,
        "batch_size": 1,
        "steps_per_epoch": 1,
        "shuffle": False,
        "validation_data": (np.ones((1, 1)), np.full((1, 1), target)),
        "epochs": EPOCHS,
    }


def loosely(model: keras.Model, **given: Any) -> Any:
    """As with `bital.install()`: what Keras lets pass is let pass."""
    return train(model, FitSpec(**given))


KNOWN = ("best", "best_epoch", "wait", "stopped_epoch", "cooldown_counter", "min_delta")


def knowledge(callback: Any) -> dict[str, Any]:
    known = {name: getattr(callback, name) for name in KNOWN if hasattr(callback, name)}
    for index, weight in enumerate(getattr(callback, "best_weights", None) or ()):
        known[f"best_weights[{index}]"] = np.asarray(weight)
    return known


def assert_same_knowledge(mine: Any, other: Any, tolerance: float = 1e-6) -> None:
    assert mine.keys() == other.keys()
    for name, value in other.items():
        assert (mine[name] is None) == (value is None), name
        assert type(mine[name]) is type(value), name
        if value is not None:
            assert_close(mine[name], value, tolerance, name)


def compare(
    capsys: Any,
    callbacks: Callable[[], list[Any]],
    twins: Callable[[], keras.Model] | None = None,
    *,
    tolerance: float = 1e-6,
    **given: Any,
) -> Outcome:
    """Train by Keras and by bital; compare outcomes, lines and what the callbacks know."""
    seen = []
    for fit in (keras.Model.fit, loosely):
        used = callbacks()
        outcome = trained(fit, twins or kept(), callbacks=lambda used=used: used, **given)
        seen.append((outcome, capsys.readouterr().out, [knowledge(c) for c in used]))
    (keras_own, lines, theirs), (ours, our_lines, mine) = seen
    assert_same(ours, keras_own, tolerance)
    assert our_lines.replace(" / ", "") == lines
    for a, b in zip(mine, theirs, strict=True):
        assert_same_knowledge(a, b, tolerance)
    return ours


FALLING = list(np.linspace(3, 1, EPOCHS))
TURNING = [3.0, 2.0, 1.0, 1.5, 2.0, 2.5, 2.0, 0.5, 3.0, 3.0, 3.0, 3.0, 3.0]
TIES = [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]
LOST = [3.0, NAN, 2.0, NAN, 1.0, 1.0, 1.0]
RULES: dict[str, tuple[list[float], Callable[[], list[Any]]]] = {
    "stop": (TURNING, lambda: [C.EarlyStopping("loss", patience=2, verbose=1)]),
    "stop_without_patience": (TURNING, lambda: [C.EarlyStopping("loss")]),
    "stop_never": (FALLING, lambda: [C.EarlyStopping("loss", patience=1)]),
    "stop_restoring": (
        TURNING,
        lambda: [C.EarlyStopping("loss", patience=4, restore_best_weights=True, verbose=1)],
    ),
    "restore_at_the_end": (
        TURNING,
        lambda: [C.EarlyStopping("loss", patience=99, restore_best_weights=True, verbose=1)],
    ),
    "restore_the_first": (
        list(reversed(FALLING)),
        lambda: [C.EarlyStopping("loss", patience=5, restore_best_weights=True)],
    ),
    "nothing_to_restore": (
        TURNING,
        lambda: [C.EarlyStopping("loss", start_from_epoch=90, restore_best_weights=True)],
    ),
    "stop_by_validation": (
        FALLING,
        lambda: [C.EarlyStopping("val_mae", patience=3, restore_best_weights=True)],
    ),
    "stop_above": (FALLING, lambda: [C.EarlyStopping("score", mode="max", patience=3)]),
    "stop_by_delta": (TURNING, lambda: [C.EarlyStopping("loss", min_delta=0.75, patience=3)]),
    "baseline_never_reached": (
        TURNING,
        lambda: [C.EarlyStopping("loss", baseline=0.1, patience=4, restore_best_weights=True)],
    ),
    "baseline_reached": (TURNING, lambda: [C.EarlyStopping("loss", baseline=2.5, patience=3)]),
    "start_late": (TURNING, lambda: [C.EarlyStopping("loss", start_from_epoch=3, patience=1)]),
    "ties": (TIES, lambda: [C.EarlyStopping("loss", patience=2, restore_best_weights=True)]),
    "not_a_number": (LOST, lambda: [C.EarlyStopping("loss", patience=3)]),
    "never_a_number": ([NAN], lambda: [C.EarlyStopping("loss", patience=3)]),
    "infinite": ([INF, INF, 1, -INF, 1], lambda: [C.EarlyStopping("loss", patience=2)]),
    "reduce": (TURNING, lambda: [C.ReduceLROnPlateau("loss", 0.5, 1, verbose=1)]),
    "reduce_at_once": (TURNING, lambda: [C.ReduceLROnPlateau("loss", 0.9, 0)]),
    "reduce_by_validation": (FALLING, lambda: [C.ReduceLROnPlateau("val_mae", 0.5, 1)]),
    "cool_down": (TURNING, lambda: [C.ReduceLROnPlateau("loss", 0.5, 1, cooldown=2)]),
    "least_rate": (
        [1.0],
        lambda: [C.ReduceLROnPlateau("loss", 0.5, 1, min_lr=0.03, verbose=1)],
    ),
    "reduce_and_stop": (
        TURNING,
        lambda: [
            C.ReduceLROnPlateau("loss", 0.5, 1),
            C.EarlyStopping("loss", patience=4, restore_best_weights=True),
        ],
    ),
    "stop_and_reduce": (
        TURNING,
        lambda: [C.EarlyStopping("loss", patience=2), C.ReduceLROnPlateau("loss", 0.5, 2)],
    ),
    "two_of_a_kind": (
        TURNING,
        lambda: [
            C.ReduceLROnPlateau("loss", 0.5, 1),
            C.ReduceLROnPlateau("loss", 0.5, 1),
            C.EarlyStopping("loss", patience=9, restore_best_weights=True),
            C.EarlyStopping("val_mae", patience=4, restore_best_weights=True),
        ],
    ),
    "schedule": (FALLING, lambda: [C.LearningRateScheduler(lambda epoch, rate: rate * 0.9)]),
    "old_schedule": (FALLING, lambda: [C.LearningRateScheduler(lambda epoch: 0.5 / (epoch + 1))]),
    "two_schedules": (
        FALLING,
        lambda: [
            C.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
            C.LearningRateScheduler(lambda epoch, rate: rate + 0.01),
        ],
    ),
    "spoken_schedule": (
        FALLING[:4],
        lambda: [C.LearningRateScheduler(lambda epoch, rate: rate * 0.9, verbose=1)],
    ),
    "schedule_and_stop": (
        TURNING,
        lambda: [
            C.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
            C.EarlyStopping("loss", patience=2),
        ],
    ),
    "schedule_and_reduce": (
        TURNING,
        lambda: [
            C.ReduceLROnPlateau("loss", 0.5, 1),
            C.LearningRateScheduler(lambda epoch, rate: rate + 0.01),
        ],
    ),
    "direction_unknown": (TURNING, lambda: [C.EarlyStopping("loss", mode="max", patience=5)]),
}


@pytest.mark.parametrize("pace", [1, 1000])
@pytest.mark.parametrize("case", RULES)
def test_rules(case: str, pace: int, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "steps", lambda self: pace * EPOCHS)
    losses, callbacks = RULES[case]
    ours = compare(capsys, callbacks, **script(losses))
    beside = "schedule" in case and ("_and_" in case or "spoken" in case)
    assert ours.history.bital.path == ("epoch" if beside else "epochs")
    if pace == 1000 and not beside:
        rates = ours.history.history.get("learning_rate", [])
        changes = len(set(rates)) if "schedule" not in case else 0
        assert ours.history.bital.dispatches <= 3 + changes


@pytest.mark.filterwarnings("ignore:.*which is not available:UserWarning")
@pytest.mark.parametrize("callback", [C.EarlyStopping, C.ReduceLROnPlateau])
@pytest.mark.parametrize("freq", [3, [2, 5, 6, 7, 8, 11]])
def test_validation_at_times(callback: Any, freq: Any, capsys: Any) -> None:
    """An epoch without validation is one in which the callback does not look."""
    callbacks = lambda: [callback("val_mae", patience=1, mode="min", verbose=1)]  # noqa: E731
    compare(capsys, callbacks, validation_freq=freq, **script(FALLING))


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: C.EarlyStopping("val_acc", mode="max"),
        lambda folder: C.ReduceLROnPlateau("val_loss"),
        lambda folder: C.ModelCheckpoint(folder / "{epoch}.weights.h5", "val_loss", 0, True, True),
    ],
)
def test_what_is_monitored_is_not_there(make: Any, tmp_path: Path) -> None:
    """`bital.fit` raises, as test_checks.py knows; installed, the warnings are Keras's."""
    given = script(TURNING) | {"validation_data": None, "epochs": 5}
    seen = []
    for name, fit in (("keras", keras.Model.fit), ("bital", loosely)):
        (tmp_path / name).mkdir()
        callback = make(tmp_path / name)
        outcome, said = heard(
            lambda f=fit, c=callback: trained(f, kept(), callbacks=lambda: [c], **given)
        )
        files = sorted(path.name for path in (tmp_path / name).iterdir())
        seen.append((outcome, said, files))
    (keras_own, theirs, files), (ours, mine, our_files) = seen
    assert mine == theirs
    assert len(mine) == 5
    assert our_files == files
    assert_same(ours, keras_own)


def test_a_direction_that_nobody_knows() -> None:
    """Keras finds out after the first epoch, we before it."""
    for fit in (keras.Model.fit, loosely):
        with pytest.raises(ValueError, match="isn't able to automatically determine"):
            trained(
                fit, kept(), callbacks=lambda: [C.EarlyStopping("val_score")], **script(TURNING)
            )


class Patient(C.EarlyStopping):
    """Stops two epochs later than Keras's."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)
        self.model.stop_training = self.stopped_epoch > 0 and epoch >= self.stopped_epoch + 2


def test_a_subclass_is_a_watcher(capsys: Any) -> None:
    ours = compare(capsys, lambda: [Patient("loss", patience=1)], **script(TURNING))
    assert ours.history.bital.path == "epoch"
    assert "Patient" in ours.history.bital.reason
    assert len(ours.history.epoch) > 3


def test_callbacks_used_again(capsys: Any) -> None:
    """Some begin anew with each training, some do not; `monitor_op` and `min_delta` stay."""
    seen = []
    for fit in (keras.Model.fit, loosely):
        callbacks = [
            C.EarlyStopping("loss", patience=3, min_delta=0.5, restore_best_weights=True),
            C.ReduceLROnPlateau("loss", 0.5, 1, cooldown=1),
            C.TerminateOnNaN(),
        ]
        outcomes = [
            trained(fit, kept(), callbacks=lambda c=callbacks: c, **script(losses))
            for losses in (TURNING, TIES, TURNING)
        ]
        seen.append((outcomes, [knowledge(c) for c in callbacks]))
    for mine, other in zip(seen[1][0], seen[0][0], strict=True):
        assert_same(mine, other)
    for mine, other in zip(seen[1][1], seen[0][1], strict=True):
        assert_same_knowledge(mine, other)


STEP = float(np.float32(0.1))
ROUNDING: dict[str, tuple[list[float], float]] = {
    # value - delta is taken in float64 and compared in float32: within one unit either way
    "just_not": ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5], 0.1),
    "just": ([1.0, np.nextafter(np.float32(0.9), np.float32(0)), 0.79, 0.69, 0.59], 0.1),
    "tenths": ([0.3, 0.2, 0.1, 0.0, -0.1, -0.2], STEP),
    "tiny": ([1.0, 1 - 6e-8, 1 - 1.2e-7, 1 - 1.8e-7, 1 - 2.4e-7, 1.0], 1e-7),
    "default_of_plateau": ([1.0, 0.9999, 0.9998, 0.9997, 0.9996, 0.9995], 1e-4),
    "large": ([1e7, 1e7 - 1, 1e7 - 2, 1e7 - 3, 1e7 - 3], 1.0),
}


@pytest.mark.parametrize("case", ROUNDING)
@pytest.mark.parametrize("patience", [0, 1, 2])
def test_values_that_round(case: str, patience: int, capsys: Any) -> None:
    """Where the program and the callback round apart, the answer is the callback's."""
    losses, delta = ROUNDING[case]
    compare(
        capsys,
        lambda: [
            C.ReduceLROnPlateau("loss", 0.5, patience, min_delta=delta),
            C.EarlyStopping(
                "loss", min_delta=delta, patience=patience + 2, restore_best_weights=True
            ),
        ],
        **script(losses),
    )


@pytest.mark.parametrize("rounds", ["early", "late"])
def test_a_rule_that_is_wrong_costs_a_dispatch_and_no_more(
    rounds: str, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that halts at other epochs than the callbacks act leaves the same behind."""
    from bital.engine import ahead

    real = ahead.rule_of

    def wrong(callback: Any) -> Any:
        rule = real(callback)
        delta = 1 if rounds == "early" else -3
        better = type(rule.better)(rule.better.up, rule.better.delta - delta)
        return type(rule)(**(vars(rule) | {"better": better}))

    monkeypatch.setattr(ahead, "rule_of", wrong)
    monkeypatch.setattr(Pace, "steps", lambda self: 1000 * EPOCHS)
    for callbacks in (
        lambda: [C.EarlyStopping("loss", patience=2, restore_best_weights=True)],
        lambda: [C.EarlyStopping("val_mae", patience=2, restore_best_weights=True)],
        lambda: [C.ReduceLROnPlateau("loss", 0.5, 1), C.EarlyStopping("val_mae", patience=5)],
    ):
        compare(capsys, callbacks, **script(TURNING))


def saved(folder: Path, callbacks: Callable[[Path], list[Any]], fit: Any, **given: Any) -> Any:
    folder.mkdir()
    used = callbacks(folder)
    outcome = trained(fit, kept(), callbacks=lambda: used, **given)
    found = {}
    for path in sorted(folder.glob("*.h5")):
        outcome.model.load_weights(path)
        model = outcome.model
        values = (*model.trainable_variables, *model.optimizer.variables)
        found[path.name] = [np.array(v.value) for v in values]
    text = {path.name: path.read_text() for path in sorted(folder.glob("*.csv"))}
    return outcome, [knowledge(c) for c in used], found, text


def best(folder: Path, monitor: str = "loss", **settings: Any) -> Any:
    path = folder / (monitor + "-{epoch}.weights.h5")
    return C.ModelCheckpoint(path, monitor, 1, True, True, **settings)


def slower(patience: int = 0) -> Any:
    return C.ReduceLROnPlateau("loss", 0.5, patience, verbose=1)


SAVED: dict[str, Callable[[Path], list[Any]]] = {
    "best": lambda folder: [best(folder)],
    "best_of_validation": lambda folder: [best(folder, "val_mae")],
    "above_a_threshold": lambda folder: [best(folder, initial_value_threshold=1.2)],
    "highest": lambda folder: [best(folder, "score", mode="max")],
    "reduced_before": lambda folder: [slower(), best(folder, "val_mae")],
    "reduced_after": lambda folder: [best(folder, "val_mae"), slower()],
    "stopped_before": lambda folder: [
        C.EarlyStopping("loss", patience=1),
        best(folder, "val_mae"),
        C.CSVLogger(folder / "log.csv"),
    ],
    "logged_and_stopped": lambda folder: [
        C.CSVLogger(folder / "log.csv"),
        best(folder),
        slower(1),
        C.EarlyStopping("loss", patience=4, restore_best_weights=True, verbose=1),
    ],
    "two": lambda folder: [best(folder), best(folder, "val_mae"), slower()],
}


@pytest.mark.parametrize("case", SAVED)
def test_files(case: str, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pace, "steps", lambda self: 1000 * EPOCHS)
    given = script(TURNING) | {"epochs": 13}
    seen = []
    for name, fit in (("keras", keras.Model.fit), ("bital", loosely)):
        result = saved(tmp_path / name, SAVED[case], fit, **given)
        lines = capsys.readouterr().out.replace(str(tmp_path / name), "")
        seen.append((*result, lines))
    (keras_own, theirs, files, text, lines), (ours, mine, our_files, our_text, our_lines) = seen
    assert our_lines == lines
    assert our_text == text
    assert our_files.keys() == files.keys()
    for name, expected in files.items():
        for index, (a, b) in enumerate(zip(our_files[name], expected, strict=True)):
            assert_close(a, b, 1e-6, f"{name}[{index}]")
    for a, b in zip(mine, theirs, strict=True):
        assert_same_knowledge(a, b)
    assert_same(ours, keras_own)
    assert ours.history.bital.path == "epochs"


def scaled() -> keras.optimizers.Optimizer:
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=4.0)


def averaged() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)


def decaying() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.9))


@pytest.mark.parametrize("optimizer", [scaled, averaged, keras.optimizers.Adam])
@pytest.mark.parametrize(
    "callbacks",
    [
        RULES["reduce_and_stop"][1],
        RULES["schedule"][1],
        lambda: [C.EarlyStopping("val_mae", patience=3, restore_best_weights=True)],
    ],
)
def test_optimizers(optimizer: Any, callbacks: Any, capsys: Any) -> None:
    ours = compare(capsys, callbacks, kept(optimizer), **script(TURNING))
    assert ours.history.bital.path == "epochs"


def test_a_rate_that_is_a_schedule_already(capsys: Any) -> None:
    """It can be stopped early, but not be set: the error is Keras's."""
    compare(capsys, RULES["stop_restoring"][1], kept(decaying), **script(TURNING))
    raised = []
    for callback in (
        lambda: C.ReduceLROnPlateau("loss", 0.5, 1),
        lambda: C.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
    ):
        for fit in (keras.Model.fit, loosely):
            with pytest.raises(TypeError) as error:
                trained(fit, kept(decaying), callbacks=lambda c=callback: [c()], **script(TURNING))
            raised.append(str(error.value))
    assert raised[0] == raised[1]
    assert raised[2] == raised[3]


def failing(epoch: int, rate: float) -> float:
    if epoch == 3:
        raise LookupError("no rate")
    return rate * 0.9


def text(epoch: int, rate: float) -> Any:
    return rate * 0.9 if epoch < 3 else "slow"


@pytest.mark.parametrize(("schedule", "kind"), [(failing, LookupError), (text, ValueError)])
def test_a_schedule_that_fails(schedule: Any, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it gave for the epochs before has been trained."""
    monkeypatch.setattr(Pace, "steps", lambda self: 1000 * EPOCHS)
    left = []
    for fit in (keras.Model.fit, loosely):
        model, history = kept()(), C.History()
        with pytest.raises(kind):
            fit(
                model,
                callbacks=[C.LearningRateScheduler(schedule), history],
                verbose=0,
                **script(TURNING),
            )
        left.append((model.trainable_variables, model.optimizer.variables, history.history))
    assert left[1][2].keys() == left[0][2].keys()
    assert left[1][2] == left[0][2]
    for mine, other in zip(left[1][0] + left[1][1], left[0][0] + left[0][1], strict=True):
        assert_close(mine.value, other.value, 1e-6)


X, Y = made.iris(110)
IRIS = {"x": X, "y": Y, "batch_size": 15, "epochs": 30, "validation_split": 0.2}


@cache
def iris() -> Twins:
    optimizer = keras.optimizers.SGD
    make = made.repeated(made.regularised, optimizer=lambda: optimizer(1.0, momentum=0.9))
    return Twins(make, (X[:20], Y[:20]))


@pytest.mark.parametrize("shuffle", [True, "batch"])
@pytest.mark.parametrize("steps", [None, 3])
@pytest.mark.parametrize("pace", [7, 1000])
def test_the_orders_of_epochs_that_were_not_trained_are_given_back(
    shuffle: Any, steps: int | None, pace: int, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an early stop `numpy.random` stands where Keras leaves it."""
    monkeypatch.setattr(Pace, "steps", lambda self: pace)
    ours = compare(
        capsys,
        lambda: [
            C.ReduceLROnPlateau(patience=0, factor=0.5, min_delta=0.02),
            C.EarlyStopping(patience=2, restore_best_weights=True),
        ],
        iris(),
        tolerance=1e-4,
        shuffle=shuffle,
        steps_per_epoch=steps,
        **IRIS,
    )
    assert len(ours.history.epoch) < 30


def test_500_epochs_with_rules_take_a_handful_of_dispatches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pace, "steps", lambda self: 3000)
    history = trained(
        bital.fit,
        made.softmax,
        callbacks=lambda: [C.EarlyStopping(patience=500), C.ReduceLROnPlateau(patience=120)],
        **(IRIS | {"epochs": 500}),
    ).history
    assert history.epoch == list(range(500))
    assert len(set(history.history["learning_rate"])) <= 6
    assert history.bital.path == "epochs"
    assert history.bital.dispatches <= 12


class Warmup:
    """A schedule that is an object, and has been told the model or not."""

    def __init__(self, model: Any = None) -> None:
        self.model = model

    def __call__(self, epoch: int, rate: float) -> float:
        if self.model is None:
            return rate * 0.9
        losses = self.model.history.history.get("loss", [9.0])
        return 0.01 * losses[-1]

    def method(self, epoch: int, rate: float) -> float:
        return self(epoch, rate)


SCHEDULES: dict[str, tuple[Callable[[keras.Model], Any], str]] = {
    "function": (lambda model: lambda epoch, rate: rate * 0.9, "epochs"),
    "object": (lambda model: Warmup(), "epochs"),
    "method": (lambda model: Warmup().method, "epochs"),
    "reads_the_history": (
        lambda model: lambda epoch, rate: 0.01 * len(model.history.history.get("loss", "four")),
        "epoch",
    ),
    "object_that_reads": (Warmup, "epoch"),
    "method_that_reads": (lambda model: Warmup(model).method, "epoch"),
    "partial": (lambda model: partial(lambda by, epoch, rate: rate * by, 0.9), "epoch"),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_a_schedule_is_asked_ahead_unless_it_looks(case: str) -> None:
    """What it reads of epochs that ran before must be there when it reads it."""
    make, path = SCHEDULES[case]
    seen = []
    for fit in (keras.Model.fit, loosely):

        def scheduled(model: keras.Model, fit: Any = fit, **given: Any) -> Any:
            callbacks = [C.LearningRateScheduler(make(model))]
            return fit(model, **(given | {"callbacks": callbacks}))

        seen.append(trained(scheduled, kept(), **script(TURNING)))
    assert_same(seen[1], seen[0], 1e-6)
    assert seen[1].history.bital.path == path


def test_an_optimizer_put_in_the_place_of_another() -> None:
    """Without a new `compile`, as Keras lets it be done."""

    def twice(fit: Any) -> Outcome:
        def both(model: keras.Model, **given: Any) -> Any:
            fit(model, **given)
            model.optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
            return fit(model, **given)

        return trained(both, scripted, **script(TURNING))

    ours, keras_own = map(twice, (loosely, keras.Model.fit))
    assert_same(ours, keras_own, 1e-6)


@pytest.mark.parametrize(
    "callback",
    [
        lambda: C.LearningRateScheduler(lambda epoch, rate: rate * 0.5),
        lambda: C.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=1.0),
    ],
)
def test_rates_of_several_optimizers(callback: Any) -> None:
    def make() -> keras.Model:
        adam, sgd = keras.optimizers.Adam(0.01, name="a"), keras.optimizers.SGD(0.01, name="s")
        parted = keras.optimizers.OptimizerMap(adam, {".*kernel.*": sgd})
        return made.softmax(optimizer=keras.optimizers.MultiOptimizer(parted))

    x, y = made.iris()
    ours = check_same(make, x=x, y=y, epochs=4, callbacks=lambda: [callback()])
    assert {"learning_rate_a", "learning_rate_s"} <= set(ours.history.history)
