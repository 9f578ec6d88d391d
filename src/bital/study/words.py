"""The same words in the languages that a study's report can be in."""

from typing import Literal, NamedTuple, get_args

from bital.errors import UnknownName

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def check_language(language: object) -> None:
    """Raise unless there are words in a language."""
    if language not in LANGUAGES:
        raise UnknownName("language", str(language), LANGUAGES)


class Words(NamedTuple):
    """A label, a title or a question."""

    en: str
    ko: str

    def __call__(self, language: Language) -> str:
        """Return the words in one language.

        Raises:
            UnknownName: in a language there are none in.
        """
        check_language(language)
        words: str = getattr(self, language)
        return words
