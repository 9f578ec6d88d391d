"""Commands that describe their options only when they are chosen."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import Any


class LateParser(ArgumentParser):
    """A command's parser; `details` adds its options just before they are read or shown.

    `bital --help` shows one line a command and must not take the time that all of their options
    and help take.
    """

    details: Callable[["LateParser"], None] | None = None
    """called once, when the command is chosen"""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Add the details, then parse."""
        describe, self.details = self.details, None
        if describe is not None:
            describe(self)
        found: Any = super().parse_known_args(args, namespace)
        parsed: tuple[Namespace, list[str]] = found
        return parsed
