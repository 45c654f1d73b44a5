"""Listed parties in running text: which sightings are names, how surely, and which of several namesakes are shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from knowledge.screening.normal import Name, normal
from knowledge.screening.running import Sighting, Word, joined, sightings
from knowledge.screening.score import Grade, compare

if TYPE_CHECKING:
    from knowledge.screening.service import Hit, Screening

_SHOWN = 5
"""Namesakes of one word that are given as hits."""
_COMPARED = 14
"""Listed names of one word that are compared with care."""
_FORM_AFTER = re.compile(r",?\s\(?(?:co|ltd|limited|inc|corp|corporation|llc|gmbh|jsc|ooo|company|group)\b", re.I)
_SHIP = re.compile(
    r"(?:\b(?:vessel|ship|tanker|bulker|carrier|m/?v|m/?t|imo|loaded on|aboard)\b|船|轮)[\s:\"“]*$", re.I
)
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


def spotted(
    screening: "Screening", text: str, taken: Sequence[tuple[int, int]], country: str | None, on: date | None
) -> tuple[Found, ...]:
    """See `Screening.listed_in`."""
    seen, words = sightings(text, screening.sight, taken)
    if not seen:
        return ()
    loud = _loud(words)
    readings = [r for s in seen for r in _readings(screening, text, s, loud)]
    readings.sort(key=lambda r: (-_length(r.seen), _ORDER.index(r.sort)))
    chosen: list[_Reading] = []
    for reading in readings:
        if not any(c.seen.start < reading.seen.end and reading.seen.start < c.seen.end for c in chosen):
            chosen.append(reading)
    chosen.sort(key=lambda r: r.seen.start)
    found = [_found(screening, text, r, words, country, on) for r in chosen]
    return tuple(f for f in found if f.hits)


_ORDER = "FGHBDKSPCV"


def _length(seen: Sighting) -> int:
    return len(seen.words) or len(seen.han)


def _loud(words: Sequence[Word]) -> bool:
    """Whether capitals tell nothing, since nearly all words have them."""
    lettered = [w for w in words if w.shape != "d" and not w.light]
    return len(lettered) > 4 and sum(w.shape in "AC" for w in lettered) > 0.75 * len(lettered)


def _readings(screening: "Screening", text: str, seen: Sighting, loud: bool) -> list[_Reading]:
    """What the sighting may be: each sort of key with the listed names that have it."""
    by: dict[str, list[int]] = {}
    for position, sort in screening.index.keys.of(seen.number):
        listed = screening.index.name(position)
        whole = "".join(listed.words)
        if sort in "HB" or all(w.word in listed.words or w.word in whole for w in seen.words):
            by.setdefault(sort, []).append(position)
    alone = [s for s in "DKS" if s in by]
    if alone:  # one word, whatever its names look like: as the surest of them
        by[alone[0]] = [p for s in alone for p in by.pop(s)]
    found = []
    for sort, positions in by.items():
        grade = _grade(screening, text, seen, sort, positions, loud)
        if grade:
            found.append(_Reading(seen, sort, tuple(dict.fromkeys(positions)), grade))
    return found


def _grade(
    screening: "Screening", text: str, seen: Sighting, sort: str, positions: Sequence[int], loud: bool
) -> Grade | None:
    written = seen.han != "" or all(w.shape != "l" for w in seen.words)
    headed = seen.han != "" or seen.words[0].shape in "AC"
    formed = bool(_FORM_AFTER.match(text[seen.end : seen.end + 16]))
    said = sum(screening.index.information(w.word) for w in seen.words)
    before = text[max(0, seen.start - 24) : seen.start]
    if sort in "HB":
        return _grade_han(seen, sort)
    if sort in "FG":
        sure: Grade = "strong" if sort == "G" or said < 9 else "exact"
        if seen.thing and not formed:
            return "possible"
        return sure if headed or formed else "strong" if seen.cue else "possible" if said > 12 else None
    if sort == "C":
        if formed and headed:
            return "exact" if said >= 7 else "strong"
        if not written or loud or seen.thing:
            return None
        long = len(seen.words) > 2
        return ("strong" if long else "possible") if seen.cue else "possible" if len(seen.words) > 3 else None
    if sort == "P":
        marked = seen.cue or _TITLE.search(before)
        return None if loud else "strong" if marked and said >= 13 else "possible"
    if sort == "V":
        return None if not written else "strong" if _SHIP.search(before) else None
    return _grade_word(seen, sort, loud, formed)


def _grade_word(seen: Sighting, sort: str, loud: bool, formed: bool) -> Grade | None:
    word = seen.words[0]
    marked = seen.cue or formed
    if sort == "D":
        if word.shape == "l":
            return "strong" if marked else "possible"
        return "possible" if seen.thing else "strong"
    if sort == "S":
        if word.shape == "l":
            return "possible" if formed else None
        return "strong" if marked and not loud else "possible"
    if word.shape == "A" and not loud:
        return "strong" if marked or (len(word.word) > 3 and not seen.thing) else "possible"
    return ("strong" if marked else "possible") if len(word.word) > 3 else "possible" if marked else None


def _grade_han(seen: Sighting, sort: str) -> Grade | None:
    if len(seen.han) > 2:
        return "exact" if sort == "H" else "strong"
    if sort == "B":
        return "strong"
    return "possible" if seen.cue else None


def _found(
    screening: "Screening", text: str, reading: _Reading, words: list[Word], country: str | None, on: date | None
) -> Found:
    """The sighting with its hits: the entries that agree with the words around it, then those with the least besides."""
    start, end, asked = _extended(screening, text, reading, words)
    index = screening.index
    ranked = sorted(reading.positions, key=lambda p: _distance(asked, index.name(p)))
    groups: dict[str, list[Hit]] = {}
    seen: set[str] = set()
    for position in ranked[:_COMPARED]:
        listed = index.name(position)
        for owner in index.owners(position)[:8]:
            hit = screening.hit(owner, compare(asked, listed, index, index.kinds[owner] == "p"), position, country)
            begun = on is None or hit.party.since is None or hit.party.since <= on
            if begun and hit.party.id not in seen:
                seen.add(hit.party.id)
                groups.setdefault(listed.key, []).append(replace(hit, grade=_kept(hit, reading)))
    from knowledge.screening.service import together

    hits = sorted((together(g) for g in groups.values()), key=lambda h: (-(h.country or 0), -h.score * h.probability))
    group = len({o for p in reading.positions for o in index.owners(p)[:8]}) if reading.sort in "DKSGB" else len(hits)
    return Found(start, end, text[start:end], tuple(hits[:_SHOWN]), max(group, 1))


def _kept(hit: "Hit", reading: _Reading) -> Grade:
    if reading.grade == "exact":
        return "exact" if hit.exact else "strong"
    return reading.grade


def _distance(asked: Name, listed: Name) -> tuple[int, int]:
    common = len(set(asked.words) & set(listed.words))
    return (-common, len(listed.words) - common)


def _extended(screening: "Screening", text: str, reading: _Reading, words: list[Word]) -> tuple[int, int, Name]:
    """The stretch with the words beside it that the listed names have too: "SMIC Tianjin", "Hangzhou Hikvision"."""
    seen = reading.seen
    if not seen.words:
        return seen.start, seen.end, normal(seen.han)
    known = {w for p in reading.positions for w in screening.index.name(p).words}
    first = next(i for i, w in enumerate(words) if w.start == seen.words[0].start)
    last = next(i for i, w in enumerate(words) if w.end == seen.words[-1].end)
    held = [w.word for w in seen.words]
    while last + 1 < len(words) and joined(text, words[last], words[last + 1]):
        after = words[last + 1]
        if not (after.word in known or (after.light and after.shape != "l")):
            break
        last += 1
        if not after.light:
            held.append(after.word)
    while (
        first
        and joined(text, words[first - 1], words[first])
        and words[first - 1].word in known
        and words[first - 1].shape in "AC"
    ):
        first -= 1
        held.insert(0, words[first].word)
    return words[first].start, words[last].end, Name(tuple(held), frozenset())
