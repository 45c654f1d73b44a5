"""Listed parties in running text: which sightings are names, how surely, and which of several namesakes are shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from knowledge.screening.keys import TRADE
from knowledge.screening.normal import Name, normal
from knowledge.screening.page import Page
from knowledge.screening.running import Sighting, Word, sightings
from knowledge.screening.score import Grade, compare

if TYPE_CHECKING:
    from knowledge.screening.service import Hit, Screening

_SHOWN = 5
"""Namesakes of one word that are given as hits."""
_COMPARED = 10
_LONG = 12
"""Words that a name has with the words around it."""
"""Listed names of one word that are compared with care."""
_SHIP = re.compile(
    r"(?:\b(?:vessel|ship|tanker|bulker|carrier|m/?v|m/?t|imo|loaded on|aboard)\b|船|轮)[\s:\"“]*$", re.I
)
_ARTICLE = re.compile(r"\b(?:an?|this|that|these|our|your)\s$", re.I)
_TITLE = re.compile(r"\b(?:mr|mrs|ms|dr|prof|general|colonel)\.?\s$", re.I)


@dataclass(frozen=True)
class Found:
    """A listed party that the text names at `start`:`end`. `hits`: the parties it may be, the likeliest first; `group`:
    how many listed ones share the name. Where that is more than one, the entity must be identified."""

    start: int
    end: int
    name: str
    hits: tuple["Hit", ...]
    group: int = 1


@dataclass(frozen=True)
class _Reading:
    """A sighting with what it is taken for. `sort`: see `knowledge.screening.keys.SORTS`."""

    seen: Sighting
    sort: str
    positions: tuple[int, ...]
    grade: Grade


_BUYS = re.compile(
    r"\s+(?:wants?|needs?|orders?|ordered|buys?|bought|purchases?|requests?|asks? for|is buying)\b", re.IGNORECASE
)
"""Words after a name that make it a buyer's."""


def spotted(
    screening: "Screening", text: str, taken: Sequence[tuple[int, int]], country: str | None, on: date | None
) -> tuple[Found, ...]:
    """See `Screening.listed_in`."""
    seen, words = sightings(text, screening.sight, taken)
    if not seen:
        return ()
    seen = [replace(s, cue=True) if not s.cue and _BUYS.match(text, s.end) else s for s in seen]
    page = Page(screening.index, text, words, _loud(words))
    readings = [r for s in seen for r in _readings(page, s)]
    readings.sort(key=lambda r: (-_length(r.seen), _ORDER.index(r.sort)))
    chosen: list[_Reading] = []
    for reading in readings:
        if not any(c.seen.start < reading.seen.end and reading.seen.start < c.seen.end for c in chosen):
            chosen.append(reading)
    chosen.sort(key=lambda r: r.seen.start)
    found = [_found(screening, page, r, country, on) for r in chosen]
    return tuple(f for f in found if f.hits)


_ORDER = "FGHBDKSLPCV"


def _length(seen: Sighting) -> int:
    return len(seen.words) or len(seen.han)


def _loud(words: Sequence[Word]) -> bool:
    """Whether capitals tell nothing, since nearly all words have them."""
    lettered = [w for w in words if w.shape != "d" and not w.light]
    return len(lettered) > 4 and sum(w.shape in "AC" for w in lettered) > 0.75 * len(lettered)


def _readings(page: Page, seen: Sighting) -> list[_Reading]:
    """What the sighting may be: each sort of key with the listed names that have it."""
    by: dict[str, list[int]] = {}
    index = page.index
    for position, sort in index.keys.of(seen.number):
        listed = index.name(position)
        if sort in "HB":
            if seen.han and (sort == "B" or listed.han == seen.han):
                by.setdefault(sort, []).append(position)
        elif seen.words and all(w.word in listed.words or w.word in "".join(listed.words) for w in seen.words):
            by.setdefault(sort, []).append(position)
    alone = [s for s in "DKS" if s in by]
    if alone:  # one word, whatever its names look like: as the surest of them
        by[alone[0]] = [p for s in alone for p in by.pop(s)]
    found = []
    for sort, positions in by.items():
        grade = _grade_han(seen, sort) if sort in "HB" else _grade(page, seen, sort, positions)
        if grade:
            found.append(_Reading(seen, sort, tuple(dict.fromkeys(positions)), grade))
    return found


