"""All names of all lists, by their words: few candidates for a name, found without looking at the others.

The index is plain text and arrays, made once for a state of the lists (about four seconds) and kept as one JSON file.
"""

import math
from array import array
from base64 import b64decode
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from knowledge.screening.hashes import Keys
from knowledge.screening.normal import Name, loose_forms, mended, sound
from knowledge.screening.words import FORMS, GENERIC, OFFICES, STOP

_MOST = 48
"""Candidates that are compared with care."""
_COMMON = 1500
"""A word in more names than this finds none by itself, it only adds to what rarer words found."""


def allowed(word: str) -> int:
    """How many slips of the keys still leave it the same word, by its length."""
    return 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 8 else 2


class Index:
    """The names of one `Parties`, each once. `words`: sorted; a name's words are split by spaces, its Han form by a tab."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.words: list[str] = data["words"].split("\n")
        self.names: list[str] = data["names"].split("\n")
        self._owners, self._owned, self.starts, self.postings, self.counts, self._backward, self._by_sound = (
            _unpacked(data[k]) for k in ("owners", "owned", "starts", "postings", "counts", "backward", "by_sound")
        )
        self._weights = _unpacked(data["weights"], "f")
        self.kinds: str = data["kinds"]
        self._sounds: list[str] = data["sounds"].split("\n")
        self._places = frozenset(data["places"].split(" "))
        self.parties = len(self.kinds)
        self.sight: str = data.get("sight", "")
        self._scan = data
        self._top = math.log(self.parties + 1)

    @cached_property
    def keys(self) -> Keys:
        """Whose key a hash is, for running text."""
        return Keys(self._scan)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def _reversed(self) -> list[str]:
        return [self.words[i][::-1] for i in self._backward]

    def owners(self, name: int) -> "array[int]":
        """Positions of the parties that bear the name at this position."""
        return self._owners[self._owned[name] : self._owned[name + 1]]

    def known(self, word: str) -> int:
        """In how many parties' names the word stands."""
        i = self._ids.get(word)
        return 0 if i is None else self.counts[i]

    def information(self, word: str) -> float:
        """How much the word says of who is meant, in nats: the log of how many parties there are for one that bears it.

        Words of trade and places count as frequent, however seldom the lists have them.
        """
        value = self._top - math.log(self.known(word) + 1)
        if word in FORMS or word in STOP:
            return 0.3
        if word in OFFICES:
            return 1.0
        if word in GENERIC or word in self._places:
            return min(value, 3.0)
        if word.isdigit():
            return min(value, 3.5)
        return min(value, 3.0) if len(word) == 1 else min(value, 6.0) if len(word) == 2 else value

    def place(self, word: str) -> bool:
        """Whether the word is (part of) the name of a country or a large city."""
        return word in self._places

    def near(self, word: str) -> list[tuple[int, float]]:
        """Words of the lists that this one may be, each by its position with how alike the two are (0 to 1)."""
        own = self._ids.get(word)
        found: dict[int, float] = {} if own is None else {own: 1.0}
        slips = allowed(word)
        if slips:
            for i in {*self._starting(word), *self._ending(word)}:
                if i not in found:
                    distance = OSA.distance(word, self.words[i], score_cutoff=slips)
                    if distance <= slips:
                        found[i] = 1 - 1.2 * distance / max(len(word), len(self.words[i]))
        if len(word) > 3 and word.isalpha():
            key = sound(word)
            if len(key) > 2:
                at = bisect_left(self._sounds, key)
                while at < len(self._sounds) and self._sounds[at] == key:
                    found.setdefault(self._by_sound[at], 0.75)
                    at += 1
        return sorted(found.items(), key=lambda f: -f[1])[:12]

    def _starting(self, word: str) -> Iterable[int]:
        head = word[:3]
        return range(bisect_left(self.words, head), bisect_left(self.words, head + "\uffff"))

    def _ending(self, word: str) -> Iterable[int]:
        tail = word[::-1][:3]
        first, last = bisect_left(self._reversed, tail), bisect_left(self._reversed, tail + "\uffff")
        return (self._backward[i] for i in range(first, last))

    def name(self, position: int) -> Name:
        """The listed name at this position."""
        return read_line(self.names[position])

    def mended(self, name: Name) -> Name:
        """The name with slips in its company form and its words of trade put right, where the lists do not know them."""
        words = [w if self.known(w) else mended(w) for w in name.words]
        if tuple(words) == name.words:
            return name
        forms = {w for w in words if w in FORMS} | loose_forms(words)
        kept = tuple(w for w in words if w not in forms)
        return replace(name, words=kept, forms=name.forms | (forms & set(words))) if kept else name

    def candidates(self, name: Name) -> list[int]:
        """Positions of the listed names most like this one in their words, best first, at most `_MOST`."""
        wanted: list[tuple[float, list[tuple[int, float]]]] = []
        for word in dict.fromkeys(self._spellings(name)):
            wanted.append((self.information(word), self.near(word)))
        wanted.sort(key=lambda w: min((self._size(i) for i, _ in w[1]), default=0))
        total = sum(self.information(w) for w in name.words) or 1.0
        scores: dict[int, float] = defaultdict(float)
        for _, near in wanted:
            gained: dict[int, float] = {}
            for i, alike in near:
                worth = self.information(self.words[i]) * alike
                adding = self._size(i) > _COMMON and bool(scores)
                for n in self.postings[self.starts[i] : self.starts[i + 1]]:
                    if (not adding or n in scores) and gained.get(n, 0.0) < worth:
                        gained[n] = worth
            for n, worth in gained.items():
                scores[n] += worth
        ranked = sorted(scores, key=lambda n: -scores[n] / (total + self._weights[n] + 2.0))
        return ranked[:_MOST]

    def _size(self, i: int) -> int:
        return int(self.starts[i + 1] - self.starts[i])

    def _spellings(self, name: Name) -> Iterator[str]:
        """The words, two written apart as one, one written together as two, and an acronym's."""
        yield from name.words
        if name.han:
            yield from han_pairs(name.han)
        for a, b in zip(name.words, name.words[1:], strict=False):
            if a + b in self._ids:
                yield a + b
        for word in name.words:
            if len(word) > 4 and not self.known(word):
                for cut in range(2, len(word) - 1):
                    if self.known(word[:cut]) and self.known(word[cut:]):
                        yield from (word[:cut], word[cut:])
            if 3 <= len(word) <= 8 and f"@{word}" in self._ids:
                yield f"@{word}"
        if 3 <= len(name.words) <= 8:
            short = initials(name)
            if short in self._ids:
                yield short


def initials(name: Name) -> str:
    """The first letters of a name's words: what it may be called for short."""
    return "".join(w[0] for w in name.words if not w.isdigit())


def han_pairs(text: str) -> list[str]:
    """Neighbouring characters of a name in Han, by which such names are found."""
    return [text[i : i + 2] for i in range(len(text) - 1)] or [text]


def _unpacked(text: str, kind: str = "I") -> "array[Any]":
    values = array(kind)
    values.frombytes(b64decode(text))
    return values


@lru_cache(maxsize=4096)
def read_line(line: str) -> Name:
    words, _, han = line.partition("\t")
    return Name(tuple(words.split()), frozenset(), han)
