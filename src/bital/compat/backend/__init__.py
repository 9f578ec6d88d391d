"""`keras.backend` of Keras 1 and 2 on `keras.ops`: values, tracers and symbolic tensors alike."""

from importlib import import_module
from types import ModuleType

PARTS = ("state", "calculus", "shapes", "networks", "chance", "flow")


def names() -> dict[str, object]:
    """Return every public function, by the name it has in `keras.backend`."""
    found: dict[str, object] = {}
    for part in PARTS:
        module = import_module(f"bital.compat.backend.{part}")
        found.update({name.rstrip("_"): getattr(module, name) for name in _public(module)})
    return found


def _public(module: ModuleType) -> list[str]:
    return list(module.__all__)
