"""Image files that may be opened: Pillow opens any format, whatever a file's name ends in."""

import io
from pathlib import Path
from typing import Any

from bital.errors import InvalidInput

_POSTSCRIPT = (b"%!PS", b"\xc5\xd0\xd3\xc6")
"""how files begin that Pillow gives to Ghostscript, which runs the program in them"""


def check_image_file(source: Any) -> None:
    """Raise unless a file can be opened without running a program in it, or waiting for ever.

    Args:
        source: a path, or bytes in `io.BytesIO`; anything else is left to Pillow.

    Raises:
        InvalidInput: the file is PostScript, a pipe or a device.
    """
    if isinstance(source, io.BytesIO):
        first, name = source.getvalue()[:4], "these bytes"
    elif isinstance(source, str | Path) and Path(source).exists():
        if not Path(source).is_file():
            raise InvalidInput(f"an image must be a regular file; {source} is none. Take it away.")
        with Path(source).open("rb") as file:
            first, name = file.read(4), str(source)
    else:
        return
    if first.startswith(_POSTSCRIPT):
        raise InvalidInput(
            f"an image must be pixels; {name} has PostScript inside, a program that Ghostscript "
            "would run. Convert it to PNG if you trust it, or take it away."
        )
