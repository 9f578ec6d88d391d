"""TerminateOnNaN ends a training at the batch at which Keras's loop would."""

from collections.abc import Callable
from functools import cache
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
from engine.parity import Twins, assert_close, assert_same, assert_same_history, trained
from engine.test_hooks import Trace, variables
from engine.test_sources import Batched

# Keras reads its own variables so (get_weights, among others), and NumPy 2 tells it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X, _ = made.iris(110)
C = keras.callbacks
BIG = {"x": 1e3 * X, "y": X[:, :3], "batch_size": 10, "epochs": 9}
ENDLESS = np.where(np.arange(110)[:, None] == 52, np.inf, X[:, :3])  # in the sixth batch
MISSING = np.where(np.arange(110)[:, None] == 3, np.nan, X[:, :3])
IN_ORDER = BIG | {"shuffle": False}


class Transient(keras.Model):
    """A loss of its own in each log, infinite in one batch of an epoch and then not."""

    def __init__(self) -> None:
        super().__init__()
        self.last = keras.layers.Dense(3)

    def call(self, x: Any) -> Any:
        return self.last(x)

    def train_step(self, state: Any, data: Any) -> Any:
        _, state = super().train_step(state, data)
        return {"loss": jax.numpy.max(data[1]), "least": jax.numpy.min(data[1])}, state


def diverging(executions: int = 1) -> keras.Model:
    """Its loss leaves all bounds in the fourth epoch."""
    stack = [keras.layers.Input((4,)), keras.layers.Dense(3)]
    settings = {"loss": "mse", "metrics": ["mae"], "steps_per_execution": executions}
    return made.compiled(keras.Sequential(stack), optimizer=keras.optimizers.SGD(2e-6), **settings)


@cache
def regressing(make: Callable[[], keras.Model]) -> Twins:
    return Twins(make, (X[:10], X[:10, :3]))


def diverging_in_executions() -> keras.Model:
    return diverging(3)


def transient() -> keras.Model:
    return made.compiled(Transient(), loss="mse", metrics=None)


class Reader(C.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Being there, it may look at the model."""


ENDS: dict[str, tuple[dict[str, Any], Callable[[], list[C.Callback]], str]] = {
    "slowly": (IN_ORDER, list, "epochs"),
    "shuffled": (BIG, list, "epochs"),
    "within_the_first_epoch": (IN_ORDER | {"x": 7e3 * X}, list, "epochs"),
    "infinite_at_once": (IN_ORDER | {"y": ENDLESS}, list, "epochs"),
    "not_a_number": (IN_ORDER | {"y": MISSING}, list, "epochs"),
    "not_shown": (IN_ORDER | {"verbose": 2}, list, "epochs"),
    "validated": (IN_ORDER | {"validation_data": (X, X[:, :3])}, list, "epochs"),
    "in_parts": (
        IN_ORDER | {"steps_per_epoch": 5, "x": 2e3 * X[:100], "y": X[:100, :3]},
        list,
        "epochs",
    ),
    "beside_rules": (
        IN_ORDER,
        lambda: [C.EarlyStopping("loss", patience=7), C.ReduceLROnPlateau("loss", patience=7)],
        "epochs",
    ),
    "stopped_before": (IN_ORDER, lambda: [C.EarlyStopping("loss", patience=1)], "epochs"),
    "beside_a_watcher": (IN_ORDER, lambda: [Reader()], "epoch"),
    "beside_a_hook": (IN_ORDER, lambda: [Trace()], "chunks"),
    "dataset": (
        {"x": Batched(lambda x, y: (1e3 * x, x[:, :3])), "epochs": 9, "shuffle": False},
        list,
        "chunks",
    ),
}


def ended(fit: Any, twins: Any, case: str, capsys: Any, **given: Any) -> tuple[Any, ...]:
    """What a training that diverges leaves behind, its lines, and what callbacks were told."""
    settings, others, _ = ENDS[case]
    callbacks = [C.TerminateOnNaN(), *others()]
    outcome = trained(fit, twins, callbacks=lambda: callbacks, **(settings | given))
    lines = [line for line in capsys.readouterr().out.splitlines() if "Invalid loss" in line]
    return outcome, lines, [getattr(c, "calls", None) and len(c.calls) for c in callbacks]


# bital.fit raises at NaN in data; installed it does not, and that is what is compared here.
@pytest.mark.parametrize("make", [diverging, diverging_in_executions])
@pytest.mark.parametrize("case", ENDS)
@pytest.mark.parametrize("pace", [3, 1000])
def test_terminate_on_nan(
    case: str,
    make: Callable[[], keras.Model],
    pace: int,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Pace, "steps", lambda self: pace)
    seen = [ended(fit, regressing(make), case, capsys) for fit in (keras.Model.fit, loosely)]
    (keras_own, lines, calls), (ours, our_lines, our_calls) = seen
    assert our_lines == lines
    assert len(lines) == (0 if case == "stopped_before" else 1)
    assert our_calls == calls
    assert_same(ours, keras_own, 1e-3)
    assert ours.history.bital.path == ENDS[case][2]


def loosely(model: keras.Model, **given: Any) -> Any:
    return train(model, FitSpec(**given))


@pytest.mark.parametrize("case", ["slowly", "beside_a_hook", "dataset"])
def test_terminate_on_nan_with_an_error(case: str) -> None:
    settings, others, _ = ENDS[case]
    said, left = [], []
    for fit in (keras.Model.fit, bital.fit):
        model = regressing(diverging)()
        with pytest.raises(RuntimeError, match="NaN or Inf loss encountered") as error:
            fit(model, callbacks=[C.TerminateOnNaN(raise_error=True), *others()], **settings)
        said.append(str(error.value))
        left.append(variables(model))
    assert said[0] == said[1]
    for mine, other in zip(left[1], left[0], strict=True):
        assert_close(mine, other, 1e-3)


def test_a_loss_of_one_s_own_that_is_infinite_for_a_moment(capsys: Any) -> None:
    y = np.where(np.isinf(ENDLESS), np.inf, 1.0)
    seen = []
    for fit in (keras.Model.fit, loosely):
        given = IN_ORDER | {"x": X, "y": y, "callbacks": lambda: [C.TerminateOnNaN()]}
        outcome = trained(fit, regressing(transient), **given)
        seen.append((outcome, capsys.readouterr().out))
    (keras_own, lines), (ours, our_lines) = seen
    assert our_lines == lines == "Batch 5: Invalid loss, terminating training\n"
    assert_same_history(ours.history, keras_own.history)
