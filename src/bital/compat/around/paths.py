"""Relative paths written on Windows, found on systems that part folders by a slash."""

import builtins
import io
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

from bital.compat.notes import note, told
from bital.compat.patches import Patches

_OF_OS = ("stat", "lstat", "listdir", "scandir", "remove", "access", "chdir")


def native(path: Any, new: bool = False) -> Any:
    r"""Return `data/cat.jpg` of 'data\\cat.jpg' where that is what can be meant.

    A path is left as it is if it has no backslash, begins at a drive, names a file that is really
    called so, or if its first folder is not there; a `new` folder's need not be.
    """
    if not isinstance(path, str) or "\\" not in path or os.sep != "/" or path[1:2] == ":":
        return path
    slashes = path.replace("\\", "/")
    if _EXISTS(path) or not (new or _EXISTS(slashes.split("/")[0])):
        return path
    _tell(path)
    return slashes


def _tell(path: str) -> None:
    """Note what the program wrote: no folder it joined to it, and a folder's files once."""
    spelled = path.split("/", maxsplit=1)[0] if "\\" in path.split("/", maxsplit=1)[0] else path
    folder, _, last = spelled.rpartition("\\")
    beginning = repr(folder)[:-1]
    if "." in last and any(one.old.startswith(beginning) for one in told()):
        return
    today = spelled.replace("\\", "/")
    note(f"{spelled!r}", f"{today!r}: slashes are understood everywhere")


def patch_paths(patches: Patches) -> None:
    """Let `open` and the functions of `os` that take a path find such files."""
    if os.sep != "/":
        return
    patches.set(builtins, "open", _translated(builtins.open))
    patches.set(io, "open", builtins.open)
    for name in _OF_OS:
        patches.set(os, name, _translated(getattr(os, name)))
    for name in ("mkdir", "makedirs"):
        patches.set(os, name, _translated(getattr(os, name), new=True))


def _translated(own: Callable[..., Any], new: bool = False) -> Callable[..., Any]:
    @wraps(own)
    def call(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
        found = native(path, new) if type(path) is str and "\\" in path else path
        return own(found, *args, **kwargs)

    return call


def _exists(stat: Callable[[str], Any]) -> Callable[[str], bool]:
    def exists(path: str) -> bool:
        try:
            stat(path)
        except (OSError, ValueError):
            return False
        return True

    return exists


_EXISTS = _exists(os.stat)  # the system's own: asked while os.stat is replaced
