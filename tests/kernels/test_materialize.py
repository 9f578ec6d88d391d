"""In one function, factors are computed once, and weights are written over without a copy."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

import bital
from bital.engine.cache import PROGRAMS
from bital.kernels import materialize, rewrite
from bital.kernels.materialize import after, once

ODD = np.float32([np.nan, -0.0, 0.0, np.inf, -np.inf, 1.5, -3e38, 1e-30])
X = np.random.default_rng(0).normal(size=(20, 13)).astype(np.float32)
LEFT_OUT = {"once": (rewrite, "factors", lambda _: ()), "after": (materialize, "LARGE", 10**9)}


def bits(values: Any) -> list[int]:
    return np.asarray(values).view(np.int32).tolist()  # type: ignore[no-any-return]


def test_a_value_is_what_it_was_to_the_bit() -> None:
    assert bits(jax.jit(once)(ODD)) == bits(ODD)
    for first in ODD:
        assert bits(jax.jit(after)(ODD, [np.full((2, 1), first), ODD])) == bits(ODD)
    numbers = jnp.arange(3)
    assert once(numbers) is numbers
    assert after(numbers, [numbers, jnp.ones(2)]) is numbers


def trained(monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[Any]]:
    """A training of batches of 1: the text of its loop as compiled, and the weights."""
    texts = []

    def compiling(lowered: Any, *args: Any) -> Any:
        compiled = compile_(lowered, *args)
        texts.append(compiled.as_text())
        return compiled

    PROGRAMS.clear()
    compile_ = jax.stages.Lowered.compile
    monkeypatch.setattr(jax.stages.Lowered, "compile", compiling)
    keras.utils.set_random_seed(3)
    layers = [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((13,)), *layers])
    model.compile("rmsprop", "mse", metrics=["mae"])
    bital.fit(model, X, X.sum(1), batch_size=1, epochs=2, verbose=0)
    (text,) = (text for text in texts if "f32[64,64]" in text)
    return text, [np.asarray(v.value) for v in model.weights]


def counted(operation: str, text: str) -> int:
    return len(re.findall(rf"f32\[64,64\]\S* {operation}\(", text))


@pytest.mark.parametrize("left_out", LEFT_OUT)
def test_what_they_are_for(left_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, weights = trained(monkeypatch)
    monkeypatch.setattr(*LEFT_OUT[left_out])
    plain, same = trained(monkeypatch)
    if left_out == "once":
        assert plain.count(" maximum(") > text.count(" maximum(") == 2
    else:
        assert counted("copy", plain) > counted("copy", text)
        assert counted("multiply", plain) == counted("multiply", text)  # of no reciprocal
    for mine, other in zip(weights, same, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-5, atol=1e-6)
