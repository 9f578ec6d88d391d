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


class Recurrent(layers.Layer):
    """What recurrent layers of one's own were made from before cells (Keras 1, 2.0).

    A subclass has `step(x, states)`, which returns its output and the new states, and a size,
    `output_dim` or `units`; `states` in `build`, `preprocess_input`, `get_constants` and
    `get_initial_states` where it needs them.

    Args:
        return_sequences: whether every step's output is returned, not the last alone.
        return_state: whether the last states are, too.
        go_backwards: whether the steps are gone through from the last.
        unroll: whether the steps are written out in the compiled program.
    """

    def __init__(
        self, return_sequences: bool = False, return_state: bool = False,
        go_backwards: bool = False, stateful: bool = False, unroll: bool = False,
        consume_less: str = "cpu", implementation: int = 0, input_length: int | None = None,
        input_dim: int | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if stateful:
            raise NotImplementedError(
                "Recurrent(stateful=True) cannot be had for a layer of one's own on Keras 3. "
                "Write a cell and give it to keras.layers.RNN(cell, stateful=True)."
            )
        if input_dim is not None:
            kwargs["input_shape"] = (input_length, input_dim)
        super().__init__(**kwargs)
        note("Recurrent", "a cell given to keras.layers.RNN(cell)")
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.unroll, self.stateful = go_backwards, unroll, stateful
        self.consume_less, self.implementation = consume_less, implementation
        self.supports_masking = True

    def step(self, x: Any, states: Any) -> Any:
        """Return the output and the new states of one step: a subclass's."""
        raise NotImplementedError(f"{type(self).__name__} needs step(self, x, states).")

    def preprocess_input(self, x: Any, training: Any = None) -> Any:
        """Return what `step` is given, step by step: the input."""
        return x

    def get_constants(self, x: Any, training: Any = None) -> list[Any]:
        """Return what `step` finds behind the states at every step: nothing."""
        return []

    def get_initial_state(self, inputs: Any) -> list[Any]:
        """Return the states before the first step: zeros."""
        count = len(getattr(self, "states", None) or [None])
        return [ops.zeros((ops.shape(inputs)[0], self._size()))] * count

    def get_initial_states(self, x: Any) -> list[Any]:
        """Return the states before the first step, by Keras 1's name."""
        return list(self.get_initial_state(x))

    def call(self, x: Any, mask: Any = None, initial_state: Any = None) -> Any:
        """Go through the steps."""
        from bital.compat.backend.flow import rnn

        states = self.get_initial_states(x) if initial_state is None else list(initial_state)
        last, outputs, states = rnn(
            self.step, self.preprocess_input(x), states, go_backwards=self.go_backwards,
            mask=mask, constants=self.get_constants(x), unroll=self.unroll,
            input_length=x.shape[1],
        )  # fmt: skip
        made = outputs if self.return_sequences else last
        return [made, *states] if self.return_state else made

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Keep the mask where every step's output is returned."""
        return previous_mask if self.return_sequences else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return (rows, steps, size) or (rows, size)."""
        old = getattr(self, "get_output_shape_for", None)
        if old is not None:
            return tuple(old(input_shape))
        rows = tuple(input_shape[:2] if self.return_sequences else input_shape[:1])
        shape = (*rows, self._size())
        count = len(getattr(self, "states", None) or [None])
        return [shape] + [(input_shape[0], self._size())] * count if self.return_state else shape

    def _size(self) -> int:
        return int(self.output_dim if hasattr(self, "output_dim") else self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def time_distributed_dense(
    x: Any, w: Any, b: Any = None, dropout: Any = None, input_dim: Any = None,
    output_dim: Any = None, timesteps: Any = None, training: Any = None,
) -> Any:  # fmt: skip
    """Return each step times a kernel, with a bias (Keras 1, 2.0)."""
    if dropout is not None and 0 < dropout < 1:
        x = layers.Dropout(dropout)(x, training=training)
    made = ops.matmul(x, w)
    return made if b is None else ops.add(made, b)


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
