"""Numbers as laws write them (一百五十一, IV, a, ④, 가, １２) -> plain integers."""

import unicodedata

from knowledge.numerals import CHINESE, chinese

__all__ = ["CHINESE", "chinese"]

_HEAVENLY = "甲乙丙丁戊己庚辛壬癸"
_KANA = "イロハニホヘトチリヌルヲワカヨタレソツネナラム"
_HANGUL = "가나다라마바사아자차카타파하"
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_ALPHABET = 26


def roman(text: str) -> int | None:
    """xiv -> 14; None where `text` is not a well-formed Roman number of at most 399."""
    low = text.lower()
    if not low or any(c not in "ivxlc" for c in low):
        return None
    values = [_ROMAN[c] for c in low]
    total = sum(-v if later > v else v for v, later in zip(values, [*values[1:], 0], strict=True))
    return total if written_roman(total) == low else None


def written_roman(number: int) -> str:
    """14 -> xiv."""
    table = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    out = ""
    for value, letters in table:
        while number >= value:
            out, number = out + letters, number - value
    return out


def letters(text: str) -> int | None:
    """a -> 1, z -> 26, aa -> 27, bb -> 28 (as the Code of Federal Regulations counts); None for anything else."""
    low = text.lower()
    if not low.isascii() or not low.isalpha() or len(set(low)) != 1:
        return None
    return ord(low[0]) - ord("a") + 1 + _ALPHABET * (len(low) - 1)


def circled(text: str) -> int | None:
    """① -> 1, ㉑ -> 21; None for anything else."""
    if len(text) != 1 or unicodedata.decomposition(text)[:8] != "<circle>":
        return None
    value = unicodedata.normalize("NFKC", text)
    return int(value) if value.isdecimal() else None


def _position(text: str, row: str) -> int | None:
    return row.index(text) + 1 if len(text) == 1 and text in row else None


def kana(text: str) -> int | None:
    """イ -> 1, ロ -> 2 (the order of the iroha, as Japanese statutes count)."""
    return _position(text, _KANA)


def hangul(text: str) -> int | None:
    """가 -> 1, 나 -> 2."""
    return _position(text, _HANGUL)


def heavenly(text: str) -> int | None:
    """甲 -> 1, 乙 -> 2."""
    return _position(text, _HEAVENLY)
