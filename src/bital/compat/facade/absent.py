"""What to say of TensorFlow's other names."""

from collections.abc import Callable
from typing import Any


def absent(module: str) -> Callable[[str], Any]:
    """Return a module's `__getattr__`, which says whose the name is."""

    def __getattr__(name: str) -> Any:  # noqa: N807
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"{module}.{name} is TensorFlow's own, and TensorFlow is not installed; bital stands "
            f"in for what Keras programs use of it. Install TensorFlow (pip install tensorflow) "
            "and bital uses the real module, with Keras on JAX."
        )

    return __getattr__
