"""The same words in the languages of shipped studies."""

from typing import Literal, NamedTuple, get_args

from bital.errors import UnknownName

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Words(NamedTuple):
    """A label, a title or a question."""

    en: str
    ko: str

    def __call__(self, language: Language) -> str:
        """Return the words in one language.

        Raises:
            UnknownName: in a language there are none in.
        """
        if language not in LANGUAGES:
            raise UnknownName("language", language, LANGUAGES)
        words: str = getattr(self, language)
        return words
