"""Operations among the layers of an .h5 file of Keras 3, which stores them without their module."""

from importlib import import_module
from typing import Any

from keras.src.ops.operation import Operation

_MARK = "ops>"
_MODULES = ("nn", "numpy", "core", "math", "image", "linalg")


def told_apart(config: Any) -> tuple[Any, dict[str, Any]]:
    """Return a configuration in which no operation has a layer's name, and classes by the names.

    `Add` is a layer of two tensors and an operation that may add a number; an operation's
    configuration has no `trainable`.
    """
    found: dict[str, Any] = {}

    def marked(stored: Any) -> Any:
        if isinstance(stored, list):
            return [marked(one) for one in stored]
        if not isinstance(stored, dict):
            return stored
        made = {key: marked(value) for key, value in stored.items()}
        inner = stored.get("config")
        if (
            "inbound_nodes" in stored
            and isinstance(inner, dict)
            and not {"trainable", "dtype"} & {*inner}
        ):
            cls = _operation(stored["class_name"])
            if cls is not None:
                made["class_name"] = _MARK + cls.__name__
                found[made["class_name"]] = cls
        return made

    return marked(config), found


def _operation(name: str) -> Any:
    for part in _MODULES:
        cls = vars(import_module(f"keras.src.ops.{part}")).get(name)
        if isinstance(cls, type) and issubclass(cls, Operation):
            return cls
    return None
