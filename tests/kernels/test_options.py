"""Compiler options are asked for only where they help and only of a jaxlib that knows them."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import pytest

from bital.kernels import options

CONVOLVES = frozenset({"conv_general_dilated", "add"})


@pytest.fixture(autouse=True)
def _asked_afresh() -> Iterator[None]:
    options._known.cache_clear()
    yield
    options._known.cache_clear()


def test_programs_without_convolutions_get_no_option_of_theirs() -> None:
    chosen = options.compiler_options(frozenset({"add", "dot_general"}))
    assert chosen == options._COPIES
    assert options.compiler_options(CONVOLVES) == options._COPIES | options._CONVOLUTION


def test_other_devices_get_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert options.compiler_options(CONVOLVES) == {}


def test_an_option_that_this_jaxlib_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "_CONVOLUTION", {"xla_cpu_gone_tomorrow": "YES"})
    assert options.compiler_options(CONVOLVES) == options._COPIES


def test_a_value_that_this_jaxlib_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    (name,) = options._CONVOLUTION
    monkeypatch.setattr(options, "_CONVOLUTION", {name: "LIBRARY_FUSION_TYPE_GONE"})
    assert options.compiler_options(CONVOLVES) == options._COPIES


def test_what_is_returned_compiles() -> None:
    chosen = options.compiler_options(CONVOLVES)
    double = jax.jit(lambda x: 2 * x, compiler_options=chosen)
    assert double(jnp.float32(3)) == 6


def test_a_program_beside_others_keeps_to_one_thread() -> None:
    chosen = options.compiler_options(frozenset({"add"}), one_thread=True)
    many = jax.jit(lambda x: jnp.tanh(x) * x + 1)
    one = jax.jit(lambda x: jnp.tanh(x) * x + 1, compiler_options=chosen)
    x = jnp.ones((1024, 1024))
    assert "outer_dimension_partitions" not in one.lower(x).compile().as_text()
    assert many(x[0, 0]) == one(x[0, 0])


def test_both_options_go_together() -> None:
    both = options.compiler_options(CONVOLVES, one_thread=True)
    assert {*options._CONVOLUTION, *options._ONE_THREAD} <= set(both)
