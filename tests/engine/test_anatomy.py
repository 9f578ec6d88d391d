"""What is called idle is not read, and what is called a name only labels."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import keras
import pytest
from keras import layers, optimizers

from bital.engine.anatomy import IDLE, NAME, NAMES, anatomy
from bital.models import functional
from engine import made
from engine.pairs import Make, built, called_twice, key_data, stack, two_outputs, wired

# These are read, but follow from the class, from lists of variables and from the state; a tracker
# only looks at attributes that are set while the trace goes on.
FOLLOW = {
    "_call_signature",
    "_exclude_from_weight_decay_cache",
    "_tracker",
    "_trainable_variables_indices",
    "_value",
}

MODELS: dict[str, Make] = {
    "regularised": partial(made.regularised, optimizer="adamw"),
    "recurrent": lambda: stack(layers.Embedding(9, 4, mask_zero=True), layers.GRU(2, dropout=0.2)),
    "wired": wired(called_twice),
    "images": made.cnn,
    "two outputs": two_outputs(),
    "nested": lambda: stack(keras.Sequential([layers.Input((4,)), layers.GaussianNoise(0.1)])),
    "scaled loss": lambda: stack(optimizer=optimizers.LossScaleOptimizer(optimizers.SGD())),
}


class Poison:
    """Raises whatever is done with it."""

    def raise_(self, *args: Any) -> Any:
        raise AssertionError("an idle attribute has been read")

    __bool__ = __call__ = __contains__ = __eq__ = __getitem__ = __iter__ = __len__ = raise_
    __hash__ = object.__hash__
    __getattr__ = raise_


def within(value: Any, seen: dict[int, Any]) -> Iterator[Any]:
    """All of Keras's objects that can be reached without idle attributes."""
    if id(value) in seen:
        return
    seen[id(value)] = value
    parts: list[Any] = []
    if isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set)):
        parts = list(value)
    elif type(value).__module__.startswith("keras.src.") and hasattr(value, "__dict__"):
        yield value
        roles = anatomy(type(value)).roles
        parts = [item for name, item in vars(value).items() if roles.get(name) != IDLE]
    for part in parts:
        yield from within(part, seen)


def traces(model: keras.Model) -> list[str]:
    x, y = key_data(model)
    state = functional.read_state(model)
    steps = {
        functional.train_step: (state, (x, y)),
        functional.test_step: (state, (x, y)),
        functional.predict_step: (state, (x,)),
        functional.metric_results: (state,),
        functional.reset_metrics: (state,),
    }
    return [str(jax.make_jaxpr(partial(step, model))(*args)) for step, args in steps.items()]


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())
def test_a_trace_does_not_read_what_is_idle_or_a_name(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = built(make)
    expected = traces(model)
    touched = 0
    for number, thing in enumerate(list(within(model, {}))):
        for name, role in anatomy(type(thing)).roles.items():
            if name not in vars(thing) or name in FOLLOW:
                continue
            value = vars(thing)[name]
            if role == NAME:
                value = f"other_{number}"
            elif role == NAMES and value is not None and len(value) == 1:
                value = [f"other_{number}"]
            elif role == IDLE:
                value = Poison()
            monkeypatch.setitem(vars(thing), name, value)
            touched += 1
    assert touched > 100
    assert traces(model) == expected
