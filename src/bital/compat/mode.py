"""The switch: Keras as any era's programs know it, until it is turned off."""

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bital.compat import notes
from bital.compat.patches import Patches

_patches = Patches()
_modules: set[str] = set()
_finders: list[Any] = []
_filters: list[Any] = []


_SAID_BY_NOTES = (
    "Do not pass an `input_shape`",
    "Your `PyDataset` class should call",
    "Explicitly requested dtype",
)
"""warnings of Keras's, by their beginnings, that a program of another era cannot heed"""


_IN_ORDER = (
    ("tensors", "patch_tensors"),
    ("old.building", "patch_building"),
    ("old.era", "patch_classes"),
    ("old.optimizers", "patch_optimizers"),
    ("old.callbacks", "patch_callbacks"),
    ("old.logs", "patch_logs"),
    ("old.training", "patch_training"),
    ("text.patch", "patch_text"),
    ("symbolic.losses", "patch_losses"),
    ("symbolic.calls", "patch_calls"),
    ("old.recurrent", "patch_recurrent"),
    ("old.outputs", "patch_outputs"),
    ("old.targets", "patch_targets"),
    ("backend.chance", "patch_chance"),
    ("backend.precision", "patch_precision"),
    ("old.saving", "patch_saving"),
    ("files.patch", "patch_files"),
    ("offline.patch", "patch_downloads"),
    ("preprocessing.patch", "patch_images"),
    ("preprocessing.endless", "patch_generators"),
    ("around.paths", "patch_paths"),
)
"""modules and what in them changes Keras; a later change is over an earlier one"""


def on(sources: Iterable[str] = ()) -> None:
    """Install the engine, the old import paths, names and arguments. Twice is once.

    Args:
        sources: of the program to run; those of an old Keras get the defaults it had.

    Raises:
        WrongBackend: Keras does not run on JAX.
    """
    if _patches:
        return
    from bital.engine.install import install

    install()
    import keras

    from bital.compat import backend, imports
    from bital.compat.around.libraries import OldLibraries
    from bital.compat.old import forms, source
    from bital.compat.old.defaults import patch_defaults

    _modules.update(sys.modules)
    _filters[:] = warnings.filters
    for message in _SAID_BY_NOTES:
        warnings.filterwarnings("ignore", message=message)
    notes.forget()
    forms.keras_1(seen=False)
    patch_defaults(_patches, source.era(sources))
    _finders.extend((OldLibraries(_patches), imports.OldPaths(_patches)))
    sys.meta_path[:0] = _finders
    imports.extend(_patches)
    for name, function in backend.names().items():
        if name not in vars(keras.backend) or name == "clear_session":
            _patches.set(keras.backend, name, function)
    for module, name in _IN_ORDER:
        getattr(import_module(f"bital.compat.{module}"), name)(_patches)
    if not imports.has_tensorflow():
        _keep_keras_from_the_facade()
        return
    imports.redirect(_patches)
    if "tensorflow" in sys.modules:
        from bital.compat.facade.overlay import overlay

        overlay(sys.modules["tensorflow"], _patches)


def off() -> None:
    """Undo `on()`; modules that only it could import are forgotten."""
    from bital.compat import imports
    from bital.engine.install import uninstall

    if not _patches:
        return
    _patches.undo()
    while _finders:
        sys.meta_path.remove(_finders.pop())
    stands_in = not imports.has_tensorflow()
    for name in set(sys.modules) - _modules:
        if type(sys.modules[name]) is imports.OldModule:
            _unbind(name)
            del sys.modules[name]
        elif imports.renamed(name) or (name.split(".")[0] == "tensorflow" and stands_in):
            del sys.modules[name]
    _modules.clear()
    warnings.filters[:] = _filters  # type: ignore[index]
    uninstall()


@contextmanager
def compat(sources: Iterable[str] = ()) -> Iterator[None]:
    """Have it on in a block; `sources` are as `on` takes them."""
    on(sources)
    try:
        yield
    finally:
        off()


def _unbind(name: str) -> None:
    parent, _, child = name.rpartition(".")
    module = sys.modules.get(parent)
    if module is not None and vars(module).get(child) is sys.modules[name]:
        delattr(module, child)


def _keep_keras_from_the_facade() -> None:
    """Keras asks whether TensorFlow is here; what stands in for it must not count."""
    from keras.src.utils import module_utils

    for lazy in (module_utils.tensorflow, module_utils.gfile):
        _patches.set(lazy, "_available", False)
