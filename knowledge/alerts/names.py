"""By what a listed name could be found in a question: few letters of its telling words, so that slips of the keys and
other spellings share them. What the two have in common is looked for first; whether they are one is screening's to say.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from knowledge.screening.build import names_in
from knowledge.screening.han import latin
from knowledge.screening.index import han_pairs, initials
from knowledge.screening.normal import mended, normal, sound
from knowledge.screening.words import GENERIC, OFFICES, STOP

_PIECE = 160
"""Characters of a question that are made comparable at once; a name that was read is never cut by it."""
_GAPS = re.compile(r"[\s,;:!?，。；：！？、（）()《》“”\"]+")
_HAN = re.compile(r"[㐀-鿿豈-﫿]+")
_EMPTY = GENERIC | OFFICES | STOP
_TRADE = (GENERIC | OFFICES) - STOP
"""Words that many names share. Screening weighs them too, so they are looked for as they are, not by a few of their letters."""
_SHORT = 3
_SOUNDED = 24
"""Letters of a word's sound that are kept: nobody's name is told from another's by more."""


def of_text(text: str) -> frozenset[str]:
    """The keys of a question, whatever in it may be a name."""
    found: set[str] = set()
    words: list[str] = []
    for piece in _pieces(text):
        name = normal(piece)
        words += name.words
        for word in name.forms:
            found.update(_of_word(word))
    for word in set(words):
        found.update(_of_word(word))
        found.update(f"w:{w}" for w in (word, mended(word)) if w in _TRADE)
    for a, b in pairwise(words):  # what is listed as one word may be written as two
        if min(len(a), len(b)) <= _SHORT:
            found.update(_of_word(a + b))
    spelled = [w[0] for w in words if not w.isdigit()]
    found.update(f"p:{''.join(spelled[i : i + 3])}" for i in range(len(spelled) - 2))  # the listed name is an acronym
    for run in _HAN.findall(text):
        found.update(f"h:{pair}" for pair in han_pairs(normal(run).han or run))
        found.update(_sounded(run))
    return frozenset(found)


def of_party(names: Iterable[str]) -> frozenset[str]:
    """The keys by which a party of these names could be found."""
    found: set[str] = set()
    for name in map(normal, chain.from_iterable(map(names_in, names))):
        telling = [w for w in name.words if w not in _EMPTY and len(w) > 1 and not w.isdigit()]
        for word in telling or name.words:
            found.update(_of_word(word))
        found.update(f"w:{w}" for w in name.words if w in _TRADE)
        for a, b in pairwise(name.words):  # what is listed as two words may be written as one
            if min(len(a), len(b)) <= _SHORT or len({a, b} & set(telling)) == 1:
                found.update(_of_word(a + b))
        if 3 <= len(name.words) <= 8:
            found.update(_of_word(initials(name)))
        if name.han:
            found.update(f"h:{pair}" for pair in han_pairs(name.han))
    return frozenset(found)


def _of_word(word: str) -> Iterator[str]:
    if not word:
        return
    yield f"p:{word[:3]}"
    if len(word) >= _SHORT:
        yield f"s:{word[-3:]}"
    if len(word) > _SHORT and word.isalpha() and len(key := sound(word)) > 2:
        yield f"z:{key[:_SOUNDED]}"


def _sounded(run: str) -> Iterator[str]:
    """How a name that begins at any of the characters would begin in Latin letters."""
    for i in range(len(run)):
        heard = "".join(latin(run[i : i + 3]).split())
        if heard:
            yield f"p:{heard[:3].lower()}"


def _pieces(text: str) -> Iterator[str]:
    held = ""
    for word in _GAPS.split(text):
        if len(held) + len(word) > _PIECE:
            yield held
            held = ""
        held += " " + word
    yield held
