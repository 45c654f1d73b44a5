"""Cleaning: one text in, one text out that every reader works on, whatever was typed."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

LIMIT = 8_000
"""Characters that are read; a longer question is cut, and the answer says so."""

_SPACES = re.compile(r"[^\S\n]+")
_HAN = re.compile(r"[㐀-鿿豈-﫿]")
_SPACED_FORMULA = re.compile(r"\b([A-Z][a-z]?) ?(\d) ?O ?(\d{1,2})\b")
_KANA = re.compile(r"[ぁ-ヿ]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_FOLDS = str.maketrans(
    {
        "μ": "u",
        "µ": "u",
        "×": "x",
        "✕": "x",
        "∅": "ø",
        "⌀": "ø",
        "–": "-",
        "—": "-",
        "‐": "-",
        "−": "-",
        "’": "'",
        "‘": "'",
    }
)


@lru_cache(maxsize=1)
def _opencc() -> Any:
    import opencc  # 10 ms: only where there is Chinese to convert

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters made simplified; Japanese forms that are also traditional Chinese change too."""
    return str(_opencc().convert(text))


def clean(text: str) -> str:
    """NFKC, control and format characters and lone surrogates dropped, traditional Chinese (not Japanese) made simplified.

    Never raises; at most `LIMIT` characters come back.
    """
    text = "".join(
        " " if c in "\r\t\v\f" else c
        for c in text[: LIMIT * 2]
        if c in "\n\r\t" or unicodedata.category(c) not in _INVISIBLE
    )
    text = unicodedata.normalize("NFKC", text).translate(_FOLDS)
    if _HAN.search(text) and not _KANA.search(text):
        text = simplified(text)
    text = _SPACED_FORMULA.sub(r"\1\2O\3", text)
    return _SPACES.sub(" ", text).strip()[:LIMIT]


def fold(text: str) -> str:
    """Case and accents folded, for comparing: "Óxido" and "oxido" are one. Same length as the text where possible."""
    return "".join(_fold_char(c) for c in text)


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    low = char.lower()
    base = unicodedata.normalize("NFD", low)[0] if low else low
    # Cyrillic short i, kana with voicing marks and Hangul mean something else without their marks.
    if "LATIN" in unicodedata.name(char, ""):
        return base if len(base) == 1 else low[:1]
    return low if len(low) == 1 else char


def language(text: str) -> str:
    """The language to answer in: `zh` where Han characters prevail and no kana or Hangul stands among them."""
    han = len(_HAN.findall(text))
    kana = sum("぀" <= c <= "ヿ" or "가" <= c <= "힣" for c in text)
    words = len(re.findall(r"[^\W\d_㐀-鿿]{2,}", text))
    return "zh" if han and not kana and han >= words else "en"
