"""`tensorflow`, as far as Keras programs use it."""

import sys
from functools import wraps
from types import ModuleType, SimpleNamespace
from typing import Any

import keras
from keras import ops

from bital.compat.facade import (
    arrays,
    chance,
    checkpoints,
    config,
    dataset,
    mathematics,
    neural,
    pictures,
    ragged,
    running,
    strings,
    summary,
    types,
    v1,
)
from bital.compat.facade.absent import absent
from bital.compat.tape.tape import GradientTape

__version__ = "2.15.0"  # the last with which `tf.keras` was Keras 2
__path__: list[str] = []
newaxis = None
VERSION = __version__


def _module(name: str, attributes: dict[str, Any]) -> ModuleType:
    made = ModuleType(f"tensorflow.{name}", f"tf.{name}, as far as Keras programs use it.")
    made.__dict__.update(attributes)
    made.__dict__["__getattr__"] = absent(f"tf.{name}")
    made.__dict__["__path__"] = []
    return made


def _taking_lists(function: Any) -> Any:
    """Let a function of `keras.ops` take lists and a `name`, as TensorFlow's do."""
    home = getattr(function, "__module__", "")
    if isinstance(function, type) or not home.startswith(("keras.", neural.__name__)):
        return function
    count = None if home.startswith("keras.") else 1  # the others know what their lists are

    @wraps(function)
    def call(*args: Any, name: Any = None, **kwargs: Any) -> Any:
        given = [_tensor(one) for one in args[:count]] + list(args[count:] if count else ())
        kwargs |= {word: _tensor(kwargs[word]) for word in ("labels", "logits") if word in kwargs}
        return function(*given, **kwargs)

    return call


def _tensor(value: Any) -> Any:
    return types.constant(value) if isinstance(value, list | tuple) else value


def _of_ragged(name: str, function: Any) -> Any:
    """Let functions take ragged tensors; classes and numbers stay what they are."""
    plain = isinstance(function, type) or not callable(function)
    return function if plain else ragged.of_ragged(name, function)


def _public(module: ModuleType) -> dict[str, Any]:
    own = {n: v for n, v in vars(module).items() if not n.startswith("_")}
    return {
        n: _of_ragged(n, strings.of_text(n, _taking_lists(v)))
        for n, v in own.items()
        if not isinstance(v, ModuleType) and n not in ("Any", "absent", "SimpleNamespace")
    }


_UNIQUE = (
    "abs", "add", "subtract", "multiply", "negative", "divide", "truediv", "sqrt", "square", "exp",
    "sin", "cos", "tan", "tanh", "sigmoid", "floor", "sign", "maximum", "minimum", "equal",
    "not_equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or",
    "logical_not", "round", "pow", "cast", "argmax", "argmin", "add_n", "cumsum", "reduce_sum",
    "reduce_prod", "reduce_max", "reduce_min", "reduce_mean", "reduce_any", "reduce_all",
    "reduce_logsumexp", "atan", "acos", "asin", "cosh", "sinh", "math",
    # TensorFlow 1 had these in tf itself
    "log", "log1p", "ceil", "rsqrt", "erf", "is_nan", "is_inf", "confusion_matrix", "floormod",
    "mod", "div_no_nan", "squared_difference", "count_nonzero", "segment_sum", "atan2",
    "cumprod", "floordiv", "expm1", "l2_normalize", "real", "imag", "angle", "reciprocal",
)  # fmt: skip

