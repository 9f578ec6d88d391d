"""What bital raises: one base, few subclasses, the exit code on the class."""

from collections.abc import Iterable
from difflib import get_close_matches


class BitalError(Exception):
    """Base of every error bital raises on purpose: the rule, what arrived, the next step."""

    exit_code = 1


class InvalidInput(BitalError, ValueError):
    """The caller's arguments or data break a rule; nothing has been trained or written."""

    exit_code = 2


class UnknownName(InvalidInput):
    """A name that is not in its list.

    Args:
        kind: what is being named, as in "dataset".
        name: what arrived.
        choices: every name that would have done.
        hint: a next step, as a sentence with a space before it.
    """

    def __init__(self, kind: str, name: str, choices: Iterable[str], hint: str = "") -> None:
        known = sorted(choices)
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        if near and not hint:
            hint = f" Did you mean {' or '.join(repr(n) for n in near)}?"
        super().__init__(f"{kind} must be one of {', '.join(known)}; got {name!r}.{hint}")
        self.near = near


class MissingData(BitalError):
    """A dataset is not here and could not be fetched; the message says what to put where."""

    exit_code = 2


class WrongBackend(BitalError, RuntimeError):
    """Keras runs on a backend that is not JAX."""

    exit_code = 2


class StoreFailure(BitalError, RuntimeError):
    """A store cannot be opened, read or written to; what it holds of finished runs is whole."""


class SaveFailure(BitalError, RuntimeError):
    """A file cannot be written; what was there before is whole."""
