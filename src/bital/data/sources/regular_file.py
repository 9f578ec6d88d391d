"""Files that can be read to their end: no pipe, no device."""

from pathlib import Path

from bital.errors import InvalidInput


def check_regular(path: Path, label: str) -> None:
    """Raise an error for what is there but no regular file: opening a pipe would never return.

    Args:
        path: what to look at; a link counts as what it leads to.
        label: what the file should be, for the error.

    Raises:
        InvalidInput: a pipe, a socket, a device or a broken link.
    """
    if not path.is_file() and (path.exists() or path.is_symlink()) and not path.is_dir():
        raise InvalidInput(
            f"{label} must be a regular file; {path} is a pipe, a device or a broken link. "
            "Copy the data to a file, or remove it."
        )
