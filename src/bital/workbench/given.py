"""Functions that a study's file names: "models.py:cnn" or "package.module:cnn"."""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bital.errors import InvalidInput, UnknownName


@dataclass(frozen=True)
class Functions:
    """Where the functions may come from that a file names.

    A file can be somebody else's, so it cannot name what is installed: naming `os:system` would
    run a command.
    """

    folder: Path
    """of the file: functions of its .py files, and of those below, are trusted as the file is"""

    allowed: tuple[str, ...] = ()
    """packages that the caller trusts too, by name"""

    def named(self, place: str) -> Callable[..., Any]:
        """Import a function; its module runs, as the file's author means it to.

        A file's folder goes to the front of `sys.path`, where worker processes look too.

        Args:
            place: a module and a function, with a colon between.

        Raises:
            InvalidInput: a module that is not allowed, no such file or one elsewhere, a module
                that fails, or one that has another's name.
            UnknownName: a module without that function.
        """
        where, _, name = place.rpartition(":")
        if not where or not name:
            raise InvalidInput(
                'a function must be named as "models.py:cnn" or "package.module:cnn"; '
                f"got {place!r}."
            )
        if where.endswith(".py"):
            module = self._file(self.folder / where)
        else:
            self._check_allowed(where, place)
            module = _module(where, place)
        found = getattr(module, name, None)
        if not callable(found):
            names = [key for key, value in vars(module).items() if callable(value)]
            raise UnknownName(f"a function of {where}", name, names)
        made: Callable[..., Any] = found
        return made

    def _check_allowed(self, where: str, place: str) -> None:
        package = where.partition(".")[0]
        if not {package, where} & set(self.allowed):
            raise InvalidInput(
                "a file names functions of the .py files in its folder; "
                f"got {place!r}, which is an installed module's. If you trust this file with it, "
                f"start again with --allow-import {package}."
            )

    def _file(self, path: Path) -> Any:
        whole = path.resolve()
        if not whole.is_file():
            raise InvalidInput(f"a function's file must be there; {path} is not. Correct the path.")
        if not whole.is_relative_to(self.folder.resolve()):
            raise InvalidInput(
                f"a function's file must be in the folder of the file that names it; {path} is "
                f"outside of {self.folder}. Copy it there."
            )
        if str(whole.parent) not in sys.path:
            sys.path.insert(0, str(whole.parent))
        if not _leads_to(whole):  # asked before anything is imported
            raise InvalidInput(
                f"a file must have a name of its own; {path.name} would be another module "
                f"{whole.stem!r}. Rename the file."
            )
        return _module(whole.stem, str(path))


def _leads_to(path: Path) -> bool:
    """Return whether importing a file's name imports that file."""
    try:
        spec = importlib.util.find_spec(path.stem)
    except ValueError:  # __main__ has none
        return False
    return spec is not None and Path(spec.origin or "").resolve() == path


def _module(name: str, place: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise InvalidInput(
            f"the module of {place} must import; it raised {type(error).__name__}: {error}."
        ) from error
