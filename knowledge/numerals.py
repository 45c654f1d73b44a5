"""Numbers in Chinese characters -> integers; for reading law and questions about it."""

import unicodedata

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000}
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
