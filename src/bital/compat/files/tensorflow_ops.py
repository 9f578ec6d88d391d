"""TensorFlow operations that tf.keras 2 saved as layers, as Keras operations."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from bital.errors import InvalidInput

_UNARY: dict[str, Callable[..., Any]] = {
    "abs": ops.abs,
    "cos": ops.cos,
    "elu": ops.elu,
    "erf": ops.erf,
    "exp": ops.exp,
    "floor": ops.floor,
    "gelu": lambda x, approximate=False: ops.gelu(x, approximate=approximate),
    "identity": lambda x, **_: x,
    "is_nan": ops.isnan,
    "leaky_relu": lambda x, alpha=0.2: ops.leaky_relu(x, alpha),
    "log": ops.log,
    "log1p": ops.log1p,
    "log_softmax": lambda x, axis=-1: ops.log_softmax(x, axis),
    "logical_not": ops.logical_not,
    "negative": ops.negative,
    "ones_like": lambda x, **_: ops.ones_like(x),
    "reciprocal": ops.reciprocal,
    "relu": ops.relu,
    "relu6": ops.relu6,
    "round": ops.round,
    "rsqrt": ops.rsqrt,
    "selu": ops.selu,
    "sigmoid": ops.sigmoid,
    "sign": ops.sign,
    "silu": lambda x, **_: ops.silu(x),
    "sin": ops.sin,
    "softmax": lambda x, axis=-1: ops.softmax(x, axis),
    "softplus": ops.softplus,
    "softsign": ops.softsign,
    "sqrt": ops.sqrt,
    "square": ops.square,
    "stop_gradient": ops.stop_gradient,
    "tanh": ops.tanh,
    "zeros_like": lambda x, **_: ops.zeros_like(x),
}
_UNARY |= {"neg": ops.negative, "swish": _UNARY["silu"], "convert_to_tensor": _UNARY["identity"]}

_BINARY: dict[str, Callable[..., Any]] = {
    "add": ops.add,
    "divide": ops.true_divide,
    "equal": ops.equal,
    "floordiv": ops.floor_divide,
    "greater": ops.greater,
    "greater_equal": ops.greater_equal,
    "less": ops.less,
    "less_equal": ops.less_equal,
    "logical_and": ops.logical_and,
    "logical_or": ops.logical_or,
    "maximum": ops.maximum,
    "minimum": ops.minimum,
    "mod": ops.mod,
    "multiply": ops.multiply,
    "not_equal": ops.not_equal,
    "pow": ops.power,
    "squared_difference": lambda x, y: ops.square(ops.subtract(x, y)),
    "subtract": ops.subtract,
    "truediv": ops.true_divide,
}
_BINARY |= {
    **{"addv2": ops.add, "biasadd": ops.add, "bias_add": ops.add, "mul": ops.multiply},
    **{"realdiv": ops.true_divide, "sub": ops.subtract, "div": ops.true_divide},
}


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)

    return reduce


def _sliced(x: Any, slice_spec: Any) -> Any:
    at: list[Any] = []
    for each in slice_spec:
        if isinstance(each, dict) and set(each) == {"start", "stop", "step"}:
            at.append(slice(each["start"], each["stop"], each["step"]))
        elif isinstance(each, dict):  # {"class_name": "__ellipsis__"}
            at.append(Ellipsis)
        else:
            at.append(each)
    return x[tuple(at)]


def _normalized(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    total = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return x * ops.rsqrt(ops.maximum(total, epsilon))


def _reshaped(x: Any, shape: Any, **_: Any) -> Any:
    return ops.reshape(x, shape)


def _clipped(x: Any, clip_value_min: Any, clip_value_max: Any, **_: Any) -> Any:
    return ops.clip(x, clip_value_min, clip_value_max)


def _multiplied(x: Any, b: Any, transpose_b: bool = False, **_: Any) -> Any:
    return ops.matmul(x, ops.swapaxes(b, -1, -2) if transpose_b else b)


def _squeezed(x: Any, axis: Any = None) -> Any:
    return ops.squeeze(x, axis[0] if isinstance(axis, list) else axis)


_OTHER: dict[str, Callable[..., Any]] = {
    "argmax": lambda x, axis=0, **_: ops.argmax(x, axis),
    "cast": ops.cast,
    "clip_by_value": _clipped,
    "concat": ops.concatenate,
    "cumsum": lambda x, axis=0, **_: ops.cumsum(x, axis),
    "expand_dims": ops.expand_dims,
    "gather": lambda x, indices, axis=0, **_: ops.take(x, indices, axis),
    "getitem": _sliced,
    "l2_normalize": _normalized,
    "matmul": _multiplied,
    "one_hot": lambda x, depth, **_: ops.one_hot(x, depth),
    "pad": lambda x, paddings, mode="CONSTANT", **_: ops.pad(x, paddings, mode.lower()),
    "reduce_max": _reduced(ops.max),
    "reduce_mean": _reduced(ops.mean),
    "reduce_min": _reduced(ops.min),
    "reduce_prod": _reduced(ops.prod),
    "reduce_sum": _reduced(ops.sum),
    "reshape": _reshaped,
    "resize": lambda x, size, method="bilinear", **_: ops.image.resize(x, size, method),
    "reverse": ops.flip,
    "rgb_to_grayscale": ops.image.rgb_to_grayscale,
    "squeeze": _squeezed,
    "stack": lambda x, axis=0, **_: ops.stack(x, axis),
    "tile": lambda x, multiples, **_: ops.tile(x, multiples),
    "transpose": lambda x, perm=None, **_: ops.transpose(x, perm),
    "where": lambda condition, **given: ops.where(condition, given["x"], given["y"]),
}

OPS: Mapping[str, Callable[..., Any]] = {**_UNARY, **_BINARY, **_OTHER}
"""by the last part of TensorFlow's name"""


class TensorFlowOp:
    """One operation, called like the layer it was saved as.

    Args:
        operation: TensorFlow's name: math.truediv, nn.relu, __operators__.getitem.
        name: the layer's.
        constants: numbers among its inputs, by their place.
    """

    def __init__(self, operation: str, name: str, constants: Mapping[int, Any] = {}) -> None:
        known = operation.lower().rsplit(".", 1)[-1]
        if known not in OPS:
            raise InvalidInput(
                f"the layer {name!r} of this file is TensorFlow's operation {operation!r}, which "
                "bital does not know. Build the model in today's words, then load_weights."
            )
        self.name = name
        self._function, self._constants = OPS[known], constants

    @classmethod
    def stored(cls, config: dict[str, Any]) -> "TensorFlowOp":
        """Return what a TFOpLambda, SlicingOpLambda or TensorFlowOpLayer stands for."""
        if "node_def" not in config:
            return cls(config["function"], config["name"])
        node = config["node_def"]
        node = json.loads(node) if isinstance(node, str) else node
        constants = {int(place): value for place, value in config["constants"].items()}
        return cls(node["op"], config["name"], constants)

    def __call__(self, x: Any, **given: Any) -> Any:
        """Return the operation's result on symbolic or real tensors."""
        if self._constants:
            tensors = iter(x if isinstance(x, list) else [x])
            count = len(keras.tree.flatten(x)) + len(self._constants)
            own, places = self._constants, range(count)
            return self._function(*(own[i] if i in own else next(tensors) for i in places))
        if "y" in given and "x" not in given:
            return self._function(x, given["y"])
        return self._function(x, **given)
