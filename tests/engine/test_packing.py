"""How replicas share a program: the choice, the layout, and programs over either axis."""

from typing import Any

import jax
import numpy as np
import pytest

from bital.engine import packing as module
from bital.engine.packing import (
    AXIS,
    FEWEST,
    NARROWEST,
    PACKED_WORK,
    SIDE_BY_SIDE_WORK,
    STRIDE,
    WIDEST,
    Packing,
    packing,
)
from bital.engine.program import Program

DOTS = frozenset({"dot_general", "add"})
CONVOLVES = DOTS | {"conv_general_dilated"}
SIDE, FIRST, TURNS = -1, 0, None


def chosen(primitives: frozenset[str], work: int, count: int, packed: bool | None) -> Any:
    return packing(Program(len, primitives, work), count, packed).axis


@pytest.mark.parametrize(
    ("primitives", "work", "count", "axis"),
    [
        (DOTS, 0, FEWEST, SIDE),
        (DOTS, SIDE_BY_SIDE_WORK, FEWEST, SIDE),
        (DOTS, SIDE_BY_SIDE_WORK, FEWEST - 1, FIRST),
        (DOTS, SIDE_BY_SIDE_WORK + 1, FEWEST, FIRST),
        (DOTS, PACKED_WORK, 2, FIRST),
        (DOTS, PACKED_WORK + 1, 100, TURNS),
        (CONVOLVES, 1, 100, TURNS),
        (DOTS | {"ffi_call"}, 1, 100, TURNS),
        (DOTS, 0, 1, TURNS),
    ],
)
def test_what_is_fastest_on_a_cpu(
    primitives: frozenset[str], work: int, count: int, axis: int | None
) -> None:
    assert jax.default_backend() == "cpu"
    assert chosen(primitives, work, count, None) == axis


def test_what_was_asked_for() -> None:
    assert chosen(CONVOLVES, 10**9, 3, True) == FIRST
    assert chosen(DOTS, 1, FEWEST, True) == SIDE
    assert chosen(DOTS, 1, FEWEST, False) == TURNS


def test_elsewhere_all_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert packing(Program(len, CONVOLVES, 10**9), 7, None) == Packing(7, 0)
    assert packing(Program(len, DOTS, 1), 1, None) == Packing()


@pytest.mark.parametrize("cores", [1, 2, 16])
def test_widths(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "cores", lambda: cores)
    for count in (FEWEST, 40, 41, 64, 100, 128, 256, 1000):
        how = packing(Program(len, DOTS, 1), count, None)
        assert NARROWEST <= how.width <= WIDEST
        assert how.width % STRIDE == 0
        groups = how.groups(range(count))
        assert [r for group in groups for r in group] == list(range(count))
        if len(groups) > cores:  # as full as can be, and no core without
            assert how.width > WIDEST - STRIDE or len(groups) % cores == 0
        first = packing(Program(len, DOTS, PACKED_WORK), count, None)
        assert len(first.groups(range(count))) <= cores


PARTS = [{"a": np.full((2, 3), r, np.float32), "b": [np.int32(r)]} for r in range(3)]


@pytest.mark.parametrize("how", [Packing(4, 0), Packing(4, -1)])
def test_what_is_stacked_can_be_had_again(how: Packing) -> None:
    stacked = how.stacked(PARTS)
    assert stacked["a"].shape == ((4, 2, 3) if how.axis == 0 else (2, 3, 4))
    assert_same(how.parts(stacked, 3), PARTS)
    assert_same([how.part(stacked, 3)], PARTS[:1])  # the first stands in
    assert how.first(stacked["a"]).shape == (4, 2, 3)
    (shapes,) = how.shaped((True,), (PARTS[0],))
    assert shapes["a"].shape == stacked["a"].shape
    assert shapes["b"][0].shape == (4,)
    (shapes,) = how.shaped((False,), (PARTS[0],))
    assert shapes["a"].shape == (2, 3)
    patched = how.patched(stacked, {1: PARTS[0]})
    assert_same(how.parts(patched, 3), [PARTS[0], PARTS[0], PARTS[2]])
    assert_same(how.parts(stacked, 3), PARTS)
    assert how.patched(stacked, {}) is stacked


def test_one_at_a_time_nothing_is_stacked() -> None:
    how = Packing()
    assert how.groups([4, 5]) == [[4], [5]]
    assert how.stacked(PARTS[:1]) is PARTS[0]
    assert_same([how.part(PARTS[1], 0)], PARTS[1:2])
    assert how.first(np.zeros(3)).shape == (1, 3)
    assert how.patched(PARTS[0], {0: PARTS[1]}) is PARTS[1]
    assert how.shaped((True,), (PARTS[0],))[0]["a"].shape == (2, 3)


def assert_same(mine: Any, other: Any) -> None:
    assert jax.tree.structure(mine) == jax.tree.structure(other)
    for pair in zip(jax.tree.leaves(mine), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(*pair)


def scaled(state: Any, rows: Any, axis: str | None = None) -> Any:
    total = jax.lax.psum(state["s"], axis) if axis else state["s"]
    return {"y": rows @ state["w"] * total}


@pytest.mark.parametrize("how", [Packing(), Packing(3, 0), Packing(3, -1)])
def test_a_program_over_either_axis(how: Packing) -> None:
    weights = [np.random.RandomState(r).rand(4, 2).astype(np.float32) for r in range(2)]
    states = [{"w": w, "s": np.float32(r + 1)} for r, w in enumerate(weights)]
    rows = np.random.RandomState(9).rand(5, 4).astype(np.float32)
    settings = {} if how.axis is None else {"axis": AXIS}
    compiled = how.compiled(Program(scaled, DOTS), (True, False), **settings)
    out = compiled(how.stacked(states), rows)
    total = 1 if how.axis is None else 1 + 2 + 1
    for r, part in enumerate(how.parts(out, 1 if how.axis is None else 2)):
        np.testing.assert_allclose(part["y"], rows @ weights[r] * total, rtol=1e-5)
