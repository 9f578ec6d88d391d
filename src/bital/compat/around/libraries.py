"""Names that NumPy, pandas and other libraries around Keras have no more, and today's."""

import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from bital.compat.notes import note
from bital.compat.patches import Patches

_OURS = "bital.compat.around"
OLD: dict[str, dict[str, str]] = {
    "numpy": {
        **{name: f"builtins:{name}" for name in ("int", "float", "object", "str", "complex")},
        **{"bool8": "numpy:bool", "unicode": "builtins:str", "object0": "numpy:object_"},
        **{"float_": "numpy:float64", "complex_": "numpy:complex128", "unicode_": "numpy:str_"},
        **{"string_": "numpy:bytes_", "Inf": "numpy:inf", "Infinity": "numpy:inf"},
        **{"PINF": "numpy:inf", "infty": "numpy:inf", "NaN": "numpy:nan", "NAN": "numpy:nan"},
        **{"product": "numpy:prod", "cumproduct": "numpy:cumprod", "alltrue": "numpy:all"},
        **{"sometrue": "numpy:any", "in1d": "numpy:isin", "row_stack": "numpy:vstack"},
        **{"trapz": "numpy:trapezoid", "round_": "numpy:round", "rank": "numpy:ndim"},
        **{"mat": "numpy:asmatrix", "asscalar": f"{_OURS}.arrays:asscalar"},
        **{"asfarray": f"{_OURS}.arrays:asfarray", "msort": f"{_OURS}.arrays:msort"},
    },
    "pandas": {"np": "numpy:", "datetime": "datetime:datetime"},
    "scipy": {
        **{"interp": "numpy:interp", "randn": "numpy.random:randn", "array": "numpy:array"},
        **{"zeros": "numpy:zeros", "ones": "numpy:ones", "mean": "numpy:mean"},
    },
    "scipy.misc": {
        **{name: f"{_OURS}.pictures:{name}" for name in ("imread", "imresize", "imsave")},
        **{"toimage": f"{_OURS}.pictures:toimage", "logsumexp": "scipy.special:logsumexp"},
        **{"comb": "scipy.special:comb", "factorial": "scipy.special:factorial"},
        **{"face": "scipy.datasets:face", "ascent": "scipy.datasets:ascent"},
    },
    "scipy.ndimage": {"imread": f"{_OURS}.pictures:imread"},
    "PIL.Image": {
        **{"ANTIALIAS": "PIL.Image:LANCZOS", "LINEAR": "PIL.Image:BILINEAR"},
        **{"CUBIC": "PIL.Image:BICUBIC"},
    },
    "matplotlib.cm": {"get_cmap": "matplotlib.pyplot:get_cmap"},
    "sklearn.preprocessing": {"Imputer": "sklearn.impute:SimpleImputer"},
    "sklearn.datasets": {"load_boston": f"{_OURS}.learning:load_boston"},
    "sklearn.cross_validation": {
        **{name: f"{_OURS}.learning:{name}" for name in ("KFold", "StratifiedKFold")},
    },
    "time": {"clock": "time:perf_counter"},
    "inspect": {"getargspec": "inspect:getfullargspec"},
    "fractions": {"gcd": "math:gcd"},
    "collections": {
        name: f"collections.abc:{name}"
        for name in ("Iterable", "Iterator", "Mapping", "MutableMapping", "Sequence", "Callable")
    },
}
"""by module: where a name that is gone is found; `module:` is the module itself"""

MOVED = {
    "sklearn.cross_validation": ("sklearn.model_selection",),
    "sklearn.grid_search": ("sklearn.model_selection",),
    "sklearn.learning_curve": ("sklearn.model_selection",),
    "sklearn.externals.joblib": ("joblib",),
    "scipy.misc": ("scipy.special",),
}
"""modules that are gone, and where their names are"""


class OldLibraries(MetaPathFinder):
    """Finds the libraries that have lost names, and gives these back.

    Args:
        patches: what undoes it.
    """

    def __init__(self, patches: Patches) -> None:
        self._patches = patches
        for name in (*OLD, *_REPAIRS):
            if name in sys.modules:
                self._restored(sys.modules[name])

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a library with old names or for a module that is gone."""
        if name not in OLD and name not in _REPAIRS and name not in MOVED:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None:
            homes = MOVED.get(name)
            return None if homes is None else ModuleSpec(name, _Moved(homes))
        if spec.loader is not None:
            spec.loader = _Restoring(spec.loader, self._restored)
        return spec

    def _restored(self, module: ModuleType) -> None:
        if module.__name__ in OLD:
            self._patches.set(module, "__getattr__", _lookup(module))
        if module.__name__ in _REPAIRS:
            _REPAIRS[module.__name__](module, self._patches)


class _Restoring(Loader):
    def __init__(self, real: Loader, then: Callable[[ModuleType], None]) -> None:
        self._real, self._then = real, then

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the library's own loader does."""
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """As the library's own loader does, then its old names."""
        with warnings.catch_warnings():  # that the names are going, or gone
            warnings.simplefilter("ignore", DeprecationWarning)
            self._real.exec_module(module)
        self._then(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _Moved(Loader):
    def __init__(self, homes: Sequence[str]) -> None:
        self._homes = homes

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to Python."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Look names up where they are now."""
        note(f"import {module.__name__}", f"import {self._homes[0]}")
        module.__dict__["__getattr__"] = _lookup(module, self._homes)


def _lookup(module: ModuleType, homes: Sequence[str] = ()) -> Callable[[str], Any]:
    own = vars(module).get("__getattr__")
    table = OLD.get(module.__name__, {})

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name in table:
            home, _, today = table[name].partition(":")
            found = importlib.import_module(home)
            if not home.startswith(_OURS):
                spoken = today if home == "builtins" else f"{home}.{today}".rstrip(".")
                note(f"{module.__name__}.{name}", spoken)
            return getattr(found, today) if today else found
        for home in homes:
            if hasattr(importlib.import_module(home), name):
                return getattr(importlib.import_module(home), name)
        if own is not None:
            return own(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    return __getattr__


def _pandas(module: ModuleType, patches: Patches) -> None:
    from bital.compat.around.frames import restore

    restore(module, patches)


def _styles(module: ModuleType, patches: Patches) -> None:
    """Seaborn's styles were renamed when matplotlib froze them."""
    prefix = "seaborn-v0_8"
    library = module.library
    old = {f"seaborn{n[len(prefix) :]}": library[n] for n in list(library) if n.startswith(prefix)}
    core = sys.modules.get(f"{module.__name__}.core")  # where matplotlib before 3.11 looks
    for owner in (module, core):
        if owner is not None:
            patches.set(owner, "library", type(library)({**old, **library}))


def _canvas(module: ModuleType, patches: Patches) -> None:
    """A window's title went from the canvas to its manager."""

    def set_window_title(self: Any, title: str) -> None:
        if self.manager is not None:
            self.manager.set_window_title(title)

    patches.set(module.FigureCanvasBase, "set_window_title", set_window_title)


def _encoders(module: ModuleType, patches: Patches) -> None:
    from bital.compat.around.learning import restore_encoder

    restore_encoder(module, patches)


def _fonts(module: ModuleType, patches: Patches) -> None:
    from bital.compat.around.fonts import restore

    restore(module, patches)


_REPAIRS: dict[str, Callable[[ModuleType, Patches], None]] = {
    "pandas": _pandas,
    "matplotlib.style": _styles,
    "matplotlib.font_manager": _fonts,
    "matplotlib.backend_bases": _canvas,
    "sklearn.preprocessing": _encoders,
}
"""by module: what else its old programs need"""
