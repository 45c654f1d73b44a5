"""Does a quote stand where it is said to stand?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowledge.verify.fold import fold

_LEAST = 2  # letters or figures: a shorter quote says nothing and stands everywhere
_NEGATION = "不未无非勿毋莫沒没"
_IN_A_NUMBER = re.compile(r"\d[.,]\|\d|\d\|[.,]\d|\d\|[%％]")
_HAN_FIGURES = "零〇一二三四五六七八九十百千万亿两"


class QuoteState(StrEnum):
    """What became of a quote."""

    VERIFIED = "verified"
    REPAIRED = "repaired"  # in the same passage, elsewhere than said; the offsets are put right
    MISATTRIBUTED = "misattributed"  # in another passage than said
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class QuoteCheck:
    """The state of a quote, its offsets in the stored text as it is, and the id of the passage where it is another."""

    state: QuoteState
    start: int = 0
    end: int = 0
    where: str = ""

    @property
    def holds(self) -> bool:
        """The quote stands in the passage that it is said to stand in, at `start` and `end`."""
        return self.state in (QuoteState.VERIFIED, QuoteState.REPAIRED)


def check_quote(quote: str, start: int, end: int, stored: str, others: Mapping[str, str] | None = None) -> QuoteCheck:
    """Is `stored[start:end]` the quote, but for Unicode form, width and white space?

    `others` are further stored passages by id, looked at where `stored` does not hold the quote. A quote that begins or ends
    inside a word or a number, or just behind a Chinese negation, is no quote: it would say something else.
    """
    wanted = fold(quote).text
    if sum(c.isalnum() for c in wanted) < _LEAST:
        return QuoteCheck(QuoteState.NOT_FOUND)
    inside = 0 <= start < end <= len(stored)
    if inside and fold(stored[start:end]).text == wanted and _whole(stored, start, end):
        return QuoteCheck(QuoteState.VERIFIED, start, end)
    places = find(wanted, stored)
    if places:
        first, last = min(places, key=lambda p: abs(p[0] - start))
        return QuoteCheck(QuoteState.REPAIRED, first, last)
    for name, text in (others or {}).items():
        elsewhere = find(wanted, text)
        if elsewhere:
            return QuoteCheck(QuoteState.MISATTRIBUTED, *elsewhere[0], name)
    return QuoteCheck(QuoteState.NOT_FOUND)


def find(wanted: str, stored: str) -> list[tuple[int, int]]:
    """Where the folded quote stands in the stored text: offsets into the stored text as it is."""
    held = fold(stored)
    found: list[tuple[int, int]] = []
    if not wanted:
        return found
    for m in re.finditer(f"(?={re.escape(wanted)})", held.text):
        start, end = held.at[m.start()], held.until[m.start() + len(wanted) - 1]
        if _whole(stored, start, end):
            found.append((start, end))
    return found


def _whole(text: str, start: int, end: int) -> bool:
    """Neither end cuts a word, a number or a negation off."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    before, first = text[:start][-2:], text[start : start + 2]
    last, after = text[start:end][-2:], text[end : end + 2]
    return not (_cut(before, first) or _cut_behind(last, after) or before[-1:] in (*_NEGATION,))


def _cut(before: str, first: str) -> bool:
    if not before:
        return False
    if _word(before[-1]) and _word(first[0]):
        return True
    if before[-1] in _HAN_FIGURES and first[0] in _HAN_FIGURES:
        return True
    return bool(_IN_A_NUMBER.search(before + "|" + first))


def _cut_behind(last: str, after: str) -> bool:
    if not after:
        return False
    if _word(last[-1]) and _word(after[0]):
        return True
    if last[-1] in _HAN_FIGURES and after[0] in _HAN_FIGURES:
        return True
    return bool(_IN_A_NUMBER.search(last + "|" + after))


def _word(char: str) -> bool:
    return char.isalnum() and not "぀" <= char <= "鿿"
