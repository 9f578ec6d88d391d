"""The switch: Keras as any era's programs know it, until it is turned off."""

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    from bital.compat.around.paths import patch_paths
    from bital.compat.backend.chance import patch_chance
    from bital.compat.files.patch import patch_files
    from bital.compat.offline.patch import patch_downloads
    from bital.compat.old import building, callbacks, era, forms, logs, optimizers, source, training
    from bital.compat.old.defaults import patch_defaults
    from bital.compat.old.outputs import patch_outputs
    from bital.compat.old.recurrent import patch_recurrent
    from bital.compat.old.saving import patch_saving
    from bital.compat.old.targets import patch_targets
    from bital.compat.preprocessing.endless import patch_generators
    from bital.compat.preprocessing.patch import patch_images
    from bital.compat.symbolic.losses import patch_losses
    from bital.compat.tensors import patch_tensors
    from bital.compat.text.patch import patch_text

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
    patch_tensors(_patches)
    building.patch_building(_patches)
    era.patch_classes(_patches)
    optimizers.patch_optimizers(_patches)
    callbacks.patch_callbacks(_patches)
    logs.patch_logs(_patches)
    training.patch_training(_patches)
    patch_text(_patches)
    patch_losses(_patches)
    patch_recurrent(_patches)
    patch_outputs(_patches)
    patch_targets(_patches)
    patch_chance(_patches)
    patch_saving(_patches)
    patch_files(_patches)
    patch_downloads(_patches)
    patch_images(_patches)
    patch_generators(_patches)
    patch_paths(_patches)
    if not imports.has_tensorflow():
        _keep_keras_from_the_facade()
    elif "tensorflow" in sys.modules:
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
