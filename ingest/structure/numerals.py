"""Numbers as laws write them (一百五十一, IV, a, ④, 가, １２) -> plain integers."""

import unicodedata

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_HEAVENLY = "甲乙丙丁戊己庚辛壬癸"
_KANA = "イロハニホヘトチリヌルヲワカヨタレソツネナラム"
_HANGUL = "가나다라마바사아자차카타파하"
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_ALPHABET = 26
_LONGEST = 12  # figures: longer is no number of a law, and Python refuses to read thousands of them

CHINESE = r"[零〇○一二三四五六七八九十百千两]+"
"""The characters of a Chinese number, for regular expressions."""


def chinese(text: str) -> int | None:
    """一百五十一 -> 151, 二〇二五 -> 2025, １２ -> 12; None where `text` is no number."""
    if len(text) > 2 * _LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    if len(plain) > _LONGEST:
        return None
    if plain.isdecimal():
        return int(plain)
    if not plain or any(c not in _DIGITS and c not in _UNITS for c in plain):
        return None
    if not any(c in _UNITS for c in plain):
        return int("".join(str(_DIGITS[c]) for c in plain))
    total, digit = 0, 0
    for char in plain:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


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
