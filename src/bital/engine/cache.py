"""Compiled programs kept: on disk across processes, in memory within one."""

import os
import warnings
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import jax
import keras
import platformdirs

from bital.engine.owner import Owners
from bital.engine.programs import Programs
from bital.engine.settings import settings
from bital.engine.structure import structural_key
from bital.models.functional import Variables

PROGRAMS = Programs(limit=64)
"""what `remembered` remembers: a small one takes about 5 MB"""
_OWNERS = Owners(PROGRAMS)


def cache_folder() -> Path:
    """Return bital's cache folder: `BITAL_CACHE` if set, else the user's cache folder."""
    return Path(os.environ.get("BITAL_CACHE") or platformdirs.user_cache_dir("bital"))


def persist_compilation() -> None:
    """Keep XLA's results on disk, unless the user has already told JAX where or that it must not.

    Every program is kept, however quick to compile: many small ones are what a study is made of.
    """
    chosen = getattr(jax.config, "jax_compilation_cache_dir", None)
    if chosen or not getattr(jax.config, "jax_enable_compilation_cache", True):
        return
    jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "xla"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    # JAX does not lock entries: while one thread or process writes, another reads half of one. It
    # then says so and compiles, which is all right.
    warnings.filterwarnings("ignore", "Error reading persistent compilation cache", UserWarning)


def remembered(model: keras.Model, key: Hashable, make: Callable[[], Any]) -> Any:
    """Return `make()`, or what it returned for a model of the same structure.

    Models made of Keras's own parts in the same way share their programs, which stay when the
    models go; any other's are its own and go with it. At most `PROGRAMS` are kept, the least
    recently used go first. Like Keras's own train function, programs see a change of a layer's
    settings only after `compile()`, of what is trainable at once.

    Args:
        model: built.
        key: which program: what it does and the shapes of what it is given.
        make: returns the program. It must not refer to the model, whose life it may outlast, and
            nothing but `key` and the model may decide what it does.
    """
    owner = _OWNERS.of(model)
    asked = (key, Variables(model).identities(), settings())
    found = owner.uses.get(asked)
    if found is None or found not in PROGRAMS:
        # Rows in a dict may be picked by name.
        structure = structural_key(model, by_name="{" in repr(key))
        if structure is not None:
            found = (key, structure)
        else:
            found = (owner, asked)
            _OWNERS.give(owner, found)
        owner.uses[asked] = found
    return PROGRAMS.get(found, make)
