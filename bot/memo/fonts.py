"""The fonts of a memo: they come with their packages, so that every machine makes the same pages. Only importer of fontTools."""

import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from bot.memo.text import code_point
from knowledge.errors import NavicertError

LATIN, CHINESE = "Noto Sans", "Noto Sans CJK SC"
"""The families by name, as the pages ask for them."""
_FILES = {
    LATIN: ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf", "fontpkg-noto-sans"),
    CHINESE: ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc", "manimgx-fonts-cjk"),
}


_MARKS = (("\u0300", "\u036f"), ("\u1ab0", "\u1aff"), ("\u1dc0", "\u1dff"), ("\u20d0", "\u20ff"))
"""Marks that any letter can take; those of one script, such as Hindi's vowels, are part of its letters."""


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    """The font files. Raises NavicertError where one is not installed: without it the page would show empty boxes."""
    found = []
    for family, (package, name, distribution) in _FILES.items():
        spec = find_spec(package)
        path = Path(spec.origin).parent / name if spec is not None and spec.origin else None
        if path is None or not path.is_file():
            raise NavicertError(
                f"the font {family} is not installed, so no PDF can be made. "
                f"Install it: pip install {distribution}, or take the memo with --format html."
            )
        found.append(path)
    return tuple(found)


@lru_cache(maxsize=1)
def drawable() -> frozenset[int]:
    """Every code point that the fonts can draw; about 1 s at the first call."""
    from fontTools.ttLib import TTCollection, TTFont

    points: set[int] = set()
    for path in files():
        if path.suffix == ".ttc":
            with TTCollection(path, lazy=True) as collection:
                points |= set(collection.fonts[0].getBestCmap())  # the languages of the collection share it
        else:
            with TTFont(path, lazy=True) as font:
                points |= set(font.getBestCmap())
    return frozenset(points)


def shown(text: str) -> str:
    """The text with what no font can draw written as its code point, so that nothing becomes an empty box; so is a mark
    above a letter that is no part of a letter, because such a mark repeats the letter when the text is copied."""
    text = unicodedata.normalize("NFC", text)
    return "".join(c if c == "\n" or (ord(c) in drawable() and not _loose(c)) else code_point(c) for c in text)


def _loose(character: str) -> bool:
    return any(first <= character <= last for first, last in _MARKS)
