"""Old import paths: a finder for modules that are gone, and names for those that are left."""

import builtins
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from functools import wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from bital.compat.notes import note
from bital.compat.old.forms import keras_1
from bital.compat.old.names import GONE, MODULES, NAMES, ROOTS
from bital.compat.patches import Patches
from bital.models.around import Around

_OWN = "tensorflow.python.keras"
_FACADE = "bital.compat.facade"


class OldModule(ModuleType):
    """A module that is gone: its names are looked up where they are today."""

    def __init__(self, name: str, homes: Sequence[str]) -> None:
        super().__init__(name, f"{name}, as {' and '.join(homes)} today.")
        self.__path__: list[str] = []
        self.__dict__["_homes"] = tuple(homes)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for home in self._homes:
            try:
                return getattr(importlib.import_module(home), name)
            except (AttributeError, ModuleNotFoundError):
                continue
        if f"{self.__name__}.{name}" in MODULES:
            return importlib.import_module(f"{self.__name__}.{name}")
        raise AttributeError(missing(self.__name__, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Act as the function that Keras 1 had under the same name: `keras.layers.merge`."""
        module, _, name = self.__name__.rpartition(".")
        found = getattr(self, name)
        if isinstance(found, OldModule):
            raise AttributeError(missing(module, name))
        return found(*args, **kwargs)

    def __dir__(self) -> list[str]:
        homes = [importlib.import_module(home) for home in self._homes[:1]]
        return sorted({name for home in homes for name in dir(home) if not name.startswith("_")})

    @property
    def __all__(self) -> list[str]:
        return dir(self)


class OldPaths(MetaPathFinder):
    """Finds what Keras and TensorFlow programs import by paths that are no more.

    Args:
        patches: what undoes changes to a module that is found.
    """

    def __init__(self, patches: Patches) -> None:
        self._patches = patches

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for an old path, None for any other."""
        today = renamed(name)
        if name.startswith(_OWN) and has_tensorflow():
            today = None  # TensorFlow imports its own; the program's imports never come here
        if today is not None and not _installed(name):
            if importlib.util.find_spec(today) is None:
                return None
            return ModuleSpec(name, _Alias(today), is_package=True)
        if name == "tensorflow" or name.startswith("tensorflow."):
            return _tensorflow(name, self._patches)
        homes = _homes(name)
        if homes is None or PathFinder.find_spec(name, path) is not None:
            return None
        module, _, last = name.rpartition(".")
        if name not in MODULES and (not last.islower() or f"{module}.{last}" in GONE):
            raise ImportError(missing(module, last))  # a class or function, looked for in vain
        return ModuleSpec(name, _Made(homes), is_package=True)


class _Alias(Loader):
    def __init__(self, today: str) -> None:
        self._today = today

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to Python; the module is replaced when it is carried out."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Put today's module in the old one's place."""
        note(f"import {module.__name__}", f"import {self._today}")
        sys.modules[module.__name__] = importlib.import_module(self._today)


class _Made(Loader):
    def __init__(self, homes: Sequence[str]) -> None:
        self._homes = homes

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a module whose names are elsewhere."""
        return OldModule(spec.name, self._homes)

    def exec_module(self, module: ModuleType) -> None:
        """Say what it is called today."""
        keras_1(seen=True)
        if self._homes:
            note(f"import {module.__name__}", f"import {self._homes[0]}")


class _Part(Loader):
    """Loads the TensorFlow stand-in, or a module in it."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to Python."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Put the stand-in's module in its place."""
        sys.modules[module.__name__] = self._module


class _Overlaid(Around):
    """Loads the real TensorFlow and puts over it what has to work on Keras's JAX backend."""

    def __init__(self, real: Loader, patches: Patches) -> None:
        super().__init__(real)
        self._patches = patches

    def exec_module(self, module: ModuleType) -> None:
        """As the real loader does, then overlay."""
        super().exec_module(module)
        from bital.compat.facade.overlay import overlay

        overlay(sys.modules["tensorflow"], self._patches)


def redirect(patches: Patches) -> None:
    """Let a program's `tensorflow.python.keras` be Keras where TensorFlow has one of its own."""
    own = builtins.__import__

    @wraps(own)
    def load(name: str, *args: Any, **kwargs: Any) -> Any:
        names = dict(zip(("globals", "locals", "fromlist", "level"), args, strict=False)) | kwargs
        if name.startswith(_OWN) and names.get("fromlist") and not names.get("level"):
            asking = str((names.get("globals") or {}).get("__name__", ""))
            today = renamed(name)
            if today is not None and not asking.startswith("tensorflow"):
                note(f"import {name}", f"import {today}")
                return importlib.import_module(today)
        return own(name, *args, **kwargs)

    patches.set(builtins, "__import__", load)


def renamed(name: str) -> str | None:
    """Return today's name of a package that only changed its root, None for any other."""
    for root, today in ROOTS.items():
        if name == root or name.startswith(root + "."):
            return today + name[len(root) :]
    return None


def extend(patches: Patches) -> None:
    """Let today's modules answer to the names they have no more."""
    parents = {name.rpartition(".")[0] for name in MODULES if not name.endswith("*")}
    real = {one for one in parents - MODULES.keys() if one.startswith("keras")}
    for home in {*NAMES, "keras.backend", "keras.preprocessing.image",
                 "keras.preprocessing.sequence", *real}:  # fmt: skip
        module = importlib.import_module(home)
        patches.set(module, "__getattr__", _lookup(home))


def missing(module: str, name: str) -> str:
    """Return what to say of a name that cannot be had."""
    for path, advice in GONE.items():
        if path.rsplit(".", 1)[1] == name and module.split(".", maxsplit=1)[0] == "keras":
            return f"{path} cannot be had on Keras 3: {advice}."
    return f"module {module!r} has no attribute {name!r}, in Keras 3 or before"


def _lookup(home: str) -> Any:
    table = NAMES.get(home, {})

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name in table:
            entry = table[name]
            if name != entry.today:
                keras_1(seen=keras_1() or home == "keras.layers")
                note(f"{home}.{name}", _spoken(entry.home, entry.today))
            if (home, name) not in _found:
                _found[home, name] = _resolved(home, name, entry.home, entry.today)
            return _found[home, name]
        if name.startswith("__"):
            raise AttributeError(name)
        if home.startswith("keras.preprocessing"):
            for part in MODULES.get(home, ()):
                try:
                    return getattr(importlib.import_module(part), name)
                except (AttributeError, ModuleNotFoundError):
                    continue
        if f"{home}.{name}" in MODULES:
            return importlib.import_module(f"{home}.{name}")
        raise AttributeError(missing(home, name))

    return __getattr__


def _resolved(home: str, name: str, entry: str, today: str) -> Any:
    from bital.compat.old.era import old_class

    if entry == home == "keras.layers":
        return old_class(name, today)
    if entry == "keras" and name == today and f"keras.{name}" in MODULES:
        return importlib.import_module(f"keras.{name}")
    return getattr(importlib.import_module(entry), today)


_found: dict[tuple[str, str], Any] = {}


def _spoken(home: str, today: str) -> str:
    return f"{home}.{today}" if home.startswith("keras") else "a layer or function of your own"


def _homes(name: str) -> tuple[str, ...] | None:
    if name in MODULES:
        return MODULES[name]
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        homes = MODULES.get(".".join(parts[:length]) + ".*")
        if homes is not None:
            return homes
    return None


def _installed(name: str) -> bool:
    """Whether a package that stands for Keras's own is here under its own name."""
    root = name.split(".", maxsplit=1)[0]
    return root in ("keras_preprocessing", "keras_applications") and _real(root) is not None


def _real(name: str) -> ModuleSpec | None:
    return PathFinder.find_spec(name, None)


def has_tensorflow() -> bool:
    """Whether TensorFlow itself is installed."""
    return _real("tensorflow") is not None


def _tensorflow(name: str, patches: Patches) -> ModuleSpec | None:
    spec = _real("tensorflow")
    if spec is not None:
        if name == "tensorflow" and spec.loader is not None:
            spec.loader = _Overlaid(spec.loader, patches)
            return spec
        return None
    if name == "tensorflow":
        return ModuleSpec(name, _Part(importlib.import_module(f"{_FACADE}.root")), is_package=True)
    part = importlib.import_module(f"{_FACADE}.parts").part(name)
    return None if part is None else ModuleSpec(name, _Part(part), is_package=True)
