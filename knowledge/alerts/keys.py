"""What stands about a deal, as keys: whatever a rule could ask of it that is not plainly ruled out."""

from collections.abc import Iterable, Iterator

from knowledge.elements import SYMBOLS
from knowledge.model import Determination, Good, Transaction
from knowledge.regimes import eu, us
from knowledge.regimes.us.item import EAR99
from knowledge.rulebook.book import RuleBook

MOST = 40
"""So many elements or kinds of one good are written out; beyond, it is anything."""


def keys(deal: Transaction, determined: Iterable[Determination], book: RuleBook, home: str) -> frozenset[str]:
    """The keys of a deal. `determined` is what was just determined of it with the same book: its trace tells which entries
    are in question."""
    found = {"regime:CN", *_of_deal(deal), *_of_parties(deal), *_fitting(determined, book)}
    if us.has_say(deal):
        found.add("regime:US")
    if eu.movement(deal, home) is not eu.Movement.NONE:
        found.add("regime:EU")
    for good in deal.goods or (Good(name=""),):
        found.update(_of_good(good, book))
        if "regime:US" in found:
            found.update(_american(good, book))
    return frozenset(found)


def _of_deal(deal: Transaction) -> Iterator[str]:
    places = [p for p in (deal.destination, deal.release_to) if p is not None]
    yield from (f"dest:{p.country}" for p in places)
    if deal.destination is None:
        yield "dest:?"
    yield f"from:{deal.origin.country}" if deal.origin else "from:?"
    if deal.origin is not None and deal.origin.country != "CN":
        yield "from:abroad"
    yield f"use:{deal.end_use or '?'}"
    if deal.chinese_origin is not False or (deal.origin is not None and deal.origin.country == "CN"):
        yield "chinese:maybe"
    if deal.chinese_content is not None or deal.chinese_origin is not False:
        yield "content:maybe"
    if deal.chinese_technology is not False:
        yield "technology:maybe"
    if deal.transfer:
        yield "transfer"
    if deal.ownership is not None:
        yield "owned"
    if deal.when is not None and deal.when.first != deal.when.last:
        yield "stretch"


def _of_parties(deal: Transaction) -> Iterator[str]:
    for match in (*deal.parties, *deal.possible_parties):
        yield f"party:{match.party.id}"
        yield f"party-in:{match.party.country}"
        yield f"list:{match.party.list}"


def _of_good(good: Good, book: RuleBook) -> Iterator[str]:
    tax = book.taxonomy
    elements = [e for e in SYMBOLS if tax.good_contains(good, e) is not False]
    yield from _few("element", elements)
    yield from _few("kind", [k for k in tax.kinds if tax.good_is(good, k) is not False])
    for part in good.parts:
        yield from (f"part:{k}" for k in tax.kinds if tax.is_a(part, k) or tax.is_a(k, part))
    yield from (f"code:{c}" for c in good.codes)
    for number in good.hs:
        yield f"hs:{number}"
        yield from (f"hs-of:{number[:i]}" for i in range(1, len(number) + 1))
    if tax.flagged(good.kind, "common"):
        yield from (f"mixed:{e}" for e, there in good.elements.items() if there)


def _few(what: str, names: list[str]) -> Iterator[str]:
    return (f"{what}:{n}" for n in (names if len(names) <= MOST else ["*"]))


def _american(good: Good, book: RuleBook) -> Iterator[str]:
    """The entries of the Commerce Control List that decide: those named or found, and those that their rows speak of."""
    ccl = book.us.ccl
    named = [*good.codes, *(c.code for c in good.candidates if c.regime == "US")]
    for code in dict.fromkeys(c[:5] for c in named if c != EAR99):
        yield f"us:{code}"
        entry = ccl.by_code.get(code)
        for row in entry.rows if entry is not None else ():
            yield from (f"us:{c[:5]}" for c in row.scope.entries)
        yield from (f"us:{c[:5]}" for c in (entry.refers_to if entry is not None else ()))


def _fitting(determined: Iterable[Determination], book: RuleBook) -> Iterator[str]:
    """The Chinese entries that the goods fit or may fit, each with those it stands under; unknown where none was tried."""
    chinese = next((d for d in determined if d.regime == "CN"), None)
    if chinese is None:
        yield "fits:*"
        return
    for step in chinese.trace:
        if step.truth is not False and step.label in book.by_code:
            yield "fits:CN"
            parts = step.label.split(".")
            yield from ("fits:" + ".".join(parts[: i + 1]) for i in range(len(parts)))
