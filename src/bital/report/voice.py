"""What a report says, in the language of its study."""

from dataclasses import dataclass

from bital.report.korean import KOREAN
from bital.study.words import Language


@dataclass(frozen=True)
class Voice:
    """Says the messages of reports, which are written in English where they are said."""

    language: Language

    def __call__(self, english: str, **values: object) -> str:
        """Return a message with its places filled in.

        Args:
            english: the message, places as `str.format` has them.
            values: what fills them, in words already.
        """
        message = english if self.language == "en" else KOREAN[english]
        return message.format(**values)

    def count(self, number: int, noun: str) -> str:
        """Count things, as in "1 arm" or "1,200 runs"."""
        said = self(f"{{number}} {noun}", number=f"{number:,}")
        return f"{said}s" if self.language == "en" and number != 1 else said


ENGLISH = Voice("en")
