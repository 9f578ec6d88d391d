"""Modules that are carried out when one of their names is asked for."""

import sys
from collections.abc import Collection
from importlib.abc import Loader
from threading import RLock
from types import ModuleType
from typing import Any

from bital.models.around import Around

# Asked of every module there is, by Python's warnings and by pytest.
_NOBODY_MEANS = frozenset({"__class__", "__dict__", "__warningregistry__"})
_BED = "__asleep__"


class Asleep(Around):
    """Leaves a module empty until somebody asks for a name that it does not have yet.

    `importlib.util.LazyLoader` wakes a package for each of its modules that is imported; here a
    package and its modules sleep one by one.

    Args:
        loader: carries the module out.
        others: full names of modules that sleep. Whether a package has one of them can be asked,
            as `from package import module` does, without waking the package.
    """

    def __init__(self, loader: Loader, others: Collection[str]) -> None:
        super().__init__(loader)
        self.others = others
        self._lock, self._waking = RLock(), False

    def exec_module(self, module: ModuleType) -> None:
        """Put the module to sleep, its own loader in its place."""
        setattr(module, _BED, self)
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__class__ = _Sleeper

    def wake(self, module: ModuleType) -> None:
        """Carry the module out, once, and the package it is in before it.

        Other threads wait; what the module imports itself does not.
        """
        package = sys.modules.get(module.__name__.rpartition(".")[0])
        if type(package) is _Sleeper and (bed := package.__dict__.get(_BED)) is not None:
            bed.wake(package)
        with self._lock:
            if self._waking or type(module) is not _Sleeper:
                return
            self._waking = True
            try:
                super().exec_module(module)
                module.__class__ = ModuleType  # type: ignore[assignment]
                delattr(module, _BED)
            finally:
                self._waking = False


class _Sleeper(ModuleType):
    def __getattribute__(self, name: str) -> Any:
        # Not super(): once awake, the module is no _Sleeper any more.
        own = ModuleType.__getattribute__(self, "__dict__")
        if name not in own and name not in _NOBODY_MEANS:
            bed: Asleep | None = own.get(_BED)  # gone where another thread woke it meanwhile
            if bed is not None and f"{own['__name__']}.{name}" not in bed.others:
                bed.wake(self)
        return ModuleType.__getattribute__(self, name)
