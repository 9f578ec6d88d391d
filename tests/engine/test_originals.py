"""Patches of Keras's own code are noticed, and so is their end."""

from typing import Any

import keras
import pytest
from keras import layers
from keras.src.backend.jax import nn

import bital
from bital.engine.originals import editions, functions_are_original


def patch(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError


def test_a_function_replaced_in_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    assert functions_are_original()
    with monkeypatch.context() as patched:
        patched.setattr(nn, "relu", patch)
        assert not functions_are_original()
    assert functions_are_original()


@pytest.mark.parametrize("base", [layers.Dropout, layers.Layer, keras.Operation])
def test_a_method_replaced_on_a_class_or_its_base(
    monkeypatch: pytest.MonkeyPatch, base: type
) -> None:
    before = editions(layers.Dropout)
    assert before is not None
    with monkeypatch.context() as patched:
        patched.setattr(base, "call", patch)
        assert editions(layers.Dropout) is None
    assert editions(layers.Dropout) == before


def test_a_method_replaced_by_another_of_keras_s(monkeypatch: pytest.MonkeyPatch) -> None:
    before = editions(layers.Dense)
    with monkeypatch.context() as patched:
        patched.setattr(layers.Layer, "dtype", layers.Layer.compute_dtype)
        during = editions(layers.Dense)
        assert during not in (before, None)
        assert during == editions(layers.Dense)
    assert editions(layers.Dense) == before


def test_a_method_replaced_before_the_class_was_first_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(layers.UnitNormalization, "call", patch)
        assert editions(layers.UnitNormalization) is None
    assert editions(layers.UnitNormalization) is not None


def test_installing_bital_changes_nothing_that_is_traced() -> None:
    before = editions(keras.Sequential)
    bital.install()
    try:
        assert editions(keras.Sequential) == before
    finally:
        bital.uninstall()