_contents: dict[str, Any] = {
    **{name: value for name, value in _public(mathematics).items() if name in _UNIQUE},
    **{n: v for n, v in _public(arrays).items() if n not in ("constant", "TensorShape")},
    **types.DTYPES,
    **{
        name: getattr(v1, name)
        for name in (
            "ConfigProto",
            "GPUOptions",
            "Session",
            "InteractiveSession",
            "Graph",
            "placeholder",
            "global_variables_initializer",
            "local_variables_initializer",
            "reset_default_graph",
            "initialize_all_variables",
            "get_default_graph",
            "set_random_seed",
            "to_float",
            "to_int32",
            "logging",
            "enable_eager_execution",
            "get_variable",
            "py_func",
        )
    },
    "keras": keras,
    "Tensor": types.Tensor,
    "TensorShape": types.TensorShape,
    "TensorSpec": types.TensorSpec,
    "SparseTensor": types.SparseTensor,
    "RaggedTensor": ragged.RaggedTensor,
    "Variable": types.Variable,
    "DType": types.DType,
    "dtypes": SimpleNamespace(**types.DTYPES, DType=types.DType, as_dtype=types.DType),
    "as_dtype": types.DType,
    "constant": types.constant,
    "GradientTape": GradientTape,
    "UnconnectedGradients": SimpleNamespace(NONE="none", ZERO="zero"),
    "function": running.function,
    "autograph": SimpleNamespace(experimental=SimpleNamespace(do_not_convert=running.function)),
    "py_function": running.py_function,
    "numpy_function": running.numpy_function,
    "custom_gradient": running.custom_gradient,
    "cond": running.cond,
    "while_loop": running.while_loop,
    "map_fn": running.map_fn,
    "vectorized_map": lambda fn, elems, **_: ops.vectorized_map(fn, elems),
    "print": running.print_,
    "Module": running.Module,
    "TensorArray": running.TensorArray,
    "name_scope": running.nothing,
    "variable_scope": running.nothing,
    "device": running.nothing,
    "control_dependencies": running.nothing,
    "executing_eagerly": lambda: True,
    "no_op": lambda *a, **k: None,
    "group": lambda *a, **k: None,
    "random_normal": chance.normal,
    "random_uniform": chance.uniform,
    "truncated_normal": chance.truncated_normal,
    "optimizers": keras.optimizers,
    "losses": keras.losses,
    "metrics": keras.metrics,
    "initializers": keras.initializers,
    "random_normal_initializer": keras.initializers.RandomNormal,
    "random_uniform_initializer": keras.initializers.RandomUniform,
    "zeros_initializer": keras.initializers.Zeros,
    "ones_initializer": keras.initializers.Ones,
    "constant_initializer": keras.initializers.Constant,
    "truncated_normal_initializer": keras.initializers.TruncatedNormal,
    "glorot_uniform_initializer": keras.initializers.GlorotUniform,
}
_linalg = {
    "matmul": arrays.matmul, "norm": arrays.norm, "eye": arrays.eye, "diag": ops.diag,
    "inv": ops.inv, "det": ops.det, "svd": ops.svd, "qr": ops.qr, "solve": ops.solve,
    "eigh": ops.eigh, "cholesky": ops.cholesky, "trace": ops.trace, "einsum": arrays.einsum,
    "matvec": lambda a, b, **_: ops.matmul(a, b[..., None])[..., 0], "diag_part": ops.diagonal,
    "normalize": lambda tensor, **k: (tensor / arrays.norm(tensor, **k), arrays.norm(tensor, **k)),
    "l2_normalize": mathematics.l2_normalize, "tensordot": arrays.tensordot,
    "band_part": lambda x, low, high, **_: ops.triu(ops.tril(x, high if high >= 0 else
        x.shape[-1]), -low if low >= 0 else -x.shape[-2]),
}  # fmt: skip
_distribute: dict[str, Any] = {
    "MirroredStrategy": running.Strategy,
    "MultiWorkerMirroredStrategy": running.Strategy,
    "OneDeviceStrategy": running.Strategy,
    "Strategy": running.Strategy,
    "get_strategy": running.Strategy,
    "ReduceOp": SimpleNamespace(SUM="sum", MEAN="mean"),
}
_debugging = {
    "set_log_device_placement": lambda enabled: None,
    "assert_equal": lambda x, y, **_: None if ops.all(ops.equal(x, y)) else _unequal(x, y),
    "check_numerics": lambda tensor, message="", **_: tensor,
    "experimental": SimpleNamespace(enable_dump_debug_info=lambda *a, **k: None),
}
_test = {
    "is_gpu_available": lambda *a, **k: bool(config.list_physical_devices("GPU")),
    "is_built_with_cuda": lambda: bool(config.list_physical_devices("GPU")),
    "gpu_device_name": lambda: "/device:GPU:0" if config.list_physical_devices("GPU") else "",
}
_io = {"read_file": pictures.read_file, "decode_jpeg": pictures.decode_jpeg,
       "decode_png": pictures.decode_png, "decode_image": pictures.decode_image}  # fmt: skip
_data = {
    **{
        n: getattr(dataset, n)
        for n in ("Dataset", "AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY")
    },
    "experimental": SimpleNamespace(
        AUTOTUNE=dataset.AUTOTUNE, cardinality=lambda d: d.cardinality()
    ),
    "Options": SimpleNamespace,
}


def _unequal(x: Any, y: Any) -> None:
    raise ValueError(f"tf.debugging.assert_equal: {x} and {y} differ.")


_parts = {
    "math": _module("math", _public(mathematics)),
    "nn": _module("nn", _public(neural)),
    "random": _module("random", _public(chance)),
    "image": _module("image", _public(pictures)),
    "io": _module("io", _io),
    "linalg": _module("linalg", _linalg),
    "data": _module("data", _data),
    "config": config,
    "train": checkpoints,
    "distribute": _module("distribute", _distribute),
    "debugging": _module("debugging", _debugging),
    "test": _module("test", _test),
    "errors": _module(
        "errors",
        {
            "InvalidArgumentError": ValueError,
            "OpError": RuntimeError,
            "ResourceExhaustedError": MemoryError,
            "NotFoundError": FileNotFoundError,
        },
    ),
    "strings": strings,
    "ragged": _module(
        "ragged",
        {
            "constant": ragged.ragged_constant,
            "map_flat_values": ragged.map_flat_values,
            "range": ragged.ragged_range,
            "stack": ragged.stack,
        },
    ),
    "sparse": _module(
        "sparse",
        {
            "SparseTensor": types.SparseTensor,
            "to_dense": types.to_dense,
            "from_dense": types.from_dense,
        },
    ),
    "saved_model": _module("saved_model", {}),
    "summary": summary,
}
_v1 = _module("compat.v1", {**_contents, **_parts, **_public(v1), "keras": keras})
_v1.__dict__["train"] = v1.train
_compat = _module("compat", {"v1": _v1, "as_str": str, "as_bytes": lambda s: str(s).encode()})
_contents |= {**_parts, "compat": _compat}
globals().update(_contents)
_compat.__dict__["v2"] = sys.modules[__name__]
__getattr__ = absent("tf")
