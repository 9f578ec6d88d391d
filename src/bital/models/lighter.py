"""Keras imported without what it imports only in case that it is used."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from bital.models.around import Around
from bital.models.asleep import Asleep
from bital.models.compilation import persist_compilation
from bital.models.unasked import WithoutPandas, WithoutTensorflow

# What Keras's import leaves asleep: scikit-learn (by way of the wrappers), pyplot, attention for
# TPUs, solvers for sparse matrices (SciPy's with them), a callback's HTTP client. With pandas,
# they are two thirds of the time that `import keras` takes where they are installed.
_LATER = frozenset(
    {
        "keras.wrappers",
        "matplotlib",
        "matplotlib.patches",
        "matplotlib.pyplot",
        "jax.experimental.pallas",
        "jax.experimental.pallas.ops",
        "jax.experimental.pallas.ops.tpu",
        "jax.experimental.pallas.ops.tpu.splash_attention",
        "jax.experimental.pallas.ops.tpu.splash_attention.splash_attention_kernel",
        "jax.experimental.pallas.ops.tpu.splash_attention.splash_attention_mask",
        "jax.experimental.sparse.linalg",
        "requests",
    }
)


class _Keeping(Around):
    """Loads the module that JAX comes with, and has what JAX compiles kept from then on."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        persist_compilation()


_LOADED_BY: dict[str, Callable[[Loader], Loader]] = {
    **dict.fromkeys(_LATER, partial(Asleep, others=_LATER)),
    "keras.src.backend.jax.core": _Keeping,
    "keras.src.trainers.data_adapters.array_slicing": WithoutPandas,
    "keras.src.utils.rng_utils": WithoutTensorflow,
}


def lighten() -> None:
    """Let Keras's import leave modules empty until one of their names is asked for."""
    if "keras" not in sys.modules and not any(isinstance(f, _Lighter) for f in sys.meta_path):
        sys.meta_path.insert(0, _Lighter())


class _Lighter(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _LOADED_BY or not _keras_is_loading():
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _LOADED_BY[name](spec.loader)
        return spec


def _keras_is_loading() -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and not hasattr(keras, "__version__")
