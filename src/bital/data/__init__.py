"""Datasets by name, their rows split once per seed, their inputs scaled without a leak."""

from typing import TYPE_CHECKING

from bital.data.catalog import names

if TYPE_CHECKING:
    from bital.data.dataset import Dataset
    from bital.data.loading import load
    from bital.data.scaling import scaled
    from bital.data.sources.images import images
    from bital.data.splitting import Split, split

__all__ = ["Dataset", "Split", "images", "load", "names", "scaled", "split"]

_HOME = {
    "Dataset": "bital.data.dataset",
    "images": "bital.data.sources.images",
    "Split": "bital.data.splitting",
    "load": "bital.data.loading",
    "scaled": "bital.data.scaling",
    "split": "bital.data.splitting",
}


def __getattr__(name: str) -> object:
    """Import numpy and the rest only when something that needs them is asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
