"""Keras imported without what it imports only in case that it is used."""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

# scikit-learn (by way of the wrappers) and pyplot: half of the time that `import keras` takes
# where they are installed, and bital installs them.
_LATER = ("keras.wrappers", "matplotlib.pyplot")


def lighten() -> None:
    """Let Keras's import leave these modules empty until one of their names is asked for."""
    if "keras" not in sys.modules and not any(isinstance(f, _Later) for f in sys.meta_path):
        sys.meta_path.insert(0, _Later())


class _Later(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _LATER or not _keras_is_loading():
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


def _keras_is_loading() -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and not hasattr(keras, "__version__")
