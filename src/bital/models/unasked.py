"""Libraries that Keras loads to ask them what they can be asked later."""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, SimpleNamespace
from typing import Any

from bital.models.around import Around


class WithoutPandas(Around):
    """Loads Keras's module that asks of data whether it is pandas's.

    Nothing is, as long as nobody has imported pandas.
    """

    def exec_module(self, module: ModuleType) -> None:
        """Carry the module out with a stand-in in the place of pandas."""
        absent = "pandas" not in sys.modules and PathFinder.find_spec("pandas") is not None
        if absent:
            sys.modules["pandas"] = _Pandas("pandas")
        try:
            super().exec_module(module)
        finally:
            if absent:
                del sys.modules["pandas"]


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        pandas = sys.modules.get("pandas")
        return pandas is not None and isinstance(value, getattr(pandas, cls.__name__))


class _Pandas(ModuleType):
    class Series(metaclass=_Kind):
        pass

    class DataFrame(metaclass=_Kind):
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("pandas"), name)


class WithoutTensorflow(Around):
    """Loads Keras's module of `set_random_seed`, which seeds TensorFlow too.

    A TensorFlow that nobody has imported is seeded when somebody does.
    """

    def exec_module(self, module: ModuleType) -> None:
        """Carry the module out with a stand-in in the place of TensorFlow."""
        super().exec_module(module)
        module.__dict__["tf"] = _Tensorflow()


class _Tensorflow:
    """As much of TensorFlow as `set_random_seed` asks for."""

    def __init__(self) -> None:
        self.random = SimpleNamespace(set_seed=self._set_seed)
        self._awaited = _Awaited()

    @property
    def available(self) -> bool:
        """Whether there is one to seed."""
        return "tensorflow" in sys.modules or PathFinder.find_spec("tensorflow") is not None

    def _set_seed(self, seed: int) -> None:
        if "tensorflow" in sys.modules:
            sys.modules["tensorflow"].random.set_seed(seed)
        else:
            self._awaited.seed = seed
            if self._awaited not in sys.meta_path:
                sys.meta_path.insert(0, self._awaited)


class _Awaited(MetaPathFinder):
    """Finds TensorFlow where the other finders do, and has it seeded once it is loaded."""

    seed = 0

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)  # who only asks whether there is one has not loaded it
        if spec is not None and spec.loader is not None:
            spec.loader = _Seeding(spec.loader, self)
        return spec


class _Seeding(Around):
    def __init__(self, loader: Loader, awaited: _Awaited) -> None:
        super().__init__(loader)
        self._awaited = awaited

    def exec_module(self, module: ModuleType) -> None:
        """Carry the module out, then seed it."""
        super().exec_module(module)
        sys.meta_path.remove(self._awaited)
        sys.modules["tensorflow"].random.set_seed(self._awaited.seed)
