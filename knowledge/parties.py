"""Every party in a question against every list: certain hits become parties of the deal, likely ones are shown as possible."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from knowledge.model import (
    Confidence,
    ListedParty,
    Measure,
    Ownership,
    PartyMatch,
    Reference,
    Status,
    Text,
    Transaction,
)
from knowledge.screening.lists import ScreenedParty
from knowledge.screening.service import Hit, Screening
from knowledge.screening.spotted import Found

_LISTS = {
    "EL": Reference("US-EAR-744", "744.16"),
    "UVL": Reference("US-EAR-744", "744.15"),
    "MEU": Reference("US-EAR-744", "744.21"),
    "DPL": Reference("US-EAR-744", "denied"),
    "EU-833-IV": Reference("EU-833-2014", "2b"),
}
_TREASURY = Reference("US-OFAC", "SDN")
_BEFORE = date(1996, 3, 25)  # lists that give no day of listing are taken to have stood
_MOST = 3
"""Hits of one name that are shown in an answer; `navicert screen` shows all."""


def with_parties(
    deal: Transaction, text: str, screening: Screening, on: date, taken: Sequence[tuple[int, int]] = ()
) -> Transaction:
    """The deal with the parties of `text` that stand on lists besides the Chinese ones, which reading finds itself.

    A hit that the engine grades exact or strong is a party of the deal; a possible one never decides. Names on no list
    are kept in `named_parties`, so that the answer can say what was screened. `taken`: where goods, codes and dates stand,
    in which no name is looked for.
    """
    mentions = screening.in_text(text)
    stated = _stated(text, deal)
    where = deal.destination.country if deal.destination is not None else None
    spotted = screening.listed_in(text, taken, where, on)
    if not mentions and not stated and not spotted:
        return deal
    known = {m.name.casefold() for m in deal.parties}
    certain: list[PartyMatch] = [*stated]
    possible: list[PartyMatch] = []
    unlisted: list[str] = []
    for found in spotted:
        for hit in found.hits:
            if not hit.party.list.startswith("CN-"):
                (possible if hit.grade == "possible" else certain).extend(_matches(found.name, hit))
    for mention in mentions:
        if any(f.start < mention.end and mention.start < f.end and _sure(f) for f in spotted):
            continue  # found on a list as it stands; a mere possibility inside a longer name settles nothing
        hits = screening.screen(mention.name, where, on, limit=_MOST).hits
        abroad = [h for h in hits if not h.party.list.startswith("CN-")]
        for hit in abroad:
            # A close name at another address is no more than possible; the listed name itself stays what it is.
            unsure = hit.grade == "possible" or (hit.grade == "strong" and hit.country is False)
            (possible if unsure else certain).extend(_matches(mention.name, hit))
        if not hits and mention.name.casefold() not in known:
            unlisted.append(mention.name)
    return replace(
        deal,
        ownership=_owned(deal, text, certain, [m.name for m in mentions]),
        parties=(*deal.parties, *_once(certain)),
        possible_parties=_once([m for m in possible if m.party.id not in {c.party.id for c in certain}]),
        named_parties=tuple(dict.fromkeys((*deal.named_parties, *unlisted))),
    )


_WHO = r"(?:customers?|buyers?|consignees?|end[- ]?users?|compan(?:y|ies)|firm|importer|client|university|institute|distributor|party|they|he|it)"
_ON = r"\s+(?:is|are|was|stands?|appears?)\s+(?:already\s|now\s|still\s)?(?:on|in)\s+(?:the\s)?(?:us\s|u\.s\.\s|bis\s|ofac\s|american\s)?"
_LIST_WORDS = (
    ("EL", r"entity[\s-]list", r"entity[\s-]list(?:ed)?", "实体清单"),
    ("MEU", r"(?:meu|military end[\s-]user) list", r"meu[\s-]list(?:ed)?", "军事最终用户清单"),
    ("DPL", r"(?:dpl\b|denied persons? list)", r"denied", "被拒绝人?清单"),
    ("UVL", r"(?:uvl\b|unverified list)", r"unverified", "未经核实清单"),
    ("SDN", r"(?:sdn\b(?: list)?|specially designated nationals? list)", r"(?:sdn|blocked)", "特别指定国民(?:名单)?"),
)
_STATED = [
    (
        code,
        re.compile(
            rf"\b{_WHO}{_ON}{words}|(?<!owned by )(?<!owned by an )(?<!owned by a )\b{adjective}[\s-]+{_WHO}\b"
            rf"|(?:客户|买方|买家|收货人|最终用户|对方|公司)(?:已经?)?(?:在|被列入|列入|上了|进了){chinese}(?!吗|么|上吗)",
            re.IGNORECASE,
        ),
    )
    for code, words, adjective, chinese in _LIST_WORDS
]
_ASKS = re.compile(r"(?:\bis|\bare|\bwhether|\bif)\s+(?:the|our|my|this|that)?\s*$", re.IGNORECASE)


def _stated(text: str, deal: Transaction) -> list[PartyMatch]:
    """ "The customer is on the Entity List": a listed party without a name. Ownership by one is not the same."""
    found = []
    for code, pattern in _STATED:
        match = pattern.search(text)
        if match is None or _ASKS.search(text[: match.start()]) or deal.ownership is not None:
            continue
        country = deal.destination.country if deal.destination is not None else ""
        party = ScreenedParty(f"US-{code}.stated", match.group(), (), "unknown", code, (country,) if country else ())
        found.append(PartyMatch(match.group(), listed(party), 100.0))
    return found


_OWNED_BY = re.compile(
    r"(?:owned by|subsidiary of|sub of|affiliate of|controlled by|股东(?:为|是)|控股方?(?:为|是))\s*(?:the\s)?$",
    re.IGNORECASE,
)


def _owned(deal: Transaction, text: str, certain: list[PartyMatch], names: list[str]) -> Ownership | None:
    """The stated ownership with what screening found of an owner that is named."""
    if deal.ownership is None:
        return None
    owners = [n for n in names if any(_OWNED_BY.search(text[: m.start()]) for m in re.finditer(re.escape(n), text))]
    if not owners or deal.ownership.listed_owner is True:
        return deal.ownership
    lists = tuple(dict.fromkeys(m.party.list for m in certain if m.name in owners))
    listed = bool({"EL", "MEU", "SDN"} & set(lists))
    return replace(deal.ownership, listed_owner=listed, lists=lists)


def _sure(found: Found) -> bool:
    return any(h.grade != "possible" for h in found.hits)


def _matches(said: str, hit: Hit) -> list[PartyMatch]:
    """The party and its namesakes on other lists; 100 is kept for the listed name itself."""
    score = 100.0 if hit.grade == "exact" else min(hit.score, 99.0)
    counts = hit.grade in ("exact", "strong")
    return [PartyMatch(said, listed(p), score, counts) for p in (hit.party, *hit.also[:_MOST])]


def listed(party: ScreenedParty) -> ListedParty:
    """A screened party as deal rules know parties."""
    reference = _LISTS.get(party.list, _TREASURY)
    name: Text = {"en": party.name, "zh": party.name}
    since = party.since or _BEFORE
    return ListedParty(
        id=party.id if party.id.startswith(("US-", "EU-")) else f"US-{party.id}",
        name=name,
        aliases=party.aliases,
        country=party.countries[0] if party.countries else "",
        list=party.list,
        instrument=party.instrument or reference.instrument,
        timeline=(Measure(since, Status.IN_FORCE, reference),),
        confidence=Confidence.CONFIRMED,
    )


def _once(matches: list[PartyMatch]) -> tuple[PartyMatch, ...]:
    best: dict[str, PartyMatch] = {}
    for match in matches:
        held = best.get(match.party.id)
        if held is None or held.score < match.score:
            best[match.party.id] = match
    return tuple(best.values())
