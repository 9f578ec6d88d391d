"""bital: where Keras code runs, on Keras 3 and JAX.

`import bital` loads neither JAX nor Keras; what needs them is loaded on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bital.models.backend import prefer_jax

if TYPE_CHECKING:
    from bital.engine.evaluate import evaluate, predict
    from bital.engine.fit import fit, plan
    from bital.engine.fit_replicas import fit_replicas
    from bital.engine.install import install, uninstall
    from bital.study.arm import Arm
    from bital.study.search.space import Choice, Real, Whole
    from bital.study.splits import Holdout, KFold
    from bital.workbench.study import Study
    from bital.workbench.tune import Search

__version__ = "0.1.0"
__all__ = [
    "Arm",
    "Choice",
    "Holdout",
    "KFold",
    "Real",
    "Search",
    "Study",
    "Whole",
    "__version__",
    "evaluate",
    "fit",
    "fit_replicas",
    "install",
    "plan",
    "predict",
    "uninstall",
]

_HOMES = {
    "Arm": "bital.study.arm",
    "Choice": "bital.study.search.space",
    "Holdout": "bital.study.splits",
    "KFold": "bital.study.splits",
    "Real": "bital.study.search.space",
    "Search": "bital.workbench.tune",
    "Study": "bital.workbench.study",
    "Whole": "bital.study.search.space",
    "evaluate": "bital.engine.evaluate",
    "fit": "bital.engine.fit",
    "fit_replicas": "bital.engine.fit_replicas",
    "install": "bital.engine.install",
    "load_ipython_extension": "bital.engine.install",
    "plan": "bital.engine.fit",
    "predict": "bital.engine.evaluate",
    "uninstall": "bital.engine.install",
    "unload_ipython_extension": "bital.engine.install",
}

prefer_jax()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bital' has no attribute {name!r}")
    from bital.models.backend import require_jax

    require_jax()
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
