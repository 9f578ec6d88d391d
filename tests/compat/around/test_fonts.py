"""Hangul in figures."""

import warnings
from types import SimpleNamespace

import pytest

from bital.compat.around import fonts
from bital.compat.notes import forget, told
from bital.compat.patches import Patches


def test_the_first_family_that_is_installed_counts() -> None:
    known = [SimpleNamespace(name=name, fname=name) for name in ("DejaVu Sans", *fonts.HANGUL[2:4])]
    assert fonts.installed(_Manager(known)) == fonts.HANGUL[2]


class _Manager:
    def __init__(self, ttflist: list[SimpleNamespace]) -> None:
        self.ttflist = ttflist


def test_missing_hangul_is_one_note() -> None:
    import matplotlib._text_helpers as helpers
    from matplotlib import font_manager

    forget()
    patches = Patches()
    fonts.restore(font_manager, patches)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for letter in "학습":
                helpers.warn_on_missing_glyph(ord(letter), "DejaVu Sans")  # type: ignore[arg-type]
            with pytest.raises(UserWarning, match="Glyph"):
                helpers.warn_on_missing_glyph(0x1F600, "DejaVu Sans")  # type: ignore[arg-type]
    finally:
        patches.undo()
    assert [note.old for note in told()] == ["Hangul in a figure"]
