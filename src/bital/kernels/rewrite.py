"""Replace slow operations in a traced function by fast ones of the same meaning.

XLA's CPU backend brings a convolution into the layout of its fast kernels only at the top of a
program, not inside a loop body, and lowers max-pooling's gradient to a scalar loop. A compiled
training loop has both inside a loop, where they cost 30 to 100 times what they should. A `Traced`
function replaces them after differentiation, in the jaxpr, so it serves any model that traces.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

import jax
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var

from bital.kernels.convolution import canonical_convolution
from bital.kernels.dots import dot_work, small_dot
from bital.kernels.grouped import GROUPED
from bital.kernels.materialize import after, factors, once, readers
from bital.kernels.pooling import pool_gradient

RULES: dict[str, Callable[..., list[jax.Array]]] = {
    "conv_general_dilated": canonical_convolution,
    "dot_general": small_dot,
    "select_and_scatter_add": pool_gradient,
}

# Calls that only group operations: once traced there is nothing left for them to do.
INLINED = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "remat2": "jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
}


class Traced:
    """A function traced once, with every operation that has a rule replaced where it is called.

    Args:
        function: takes and returns pytrees of arrays; already differentiated where gradients are
            wanted, since the replacements sit below differentiation.
        *args: arrays or `jax.ShapeDtypeStruct`s that stand for the arguments.
        replace: False leaves every operation as traced (on a GPU XLA needs no help).
    """

    def __init__(self, function: Callable[..., Any], *args: Any, replace: bool = True) -> None:
        self._closed, out = jax.make_jaxpr(function, return_shape=True)(*args)
        self._out_tree = jax.tree.structure(out)
        self._replace = replace
        self.out_shape: Any = out
        """pytree of the results' shapes and dtypes"""
        equations = list(_equations(self._closed))
        self.primitives = frozenset(eqn.primitive.name for eqn in equations) | (
            {GROUPED} if any(map(_is_grouped, equations)) else set()
        )
        """names of all operations traced, loops' and branches' included"""
        self.dot_work = sum(map(_dot_work, equations))
        """multiply-adds of all matrix products traced, each counted once"""
        self.largest = max(map(_work, equations), default=0)
        """multiply-adds of the largest matrix product, or elements of a larger result"""

    def __call__(self, *args: Any) -> Any:
        """Apply the traced function to arrays (or tracers) of the shapes it was traced with."""
        leaves = jax.tree.leaves(args)
        jaxpr, consts = self._closed.jaxpr, self._closed.consts
        if self._replace and _replacing.get() and not self.primitives.isdisjoint(RULES):
            out = _evaluate(jaxpr, consts, leaves)
        else:
            out = jax.core.eval_jaxpr(jaxpr, consts, *leaves)
        return jax.tree.unflatten(self._out_tree, out)


def as_traced() -> AbstractContextManager[None]:
    """Leave operations as they were traced, for who replaces them in another way."""
    return _during(_replacing, False)


def as_one_call() -> AbstractContextManager[None]:
    """Replace operations as is best where the program becomes one function, see `one_call.py`."""
    return _during(_one_call, True)


@contextmanager
def _during(variable: ContextVar[bool], value: bool) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


_replacing = ContextVar("replacing", default=True)
_one_call = ContextVar("one_call", default=False)


def _equations(jaxpr: Jaxpr | ClosedJaxpr) -> Iterator[JaxprEqn]:
    for eqn in jaxpr.eqns:
        yield eqn
        for nested in _nested(eqn):
            yield from _equations(nested)


def _is_grouped(eqn: JaxprEqn) -> bool:
    counts = ("feature_group_count", "batch_group_count")
    return any(eqn.params.get(count, 1) > 1 for count in counts)


def _dot_work(eqn: JaxprEqn) -> int:
    if eqn.primitive.name != "dot_general":
        return 0
    lhs, rhs = (getattr(atom.aval, "shape") for atom in eqn.invars)  # noqa: B009
    return dot_work(lhs, rhs, **eqn.params)


def _work(eqn: JaxprEqn) -> int:
    return max(_dot_work(eqn), *(getattr(v.aval, "size", 0) for v in eqn.outvars), 0)


