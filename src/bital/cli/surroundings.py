"""The terminal and the process that a command runs in."""

import os
import shutil
import sys
from typing import Any


def own_backend() -> None:
    """Run Keras on JAX in this process, which is ours, whatever KERAS_BACKEND says."""
    asked = os.environ.get("KERAS_BACKEND", "jax")
    if asked != "jax":
        print(f"bital: note: running Keras on JAX, not {asked!r}", file=sys.stderr)
    os.environ["KERAS_BACKEND"] = "jax"


def terminal() -> dict[str, Any]:
    """Return the width and colours that standard output has, as a renderer takes them."""
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    return {"width": width, "color": terminal and "NO_COLOR" not in os.environ}
