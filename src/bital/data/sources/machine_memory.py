"""The machine's memory, which no data may exceed."""

import os

from bital.errors import InvalidInput


def check_fits(needed: int, what: str, advice: str) -> None:
    """Raise an error if bytes are more than the machine's memory; nothing where it is unknown.

    Args:
        needed: bytes.
        what: what takes them, for the error.
        advice: what to do, for the error.

    Raises:
        InvalidInput: they are.
    """
    if not hasattr(os, "sysconf"):
        return
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > memory:
        raise InvalidInput(
            f"data must fit into memory; {what} take {needed / 1e9:,.1f} GB, and the machine has "
            f"{memory / 1e9:,.1f} GB. {advice}"
        )
