"""Compiled programs kept: on disk across processes, on the model within one."""

import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import jax
import keras
import platformdirs


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


def remembered(model: keras.Model, key: Hashable, make: Callable[[], Any]) -> Any:
    """Return `make()`, kept on the model under `key` until it is compiled again.

    Programs close over the model, so they live and die with it. Like Keras's own train function
    they see a change of a layer's settings only after `compile()`, of what is trainable at once.
    """
    compiled = getattr(model, "_compile_config", None)
    variables = tuple(id(v) for v in (*model.trainable_variables, *model.non_trainable_variables))
    kept = model.__dict__.get("_bital_programs")
    if kept is None or kept[0] is not compiled:
        kept = (compiled, {})
        model.__dict__["_bital_programs"] = kept  # past Keras's tracking of attributes
    programs: dict[Hashable, Any] = kept[1]
    full_key = (key, variables)
    if full_key not in programs:
        programs[full_key] = make()
    return programs[full_key]
