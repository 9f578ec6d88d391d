"""Many copies of a small function in one program, side by side in a CPU's vector registers.

`jax.vmap` puts the axis of copies first: each matrix product becomes a library call a copy, and
what stands between them is as short as one copy's arrays. Here that axis comes last, and every
operation runs along it in one unbroken loop (`side_by_side.py`).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var

from bital.kernels.rewrite import INLINED, as_traced, inner_jaxpr, one_equation
from bital.kernels.side_by_side import by_vmap, rule_for, spread

_ACROSS: dict[str, Callable[..., jax.Array]] = {"pmax": jnp.max, "pmin": jnp.min, "psum": jnp.sum}


def lanes(
    function: Callable[..., Any], mapped: Any, width: int, axis: str | None = None
) -> Callable[..., Any]:
    """Return what `jax.vmap(function, in_axes=-1, out_axes=-1)` returns, made for a CPU.

    Args:
        function: takes and returns pytrees of arrays.
        mapped: which arguments have a last axis of copies: bools, in a prefix of the tuple of
            arguments.
        width: number of copies.
        axis: name of the axis of copies, for collectives inside `function`.

    Raises:
        NotImplementedError: copies disagree about when a loop ends.
    """

    def over_lanes(*args: Any) -> Any:
        each = jax.tree.map(lambda flag, part: jax.tree.map(lambda _: flag, part), mapped, args)
        flags = jax.tree.leaves(each)
        leaves, tree = jax.tree.flatten(args)
        shapes = [
            jax.ShapeDtypeStruct(leaf.shape[:-1] if flag else leaf.shape, leaf.dtype)
            for leaf, flag in zip(map(jnp.asarray, leaves), flags, strict=True)
        ]
        # A new function: JAX keeps traces by function, and would keep what `as_traced` changes.
        with as_traced():
            closed, out = jax.make_jaxpr(
                lambda *args: function(*args),  # noqa: PLW0108
                axis_env=[(axis, width)] if axis else None,
                return_shape=True,
            )(*jax.tree.unflatten(tree, shapes))
        values, known = _Lanes(width, axis).evaluate(closed, leaves, flags)
        spread_out = _as(values, known, [True] * len(known), width)
        return jax.tree.unflatten(jax.tree.structure(out), spread_out)

    return over_lanes


class _Lanes:
    """Evaluates a jaxpr of one copy on values of many.

    A flag says of each value whether it has the axis of copies. What is the same for all copies,
    such as the rows that they share or the number of the step, stays without.
    """

    def __init__(self, width: int, axis: str | None) -> None:
        self._width, self._axis = width, axis

    def evaluate(
        self, closed: ClosedJaxpr, args: Sequence[Any], flags: Sequence[bool]
    ) -> tuple[list[Any], list[bool]]:
        """Return the results and their flags."""
        jaxpr: Jaxpr = closed.jaxpr
        known: dict[Var, tuple[Any, bool]] = {
            var: (const, False) for var, const in zip(jaxpr.constvars, closed.consts, strict=True)
        }
        known.update(zip(jaxpr.invars, zip(args, flags, strict=True), strict=True))

        def read(atoms: Sequence[Any]) -> tuple[list[Any], list[bool]]:
            pairs = [(a.val, False) if isinstance(a, Literal) else known[a] for a in atoms]
            return [value for value, _ in pairs], [flag for _, flag in pairs]

        for eqn in jaxpr.eqns:
            out = self._apply(jaxpr, eqn, *read(eqn.invars))
            known.update(zip(eqn.outvars, zip(*out, strict=True), strict=True))
        return read(jaxpr.outvars)

    def _apply(
        self, jaxpr: Jaxpr, eqn: JaxprEqn, args: list[Any], flags: list[bool]
    ) -> tuple[list[Any], list[bool]]:
        name = eqn.primitive.name
        if name in INLINED:
            return self.evaluate(inner_jaxpr(eqn), args, flags)
        if name in ("while", "scan") or (name == "cond" and not flags[0]):
            grouped = {"while": self._while, "scan": self._scan, "cond": self._cond}[name]
            return grouped(eqn, args, flags)
        if self._is_across(eqn):
            every = _as(args, flags, [True] * len(args), self._width)
            return [_ACROSS[name](value, axis=-1) for value in every], [False] * len(every)
        alone = partial(one_equation, jaxpr, eqn)
        if not any(flags):
            return alone(args), [False] * len(eqn.outvars)
        rule = rule_for(eqn, flags)
        if rule is not None:
            out = rule(eqn, args, flags, self._width)
        else:
            out = by_vmap(eqn, alone, args, flags, self._width)
        return out, [True] * len(out)

    def _while(
        self, eqn: JaxprEqn, args: list[Any], flags: list[bool]
    ) -> tuple[list[Any], list[bool]]:
        test, body = eqn.params["cond_jaxpr"], eqn.params["body_jaxpr"]
        tested = eqn.params["cond_nconsts"]
        first = tested + eqn.params["body_nconsts"]
        carried = self._carried(body, flags[tested:first], flags[first:])
        if self._flags(test, [*flags[:tested], *carried])[0]:
            raise NotImplementedError("copies of a loop must agree when it ends")

        def more(carry: list[Any]) -> Any:
            out, _ = self.evaluate(test, [*args[:tested], *carry], [*flags[:tested], *carried])
            return out[0]

        def step(carry: list[Any]) -> list[Any]:
            inside = [*args[tested:first], *carry]
            out, now = self.evaluate(body, inside, [*flags[tested:first], *carried])
            return _as(out, now, carried, self._width)

        start = _as(args[first:], flags[first:], carried, self._width)
        return lax.while_loop(more, step, start), carried

    def _scan(
        self, eqn: JaxprEqn, args: list[Any], flags: list[bool]
    ) -> tuple[list[Any], list[bool]]:
        body = eqn.params["jaxpr"]
        kept, first = _scanned(eqn)
        carried = self._carried(body, flags[:kept], flags[kept:first], flags[first:])
        inside = [*flags[:kept], *carried, *flags[first:]]
        after = [*carried, *self._flags(body, inside)[len(carried) :]]

        def step(carry: list[Any], each: list[Any]) -> tuple[list[Any], list[Any]]:
            out, now = self.evaluate(body, [*args[:kept], *carry, *each], inside)
            out = _as(out, now, after, self._width)
            return out[: len(carried)], out[len(carried) :]

        start = _as(args[kept:first], flags[kept:first], carried, self._width)
        options = {name: eqn.params[name] for name in ("length", "reverse", "unroll")}
        last, lines = lax.scan(step, start, args[first:], **options)
        return [*last, *lines], after

    def _cond(
        self, eqn: JaxprEqn, args: list[Any], flags: list[bool]
    ) -> tuple[list[Any], list[bool]]:
        after = self._branches(eqn, flags)

        def taken(branch: ClosedJaxpr, *args: Any) -> list[Any]:
            return _as(*self.evaluate(branch, args, flags[1:]), after, self._width)

        branches = [partial(taken, branch) for branch in eqn.params["branches"]]
        return lax.switch(args[0], branches, *args[1:]), after

    def _flags(self, closed: ClosedJaxpr, flags: Sequence[bool]) -> list[bool]:
        """Return the flags of the results, given the arguments'."""
        inside = dict(zip(closed.jaxpr.invars, flags, strict=True))

        def read(atoms: Sequence[Any]) -> list[bool]:
            return [not isinstance(a, Literal) and inside.get(a, False) for a in atoms]

        for eqn in closed.jaxpr.eqns:
            inside.update(zip(eqn.outvars, self._flags_after(eqn, read(eqn.invars)), strict=True))
        return read(closed.jaxpr.outvars)

    def _flags_after(self, eqn: JaxprEqn, flags: list[bool]) -> list[bool]:
        name, params = eqn.primitive.name, eqn.params
        if name in INLINED:
            return self._flags(inner_jaxpr(eqn), flags)
        if name == "while":
            tested = params["cond_nconsts"]
            first = tested + params["body_nconsts"]
            return self._carried(params["body_jaxpr"], flags[tested:first], flags[first:])
        if name == "scan":
            kept, first = _scanned(eqn)
            carried = self._carried(params["jaxpr"], flags[:kept], flags[kept:first], flags[first:])
            inside = [*flags[:kept], *carried, *flags[first:]]
            return [*carried, *self._flags(params["jaxpr"], inside)[len(carried) :]]
        if name == "cond" and not flags[0]:
            return self._branches(eqn, flags)
        return [any(flags) and not self._is_across(eqn)] * len(eqn.outvars)

    def _carried(
        self, body: ClosedJaxpr, before: list[bool], carried: list[bool], behind: Any = ()
    ) -> list[bool]:
        """Return a loop's flags: what one round gives the axis of copies has it from the start."""
        while True:
            after = self._flags(body, [*before, *carried, *behind])
            grown = [a or b for a, b in zip(carried, after, strict=False)]
            if grown == carried:
                return carried
            carried = grown

    def _branches(self, eqn: JaxprEqn, flags: list[bool]) -> list[bool]:
        every = [self._flags(branch, flags[1:]) for branch in eqn.params["branches"]]
        return [any(each) for each in zip(*every, strict=True)]

    def _is_across(self, eqn: JaxprEqn) -> bool:
        return eqn.primitive.name in _ACROSS and eqn.params.get("axes") == (self._axis,)


def _scanned(eqn: JaxprEqn) -> tuple[int, int]:
    """Return where a scan's arguments that are carried begin, and where those to scan over do."""
    params = eqn.params
    if "ft_in" in params:  # JAX 0.12
        kept, carried, _ = (len(list(part)) for part in params["ft_in"].unpack())
    else:
        kept, carried = params["num_consts"], params["num_carry"]
    return kept, kept + carried


def _as(
    values: Sequence[Any], flags: Sequence[bool], wanted: Sequence[bool], width: int
) -> list[Any]:
    """Give values the axis of copies where it is wanted."""
    return [
        spread(value, flag, width) if want else value
        for value, flag, want in zip(values, flags, wanted, strict=True)
    ]