def _grade(page: Page, seen: Sighting, sort: str, positions: Sequence[int]) -> Grade | None:
    """How sure a sighting is: by how it is written, what stands before it, and whether the name goes on beyond it."""
    known = {w for p in positions for w in page.index.name(p).words}
    first, last = page.span(seen)
    formed = page.formed(last)
    other = page.goes_on(first, last, known)
    said = sum(page.index.information(w.word) for w in seen.words)
    headed = seen.words[0].shape in "AC"
    if sort in "DKS":
        if sort == "K" and (page.noun(last) or _ARTICLE.search(page.text[max(0, seen.start - 6) : seen.start])):
            return None if len(seen.words[0].word) < 4 and not seen.thing else "possible"
        return _grade_word(seen, sort, page.loud, formed, other)
    if sort == "L":
        whole = all(w.shape != "l" for w in seen.words) and not (other or page.loud or seen.thing)
        return None if not whole else "strong" if seen.cue else "possible"
    if sort in "FG":
        if (seen.thing and not formed) or other:
            return "possible" if headed else None
        sure: Grade = "strong" if sort == "G" or said < 9 else "exact"
        return sure if headed or formed else "strong" if seen.cue else "possible" if said > 12 else None
    if sort == "C":
        return None if other else _grade_common(seen, page.loud, formed and headed, said)
    if sort == "P":
        marked = seen.cue or _TITLE.search(page.text[max(0, seen.start - 12) : seen.start])
        return None if page.loud or other else "strong" if marked and said >= 13 else "possible"
    ship = _SHIP.search(page.text[max(0, seen.start - 24) : seen.start])
    return "strong" if ship and all(w.shape != "l" for w in seen.words) else None


def _grade_common(seen: Sighting, loud: bool, formed: bool, said: float) -> Grade | None:
    """A name of words that many use counts as it is written, and beside a word that makes it a name."""
    if formed:
        return "exact" if said >= 7 else "possible"
    if loud or seen.thing or any(w.shape == "l" for w in seen.words):
        return None
    if seen.cue:
        return "strong" if said >= 7 else "possible"
    return "possible" if len(seen.words) > 2 and said >= 7 else None


def _grade_word(seen: Sighting, sort: str, loud: bool, formed: bool, other: bool) -> Grade | None:
    word = seen.words[0]
    marked = seen.cue or formed
    small = word.shape == "l"
    if word.foreign and small:
        return None  # in Cyrillic an ordinary word; firms are written with a capital or in quotes
    if sort == "S" and word.accented and not formed:
        return None  # a word of another language, without its accents like the name
    if len(word.word) == 3 and word.shape == "C" and sort == "S":
        return "strong" if seen.cue and formed else None
    if other:
        return "possible" if sort == "D" and not small and not seen.thing else None
    if sort == "D":
        return "strong" if marked or not (small or seen.thing or word.foreign) else "possible"
    if sort == "S":
        return ("possible" if formed else None) if small else "strong" if marked and not loud else "possible"
    if word.shape == "A" and not loud:
        return "strong" if formed or (not seen.thing and (seen.cue or len(word.word) > 3)) else "possible"
    return ("strong" if marked else "possible") if len(word.word) > 3 else None


def _grade_han(seen: Sighting, sort: str) -> Grade | None:
    if len(seen.han) > 2:
        return "exact" if sort == "H" else "strong"
    if sort == "B":
        return "strong"
    return "possible" if seen.cue else None


def _found(screening: "Screening", page: Page, reading: _Reading, country: str | None, on: date | None) -> Found:
    """The sighting with its hits: the entries that agree with the words around it, then those with the least besides."""
    from knowledge.screening.service import together

    start, end, asked = _extended(page, reading)
    index = page.index
    ranked = sorted(reading.positions, key=lambda p: _distance(asked, index.name(p)))
    groups: dict[str, list[Hit]] = {}
    seen: set[str] = set()
    for position in ranked[:_COMPARED]:
        listed = index.name(position)
        for owner in index.owners(position)[:8]:
            compared = compare(asked, listed, index, index.kinds[owner] == "p")
            hit = screening.hit(owner, compared, position, country)
            begun = on is None or hit.party.since is None or hit.party.since <= on
            if begun and hit.party.id not in seen:
                seen.add(hit.party.id)
                groups.setdefault(listed.key, []).append(replace(hit, grade=_kept(hit, reading)))
    hits = sorted((together(g) for g in groups.values()), key=lambda h: (-h.score * h.probability, h.party.id))
    bearers = {o for p in reading.positions for o in index.owners(p)[:8]}
    return Found(start, end, page.text[start:end], tuple(hits[:_SHOWN]), max(1, len(bearers)))


def _kept(hit: "Hit", reading: _Reading) -> Grade:
    return ("exact" if hit.exact else "strong") if reading.grade == "exact" else reading.grade


def _distance(asked: Name, listed: Name) -> tuple[int, int]:
    common = len(set(asked.words) & set(listed.words))
    return (-common, len(listed.words) - common)


def _extended(page: Page, reading: _Reading) -> tuple[int, int, Name]:
    """The stretch with the words beside it that the listed names have too: "SMIC Tianjin", "Hangzhou Hikvision"."""
    seen, words = reading.seen, page.words
    if not seen.words:
        return seen.start, seen.end, normal(seen.han)
    known = {w for p in reading.positions for w in page.index.name(p).words}
    first, last = page.span(seen)
    held = [w.word for w in seen.words]
    while (
        len(held) < _LONG
        and (after := page.beside(last, 1))
        and (after.light or "," not in page.text[words[last].end : after.start])
    ):
        if not (after.word in known and (after.shape in "ACd" or after.word in TRADE)) and not page.form(after):
            break
        last += 1
        held += [] if after.light else [after.word]
    while len(held) < _LONG and (before := page.beside(first, -1)) and before.word in known and before.shape in "AC":
        first -= 1
        held.insert(0, before.word)
    return words[first].start, words[last].end, Name(tuple(held), frozenset())
