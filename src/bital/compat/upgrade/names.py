"""Where a name of an old Keras is today, in Keras itself."""

import importlib
from typing import NamedTuple

from bital.compat.files.tables import LAYERS
from bital.compat.imports import _homes as homes_of
from bital.compat.imports import renamed
from bital.compat.old.names import GONE, NAMES

_LEGACY = "keras.src.legacy.preprocessing"
"""where Keras 3 keeps what it no longer publishes"""

BACKEND = {
    **{n: n for n in ("abs", "argmax", "argmin", "cast", "clip", "cos", "equal", "exp", "greater")},
    **{n: n for n in ("greater_equal", "less", "less_equal", "log", "max", "maximum", "mean")},
    **{n: n for n in ("min", "minimum", "not_equal", "one_hot", "ones", "ones_like", "prod")},
    **{n: n for n in ("relu", "reshape", "round", "shape", "sigmoid", "sign", "sin", "softmax")},
    **{n: n for n in ("softplus", "softsign", "sqrt", "square", "squeeze", "stack", "std", "sum")},
    **{n: n for n in ("tanh", "tile", "transpose", "var", "zeros", "zeros_like", "cumsum", "elu")},
    **{n: n for n in ("categorical_crossentropy", "binary_crossentropy", "expand_dims")},
    **{n: n for n in ("all", "any", "arange", "cumprod", "dot", "eye", "logsumexp")},
    "concatenate": "concatenate",
    "int_shape": "shape",
    "permute_dimensions": "transpose",
    "pow": "power",
    "repeat_elements": "repeat",
    "reverse": "flip",
    "stop_gradient": "stop_gradient",
    "switch": "where",
}
"""function of `keras.ops` by function of `keras.backend`, where the arguments are the same"""

RANDOM = {
    "dropout": "dropout",
    "random_normal": "normal",
    "random_uniform": "uniform",
    "truncated_normal": "truncated_normal",
}
"""function of `keras.random` by function of `keras.backend`"""

CONFIG = {
    "epsilon": "epsilon",
    "floatx": "floatx",
    "image_data_format": "image_data_format",
    "set_epsilon": "set_epsilon",
    "set_floatx": "set_floatx",
    "set_image_data_format": "set_image_data_format",
}
"""function of `keras.config` by function of `keras.backend`"""


ADVICE = {
    "gradients": "on JAX a gradient is of a function: jax.grad(lambda x: loss of model(x)); "
    "bital run keeps it",
    "learning_phase": "call the model or layer with training=True or False",
    "get_session": "there are no sessions; leave it out",
    "set_session": "there are no sessions; leave it out",
    "placeholder": "keras.Input(shape)",
    "get_value": "numpy.array(x)",
    "set_value": "x.assign(value)",
    "eval": "numpy.array(x)",
    "set_learning_phase": "leave it out; call the model with training=True or False",
}


class Place(NamedTuple):
    """A module of Keras 3 and a name in it."""

    module: str
    name: str


class Nowhere(NamedTuple):
    """A name that Keras 3 has not."""

    advice: str


def today(qualified: str) -> Place | Nowhere | None:
    """Return where a dotted name is today; None for one that is not Keras's.

    Args:
        qualified: such as `keras.layers.convolutional.Convolution2D`, `tensorflow.keras.Model`.
    """
    path = renamed(qualified) or qualified
    module, _, name = path.rpartition(".")
    owner = module.rpartition(".")[2]
    if not path.startswith("keras.") or owner[:1].isupper():  # or of a class, or what it made
        return None
    if module == "keras.backend":
        return _of_backend(name)
    return Nowhere(GONE[path]) if path in GONE else _published(module, name)


def _published(module: str, name: str) -> Place | Nowhere:
    for home in (module, *(homes_of(module) or ())):
        entry = NAMES.get(home, {}).get(name)
        if entry is not None:
            module, name = entry.home, entry.today
            break
        if _has(home, name):
            module = home
            break
    module = module.replace("bital.compat.preprocessing", _LEGACY)
    if module.startswith("bital"):
        return Nowhere("Keras 3 has nothing that does the same; bital run keeps it")
    if module.startswith("keras.preprocessing.") and not _has(module, name):
        module = module.replace("keras.preprocessing", _LEGACY)
    if not _has(module, name):
        return Nowhere("Keras 3 has no such name")
    return Place(module, LAYERS.get(name, name) if module == "keras.layers" else name)


def _of_backend(name: str) -> Place | Nowhere:
    for home, names in _BACKEND.items():
        if name in names:
            return Place(home, names[name])
    if _has("keras.backend", name):
        return Place("keras.backend", name)
    return Nowhere(ADVICE.get(name, "see keras.ops and keras.random; bital run keeps it"))


_BACKEND = {
    "keras.config": CONFIG,
    "keras.ops": BACKEND,
    "keras.random": RANDOM,
    "keras.backend": {"function": "function"},
    "keras": {"variable": "Variable"},
}


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return False
