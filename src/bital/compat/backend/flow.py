"""Choices and loops."""

from typing import Any

import keras
from keras import ops

from bital.compat.symbolic.phase import phase

__all__ = ["foldl", "foldr", "in_test_phase", "in_train_phase", "map_fn", "rnn", "switch"]


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return `x` in training, else `alt`; either may be a function."""
    chosen = phase() if training is None else training
    value = x if chosen in (1, True) else alt
    return value() if callable(value) and not hasattr(value, "shape") else value


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return `alt` in training, else `x`."""
    return in_train_phase(alt, x, training)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Return one or the other, entry by entry; either may be a function."""
    then, other = (
        value() if callable(value) and not hasattr(value, "shape") else value
        for value in (then_expression, else_expression)
    )
    extra = len(getattr(then, "shape", ())) - len(getattr(condition, "shape", ()))
    for _ in range(max(0, extra)):
        condition = ops.expand_dims(condition, -1)
    return ops.where(ops.cast(condition, "bool"), _value(then), _value(other))


def _value(x: Any) -> Any:
    """Return a variable's tensor, which JAX asks for where it chooses."""
    return x.value if isinstance(x, keras.Variable) else x


def map_fn(fn: Any, elems: Any, name: Any = None, dtype: Any = None) -> Any:
    """Return a function of each row."""
    return ops.map(fn, _value(elems))


def foldl(fn: Any, elems: Any, initializer: Any = None, name: Any = None) -> Any:
    """Reduce rows from the first to the last: `fn(total, row)`."""
    elems = _value(elems)
    start, rows = (elems[0], elems[1:]) if initializer is None else (initializer, elems)
    total, _ = ops.scan(lambda carry, row: (fn(carry, row), None), start, rows)
    return total


def foldr(fn: Any, elems: Any, initializer: Any = None, name: Any = None) -> Any:
    """Reduce rows from the last to the first."""
    return foldl(fn, ops.flip(_value(elems), axis=0), initializer)


def rnn(
    step_function: Any, inputs: Any, initial_states: Any, go_backwards: bool = False,
    mask: Any = None, constants: Any = None, unroll: bool = False, input_length: Any = None,
    **more: Any,
) -> Any:  # fmt: skip
    """Run a step over time; returns (last output, outputs, new states)."""
    from keras.src import backend

    states = list(initial_states)
    fixed = list(constants or [])

    def step(row: Any, carried: Any) -> Any:
        output, new = step_function(row, [*carried, *fixed])
        return output, list(new)

    return backend.rnn(
        step, ops.convert_to_tensor(inputs), states, go_backwards=go_backwards, mask=mask,
        unroll=unroll, input_length=input_length or keras.ops.shape(inputs)[1],
    )  # fmt: skip
