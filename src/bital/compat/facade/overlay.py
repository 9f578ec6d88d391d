"""The real TensorFlow with what has to work on Keras's JAX backend put over it."""

from types import ModuleType
from typing import Any

from bital.compat.facade.types import DTYPES
from bital.compat.patches import Patches

# Questions about TensorFlow's own devices and settings are its to answer.
_REAL = ("config", "test", "errors", "io", "saved_model", "summary",
         "debugging", "compat", "autograph", "dtypes", "as_dtype", "DType", "TensorShape",
         "TensorSpec", "Module", "__version__", "VERSION")  # fmt: skip
_MIXED = ("math", "nn", "random", "image", "linalg", "data", "train", "distribute", "sparse",
          "strings", "ragged")  # fmt: skip
_TENSORS = ("EagerTensor", "SymbolicTensor", "Tensor", "RaggedTensor", "SparseTensor",
            "ResourceVariable")  # fmt: skip


def overlay(tensorflow: Any, patches: Patches) -> None:
    """Let tensors be JAX's, tapes bital's and `tf.keras` Keras; the rest stays TensorFlow's.

    A function that is given a real tensor, as inside a real `tf.data` pipeline, stays the real one.

    Args:
        tensorflow: the module, loaded.
        patches: what undoes it.
    """
    from bital.compat.facade import root, v1

    for name in ("AdamOptimizer", "GradientDescentOptimizer", "MomentumOptimizer",
                 "RMSPropOptimizer", "AdagradOptimizer"):  # fmt: skip
        patches.set(tensorflow.train, name, getattr(v1.train, name))
    for name, ours in root._contents.items():
        if name in _REAL or name in DTYPES:
            continue
        if name in _MIXED:
            _over(getattr(tensorflow, name), ours, patches)
        else:
            patches.set(tensorflow, name, _either(getattr(tensorflow, name, None), ours))


def _over(real: Any, ours: ModuleType, patches: Patches) -> None:
    for name, value in vars(ours).items():
        if not name.startswith("_"):
            patches.set(real, name, _either(getattr(real, name, None), value))


def _either(real: Any, ours: Any) -> Any:
    """Return a function that is the real one for real tensors."""
    if real is None or not callable(ours) or isinstance(ours, type) or not callable(real):
        return ours

    def function(*args: Any, **kwargs: Any) -> Any:
        if any(_is_real(one) for one in (*args, *kwargs.values())):
            return real(*args, **kwargs)
        named = {name: _named(value) for name, value in kwargs.items()}
        return ours(*[_named(value) for value in args], **named)

    return function


def _named(value: Any) -> Any:
    """Return TensorFlow's number types, alone or listed, as ours, which are their names."""
    if type(value) in (list, tuple):
        return type(value)(_named(one) for one in value)
    if type(value).__name__ == "DType" and type(value).__module__.startswith("tensorflow."):
        return DTYPES.get(value.name, value)
    return value


def _is_real(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_is_real(one) for one in value)
    kind = type(value)
    return kind.__module__.startswith("tensorflow.") and kind.__name__ in _TENSORS