def _nested(eqn: JaxprEqn) -> list[Jaxpr | ClosedJaxpr]:
    return [
        value
        for value in jax.tree.leaves(list(eqn.params.values()), is_leaf=_is_jaxpr)
        if _is_jaxpr(value)
    ]


def _is_jaxpr(value: object) -> bool:
    return isinstance(value, (Jaxpr, ClosedJaxpr))


def _has_rule(eqn: JaxprEqn) -> bool:
    return any(
        inner.primitive.name in RULES for nested in _nested(eqn) for inner in _equations(nested)
    )


def _evaluate(jaxpr: Jaxpr, consts: Sequence[Any], args: Sequence[Any]) -> list[Any]:
    values: dict[Var, Any] = dict(zip(jaxpr.constvars, consts, strict=True))
    values.update(zip(jaxpr.invars, args, strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else values[atom]

    one_call = _one_call.get()
    kept = factors(jaxpr) if one_call else frozenset[Var]()
    for eqn in jaxpr.eqns:
        args = [read(atom) for atom in eqn.invars]
        if one_call and (reading := readers(jaxpr, eqn)):
            args[1] = after(args[1], [values[var] for var in reading if var in values])
        out = _apply(jaxpr, eqn, args)
        pairs = zip(eqn.outvars, out, strict=True)
        values.update({var: once(value) if var in kept else value for var, value in pairs})
    return [read(atom) for atom in jaxpr.outvars]


def _apply(jaxpr: Jaxpr, eqn: JaxprEqn, args: list[Any]) -> list[Any]:
    name = eqn.primitive.name
    if name in RULES:
        return RULES[name](*args, **eqn.params)
    if _has_rule(eqn):
        if name in INLINED:
            inner = inner_jaxpr(eqn)
            return _evaluate(inner.jaxpr, inner.consts, _apart(eqn, args))
        eqn = eqn.replace(
            params={
                key: jax.tree.map(_rewrite_body, value, is_leaf=_is_jaxpr)
                for key, value in eqn.params.items()
            }
        )
    return one_equation(jaxpr, eqn, args)


def inner_jaxpr(eqn: JaxprEqn) -> ClosedJaxpr:
    """Return what a call that only groups operations groups."""
    inner = eqn.params[INLINED[eqn.primitive.name]]
    return inner if isinstance(inner, ClosedJaxpr) else ClosedJaxpr(inner, ())


def one_equation(jaxpr: Jaxpr, eqn: JaxprEqn, args: Sequence[Any]) -> list[Any]:
    """Return the results of one equation of `jaxpr`, as it stands."""
    # JAX evaluates whole jaxprs in public, single equations only in private: hand it one line.
    atoms = {atom: arg for atom, arg in zip(eqn.invars, args, strict=True) if isinstance(atom, Var)}
    alone = jaxpr.replace(
        constvars=[],
        invars=list(atoms),
        outvars=eqn.outvars,
        eqns=[eqn],
        effects=eqn.effects,
        debug_info=jaxpr.debug_info.with_unknown_names(),
    )
    out: list[Any] = jax.core.eval_jaxpr(alone, (), *atoms.values())
    return out


def _apart(eqn: JaxprEqn, args: list[Any]) -> list[Any]:
    """Keep what `jax.checkpoint` recomputes from being merged with the first computation."""
    apart = eqn.params.get("differentiated") and eqn.params["prevent_cse"]
    kept = apart if isinstance(apart, tuple) else (bool(apart),) * len(args)
    if not any(kept):
        return args
    behind = iter(lax.optimization_barrier([a for a, k in zip(args, kept, strict=True) if k]))
    return [next(behind) if k else a for a, k in zip(args, kept, strict=True)]


def _rewrite_body(value: Any) -> Any:
    """Rewrite the body of a loop or of a branch, keeping its signature."""
    if not isinstance(value, ClosedJaxpr):
        return value
    return jax.make_jaxpr(lambda *args: _evaluate(value.jaxpr, value.consts, args))(*value.in_avals)
