"""Files and folders that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bital.errors import InvalidInput, SaveFailure


def check_target(path: Path) -> None:
    """Raise before any work unless a file can be written at `path`."""
    folder = path.resolve().parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InvalidInput(
            f"a report needs a file name in a folder that can be written to; got {path}. "
            f"Create the folder {folder} or choose another."
        )


def check_form(path: Path, forms: Iterable[str]) -> None:
    """Raise before any work unless a report with one of these endings can be written at `path`."""
    if path.suffix.lower() not in forms:
        raise InvalidInput(
            f"a report's name must end in {', '.join(forms)}; got {str(path)!r}. For a page that "
            "a browser shows, end it in .html."
        )
    check_target(path)


def write_whole(path: Path, content: Callable[[], bytes]) -> None:
    """Write a file; an older one at `path` stays until this one is whole.

    Raises:
        SaveFailure: the disk is full or cannot be written to.
    """
    handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content())
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise SaveFailure(
            f"a file must be written whole; writing {path} gave {type(error).__name__}: {error}. "
            "What was there before is as it was. Make room, or choose another place."
        ) from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `path` when the block ends, and is gone if it fails.

    Raises:
        InvalidInput: there is something at `path` already, or it cannot be made there.
    """
    parent = path.resolve().parent
    if path.exists() or not parent.is_dir() or not os.access(parent, os.W_OK):
        raise InvalidInput(
            "an export needs the name of a new folder, in a folder that can be written to; got "
            f"{path}. Choose a name that is not there yet."
        )
    part = Path(tempfile.mkdtemp(dir=parent, prefix=f".{path.name}."))
    try:
        yield part
        part.chmod(0o755)
        part.replace(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
