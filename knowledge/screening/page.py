"""A text with its words: what stands beside a name, and whether that makes it another name or none."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from knowledge.screening.index import Index
from knowledge.screening.keys import TRADE
from knowledge.screening.mentions import AFTER_NAMES
from knowledge.screening.running import Sighting, Word, joined
from knowledge.screening.telling import ordinary
from knowledge.screening.words import FORMS

_SMALL_FORMS = frozenset("co ltd limited inc corp corporation llc gmbh jsc ooo company".split())


@dataclass(frozen=True)
class Page:
    """The text with its words. `loud`: capitals tell nothing, since nearly all words have them."""

    index: Index
    text: str
    words: list[Word]
    loud: bool

    def span(self, seen: Sighting) -> tuple[int, int]:
        """Positions of the first and last word of a sighting."""
        first = next(i for i, w in enumerate(self.words) if w.start == seen.words[0].start)
        return first, next(i for i, w in enumerate(self.words) if w.end == seen.words[-1].end)

    def beside(self, at: int, step: int) -> Word | None:
        """The word after (or before) the one at this position, where nothing parts them."""
        if not 0 <= at + step < len(self.words):
            return None
        pair = sorted((at, at + step))
        return self.words[at + step] if joined(self.text, self.words[pair[0]], self.words[pair[1]]) else None

    def form(self, word: Word) -> bool:
        """Whether the word is a company form as it is written: "AG", "Co", but not "as" and "group" among small words."""
        return word.word in FORMS and (word.shape in "AC" or word.word in _SMALL_FORMS)

    def formed(self, last: int) -> bool:
        """Whether a company form follows."""
        after = self.beside(last, 1)
        return after is not None and self.form(after)

    def noun(self, last: int) -> bool:
        """Whether an ordinary word follows that letters may say the kind of: "ESG reporting"."""
        after = self.beside(last, 1)
        known = after is None or after.light or after.word in AFTER_NAMES or after.word in TRADE
        return not known and after is not None and after.shape == "l" and len(after.word) > 3

    def goes_on(self, first: int, last: int, known: Collection[str]) -> bool:
        """Whether words beside it make it part of another name: "Dahua Garden Landscaping", "Jiangsu Hongda Textile"."""
        after, before = self.beside(last, 1), self.beside(first, -1)
        while after and after.light and not (self.form(after) or "," in self.text[self.words[last].end : after.start]):
            last += 1
            after = self.beside(last, 1)
        if after and "," not in self.text[self.words[last].end : after.start] and self._another(after, known, TRADE):
            return True
        while before and before.light and first:
            first -= 1
            before = self.beside(first, -1)
        return before is not None and self._another(before, known, ()) and before.word not in _everyday()

    def _another(self, word: Word, known: Collection[str], allowed: Collection[str]) -> bool:
        lettered = word.shape in "AC" and not self.loud and not word.light and word.foreign is False
        return lettered and word.word not in known and word.word not in allowed and not self.index.place(word.word)


@cache
def _everyday() -> frozenset[str]:
    return ordinary().words
