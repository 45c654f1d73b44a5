"""A model reads what the rules' own reader could not place: it proposes words of the question for slots that are empty.

A word counts only where it stands in the question, is not negated, is not a part of something already read, and the rules'
own vocabulary knows it, by itself, as a thing of that kind. Anything else that stands in the question becomes a question.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from knowledge.model import Answer, Behaviour, Good, Missing, Outcome, Place, Section, Transaction
from knowledge.reading.read import Reader
from knowledge.reading.text import clean, fold
from knowledge.wording import say

SLOTS = ("goods", "origin", "destination", "transit", "consignee", "end_use", "date")
_LONGEST = 80
"""Characters of a value; a longer one is a sentence."""
_MOST = 5
_CONFIRMED = 2
"""Questions to confirm that are put at a time."""
_NEGATED = re.compile(
    r"(?:\b(?:no|not|non|never|without|nor|neither|except|rather than|instead of|isn't|aren't|don't|doesn't|won't|nicht|kein\w*|sin|pas|не)\b"
    r"\W*(?:\w+\W+){0,3}|[非无不没未除别勿][^,，。;；]{0,4})$"
)
_ASKED = {
    "goods": ("goods", "element", "contains", "kind", "part", "form", "alloy_elements", "mixed"),
    "origin": ("origin",),
    "destination": ("destination",),
    "transit": (),
    "consignee": ("end_user", "party"),
    "end_use": ("end_use", "end_user"),
    "date": ("date",),
}
"""The facts that a slot would settle, as a Missing names them: what is not asked for anyway is not asked to be confirmed."""
_PLAIN = re.compile(r"[\w .,'&/()+-]+")


@dataclass(frozen=True)
class Proposed:
    """One value that a model proposes, in the words of the question."""

    slot: str
    words: str


@dataclass(frozen=True)
class Read:
    """The deal with what was accepted, which slots that were, and what is to be confirmed."""

    deal: Transaction
    accepted: tuple[str, ...]
    confirm: tuple[Proposed, ...]


def proposals(given: Mapping[str, Any]) -> Iterator[Proposed]:
    """The values of a model's object; what has not the shape that was asked for is passed over."""
    for slot in SLOTS:
        value = given.get(slot)
        for words in value[:_MOST] if isinstance(value, list) else [value]:
            if isinstance(words, str) and words.strip() and len(words) <= _LONGEST:
                yield Proposed(slot, clean(words))


def read(before: Answer, given: Mapping[str, Any], reader: Reader, on: date, home: str) -> Read:
    """What of the proposals may be added to the deal of `before`."""
    question = fold(clean(before.question))
    deal, accepted, confirm = before.transaction, list[str](), list[Proposed]()
    asked = {m.fact.partition(":")[0] for m in before.missing}
    for proposed in proposals(given):
        if not _empty(before.transaction, proposed.slot) or not _stands(proposed.words, question):
            continue
        if _used(proposed.words, deal):
            continue
        changed = None if _negated(proposed.words, question) else _with(deal, proposed, reader, on, home)
        if changed is not None:
            deal = changed
            accepted.append(proposed.slot)
        elif asked & set(_ASKED[proposed.slot]) and _PLAIN.fullmatch(proposed.words):
            confirm.append(proposed)
    first = {c.slot: c for c in reversed(confirm)}
    return Read(deal, tuple(dict.fromkeys(accepted)), tuple(first[s] for s in SLOTS if s in first)[:_CONFIRMED])


def may_replace(after: Answer, before: Answer) -> bool:
    """May the answer on the deal as a model read it stand for the one without? It may only be graver, never clears, and no
    regime that had a say loses it."""
    return (
        after.verdict is not Outcome.NO_LICENCE_FOUND
        and {d.regime for d in before.determinations} <= {d.regime for d in after.determinations}
        and after.verdict.gravity >= before.verdict.gravity
        and after.behaviour in (Behaviour.ANSWER, Behaviour.ASK)
    )


