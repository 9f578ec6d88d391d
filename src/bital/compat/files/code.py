"""Code inside model files: found, refused, or run where the caller says so."""

import sys
from types import FunctionType, SimpleNamespace
from typing import Any

import keras
import numpy as np
from keras.src.saving.serialization_lib import in_safe_mode
from keras.src.utils.python_utils import func_load

from bital.compat import backend
from bital.errors import BitalError, InvalidInput


class CarriesCode(BitalError, ValueError):
    """A file holds Python code, which loading it would run."""

    exit_code = 2


def function(stored: Any, name: str, module: str | None, safe_mode: bool | None) -> Any:
    """Return the function that a file stores as code; anything else comes back as it is.

    Args:
        stored: what a Lambda layer's configuration has.
        name: the layer's.
        module: where it was written, whose names it may use.
        safe_mode: False to run code; None: what Keras is set to.

    Raises:
        CarriesCode: it is code, and safe mode is on.
        InvalidInput: another Python wrote it.
    """
    if isinstance(stored, dict) and stored.get("class_name") == "__lambda__":
        inner = stored["config"]
        code = inner.get("code", inner.get("value"))
        stored = [code, inner.get("defaults"), inner.get("closure")]
    if not isinstance(stored, list) or len(stored) != 3 or not isinstance(stored[0], str):
        return stored
    if (in_safe_mode() is not False) if safe_mode is None else safe_mode:
        raise CarriesCode(
            f"a model file must not carry code unless you trust it; the Lambda layer {name!r} of "
            "this one is a marshalled Python function, which loading it would run. If the file is "
            f"yours, pass safe_mode=False, or give the function: custom_objects={{{name!r}: ...}}."
        )
    code, defaults, closure = stored
    known = {
        "K": SimpleNamespace(**{**vars(keras.backend), **backend.names()}),
        "keras": keras,
        "np": np,
        "tf": sys.modules.get("tensorflow"),
    }
    try:
        made = func_load(
            code,
            defaults=tuple(defaults) if defaults else None,
            closure=tuple(closure) if closure else None,
            globs={**vars(keras.ops), **known, **vars(sys.modules.get(module or "", sys))},
        )
    except (ValueError, EOFError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "a marshalled function runs only on the Python version that wrote it; the Lambda "
            f"layer {name!r} cannot be read by {sys.version.split()[0]} ({error}). "
            f"Give the function itself: custom_objects={{{name!r}: lambda x: ...}}."
        ) from error
    assert isinstance(made, FunctionType)
    return made
