"""Folding for comparing quotes: Unicode form, width and white space, and nothing else; with the way back to the original.

NFKC as a whole would read 10² as 102 and ① as 1, which is another law. So only the forms that print the same characters are
folded: canonical forms, full and half width, ligatures, presentation forms and no-break variants.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_SAME_CHARACTER = ("<wide>", "<narrow>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>")
_LIGATURES = range(0xFB00, 0xFB50)
_UNSPACED = re.compile(r"[⺀-鿿豈-﫿＀-￯　-ヿ]")  # scripts and marks between which white space says nothing


@dataclass(frozen=True)
class Folded:
    """A folded text; `at[i]` and `until[i]` bound, in the original, what character `i` was made from."""

    text: str
    at: tuple[int, ...]
    until: tuple[int, ...]


@lru_cache(maxsize=2048)
def fold(text: str) -> Folded:
    """The text with Unicode form, width and white space folded. White space beside Chinese is dropped, elsewhere runs become
    one blank; invisible format characters are dropped. Case and punctuation stay as they are."""
    out: list[str] = []
    at: list[int] = []
    until: list[int] = []
    gap = False
    for start, end in _clusters(text):
        cluster = text[start:end]
        if cluster.isspace():
            gap = True
            continue
        if all(unicodedata.category(c) == "Cf" for c in cluster):
            continue
        folded = unicodedata.normalize("NFC", "".join(map(_form, cluster)))
        if gap and out and not (_UNSPACED.match(text[until[-1] - 1]) or _UNSPACED.match(cluster)):
            out.append(" ")
            at.append(until[-1])
            until.append(start)
        gap = False
        for char in folded:
            if char.isspace():
                continue
            out.append(char)
            at.append(start)
            until.append(end)
    return Folded("".join(out), tuple(at), tuple(until))


def _clusters(text: str) -> list[tuple[int, int]]:
    """A base character with the marks that combine with it."""
    if text.isascii():
        return [(i, i + 1) for i in range(len(text))]
    found: list[tuple[int, int]] = []
    for i, char in enumerate(text):
        if found and unicodedata.combining(char):
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


@lru_cache(maxsize=8192)
def _form(char: str) -> str:
    if char.isascii():
        return char
    decomposition = unicodedata.decomposition(char)
    if decomposition.startswith(_SAME_CHARACTER) or ord(char) in _LIGATURES:
        return unicodedata.normalize("NFKC", char)
    return char
