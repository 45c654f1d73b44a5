"""What leans on a place in an ingested text: entries, rules and parties of the rule book, and answers that were given."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from knowledge.model import Reference
from knowledge.rulebook.book import RuleBook
from knowledge.store.chat_schema import questions
from knowledge.store.database import Database
from knowledge.store.official import locators

_ENTRY = re.compile(r"(?:^|/)entry-([0-9A-Z][0-9A-Za-z.]*)")


@dataclass(frozen=True)
class Leaning:
    """What of the rule book leans on changed places, by id, each in the rule book's order.

    `provisions` are the rule book's own names of the places, `entries` control codes (those of a compiled list too),
    `rules` restrictions, `others` whatever else refers there, by kind (timeline, neighbour, topic, sign, party) and id. `elsewhere` counts the rule
    book's provisions of the instrument that name no place in its text, so that they may or may not be meant.
    """

    provisions: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    elsewhere: int = 0


@dataclass(frozen=True)
class Leaners:
    """Numbers of stored questions whose answers quote a changed place, and of those that lean on the instrument otherwise.
    Newest first; answers that were taken back or forgotten do not count."""

    cites: tuple[int, ...] = ()
    leans: tuple[int, ...] = ()


def leaning(book: RuleBook, instrument: str, places: Collection[str]) -> Leaning:
    """What leans on these places (locators) of an instrument; without places, on the instrument as a whole."""
    held = book.instruments.get(instrument)
    own = [p.id for p in held.provisions] if held is not None else []
    meant = {id_ for id_ in own if not places or any(_same(at, place) for at in locators(id_) for place in places)}
    users: list[tuple[str, str]] = []
    for kind, name, references in _users(book):
        if any(r.instrument == instrument and (r.provision in meant or not places) for r in references):
            users.append((kind, name))
    codes = [found[1] for place in places if (found := _ENTRY.search(place))]
    return Leaning(
        tuple(id_ for id_ in own if id_ in meant),
        tuple(dict.fromkeys((*(name for kind, name in users if kind == "entry"), *codes))),
        tuple(dict.fromkeys(name for kind, name in users if kind == "rule")),
        tuple(dict.fromkeys(user for user in users if user[0] not in ("entry", "rule"))),
        sum(not locators(id_) for id_ in own) if places else 0,
    )


def leaners(database: Database, instrument: str, provisions: Collection[str], hashes: Collection[str]) -> Leaners:
    """The stored answers that quote one of the rule book's `provisions` of the instrument or a passage whose SHA-256 is
    among `hashes`, and the others that lean on the instrument. Costs a look at the text of every answer."""
    likely = questions.c.answer.icontains(f'"{instrument}"', autoescape=True)
    query = select(questions.c.id, questions.c.answer).where(questions.c.undone == 0, likely)
    cites, leans = [], []
    with database.read() as connection:
        for row in connection.execute(query.order_by(questions.c.id.desc())):
            quoted, otherwise = _leans(row.answer, instrument, provisions, hashes)
            if quoted:
                cites.append(int(row.id))
            elif otherwise:
                leans.append(int(row.id))
    return Leaners(tuple(cites), tuple(leans))


def _leans(raw: str, instrument: str, provisions: Collection[str], hashes: Collection[str]) -> tuple[bool, bool]:
    try:
        answer = json.loads(raw)
    except ValueError:
        return False, False
    if not isinstance(answer, dict):
        return False, False
    own = [c for c in answer.get("citations", ()) if c.get("instrument") == instrument]
    quoted = any(c.get("provision") in provisions or c.get("sha256") in hashes for c in own)
    held = any(instrument in d.get("instruments", ()) for d in answer.get("determinations", ()))
    return quoted, bool(own) or held


def _same(at: str, place: str) -> bool:
    """Is one the other, or inside it?"""
    return at == place or any(long.startswith((f"{short}/", f"{short}.")) for long, short in ((at, place), (place, at)))


def _users(book: RuleBook) -> Iterator[tuple[str, str, Sequence[Reference]]]:
    """Everything in the rule book that refers to a place: its kind, its id, its references."""

    def dated(measures: Sequence[Any]) -> list[Reference]:
        return [m.reference for m in measures]

    for entry in book.entries:
        yield "entry", entry.code, [entry.reference, *dated(entry.timeline)]
    for rule in book.restrictions:
        yield "rule", rule.id, [rule.reference, *dated(rule.timeline)]
    for other in book.instruments.values():
        yield "timeline", other.id, dated(other.timeline)
    for neighbour in book.neighbours:
        yield "neighbour", neighbour.id, [*neighbour.searched, *neighbour.papers]
    for topic in book.topics:
        yield "topic", topic.id, topic.references
    for sign in book.signs:
        yield "sign", sign.id, [sign.reference]
    for party in book.parties:
        yield "party", party.id, dated(party.timeline)
