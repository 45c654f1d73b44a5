"""Where a text may name a listed party though no word marks it: stretches that are keys of listed names.

Which keys there are is told by hashes alone (`sight`), so an ordinary question never reads the lists.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from knowledge.reading.text import simplified
from knowledge.screening.hashes import hashed
from knowledge.screening.keys import LONGEST_KEY, person_key
from knowledge.screening.mentions import LIMIT
from knowledge.screening.normal import normal
from knowledge.screening.words import FORMS, STOP

_MOST = 400
"""Stretches of one text that are looked up; the same one again and again is looked up three times."""
_LONGEST_HAN = 24
_HAN = "\u3005\u3400-\u9fff\u3040-\u30ff"
_TOKEN = re.compile(rf"(?:[A-Z]\.){{2,8}}[A-Z]?(?!\w)|(?:(?![{_HAN}\uac00-\ud7a3_])[^\W\d]){{1,40}}|\d{{1,9}}")
_RUN = re.compile(rf"[{_HAN}]{{2,}}")
_INSIDE = re.compile(r"[\s\-–/&.,'’\"“”«»()（）]{0,3}")
_ENDS = re.compile(r"[.!?;:]\s|\n|,\s")
_CUE = re.compile(
    r"(?:\b(?:to|for|from|by|with|via|at|through|customers?|clients?|buyers?|consignees?|end[- ]?users?|importers?|distributors?|suppliers?|"
    r"purchasers?|forwarders?|company|firm|screen|für|von|bei|pour|chez|para|per|для|от|у)\b(?:\s+(?:is|are|was|will be|named|called))?|[:=])"
    r"[\s\"“«(]*(?:the\s+|a\s+)?$",
    re.I,
)
_CUE_HAN = re.compile(r"(?:给|向|为|是|由|从|到|和|与|对|供应|客户|用户|买方|收货人|は|：|:)[\s“\"「]*$")
_THING = re.compile(r"\s(?:[a-z]{2,}s|[A-Z]*\d[\w-]*|brand(?:ed)?|made)\b")
_NOT_THINGS = re.compile(
    r"\s(?:offices?|headquarters|labs?|labs|plants?|is|was|has|does|in|needs|wants|as|affiliates|subsidiaries)\b"
)


@dataclass(frozen=True)
class Word:
    """A word of the text. `word`: made comparable; `shape`: "A" all capitals, "C" capital, "l" small, "d" digits; `foreign`:
    in another script than Latin; `accented`: with letters that English lacks."""

    start: int
    end: int
    word: str
    shape: str
    foreign: bool = False
    accented: bool = False

    @property
    def light(self) -> bool:
        """Whether names are compared without it: a company form, grammar."""
        return self.word in FORMS or self.word in STOP or self.word == "number"


@dataclass(frozen=True)
class Sighting:
    """A stretch that has the hash of a key. `words`: its words, none for Chinese and Japanese; `cue`: a word such as
    "to" or "buyer" stands before it; `thing`: what follows makes it a brand of goods rather than a party."""

    start: int
    end: int
    number: int
    words: tuple[Word, ...]
    han: str
    cue: bool
    thing: bool


def sightings(
    text: str, sight: frozenset[int], taken: Sequence[tuple[int, int]] = ()
) -> tuple[list[Sighting], list[Word]]:
    """All stretches, overlapping ones too, and the words of the text that are not `taken`."""
    text = text[:LIMIT]
    free = [w for w in words_of(text) if not any(a < w.end and w.start < b for a, b in taken)]
    seen: Counter[int] = Counter()
    fresh = (s for s in _all(text, free, sight, taken) if (seen.update([s.number]) or seen[s.number] < 4))
    return list(islice(fresh, _MOST)), free


def _all(text: str, free: list[Word], sight: frozenset[int], taken: Sequence[tuple[int, int]]) -> Iterator[Sighting]:
    for i, first in enumerate(free):
        if not first.light:
            yield from _from(text, free, i, sight)
    if _RUN.search(text):
        yield from _han(text, sight, taken)


def _from(text: str, free: list[Word], i: int, sight: frozenset[int]) -> Iterator[Sighting]:
    held: list[Word] = []
    key = ""
    for n in range(i, min(len(free), i + LONGEST_KEY + 6)):
        word = free[n]
        if n > i and (not joined(text, free[n - 1], word) or len(held) == LONGEST_KEY):
            return
        if word.light:
            continue
        held.append(word)
        key = f"{key} {word.word}" if key else word.word
        numbers = {hashed(key)}
        if len(held) == 2 and text[held[0].end : word.start] in ("-", "–"):
            numbers.add(hashed(key.replace(" ", "")))
        if 1 < len(held) < 7 and all(h.shape in "AC" for h in held):
            numbers.add(hashed(person_key(h.word for h in held)))
        if len(held) == 1 and word.foreign and word.shape != "l":
            for base in _uninflected(word.word):
                if hashed(base) in sight:
                    yield _sighting(text, [replace(word, word=base)], hashed(base))
        for number in numbers & sight if not (len(held) == 1 and _part_of_code(text, held[0])) else ():
            yield _sighting(text, held, number)


def _part_of_code(text: str, word: Word) -> bool:
    """Letters that stand against a digit: "STM32", "3A-MGU"."""
    return bool(
        re.match(r"-?\d", text[word.end : word.end + 2])
        or re.search(r"\d-?$", text[max(0, word.start - 2) : word.start])
    )


def _uninflected(word: str) -> Iterator[str]:
    """A Russian name without its ending: "Kasperskogo" -> "Kaspersky"."""
    for ending, bases in (
        ("ogo", ("y", "iy", "ii")),
        ("omu", ("y", "iy", "ii")),
        ("im", ("y", "iy", "ii")),
        ("om", ("",)),
        ("a", ("",)),
        ("u", ("",)),
        ("e", ("",)),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            yield from (word[: -len(ending)] + base for base in bases)


def joined(text: str, before: Word, word: Word) -> bool:
    """Whether the word goes on with the one before it, no other sentence and nothing taken between."""
    gap = text[before.end : word.start]
    return bool(_INSIDE.fullmatch(gap)) and (not _ENDS.search(gap) or word.light or before.light)


def _sighting(text: str, held: list[Word], number: int) -> Sighting:
    start, end = held[0].start, held[-1].end
    before, after = text[max(0, start - 60) : start], text[end : end + 24]
    thing = bool(_THING.match(after)) and not _NOT_THINGS.match(after)
    cue = bool(_CUE.search(before) or _CUE_HAN.search(before))
    return Sighting(start, end, number, tuple(held), "", cue and not thing, thing)


def _han(text: str, sight: frozenset[int], taken: Sequence[tuple[int, int]]) -> Iterator[Sighting]:
    for run in _RUN.finditer(text):
        plain = simplified(run.group())
        if len(plain) != len(run.group()):
            plain = run.group()
        at = 0
        while at < len(plain) - 1:
            for size in range(min(_LONGEST_HAN, len(plain) - at), 1, -1):
                start, end = run.start() + at, run.start() + at + size
                number = hashed(plain[at : at + size])
                if number not in sight or any(a < end and start < b for a, b in taken):
                    continue
                if size == 2 and not _edged(plain, at):
                    continue
                cue = bool(_CUE_HAN.search(text[max(0, start - 12) : start]))
                yield Sighting(start, end, number, (), plain[at : at + size], cue, False)
                at += size - 1
                break
            at += 1


_PIECES = re.compile(
    r"中华为|因为|升华为|精华为|光启动|海思考|浪潮流|大华北|大华东|大华南|广大疆|云从[事来此]|依图[形纸片]|紫光[灯外线]|飞腾[空跃]|曙光[初]"
)
"""Ordinary Chinese in which the characters of a brand stand side by side."""


def _edged(run: str, at: int) -> bool:
    first = max(0, at - 3)
    around = _PIECES.finditer(run[first : at + 6])
    return not any(m.start() + first < at + 2 and at < m.end() + first for m in around)


def words_of(text: str) -> list[Word]:
    """The words of the text, each by itself made comparable; the s of a possessive is left out."""
    found: list[Word] = []
    for m in _TOKEN.finditer(text):
        raw = m.group()
        if raw in ("s", "S") and found and text[m.start() - 1] in "'’" and found[-1].end == m.start() - 1:
            continue
        word, foreign = _folded(raw)
        if word:
            shape = (
                "d"
                if raw[0].isdigit()
                else "A"
                if raw.isupper() and len(raw) > 1
                else "C"
                if raw[0].isupper() or _inner(raw)
                else "l"
            )
            found.append(Word(m.start(), m.end(), word, shape, foreign, not foreign and not raw.isascii()))
    return found


def _inner(raw: str) -> bool:
    return any(c.isupper() for c in raw)


@lru_cache(maxsize=4096)
def _folded(raw: str) -> tuple[str, bool]:
    """A word as names have it, and whether it was in another script."""
    if raw.isascii() and raw.isalpha():
        words = normal(raw).words
        return (words[0] if words else raw.lower()), False
    base = unicodedata.normalize("NFD", raw)[:1]
    words = normal(raw).words
    return ("".join(words) if len(words) < 3 else words[0]), not base.isascii()
