"""Recorded operations as a function of some of the values that went in."""

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax._src import core

from bital.compat.tape.recorder import Recorded, Step, concrete
from bital.kernels.rewrite import Traced


class Line(NamedTuple):
    """One operation of a replay."""

    primitive: Any
    params: tuple[tuple[str, Any], ...]
    operands: tuple[tuple[str, int, int], ...]
    """("source" | "constant" | "line", number, index of the output)"""
    nudges: tuple[tuple[int, int], ...]
    """(index of an output, number of the source that is added to it)"""


class Replay(NamedTuple):
    """What a target is made of, as far as it depends on the sources."""

    lines: tuple[Line, ...]
    target: tuple[int, int]
    """line and index of the output"""
    constants: list[Any]
    used: frozenset[int]
    """numbers of the sources that it depends on"""


def replay(target: Recorded, leaves: dict[int, int], inner: dict[tuple[int, int], int]) -> Replay:
    """Return how a target follows from its sources.

    Args:
        target: what is differentiated.
        leaves: the number of a source by the `id` of an array that went in.
        inner: the number of a source by (number of the step, index) where it was made on the way.
    """
    steps = _ancestors(target.step)
    lines: list[Line] = []
    place: dict[int, int] = {}  # of a step that depends on a source
    constants: list[Any] = []
    used: set[int] = set()

    def operand(value: Any, owner: Any) -> tuple[str, int, int]:
        if id(value) in leaves:
            used.add(leaves[id(value)])
            return ("source", leaves[id(value)], 0)
        if isinstance(value, Recorded) and value.step.owner is owner:
            if value.step.number in place:
                return ("line", place[value.step.number], value.index)
            value = value.step.outputs[value.index]
        constants.append(value)
        return ("constant", len(constants) - 1, 0)

    for step in steps:
        made = range(len(step.outputs))
        nudges = tuple((k, inner[step.number, k]) for k in made if (step.number, k) in inner)
        if not nudges and not any(_depends(v, leaves, place, step.owner) for v in step.arguments):
            continue
        used.update(number for _, number in nudges)
        lines.append(
            Line(
                step.primitive,
                tuple(sorted(step.params.items())),
                tuple(operand(value, step.owner) for value in step.arguments),
                nudges,
            )
        )
        place[step.number] = len(lines) - 1
    at = place.get(target.step.number, -1)
    return Replay(tuple(lines), (at, target.index), constants, frozenset(used))


def function(lines: tuple[Line, ...], targets: tuple[tuple[int, int], ...]) -> Callable[..., Any]:
    """Return the targets as a function of (sources, constants)."""

    def run(sources: Sequence[Any], constants: Sequence[Any]) -> list[Any]:
        made: list[Sequence[Any]] = []
        for line in lines:
            values = [
                made[number][index] if kind == "line" else _given(kind, number, sources, constants)
                for kind, number, index in line.operands
            ]
            out = line.primitive.bind(*values, **dict(line.params))
            out = list(out) if line.primitive.multiple_results else [out]
            for index, source in line.nudges:
                out[index] = out[index] + sources[source]
            made.append(out)
        return [made[at][index] for at, index in targets]

    return run


def pullback(found: Replay, sources: Sequence[Any], cotangent: Any) -> list[Any]:
    """Return the gradient of the target with respect to each source."""
    constants = [_plain(value) for value in found.constants]
    try:
        run = _compiled(found.lines, (found.target,), core.trace_ctx.is_top_level())
    except TypeError:  # a parameter that cannot be hashed
        run = _pulled(function(found.lines, (found.target,)))
    grads: list[Any] = run(list(sources), constants, cotangent)
    return grads


def jacobian(found: Replay, sources: Sequence[Any]) -> list[Any]:
    """Return the derivative of every entry of the target by every entry of each source."""
    run = function(found.lines, (found.target,))
    made: list[Any] = jax.jacrev(lambda given: run(given, found.constants)[0])(list(sources))
    return made


@lru_cache(maxsize=256)
def _compiled(lines: Hashable, targets: Hashable, replace: bool) -> Callable[..., Any]:
    pulled = _pulled(function(lines, targets))  # type: ignore[arg-type]
    # A tape around this one differentiates what it records: it gets the operations as they are.
    return jax.jit(lambda *args: Traced(pulled, *args, replace=replace)(*args))


def _pulled(run: Callable[..., Any]) -> Callable[..., Any]:
    def grads(sources: Any, constants: Any, cotangent: Any) -> Any:
        (value,), back = jax.vjp(lambda given: run(given, constants), sources)
        return back([jnp.broadcast_to(cotangent, value.shape).astype(value.dtype)])[0]

    return grads


def _given(kind: str, number: int, sources: Sequence[Any], constants: Sequence[Any]) -> Any:
    return sources[number] if kind == "source" else constants[number]


def _plain(value: Any) -> Any:
    return (
        value if not isinstance(value, Recorded) or value.step.owner.recording else concrete(value)
    )


def _depends(value: Any, leaves: dict[int, int], place: dict[int, int], owner: Any) -> bool:
    if id(value) in leaves:
        return True
    return isinstance(value, Recorded) and value.step.owner is owner and value.step.number in place


def _ancestors(last: Step) -> list[Step]:
    """Return a step and all before it that its tape recorded, in the order they were made."""
    found = {last.number: last}
    waiting = [last]
    while waiting:
        step = waiting.pop()
        for value in step.arguments:
            mine = isinstance(value, Recorded) and value.step.owner is last.owner
            if mine and value.step.number not in found:
                found[value.step.number] = value.step
                waiting.append(value.step)
    return [found[number] for number in sorted(found)]
