"""Recurrent and time-distributed layers under names of their own."""

from functools import wraps
from inspect import Parameter, signature
from types import SimpleNamespace
from typing import Any

from keras import layers, ops, tree

from bital.compat.notes import note
from bital.compat.old.defaults import era
from bital.compat.old.source import Era
from bital.compat.patches import Patches


class CuDNNLSTM(layers.LSTM):
    """An LSTM with the equations that cuDNN has, on any device (Keras 2)."""

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("recurrent_activation", "sigmoid")
        super().__init__(units, *args, **kwargs)


class CuDNNGRU(layers.GRU):
    """A GRU with the equations that cuDNN has, on any device (Keras 2)."""

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("recurrent_activation", "sigmoid")
        kwargs.setdefault("reset_after", True)
        super().__init__(units, *args, **kwargs)


class TimeDistributedDense(layers.Dense):
    """A dense layer over the last axis, step by step (Keras 0.3, 1)."""

    def __init__(
        self,
        output_dim: int,
        *args: Any,
        input_length: int | None = None,
        input_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        if input_dim is not None:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(output_dim, *args, **kwargs)


def patch_recurrent(patches: Patches) -> None:
    """Ask cells for their first state as every Keras before 3 did."""
    cls = layers.RNN
    patches.set(cls, "get_initial_state", _initial_state(cls.get_initial_state))
    if era() is not Era.KERAS_3:
        own = cls._create_state_variables
        patches.set(cls, "_create_state_variables", _kept_states(own))


def _kept_states(own: Any) -> Any:
    @wraps(own)
    def create_state_variables(self: Any, batch_size: int) -> None:
        """Keras 3 on JAX forgets a stateful layer's states in fit, evaluate and predict.

        Among a layer's random generators a variable is state, and no weight.
        """
        own(self, batch_size)
        states = tree.flatten(self.states)
        self._seed_generators.extend(SimpleNamespace(state=one) for one in states)

    return create_state_variables


def _initial_state(own: Any) -> Any:
    @wraps(own)
    def get_initial_state(self: Any, batch_size: Any) -> Any:
        """A cell of before takes `(inputs, batch_size, dtype)`, of which it may use any."""
        if len(getattr(batch_size, "shape", ())) > 1:  # the inputs, which TensorFlow took
            batch_size = ops.shape(batch_size)[0]
        method = getattr(self.cell, "get_initial_state", None)
        taken = signature(method).parameters if method else {}
        if method is None or not {"inputs", "dtype"} & taken.keys():
            return own(self, batch_size)
        kind = self.cell.compute_dtype
        given = {"inputs": None, "batch_size": batch_size, "dtype": kind}
        if "batch_size" not in taken or _required(taken, "inputs"):
            given["inputs"] = ops.zeros((batch_size, 1, 1), dtype=kind)
        note("get_initial_state(inputs, ...)", "get_initial_state(self, batch_size=None)")
        made = method(**{name: value for name, value in given.items() if name in taken})
        return list(made) if isinstance(made, list | tuple) else [made]

    return get_initial_state


def _required(parameters: Any, name: str) -> bool:
    return name in parameters and parameters[name].default is Parameter.empty
