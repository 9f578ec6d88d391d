"""Functions that a study's file names: "models.py:cnn" or "package.module:cnn"."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bital.errors import InvalidInput, UnknownName


def function(place: str, folder: Path) -> Callable[..., Any]:
    """Import a function; its module runs, as the file's author means it to.

    A file's folder goes to the front of `sys.path`, where worker processes look too.

    Args:
        place: a module and a function, with a colon between.
        folder: where a path is from.

    Raises:
        InvalidInput: no such file, a module that fails, or one that has another's name.
        UnknownName: a module without that function.
    """
    where, _, name = place.rpartition(":")
    if not where or not name:
        raise InvalidInput(
            f'a function must be named as "models.py:cnn" or "package.module:cnn"; got {place!r}.'
        )
    module = _file(folder / where) if where.endswith(".py") else _module(where, place)
    found = getattr(module, name, None)
    if not callable(found):
        names = [key for key, value in vars(module).items() if callable(value)]
        raise UnknownName(f"a function of {where}", name, names)
    made: Callable[..., Any] = found
    return made


def _file(path: Path) -> Any:
    whole = path.resolve()
    if not whole.is_file():
        raise InvalidInput(f"a function's file must be there; {path} is not. Correct the path.")
    if str(whole.parent) not in sys.path:
        sys.path.insert(0, str(whole.parent))
    module = _module(whole.stem, str(path))
    if Path(getattr(module, "__file__", None) or "").resolve() != whole:
        raise InvalidInput(
            f"a file must have a name of its own; {path.name} would be another module "
            f"{whole.stem!r}. Rename the file."
        )
    return module


def _module(name: str, place: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise InvalidInput(
            f"the module of {place} must import; it raised {type(error).__name__}: {error}."
        ) from error
