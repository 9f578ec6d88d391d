"""Patches of Keras's own code are noticed, and so is their end."""

from typing import Any

import keras
import pytest
from keras import layers
from keras.src.backend.jax import nn

import bital
from bital.engine.originals import functions_are_original, is_original


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
    assert is_original(layers.Dropout)
    with monkeypatch.context() as patched:
        patched.setattr(base, "call", patch)
        assert not is_original(layers.Dropout)
    assert is_original(layers.Dropout)


def test_a_property_replaced_by_another_of_keras_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_original(layers.Dense)
    monkeypatch.setattr(layers.Layer, "dtype", layers.Layer.compute_dtype)
    assert not is_original(layers.Dense)


def test_a_method_replaced_before_the_class_was_first_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(layers.UnitNormalization, "call", patch)
        assert not is_original(layers.UnitNormalization)
    assert is_original(layers.UnitNormalization)


def test_installing_bital_patches_nothing_that_is_traced() -> None:
    assert is_original(keras.Sequential)
    bital.install()
    try:
        assert is_original(keras.Sequential)
    finally:
        bital.uninstall()
