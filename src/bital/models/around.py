"""A loader of modules that does something before or after another one."""

from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType


class Around(Loader):
    """Another loader, with something done before or after it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the other loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As the other loader does."""
        self._loader.exec_module(module)
