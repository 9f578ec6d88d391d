"""Arrays, variables and symbolic tensors with the few methods TensorFlow's have."""

from functools import wraps
from typing import Any

import numpy as np
from jax._src.array import ArrayImpl  # making an array to ask its type takes 0.1 s
from keras import KerasTensor
from keras.src.backend.jax.core import JaxVariable

from bital.compat.patches import Patches
from bital.compat.tape.recorder import concrete

_BINARY = ("add", "sub", "mul", "truediv", "pow", "matmul", "floordiv", "mod",
           "lt", "le", "gt", "ge")  # fmt: skip


class Size(int):
    """A number that also is what TensorFlow 1 called a dimension."""

    @property
    def value(self) -> int:
        """The number."""
        return int(self)


class Shape(tuple[Any, ...]):
    """A shape that is a tuple and answers to TensorFlow's names."""

    def as_list(self) -> list[Any]:
        """Return a list."""
        return list(self)

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self)

    @property
    def ndims(self) -> int:
        """Number of axes."""
        return len(self)

    @property
    def dims(self) -> list[Any]:
        """Return a list."""
        return list(self)

    def num_elements(self) -> Any:
        """Return the product, None where a size is not known."""
        return None if None in self else int(np.prod(self))

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return None not in self

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        if isinstance(key, slice):
            return Shape(found)
        return Size(found) if type(found) is int else found


def patch_tensors(patches: Patches) -> None:
    """Give tensors `.numpy()` and the like, and let variables meet symbolic tensors."""
    array = ArrayImpl
    patches.set(array, "numpy", _numpy)
    patches.set(array, "get_shape", lambda self: Shape(self.shape))
    patches.set(array, "set_shape", _set_shape)
    patches.set(array, "assign", _assign)
    patches.set(array, "to_tensor", lambda self, *_, **__: self)  # no rows of many lengths here
    for cls in (KerasTensor, JaxVariable):
        patches.set(cls, "get_shape", lambda self: Shape(self.shape))
    patches.set(KerasTensor, "shape", property(lambda self: Shape(self._shape)))
    patches.set(KerasTensor, "__array_ufunc__", None)
    # With it JAX's arrays would take a symbolic tensor for theirs, instead of deferring to it.
    patches.remove(KerasTensor, "__jax_array__")
    patches.set(KerasTensor, "__getitem__", _get_item(KerasTensor.__getitem__))
    patches.set(JaxVariable, "__array_priority__", 200)
    for name in _BINARY:
        own = getattr(JaxVariable, f"__{name}__")
        patches.set(JaxVariable, f"__{name}__", _meets_symbols(own))
    patches.set(JaxVariable, "_direct_assign", _direct_assign(JaxVariable._direct_assign))
    patches.set(JaxVariable, "read_value", lambda self: self.value)
    patches.set(JaxVariable, "eval", lambda self, session=None: np.array(self.value))
    patches.set(JaxVariable, "initialized_value", lambda self: self.value)
    patches.set(JaxVariable, "__hash__", JaxVariable.__hash__ or object.__hash__)
    patches.set(JaxVariable, "load", lambda self, value, session=None: self.assign(value))


def _numpy(self: Any) -> Any:
    """Return a NumPy array of its own, which a program may write into, or NumPy's number."""
    made = np.array(self)
    return made if made.ndim else made[()]


def _assign(self: Any, value: Any) -> Any:
    from bital.compat.facade.types import assign_part

    return assign_part(self, value)


def _set_shape(self: Any, shape: Any) -> None:
    """Tell a shape, which a tensor with a value has: TensorFlow checks that it is that one."""
    told = tuple(getattr(shape, "dims", None) or shape)
    if len(told) != self.ndim or any(
        n not in (None, own) for n, own in zip(told, self.shape, strict=True)
    ):
        raise ValueError(f"Tensor's shape {self.shape} is not compatible with {told}.")


def _get_item(own: Any) -> Any:
    @wraps(own)
    def get_item(self: Any, key: Any) -> Any:
        """Numbers of NumPy's and JAX's, as `argmax` gives them, pick as Python's do."""
        keys = key if isinstance(key, tuple) else (key,)
        plain = tuple(
            int(one) if getattr(one, "shape", None) == () and not isinstance(one, KerasTensor)
            else one
            for one in keys
        )  # fmt: skip
        return own(self, plain if isinstance(key, tuple) else plain[0])

    return get_item


def _meets_symbols(own: Any) -> Any:
    @wraps(own)
    def method(self: Any, other: Any) -> Any:
        return NotImplemented if isinstance(other, KerasTensor) else own(self, other)

    return method


def _direct_assign(own: Any) -> Any:
    from bital.compat.tape import tape

    @wraps(own)
    def direct_assign(self: Any, value: Any) -> None:
        if tape.alive() and getattr(self, "_value", None) is not None:
            tape.assigned(self, self._value)
        own(self, concrete(value))

    return direct_assign
