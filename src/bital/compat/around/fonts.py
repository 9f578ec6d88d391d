"""Hangul in figures: an installed font that has it, or one line that says so."""

import logging
from functools import cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from bital.compat.notes import note
from bital.compat.patches import Patches

HANGUL = (
    *("NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "NanumBarunGothic"),
    *("Noto Sans CJK KR", "Noto Sans KR", "Noto Sans CJK JP", "Source Han Sans KR", "UnDotum"),
    *("Baekmuk Dotum", "NanumMyeongjo", "Noto Serif CJK KR", "Noto Serif CJK JP", "Gulim"),
)
"""families that have Hangul, the first that is installed counts"""


def restore(font_manager: ModuleType, patches: Patches) -> None:
    """Draw what a font has not by an installed one that has Hangul."""
    import matplotlib._text_helpers as helpers

    manager = font_manager.FontManager
    patches.set(manager, "_find_fonts_by_props", _with_hangul(manager._find_fonts_by_props))
    patches.set(helpers, "warn_on_missing_glyph", _once(helpers.warn_on_missing_glyph))
    log = logging.getLogger("matplotlib.font_manager")
    log.addFilter(_unheard)
    patches.then(lambda: log.removeFilter(_unheard))


def _with_hangul(own: Any) -> Any:
    @wraps(own)
    def find_fonts_by_props(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = own(self, *args, **kwargs)
        other = installed(self)
        return found if other is None or other in found else [*found, other]

    return find_fonts_by_props


@cache
def installed(manager: Any) -> str | None:
    """Return the file of a font with Hangul, None where none is installed."""
    files = {one.name: one.fname for one in manager.ttflist}
    known = next((files[name] for name in HANGUL if name in files), None)
    if known is not None:
        return str(known)
    from matplotlib.font_manager import findSystemFonts  # those since matplotlib's list was made

    by_stem = {Path(path).stem.split("-")[0]: path for path in sorted(findSystemFonts())}
    stems = [name.replace(" ", "").removesuffix("KR").removesuffix("JP") for name in HANGUL]
    return next((str(by_stem[stem]) for stem in stems if stem in by_stem), None)


def _once(own: Any) -> Any:
    @wraps(own)
    def warn_on_missing_glyph(codepoint: int, fontnames: Any) -> None:
        if 0x1100 <= codepoint <= 0x11FF or 0x3130 <= codepoint <= 0xD7FF:
            note("Hangul in a figure", "install a font that has it, such as NanumGothic")
        else:
            own(codepoint, fontnames)

    return warn_on_missing_glyph


def _unheard(record: logging.LogRecord) -> bool:
    """Whether a message is not that one of the Korean fonts is missing, which is taken care of."""
    text = record.getMessage()
    return "not found" not in text or not any(name in text for name in HANGUL)
