"""The state's memory is given to the next batch, and nobody who may still ask for it loses it."""

from typing import Any

import jax
import keras
import numpy as np
import pytest

import bital
from bital.engine.dispatch import Ready
from bital.engine.pace import Pace
from bital.models.functional import Variables
from engine import made
from engine.parity import assert_close, trained
from engine.test_hooks import BEGIN, END, FIT, Meddler, kept, variables

# Keras reads its own variables so (get_weights, among others), and NumPy 2 tells it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

C = keras.callbacks


class Peek(C.Callback):
    """Looks at every batch: at weights and moments, as copies and as the very arrays."""

    def __init__(self) -> None:
        super().__init__()
        self.copies: list[list[np.ndarray]] = []
        self.arrays: list[list[Any]] = []
        self.gone: list[list[bool]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        held = (*self.model.variables, *self.model.optimizer.variables)
        if self.arrays:
            self.gone.append([array.is_deleted() for array in self.arrays[-1]])
        self.arrays.append([variable.value for variable in held])
        self.copies.append(variables(self.model))


def test_arrays_that_live_with_keras_live() -> None:
    theirs, ours = Peek(), Peek()
    for fit, peek in ((keras.Model.fit, theirs), (bital.fit, ours)):
        trained(fit, kept(made.regularised), callbacks=lambda peek=peek: [peek], **FIT)
    for mine, other in zip(ours.gone, theirs.gone, strict=True):
        assert all(theirs_too or not gone for gone, theirs_too in zip(mine, other, strict=True))
    assert any(map(any, ours.gone))  # the memory was given to the next batch
    assert not any(array.is_deleted() for array in ours.arrays[-1])


@pytest.mark.parametrize("looks", [False, True])
def test_arrays_that_a_hook_gives_the_model_live(looks: bool) -> None:
    one = jax.numpy.full((4, 3), 0.5)

    def give(model: keras.Model) -> None:
        model.layers[0].kernel.assign(one)
        model.optimizer.variables[2].assign(one)  # its momentum: one array twice

    callbacks = [Meddler(END, 4, give), Meddler(BEGIN, 7, give), *([Peek()] if looks else [])]
    outcome = trained(bital.fit, kept(made.softmax), callbacks=lambda: callbacks, **FIT)
    np.testing.assert_array_equal(one, np.full((4, 3), 0.5))
    assert np.isfinite(outcome.weights[0]).all()


def before(inner: Any, *args: Any) -> Any:
    raise KeyboardInterrupt


def after(inner: Any, *args: Any) -> Any:
    inner(*args)
    raise KeyboardInterrupt


INTERRUPTS: dict[str, tuple[Any, str, Any, int]] = {
    "before_a_call": (Ready, "__call__", before, 15),
    "before_its_result_is_held": (Ready, "__call__", after, 10),  # the epoch's beginning
    "while_it_is_waited_for": (Pace, "record", before, 16),
    "while_a_hook_is_shown_the_model": (Variables, "write", before, 15),
    "after_a_hook_was_shown_the_model": (Variables, "write", after, 15),
}


@pytest.mark.parametrize("case", INTERRUPTS)
def test_ctrl_c_where_every_batch_is_looked_at(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves the model after a batch, whatever of it has been given away by then."""
    owner, name, act, reached = INTERRUPTS[case]
    peek, inner, calls = Peek(), getattr(owner, name), 0
    trained(keras.Model.fit, kept(made.regularised), callbacks=lambda: [peek], **FIT)

    def interrupting(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return act(inner, *args) if calls == 17 else inner(*args)

    monkeypatch.setattr(owner, name, interrupting)
    model = kept(made.regularised)()
    keras.utils.set_random_seed(11)
    with pytest.raises(KeyboardInterrupt):
        bital.fit(model, **FIT, callbacks=[Peek()], verbose=0)
    for mine, other in zip(variables(model), peek.copies[reached], strict=True):
        assert_close(mine, other, 1e-4)
