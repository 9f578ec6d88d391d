"""What XLA compiles, kept on disk across processes."""

import os
import warnings
from pathlib import Path


def cache_folder() -> Path:
    """Return bital's cache folder: `BITAL_CACHE` if set, else the user's cache folder."""
    import platformdirs

    return Path(os.environ.get("BITAL_CACHE") or platformdirs.user_cache_dir("bital"))


def persist_compilation() -> None:
    """Keep XLA's results on disk, unless the user has already told JAX where or that it must not.

    Every program is kept, however quick to compile: many small ones are what a study is made of,
    and drawing a model's first weights compiles a few.
    """
    import jax

    chosen = getattr(jax.config, "jax_compilation_cache_dir", None)
    if chosen or not getattr(jax.config, "jax_enable_compilation_cache", True):
        return
    jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "xla"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    # JAX does not lock entries: while one thread or process writes, another reads half of one. It
    # then says so and compiles, which is all right.
    warnings.filterwarnings("ignore", "Error reading persistent compilation cache", UserWarning)
