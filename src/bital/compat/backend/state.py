"""Variables, sessions, settings and the functions that join inputs to outputs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import keras
import numpy as np
from keras import KerasTensor, ops
from keras.src.backend.common import global_state

from bital.compat.notes import note
from bital.compat.old.defaults import stands_alone
from bital.compat.symbolic.function import Assignment, Function, evaluated
from bital.compat.symbolic.gradients import gradients
from bital.compat.symbolic.graph import is_symbolic
from bital.compat.symbolic.phase import learning_phase, set_phase

__all__ = [
    "batch_get_value", "batch_set_value", "cast_to_floatx", "clear_session", "constant",
    "count_params", "device", "dtype", "eager", "eval_", "function", "get_graph", "get_session",
    "get_value", "get_variable_shape", "gradients", "has_arg", "image_dim_ordering", "int_shape",
    "is_placeholder", "is_sparse", "is_tensor", "is_variable", "learning_phase",
    "learning_phase_scope", "manual_variable_initialization", "moving_average_update",
    "name_scope", "ndim", "placeholder", "print_tensor", "reset_uids", "set_image_dim_ordering",
    "set_learning_phase", "set_session", "set_value", "symbolic", "to_dense", "update",
    "update_add", "update_sub", "variable",
]  # fmt: skip

_ORDERS = {"channels_first": "th", "channels_last": "tf"}
_LAYOUTS = {old: today for today, old in _ORDERS.items()}


def variable(value: Any, dtype: Any = None, name: Any = None, constraint: Any = None) -> Any:
    """Return a variable."""
    if is_symbolic(value):
        return value
    array = np.asarray(value) if not isinstance(value, jax.Array) else value
    kind = dtype or (keras.config.floatx() if array.dtype.kind == "f" else str(array.dtype))
    kind = keras.config.floatx() if kind == "float64" else kind
    # Before tf.keras, a layer trained what it listed: add_weight's, or trainable_weights = [...].
    made = keras.Variable(array, dtype=kind, name=_plain(name), trainable=not stands_alone())
    if constraint is not None:
        made.constraint = constraint
    return made


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Any:
    """Return a tensor."""
    made = ops.convert_to_tensor(value, dtype=dtype or keras.config.floatx())
    return ops.broadcast_to(made, shape) if shape is not None else made


def placeholder(
    shape: Any = None, ndim: Any = None, dtype: Any = None, sparse: bool = False, name: Any = None
) -> Any:
    """Return a symbolic tensor whose value a function's caller gives."""
    shape = tuple(shape) if shape is not None else (None,) * (ndim or 0)
    if not shape:
        return KerasTensor((), dtype=dtype or keras.config.floatx(), name=_plain(name))
    return keras.Input(batch_shape=shape, dtype=dtype, sparse=sparse, name=_plain(name))


def function(inputs: Any, outputs: Any, updates: Any = None, name: Any = None, **more: Any) -> Any:
    """Return outputs as a compiled function of inputs."""
    return Function(inputs, outputs, updates, name)


def get_value(x: Any) -> Any:
    """Return a NumPy array or number."""
    if callable(x) and not hasattr(x, "shape"):
        x = x()
    found = np.array(evaluated(x))  # the program's own, to write into
    return found[()] if found.ndim == 0 else found


def set_value(x: Any, value: Any) -> None:
    """Give a variable a value."""
    x.assign(ops.convert_to_tensor(value, dtype=x.dtype))


def batch_get_value(tensors: Any) -> list[Any]:
    """Return NumPy arrays."""
    return [get_value(one) for one in tensors]


def batch_set_value(tuples: Any) -> None:
    """Give variables values."""
    for x, value in tuples:
        set_value(x, value)


def eval_(x: Any) -> Any:
    """Return the value of a tensor that needs no input."""
    return evaluated(x)


def update(x: Any, new_x: Any) -> Any:
    """Assign, now or when the function it is given to runs."""
    if is_symbolic(new_x):
        return Assignment(x, new_x)
    x.assign(new_x)
    return x


def update_add(x: Any, increment: Any) -> Any:
    """Assign the sum."""
    return update(x, ops.add(x, increment))


def update_sub(x: Any, decrement: Any) -> Any:
    """Assign the difference."""
    return update(x, ops.subtract(x, decrement))


def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """Assign the moving average."""
    return update(x, ops.add(x * momentum, ops.multiply(value, 1.0 - momentum)))


def clear_session() -> None:
    """Forget names and the learning phase."""
    set_phase(None)
    keras.utils.clear_session()


