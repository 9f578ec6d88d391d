"""Recurrent and time-distributed layers under names of their own."""

from typing import Any

from keras import layers


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