def with_questions(answer: Answer, confirm: tuple[Proposed, ...]) -> Answer:
    """The answer with a question for each proposal that is nobody's fact yet."""
    asked = tuple(say(answer.lang, f"ask.confirm_{c.slot}", words=c.words) for c in confirm)
    if not asked:
        return answer
    missing = tuple(Missing(f"confirm:{c.slot}", decides=False) for c in confirm)
    sections = answer.sections
    if any(s.key == "missing" for s in sections):
        sections = tuple(replace(s, lines=(*s.lines, *asked)) if s.key == "missing" else s for s in sections)
    else:
        sections = (*sections[:1], Section("missing", asked), *sections[1:])
    return replace(
        answer,
        missing=(*answer.missing, *missing),
        questions=(*answer.questions, *asked),
        sections=sections,
        text="\n\n".join("\n".join(s.lines) for s in sections),
    )


def _empty(deal: Transaction, slot: str) -> bool:
    return not {
        "goods": deal.goods,
        "origin": deal.origin is not None and not deal.origin_assumed,
        "destination": deal.destination,
        "transit": deal.transit,
        "consignee": deal.parties or deal.named_parties,
        "end_use": deal.end_use,
        "date": deal.when,
    }[slot]


def _places(words: str, question: str) -> list[int]:
    """Where the words stand in the question as words of their own."""
    wanted = fold(words)
    edge = r"(?<![^\W_])" if wanted[:1].isascii() else ""
    end = r"(?![^\W_])" if wanted[-1:].isascii() else ""
    return [m.start() for m in re.finditer(f"{edge}{re.escape(wanted)}{end}", question)]


def _stands(words: str, question: str) -> bool:
    return bool(words) and bool(_places(words, question))


def _negated(words: str, question: str) -> bool:
    return any(_NEGATED.search(question[max(0, at - 40) : at]) for at in _places(words, question))


def _used(words: str, deal: Transaction) -> bool:
    """Are the words a part of something that was read already, or it of them?"""
    places = [p.name for p in (deal.origin, deal.destination, *deal.transit, deal.broker_in, deal.release_to) if p]
    parties = [m.name for m in (*deal.parties, *deal.possible_parties)]
    names = [*places, *parties, *deal.named_parties, *(g.name for g in deal.goods), deal.end_use_text]
    said = fold(words)
    return any(name and (fold(clean(name)) in said or said in fold(clean(name))) for name in names)


def _with(deal: Transaction, proposed: Proposed, reader: Reader, on: date, home: str) -> Transaction | None:
    """The deal with the value, where the rules' own vocabulary knows it as that and as nothing else."""
    known = reader.read(proposed.words, on, home).transaction
    places = [p for p in (None if known.origin_assumed else known.origin, known.destination, *known.transit) if p]
    kinds = [bool(places), bool(known.goods), bool(known.parties), bool(known.end_use), known.when is not None]
    if sum(kinds) != 1:
        return None
    slot = proposed.slot
    if slot in ("origin", "destination", "transit") and len(places) == 1:
        return _routed(deal, slot, places[0]) if _new(places[0], proposed.words, deal) else None
    if slot == "goods" and len(known.goods) == 1 and _material(known.goods[0]):
        return replace(deal, goods=(*deal.goods, replace(known.goods[0], span=(0, 0))))
    if slot == "consignee" and known.parties:
        return replace(deal, parties=known.parties)  # on a list; a name on none would have to be screened first
    if slot == "end_use" and known.end_use in ("military", "wmd"):
        return replace(deal, end_use=known.end_use, end_use_text=proposed.words)  # a civil one would make it lighter
    if slot == "date" and known.when is not None:
        return replace(deal, when=known.when)
    return None


def _new(place: Place, words: str, deal: Transaction) -> bool:
    """Is the place all that the words say, and in a country that is not on the route yet? "Made in" the country of origin
    is no transit."""
    route = (None if deal.origin_assumed else deal.origin, deal.destination, *deal.transit)
    return fold(place.name) == fold(words) and place.country not in {"EU", *(p.country for p in route if p)}


def _routed(deal: Transaction, slot: str, place: Place) -> Transaction:
    if slot == "origin":
        return replace(deal, origin=place, origin_assumed=False)
    if slot == "destination":
        return replace(deal, destination=place)
    return replace(deal, transit=(*deal.transit, place))


def _material(good: Good) -> bool:
    return bool(any(good.elements.values()) or good.codes or good.hs) or good.kind != "material"
