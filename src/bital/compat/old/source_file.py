"""A Python file's text, decoded as Python itself decodes it."""

import io
import tokenize
from pathlib import Path
from typing import NamedTuple

from bital.errors import InvalidInput


class Source(NamedTuple):
    """A program's text, and how it lies in its file."""

    text: str
    """with the file's own line ends"""

    encoding: str

    def encoded(self, text: str) -> bytes:
        """Return the bytes of another text in this one's place: encoding and byte order mark."""
        return text.encode(self.encoding)


def read_source(path: Path) -> Source:
    """Return what a Python file holds.

    Raises:
        InvalidInput: Python could not read it either, or it would not come back as the same bytes.
    """
    content = path.read_bytes()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        source = Source(content.decode(encoding), encoding)
        whole = source.encoded(source.text) == content
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise InvalidInput(
            "a script must be text in UTF-8, or in the encoding that its first lines name "
            f"(# -*- coding: cp949 -*-); {path} is not ({error}). Save it as UTF-8."
        ) from error
    if "\0" in source.text or not whole:
        raise InvalidInput(
            f"a script must be text; {path} has bytes that no text in {encoding} has. "
            "Check the path, or save it as UTF-8."
        )
    return source
