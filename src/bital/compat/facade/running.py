"""`tf.function`, tapes, strategies and the other things that ran TensorFlow's programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import jax
import keras
import numpy as np
from keras import ops

from bital.compat.notes import note
from bital.compat.tape.recorder import concrete


def function(func: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Return the function: what is compiled is chosen elsewhere."""
    if func is None:
        return function
    if not hasattr(func, "__dict__"):
        return func
    func.python_function = func
    return func


def py_function(func: Any, inp: Any, Tout: Any, name: Any = None) -> Any:
    """Call a Python function of tensors."""
    made = func(*inp)
    return keras.tree.map_structure(ops.convert_to_tensor, made)


def numpy_function(func: Any, inp: Any, Tout: Any, **_: Any) -> Any:
    """Call a function of NumPy arrays."""
    made = func(*[np.asarray(concrete(one)) for one in inp])
    return keras.tree.map_structure(ops.convert_to_tensor, made)


def custom_gradient(f: Any) -> Any:
    """Return a function whose gradient is the second thing that `f` returns."""

    @jax.custom_gradient  # type: ignore[untyped-decorator]
    def inner(*args: Any) -> Any:
        value, grad = f(*args)

        def back(*upstream: Any) -> Any:
            made = grad(*upstream)
            return tuple(made) if isinstance(made, list | tuple) else (made,)

        return value, back

    return wraps(f)(lambda *args: inner(*[ops.convert_to_tensor(one) for one in args]))


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: Any = None) -> Any:
    """Call one function or the other."""
    return ops.cond(pred, true_fn, false_fn)


def while_loop(cond: Any, body: Any, loop_vars: Any, **_: Any) -> Any:
    """Call a function while another is true."""
    return ops.while_loop(cond, body, loop_vars)


def map_fn(fn: Any, elems: Any, dtype: Any = None, **_: Any) -> Any:
    """Return a function of each row."""
    return ops.map(fn, elems)


def print_(*inputs: Any, **options: Any) -> None:
    """Print values when they are computed."""
    if any(isinstance(one, jax.core.Tracer) and concrete(one) is one for one in inputs):
        jax.debug.print(" ".join("{}" for _ in inputs), *inputs)
    else:
        print(*[concrete(one) for one in inputs], **options)  # noqa: T201 - the program's own


class TensorArray:
    """Tensors by number, written one at a time and stacked at the end.

    Args:
        dtype: of them.
        size: how many; more may be written.
    """

    def __init__(self, dtype: Any, size: Any = 0, **_: Any) -> None:
        self.dtype = dtype
        self._kept: list[Any] = [None] * int(size)

    def write(self, index: Any, value: Any, name: Any = None) -> "TensorArray":
        """Put a tensor at a place."""
        at = int(index)
        self._kept += [None] * (at + 1 - len(self._kept))
        self._kept[at] = ops.convert_to_tensor(value)
        return self

    def read(self, index: Any, name: Any = None) -> Any:
        """Return the tensor at a place."""
        return self._kept[int(index)]

    def stack(self, name: Any = None) -> Any:
        """Return all of them along a new first axis."""
        return ops.stack(self._kept)

    def concat(self, name: Any = None) -> Any:
        """Return all of them along their first axis."""
        return ops.concatenate(self._kept)

    def unstack(self, value: Any, name: Any = None) -> "TensorArray":
        """Take the entries along a tensor's first axis."""
        self._kept = list(ops.unstack(ops.convert_to_tensor(value)))
        return self

    def gather(self, indices: Any, name: Any = None) -> Any:
        """Return some of them along a new first axis."""
        return ops.stack([self._kept[int(at)] for at in indices])

    def size(self, name: Any = None) -> Any:
        """Return how many there are."""
        return len(self._kept)


class Module:
    """Holds variables in its attributes (`tf.Module`)."""

    def __init__(self, name: Any = None) -> None:
        self.name = name or type(self).__name__.lower()

    @property
    def variables(self) -> tuple[Any, ...]:
        """All variables among attributes."""
        found: list[Any] = []
        for value in vars(self).values():
            for one in keras.tree.flatten(value) if not hasattr(value, "variables") else [value]:
                if isinstance(one, keras.Variable):
                    found.append(one)
                elif hasattr(one, "variables"):
                    found.extend(one.variables)
        return tuple({id(v): v for v in found}.values())

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those that are trained."""
        return tuple(v for v in self.variables if v.trainable)


class Strategy:
    """A strategy of one device: what JAX computes on by itself."""

    num_replicas_in_sync = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        note("tf.distribute strategies", "keras.distribution; here one device computes")

    @contextmanager
    def scope(self) -> Iterator["Strategy"]:
        """Do nothing."""
        yield self

    def run(self, fn: Any, args: Any = (), kwargs: Any = None, **_: Any) -> Any:
        """Call the function."""
        return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: Any = None) -> Any:
        """Return the value: there is one."""
        return value if axis is None else ops.sum(value, axis=axis)

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """Return the dataset."""
        return dataset


@contextmanager
def nothing(*args: Any, **kwargs: Any) -> Iterator[None]:
    """A context that does nothing: name scopes, devices."""
    yield
