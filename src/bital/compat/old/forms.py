"""Positional forms that no table of names can say: what stood where in Keras 0.3 and 1."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bital.compat.notes import note
from bital.compat.old.arguments import LAYERS, initializer
from bital.compat.old.translate import names_of, translated
from bital.errors import InvalidInput

Call = tuple[tuple[Any, ...], dict[str, Any]]

_RANKS = {
    "Conv1D": 1,
    "SeparableConv1D": 1,
    "Conv2D": 2,
    "Conv2DTranspose": 2,
    "SeparableConv2D": 2,
    "Conv3D": 3,
    "ConvLSTM2D": 2,
}
_SIZES = (
    (),
    ("filter_length",),
    ("nb_row", "nb_col"),
    ("kernel_dim1", "kernel_dim2", "kernel_dim3"),
)
_OLD_CONVOLUTION = (
    "border_mode",
    "subsample",
    "nb_filter",
    "dim_ordering",
    "init",
    "W_regularizer",
)
_INITIALIZERS = {
    "uniform", "normal", "zero", "one", "lecun_uniform", "glorot_normal", "glorot_uniform",
    "he_normal", "he_uniform", "identity", "orthogonal",
}  # fmt: skip
_met = {"keras 1": False}


def keras_1(seen: bool | None = None) -> bool:
    """Return whether the program has shown to be of Keras 1 or 2; True as argument says so."""
    if seen is not None:
        _met["keras 1"] = seen
    return _met["keras 1"]


def adapter(name: str, old: bool = False) -> Callable[[Any, Any], Call]:
    """Return what turns a layer's old arguments into today's.

    Args:
        name: the class in `keras.layers`.
        old: whether it was called by a name that only Keras 1 had (`Convolution2D`).
    """
    table = LAYERS[name]

    def adapt(args: Any, kwargs: dict[str, Any]) -> Call:
        args = tuple(_plain(value) for value in args)
        kwargs = {key: _plain(value) for key, value in kwargs.items()}
        if name in _RANKS:
            args, kwargs = _convolution(name, args, kwargs, old)
        elif name == "Dense":
            args, kwargs = _dense(args, kwargs)
        elif name in ("LSTM", "GRU", "SimpleRNN"):
            args, kwargs = _recurrent(args, kwargs)
        elif name == "Embedding":
            args, kwargs = _embedding(args, kwargs)
        elif name in ("MaxPooling1D", "AveragePooling1D") and "pool_length" in kwargs:
            kwargs = {"strides": kwargs.get("stride"), **kwargs}
            kwargs.pop("stride", None)
        elif name == "BatchNormalization":
            kwargs = _normalization(kwargs)
        return args, translated(table, kwargs, known=_KNOWN.get(name, ()))

    return adapt


def _plain(value: Any) -> Any:
    """Return NumPy's whole number, as `np.prod` gives one, as Python's."""
    if isinstance(value, np.integer):
        return int(value)
    if type(value) in (tuple, list):
        return type(value)(_plain(one) for one in value)
    return value


def _convolution(name: str, args: Any, kwargs: dict[str, Any], old: bool) -> Call:
    """`(nb_filter, nb_row, nb_col)` is `(filters, (nb_row, nb_col))`."""
    rank = _RANKS[name]
    sizes = _SIZES[rank]
    kwargs = dict(kwargs)
    if all(size in kwargs for size in sizes):
        kernel = tuple(kwargs.pop(size) for size in sizes)
        note(", ".join(f"{size}=" for size in sizes), "kernel_size=")
        kwargs["kernel_size"] = kernel if rank > 1 else kernel[0]
    elif rank > 1 and len(args) > rank and all(isinstance(n, int) for n in args[: 1 + rank]):
        first = old or keras_1() or any(word in kwargs for word in _OLD_CONVOLUTION)
        if first:
            kernel = tuple(args[1 : 1 + rank])
            spoken = ", ".join(str(n) for n in args[: 1 + rank])
            note(f"{name}({spoken})", f"{name}({args[0]}, {kernel})")
            args = (args[0], kernel, *args[1 + rank :])
    return args, kwargs


_KNOWN = {"PReLU": ("weights", "alpha"), "BatchNormalization": ("renorm",)}


def _normalization(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Keras 3 began without batch renormalization; what it cannot do must not go unsaid."""
    import keras

    if "renorm" in kwargs and "renorm" not in names_of(keras.layers.BatchNormalization.__init__):
        kwargs = dict(kwargs)
        if kwargs.pop("renorm"):
            raise InvalidInput(
                "BatchNormalization's renorm must be False on this Keras, which has no batch "
                "renormalization; got True. Leave it out, or install a newer Keras."
            )
    return kwargs


def _dense(args: Any, kwargs: dict[str, Any]) -> Call:
    """`(input_dim, output_dim, ...)` of Keras 0.3, `(output_dim, init, activation)` of Keras 1."""
    if len(args) >= 2 and isinstance(args[0], int) and isinstance(args[1], int):
        note("Dense(inputs, outputs)", "keras.Input((inputs,)) and Dense(outputs)")
        args, kwargs = args[1:], {"input_dim": args[0], **kwargs}
    if len(args) >= 2 and isinstance(args[1], str) and args[1] in _INITIALIZERS:
        note("Dense(n, initializer)", "Dense(n, kernel_initializer=initializer)")
        kwargs = {**kwargs, "kernel_initializer": initializer(args[1])}
        if len(args) >= 3:
            kwargs["activation"] = args[2]
        args = args[:1]
    return args, kwargs


def _recurrent(args: Any, kwargs: dict[str, Any]) -> Call:
    kwargs = dict(kwargs)
    if len(args) >= 2 and isinstance(args[0], int) and isinstance(args[1], int):
        note("LSTM(inputs, outputs)", "keras.Input((None, inputs)) and LSTM(outputs)")
        args, kwargs = args[1:], {"input_dim": args[0], **kwargs}
    length = kwargs.pop("input_length", None)
    if "input_dim" in kwargs:
        kwargs["input_shape"] = (length, kwargs.pop("input_dim"))
        note("input_dim=, input_length=", "keras.Input((input_length, input_dim))")
    return args, kwargs


def _embedding(args: Any, kwargs: dict[str, Any]) -> Call:
    kwargs = dict(kwargs)
    weights = kwargs.get("weights")
    if isinstance(weights, list | tuple) and len(weights) == 1:
        kwargs["weights"] = weights[0]
    if kwargs.get("input_length", ...) is None:
        del kwargs["input_length"]
    if kwargs.pop("dropout", None):
        note("Embedding(dropout=)", "a SpatialDropout1D layer after it")
        raise ValueError(
            "Embedding(dropout=...) of Keras 1 dropped whole words, which no layer of Keras 3 "
            "does; got a rate. Put keras.layers.SpatialDropout1D(rate) after the Embedding."
        )
    return args, kwargs
