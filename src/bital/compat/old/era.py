"""Keras's classes under names, and with arguments, of before."""

from typing import Any

import keras

from bital.compat.old.arguments import CALLBACKS, LAYERS
from bital.compat.old.forms import adapter
from bital.compat.old.translate import names_of, patched_init, translated
from bital.compat.patches import Patches

_OLD_CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "SeparableConvolution2D": "SeparableConv2D",
}


def old_class(name: str, today: str) -> Any:
    """Return a class that reads its arguments as Keras 1 did and makes today's layer."""
    cls = getattr(keras.layers, today)
    adapt = adapter(today, old=True) if today in LAYERS else None

    class Old(type(cls)):  # type: ignore[misc]
        """Of classes that are another class by an older name."""

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            if self is made and adapt is not None:
                args, kwargs = adapt(args, kwargs)
            return cls(*args, **kwargs) if self is made else super().__call__(*args, **kwargs)

        def __instancecheck__(self, instance: Any) -> bool:
            return (
                isinstance(instance, cls) if self is made else super().__instancecheck__(instance)
            )

    made: Any = None
    made = Old(name, (cls,), {"__doc__": f"{today}, as Keras 1 called it."})
    return made


def patch_classes(patches: Patches) -> None:
    """Let layers and callbacks take the arguments they once took."""
    for name in LAYERS:
        cls = getattr(keras.layers, name)
        patches.set(cls, "__init__", patched_init(cls, adapter(name)))
    for name, today in _OLD_CLASSES.items():
        patches.set(keras.layers, name, old_class(name, today))
    for name, table in CALLBACKS.items():
        cls = getattr(keras.callbacks, name)
        known = names_of(cls.__init__)

        def adapt(args: Any, kwargs: Any, table: Any = table, known: Any = known) -> Any:
            return args, translated(table, kwargs, known=[*known, "period"])

        patches.set(cls, "__init__", patched_init(cls, adapt))
