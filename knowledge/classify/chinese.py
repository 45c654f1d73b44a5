"""Entries of the Chinese lists: by the rule book's conditions on the goods that are read, and by likeness of words."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from knowledge.classify.desk import Desk, Looked
from knowledge.classify.model import Candidate, Correspondence
from knowledge.classify.text import Words, glossary, normal
from knowledge.logic import Truth
from knowledge.reading.read import Reader
from knowledge.rulebook.book import ControlEntry

_ON = date(2000, 1, 1)
"""Descriptions have no dates; what stands on which day is for a determination."""
_FITS, _OPEN = 0.9, 0.4
_ALIKE = 0.45
_READ = 400
"""Characters in which goods are read: what a product is stands at its beginning, and reading costs a tenth of a millisecond each."""


def chinese(seen: Looked, desk: Desk, limit: int) -> tuple[Candidate, ...]:
    """The candidates, those whose conditions hold first, then those that an open fact decides, then the likest by words."""
    if desk.reader is None:
        return ()
    goods = [g for g in desk.reader.read(seen.text[:_READ], _ON, "CN").transaction.goods if g.kind]
    scored: list[tuple[float, ControlEntry]] = []
    for entry in desk.reader.book.entries:
        if entry.regime != "CN":
            continue
        truth = _truth(entry, goods, desk.reader)
        likeness = _likeness(entry, seen.words)
        score = _FITS if truth else _OPEN if truth is None else 0.0
        if score or likeness > _ALIKE:
            scored.append((score + 0.1 * likeness if score else 0.3 * likeness, entry))
    scored.sort(key=lambda s: (-s[0], s[1].code))
    return tuple(_candidate(entry, rank, score, seen) for rank, (score, entry) in enumerate(scored[:limit], 1))


def _truth(entry: ControlEntry, goods: Iterable[object], reader: Reader) -> Truth:
    results = [entry.goods.test(g, reader.book.taxonomy).truth for g in goods]  # type: ignore[arg-type]
    return True if True in results else None if None in results else False


@lru_cache(maxsize=4096)
def _entry_words(text: str) -> frozenset[str]:
    words = glossary().words(normal(text)[0])
    return frozenset((*words.stems, *words.han))


def _likeness(entry: ControlEntry, words: Words) -> float:
    """The share of the entry's words that the description holds, the more of them the surer."""
    held = _entry_words(" ; ".join(entry.description.values()))
    shared = held & {*words.stems, *words.han}
    return len(shared) / (min(len(held), 12) + 2) if held else 0.0


def _candidate(entry: ControlEntry, rank: int, score: float, seen: Looked) -> Candidate:
    words = _entry_words(" ; ".join(entry.description.values())) & set(seen.words.stems)
    return Candidate(
        "CN", entry.code, rank, min(score, 1.0), dict(entry.description), because=tuple(sorted(words))[:6],
        correspondences=(Correspondence("US", entry.code[:5], confirmed=False, note="same number; text not compared"),),
    )  # fmt: skip