def set_learning_phase(value: Any) -> None:
    """Fix the phase that functions and `in_train_phase` see."""
    note("K.set_learning_phase(value)", "model(x, training=value); fit and predict know theirs")
    set_phase(value)


@contextmanager
def learning_phase_scope(value: Any) -> Iterator[None]:
    """Fix the phase in a block."""
    set_phase(value)
    try:
        yield
    finally:
        set_phase(None)


def get_session(op_input_list: Any = ()) -> Any:
    """Return something with TensorFlow 1's `run`."""
    from bital.compat.facade.v1 import Session

    return Session()


def set_session(session: Any) -> None:
    """Nothing is kept in sessions any more."""
    note("K.set_session(session)", "leave it out")


def get_graph() -> Any:
    """There is no graph; returns a context that does nothing."""
    return name_scope("")


def manual_variable_initialization(value: bool) -> None:
    """Keras's variables always have a value."""
    note("K.manual_variable_initialization", "leave it out")


def image_dim_ordering() -> str:
    """Return "tf" or "th"."""
    note("K.image_dim_ordering()", "keras.config.image_data_format()")
    return _ORDERS[keras.config.image_data_format()]


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Put channels first ("th") or last ("tf")."""
    note("K.set_image_dim_ordering(...)", "keras.config.set_image_data_format(...)")
    if dim_ordering not in _LAYOUTS:
        raise ValueError(f"dim_ordering must be 'tf' or 'th'; got {dim_ordering!r}.")
    keras.config.set_image_data_format(_LAYOUTS[dim_ordering])


def int_shape(x: Any) -> Any:
    """Return the shape with None where it is not known; None for what has none."""
    shape = getattr(x, "shape", None)
    return None if shape is None else tuple(shape)


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(x.shape)


def dtype(x: Any) -> str:
    """Return the name of the type."""
    kind: str = keras.backend.standardize_dtype(x.dtype)
    return kind


def count_params(x: Any) -> int:
    """Return the number of entries."""
    return int(np.prod(x.shape))


def get_variable_shape(x: Any) -> Any:
    """Return a variable's shape."""
    return int_shape(x)


def cast_to_floatx(x: Any) -> Any:
    """Return a NumPy array, or a tensor, of the float type in use."""
    if is_symbolic(x) or isinstance(x, jax.Array | keras.Variable):
        return ops.cast(x, keras.config.floatx())
    return np.asarray(x, dtype=keras.config.floatx())


def is_tensor(x: Any) -> bool:
    """Whether a value is a tensor, symbolic or not."""
    return is_symbolic(x) or ops.is_tensor(x)


def is_variable(x: Any) -> bool:
    """Whether a value is a variable."""
    return isinstance(x, keras.Variable)


def is_placeholder(x: Any) -> bool:
    """Whether a value is an input."""
    history = getattr(x, "_keras_history", None)
    return is_symbolic(x) and (history is None or history.operation is None or isinstance(
        history.operation, keras.layers.InputLayer))  # fmt: skip


def is_sparse(tensor: Any) -> bool:
    """Whether a tensor is sparse."""
    return bool(getattr(tensor, "sparse", False))


def to_dense(tensor: Any) -> Any:
    """Return the tensor with its zeros."""
    return tensor.todense() if hasattr(tensor, "todense") else tensor


def has_arg(function: Any, name: str, accept_all: bool = False) -> bool:
    """Whether a function takes an argument."""
    from inspect import Parameter, signature

    parameters = signature(function).parameters
    every = any(p.kind is Parameter.VAR_KEYWORD for p in parameters.values())
    return name in parameters or (accept_all and every)


def print_tensor(x: Any, message: str = "") -> Any:
    """Print a value when it is computed; returns it."""
    if not is_symbolic(x):
        jax.debug.print("{message} {x}", message=message, x=ops.convert_to_tensor(x))
    return x


def reset_uids() -> None:
    """Begin names anew."""
    global_state.set_global_attribute("auto_name_uid", None)


def eager(function: Any) -> Any:
    """Return the function: it is eager."""
    return function


def symbolic(function: Any) -> Any:
    """Return the function: it takes symbolic tensors as it is."""
    return function


@contextmanager
def name_scope(name: Any, *more: Any) -> Iterator[Any]:
    """Names have no scopes any more."""
    yield name


@contextmanager
def device(name: Any) -> Iterator[None]:
    """JAX chooses the device."""
    yield


def _plain(name: Any) -> Any:
    return name.replace("/", "_").split(":")[0] if isinstance(name, str) else None
