"""A rule halts where Keras's callback acts, and knows at each epoch what the callback knows."""

import warnings
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bital.engine.rules import Best, Finite, Moment, Record, resumed, rule_of, watch
from bital.models.functional import State
from engine import made

C = keras.callbacks
WEIGHTS = 4
# Exact in float32, so that ties are ties; what rounds is compared in test_ahead.py.
LEVELS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, -0.25]
values = st.sampled_from([*LEVELS, *LEVELS, None, np.nan, np.inf, -np.inf])
epochs = st.lists(values, min_size=1, max_size=14)
deltas = st.sampled_from([0, 0.25, -0.5])
modes = st.sampled_from(["min", "max"])
patiences = st.integers(0, 3)
resumptions = st.sets(st.integers(0, 13))


class Stage:
    """As much of a model as these callbacks act upon."""

    def __init__(self, rate: float = 1.0) -> None:
        self.optimizer = type("", (), {"learning_rate": np.float32(rate)})()
        self.stop_training = False
        self.epoch, self.saves = -1, 0
        self.metrics: list[Any] = []

    def get_weights(self) -> list[np.ndarray]:
        return [np.float32([self.epoch])]

    def save(self, path: str, overwrite: bool) -> None:
        self.saves += 1


def state(epoch: int) -> State:
    return State([np.float32([epoch])], [], [], [])


def play(callback: Any, stage: Stage, told: list[float | None], anew: set[int]) -> None:
    """Tell the callback of epochs and let its rule watch them; at some, begin a new dispatch."""
    callback.set_model(stage)
    callback.on_train_begin()
    rule = rule_of(callback)

    def begun() -> Any:
        return resumed(rule, callback, state(-1), float(stage.optimizer.learning_rate))

    carry = begun()
    for epoch, value in enumerate(told):
        if epoch in anew:
            carry = begun()
        stage.epoch = epoch
        before = stage.stop_training, float(stage.optimizer.learning_rate), stage.saves
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a monitor that is not there
            callback.on_epoch_end(epoch, {} if value is None else {"loss": value})
        acted = before != (stage.stop_training, float(stage.optimizer.learning_rate), stage.saves)

        known = np.bool_(value is not None)
        seen = np.float32(0 if value is None else value)
        moment = Moment(np.int32(epoch), seen, known, state(epoch))
        (carry,), halts = watch([rule], (carry,), lambda name, moment=moment: moment)
        assert bool(halts) == acted, f"epoch {epoch}"
        if not acted:
            assert_same_knowledge(carry, callback)
        if stage.stop_training:
            return
        if acted:
            carry = begun()


def assert_same_knowledge(carry: Best, callback: Any) -> None:
    assert bool(carry.any) == (callback.best is not None)
    if callback.best is not None:
        np.testing.assert_array_equal(carry.value, np.float32(callback.best))
    assert int(carry.wait) == getattr(callback, "wait", 0)
    assert int(carry.cooldown) == getattr(callback, "cooldown_counter", 0)
    if getattr(callback, "best_weights", None) is not None:
        assert int(carry.epoch) == callback.best_epoch
        kept = carry.weights[0][0]
        assert float(kept[0]) in (callback.best_epoch, -1), "-1: not in this dispatch"


@settings(deadline=None, max_examples=1000)
@given(
    epochs,
    deltas,
    patiences,
    modes,
    st.sampled_from([None, 0.5, 1]),
    st.booleans(),
    st.integers(0, 3),
    resumptions,
)
def test_early_stopping(
    told: list[float | None],
    delta: float,
    patience: int,
    mode: str,
    baseline: float | None,
    restore: bool,
    start: int,
    anew: set[int],
) -> None:
    callback = C.EarlyStopping("loss", delta, patience, 0, mode, baseline, restore, start)
    play(callback, Stage(), told, anew)


@settings(deadline=None, max_examples=1000)
@given(epochs, deltas, patiences, modes, st.integers(0, 3), st.sampled_from([0, 0.3]), resumptions)
def test_reduce_on_plateau(
    told: list[float | None],
    delta: float,
    patience: int,
    mode: str,
    cooldown: int,
    least: float,
    anew: set[int],
) -> None:
    callback = C.ReduceLROnPlateau(
        "loss", 0.5, patience, 0, mode, min_delta=delta, cooldown=cooldown, min_lr=least
    )
    play(callback, Stage(), told, anew)


@settings(deadline=None, max_examples=100)
@given(epochs, modes, st.sampled_from([None, 0.5]), resumptions)
def test_checkpoint(
    told: list[float | None], mode: str, threshold: float | None, anew: set[int]
) -> None:
    callback = C.ModelCheckpoint(
        "best.keras", "loss", save_best_only=True, mode=mode, initial_value_threshold=threshold
    )
    play(callback, Stage(), told, anew)


@pytest.mark.parametrize(("value", "halts"), [(0.0, False), (np.nan, True), (-np.inf, True)])
def test_terminate_on_nan(value: float, halts: bool) -> None:
    rule = rule_of(C.TerminateOnNaN())
    assert rule == Finite()
    moment = Moment(np.int32(0), np.float32(value), np.bool_(True), state(0))
    assert bool(rule.update(rule.init(state(0)), moment)[1]) == halts


def test_equal_callbacks_have_equal_rules() -> None:
    """Programs are kept by their rules."""
    one, two, other = (C.EarlyStopping("loss", patience=p, mode="min") for p in (3, 3, 4))
    assert rule_of(one) == rule_of(two) != rule_of(other)
    assert hash(rule_of(one)) == hash(rule_of(two))


def test_the_direction_is_the_metric_s() -> None:
    model = made.softmax()
    model._symbolic_build(data_batch=made.iris(10))
    for monitor, up in (("val_accuracy", True), ("accuracy", True), ("val_loss", False)):
        callback = C.ModelCheckpoint("best.keras", monitor, save_best_only=True)
        callback.set_model(model)
        rule = rule_of(callback)
        assert isinstance(rule, Record)
        assert rule.better.up is up
        assert rule_of(callback) == rule, "asked twice, the sign of min_delta stays"
