"""What a program still says in an older Keras's words, each told once with today's."""

from typing import NamedTuple

_TOLD: dict["Note", None] = {}


class Note(NamedTuple):
    """One old spelling and today's."""

    old: str
    """as the program has it: an argument, a name, an import path"""
    today: str
    """what Keras 3 calls it, or what to do instead"""


def note(old: str, today: str) -> None:
    """Remember an old spelling; saying it again changes nothing."""
    _TOLD.setdefault(Note(old, today))


def told() -> tuple[Note, ...]:
    """Return every old spelling met so far, in the order they were met."""
    return tuple(_TOLD)


def forget() -> None:
    """Begin anew, as a new program does."""
    _TOLD.clear()
