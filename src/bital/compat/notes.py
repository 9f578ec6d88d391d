"""What a program still says in an older Keras's words, each told once with today's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

_TOLD: dict["Note", None] = {}
_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)


class Note(NamedTuple):
    """One old spelling and today's."""

    old: str
    """as the program has it: an argument, a name, an import path"""
    today: str
    """what Keras 3 calls it, or what to do instead"""


def note(old: str, today: str) -> None:
    """Remember an old spelling; saying it again changes nothing."""
    if not _QUIET.get():
        _TOLD.setdefault(Note(old, today))


@contextmanager
def quiet() -> Iterator[None]:
    """Take no notes in a block, whose old spellings are not the program's: a file's."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def told() -> tuple[Note, ...]:
    """Return every old spelling met so far, in the order they were met."""
    return tuple(_TOLD)


def forget() -> None:
    """Begin anew, as a new program does."""
    _TOLD.clear()
