"""How replicas share a compiled program: side by side, along a first axis, or in turn."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np

from bital.engine.pace import cores
from bital.engine.program import Program
from bital.kernels.lanes import lanes
from bital.kernels.options import compiler_options

AXIS = "replicas"

# On two cores of an AMD EPYC 9004, a step of one Iris replica (4 000 multiply-adds) takes 4.3 µs
# of processor time, along a first axis 2.2 µs and side by side 0.5; at 50 000 these two are equal
# at 7, at 400 000 so are a first axis and turns at 24. With convolutions turns are always faster.
SIDE_BY_SIDE_WORK = 40_000
PACKED_WORK = 400_000
FEWEST = 16  # side by side; fewer leave too much of a register empty
# LLVM unrolls a loop over less than 40 copies instead of vectorizing it: 1.3 µs instead of 0.25.
NARROWEST, WIDEST, STRIDE = 40, 64, 8


class Packing(NamedTuple):
    """How many replicas go into one call of a program, and where their axis is."""

    width: int = 1
    axis: int | None = None
    """0 or -1; None: one replica, no axis"""

    def compiled(self, program: Program, mapped: Any, **settings: Any) -> jax.stages.Wrapped:
        """Return a program over the axis under `jit`.

        Args:
            program: of one replica.
            mapped: which of its arguments each replica has its own of: bools, in a prefix.
            **settings: keyword arguments of `program.run`.
        """
        if self.axis is None:
            return program.compiled()
        run: Callable[..., Any] = partial(program.run, **settings)
        if self.axis == 0:
            axes = jax.tree.map(lambda own: 0 if own else None, mapped)
            run = jax.vmap(run, axes, axis_name=AXIS, axis_size=self.width)
        else:
            run = lanes(run, mapped, self.width, AXIS)
        options = compiler_options(program.primitives, one_thread=jax.default_backend() == "cpu")
        return jax.jit(run, compiler_options=options)

    def groups(self, members: Sequence[int]) -> list[list[int]]:
        """Return which replicas go together."""
        return [list(members[at : at + self.width]) for at in range(0, len(members), self.width)]

    def stacked(self, parts: Sequence[Any]) -> Any:
        """Return pytrees of replicas as one; the first stands in for those that are missing."""
        if self.axis is None:
            return parts[0]
        every = [*parts, *[parts[0]] * (self.width - len(parts))]
        return jax.tree.map(partial(_stack, self.axis), *every)

    def shaped(self, mapped: Any, arguments: Any) -> Any:
        """Return the shapes of a call's arguments, given those of one replica's."""

        def widened(own: bool, a: Any) -> jax.ShapeDtypeStruct:
            shape = tuple(np.shape(a))
            if own and self.axis is not None:
                shape = (self.width, *shape) if self.axis == 0 else (*shape, self.width)
            return jax.ShapeDtypeStruct(shape, a.dtype)

        return jax.tree.map(
            lambda own, part: jax.tree.map(partial(widened, own), part), mapped, arguments
        )

    def part(self, stacked: Any, index: int) -> Any:
        """Return one replica of what `stacked` made, as NumPy arrays."""
        return jax.tree.map(lambda a: np.asarray(a)[self._at(index)], stacked)

    def parts(self, stacked: Any, count: int) -> list[Any]:
        """Return the first replicas of what `stacked` made, as NumPy arrays."""
        host = jax.tree.map(np.asarray, stacked)
        return [self.part(host, index) for index in range(count)]

    def patched(self, stacked: Any, patches: Mapping[int, Any]) -> Any:
        """Return what `stacked` made with other values for some replicas."""
        if not patches:
            return stacked
        if self.axis is None:
            return patches[0]
        host = jax.tree.map(np.array, stacked)
        for index, patch in patches.items():
            at = self._at(index)
            jax.tree.map(lambda a, new, at=at: a.__setitem__(at, new), host, patch)
        return host

    def first(self, stacked: Any) -> np.ndarray:
        """Return an array with the replicas first, be there only one."""
        array = np.asarray(stacked)
        return array[None] if self.axis is None else np.moveaxis(array, self.axis, 0)

    def _at(self, index: int) -> Any:
        return {None: ..., 0: index, -1: (..., index)}[self.axis]


def packing(program: Program, count: int, packed: bool | None) -> Packing:
    """Return what is fastest for replicas of a program here.

    Args:
        program: of one replica's training.
        count: how many replicas.
        packed: True: not in turn; False: in turn; None: either.
    """
    on_cpu = jax.default_backend() == "cpu"
    convolves = not {"conv_general_dilated", "ffi_call"}.isdisjoint(program.primitives)
    if packed is None:
        packed = count > 1 and (not on_cpu or (not convolves and program.dot_work <= PACKED_WORK))
    if not packed:
        return Packing()
    if not on_cpu:
        return Packing(count, 0)
    if convolves or program.dot_work > SIDE_BY_SIDE_WORK or count < FEWEST:
        return Packing(-(-count // cores()), 0)
    return Packing(_width(count), -1)


def _width(count: int) -> int:
    """Return how many go side by side: as many groups as cores, or a multiple of that."""
    groups = -(-count // NARROWEST)
    if groups > cores():
        groups = cores() * -(-count // (WIDEST * cores()))
    width = -(-count // groups)
    return max(NARROWEST, -(-width // STRIDE) * STRIDE)


def _stack(axis: int, *leaves: Any) -> np.ndarray:
    return np.stack([np.asarray(leaf) for leaf in leaves], axis)
