"""Lambdas that the running program put into files: what comes back from one is the function."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import keras

from bital.compat.patches import Patches

_SEEN: dict[str, Callable[..., Any]] = {}
"""functions by the code, defaults and closure that a configuration has of them"""


def patch_lambdas(patches: Patches) -> None:
    """Let a Lambda layer take back the function that it wrote in this process.

    Nothing of the file is run, so safe mode has nothing against it. Keras refuses such files, and
    programs that save and load a model in one go with them.
    """
    cls = keras.layers.Lambda
    write: Any = vars(cls)["_serialize_function_to_config"]
    read: Any = vars(cls)["from_config"].__func__

    @wraps(write)
    def remembering(self: Any, fn: Callable[..., Any]) -> Any:
        stored = write(self, fn)
        key = _key(stored)
        if key is not None:
            _SEEN[key] = fn
        return stored

    @wraps(read)
    def taking_back(
        cls: Any, config: dict[str, Any], custom_objects: Any = None, safe_mode: bool | None = None
    ) -> Any:
        config, named = dict(config), dict(custom_objects or {})
        for part in ("function", "output_shape"):
            key = _key(config.get(part))
            if key in _SEEN:
                config[part] = f"{part} of this program"
                named[config[part]] = _SEEN[key]
        return read(cls, config, named, safe_mode)

    patches.set(cls, "_serialize_function_to_config", remembering)
    patches.set(cls, "from_config", classmethod(taking_back))
    patches.then(_SEEN.clear)


def _key(stored: Any) -> str | None:
    """Return what tells a stored lambda from others; None for anything else."""
    if not isinstance(stored, dict) or stored.get("class_name") != "__lambda__":
        return None
    try:
        return json.dumps(stored["config"], sort_keys=True)
    except TypeError:  # a closure over more than numbers and text: Keras cannot save that either
        return None
