"""Several small consignments that may be one order split up: a warning sign over cases together. It decides nothing.

The history is handed in as data; who may see whose cases is for the caller. The sign and its numbers are rule data
(`split` in rules/red_flags/signs.yaml).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rapidfuzz.distance import Indel

from knowledge.conditions.quantities import factor
from knowledge.controllists.model import CompiledEntry
from knowledge.model import Answer, Good, Outcome, Transaction
from knowledge.reading.quantities import find
from knowledge.rulebook.book import RuleBook, Sign, Split
from knowledge.screening.normal import normal

ALIKE = 0.96
"""Likeness from which on two spellings are taken for one buyer ("Müller Magnetics", "Mueller Magnetics"), and "Toyo Metals" and "Tokyo
Metals" are still two. The answer names the buyer, and asks."""
_CALLED = re.compile(r"^(?:(?:买方|买家|客户|用户|最终用户|收货人|收货方)[是为]?[:：]?)+")
"""What the reader of Chinese questions may leave before a name: the part that the party plays."""


@dataclass(frozen=True)
class Consignment:
    """One case as far as splitting goes: where it stands last, on which day, and how much, as far as stated.

    `codes` are the control entries of its answer. `kilograms` is the largest mass that its questions state last, None where
    none is stated; `dollars` the shipment's value. `free`: no control was found to be in question.
    """

    case: int
    day: date
    deal: Transaction
    codes: frozenset[str]
    kilograms: Decimal | None
    dollars: Decimal | None
    free: bool = False


@dataclass(frozen=True)
class Limit:
    """The value up to which licence exception LVS is open to an entry, in US dollars."""

    code: str
    dollars: int


@dataclass(frozen=True)
class Aggregate:
    """Consignments that raise the sign within `days`: the earlier cases with the day that counts for
    each, the newest last; `count` has this one too.

    `kilograms` and `dollars` are sums of what is stated; `unstated` counts the consignments without a mass. `passed` are
    value limits that no consignment passes alone and that the sum does.
    """

    sign: Sign
    buyer: str
    good: Good
    cases: tuple[tuple[int, date], ...]
    count: int
    days: int
    kilograms: Decimal
    unstated: int
    dollars: Decimal
    passed: tuple[Limit, ...] = ()


def consignment(case: int, day: date, answer: Answer, texts: Sequence[str]) -> Consignment:
    """The case that stands at `answer`. `texts` are its questions, oldest first: what a later one states counts. `day` is when
    it was asked; a shipping day that the deal names counts instead."""
    deal = answer.transaction
    codes = {code for d in answer.determinations for code in d.entries} | {c for g in deal.goods for c in g.codes}
    when = deal.when.first if deal.when is not None else day
    dollars = deal.value.magnitude if deal.value is not None else None
    free = not codes and answer.verdict.gravity <= Outcome.NO_LICENCE_FOUND.gravity
    return Consignment(case, when, deal, frozenset(codes), _mass(texts), dollars, free)


def aggregation(book: RuleBook, history: Iterable[Consignment], now: Consignment) -> Aggregate | None:
    """The sign that the cases raise with this one, None where they do not: too few, too large, another buyer or material.

    Goods that no control speaks of may be ordered as often as anybody likes: copper wire is no less copper wire in five parts.
    No buyer named raises nothing, whatever the destination: many buyers sit in one country.
    """
    for sign in book.signs:
        split = sign.split
        if split is None or now.free or not _small(now, split):
            continue
        near = [
            c for c in history if c.case != now.case and abs((now.day - c.day).days) <= split.days and _small(c, split)
        ]
        for name in buyers(now.deal):
            for good in now.deal.goods:
                fits = [c for c in near if _same_buyer(name, c.deal) and _same_material(book, good, now, c)]
                if len(fits) + 1 >= split.consignments:
                    return _made(book, sign, name, good, (*fits, now))
    return None


def buyers(deal: Transaction) -> tuple[str, ...]:
    """The parties that the deal names, as it names them."""
    matches = (*deal.parties, *deal.possible_parties)
    return tuple(dict.fromkeys((*deal.named_parties, *(m.name for m in matches))))


def _made(book: RuleBook, sign: Sign, buyer: str, good: Good, found: Sequence[Consignment]) -> Aggregate:
    masses = [c.kilograms for c in found if c.kilograms is not None]
    values = [c.dollars for c in found if c.dollars is not None]
    earlier = sorted({c.case: c.day for c in found[:-1]}.items(), key=lambda kept: (kept[1], kept[0]))
    total = sum(values, Decimal(0))
    passed = tuple(
        Limit(code, limit)
        for code in sorted(found[-1].codes)
        if (limit := _value_limit(book, code)) is not None and max(values, default=total) <= limit < total
    )
    return Aggregate(
        sign, buyer, good, tuple(earlier), len(earlier) + 1, sign.split.days if sign.split else 0,
        sum(masses, Decimal(0)), len(found) - len(masses), total, passed,
    )  # fmt: skip


def _small(one: Consignment, split: Split) -> bool:
    """What is stated is small; a consignment of which nothing is stated may be."""
    return (one.kilograms is None or one.kilograms <= split.kilograms) and (
        one.dollars is None or one.dollars <= split.dollars
    )


def _mass(texts: Sequence[str]) -> Decimal | None:
    """The largest mass in the newest text that states one, in kilograms."""
    for text in reversed(texts):
        stated = [m.quantity for m in find(text) if m.property == "mass"]
        scaled = [(q.upper or q.magnitude) * scale for q in stated if (scale := factor(q.unit, "kilogram")) is not None]
        if scaled:
            return max(scaled)
    return None


def _same_buyer(name: str, deal: Transaction) -> bool:
    return any(one_party(name, other) for other in buyers(deal))


def one_party(one: str, other: str) -> bool:
    """Do both spell one name? Chinese names by their characters, others by their words in any order; numbers must agree."""
    a, b = (normal(_CALLED.sub("", name.strip())) for name in (one, other))
    if a.han and b.han:
        return a.han == b.han
    if (
        not a.key
        or not b.key
        or [w for w in sorted(a.words) if w.isdigit()] != [w for w in sorted(b.words) if w.isdigit()]
    ):
        return False
    return a.key == b.key or Indel.normalized_similarity(a.key, b.key) >= ALIKE


def _same_material(book: RuleBook, good: Good, now: Consignment, other: Consignment) -> bool:
    """A shared control entry that speaks of this good, or a shared controlled element in goods of one branch of the tree."""
    tax = book.taxonomy
    controlled = _held(book, good)
    codes = {c for c in now.codes & other.codes if len(now.deal.goods) == 1 or _speaks_of(book, c, good)}
    if codes:
        return True
    for held in other.deal.goods:
        related = tax.is_a(held.kind, good.kind) or tax.is_a(good.kind, held.kind)
        listed = {c.split(".")[0] for c in now.codes} & {c.split(".")[0] for c in other.codes}
        if controlled & _held(book, held) and (related or listed):
            return True
    return False


def _speaks_of(book: RuleBook, code: str, good: Good) -> bool:
    entry = book.by_code.get(code)
    if entry is None:  # a compiled list's: the code stands beside the good itself
        return code in good.codes
    return entry.goods.test(good, book.taxonomy).truth is not False


def _held(book: RuleBook, good: Good) -> frozenset[str]:
    """The elements in the good that some control entry speaks of."""
    spoken_of = frozenset().union(*(e.elements for e in book.entries))
    return frozenset(e for e, there in good.elements.items() if there) & spoken_of


def _value_limit(book: RuleBook, code: str) -> int | None:
    """The value limit of exception LVS for a paragraph of the United States list: of the longest path that it lies under."""
    if re.match(r"\d[A-E]\d{3}", code) is None:
        return None
    entry: CompiledEntry | None = book.us.ccl.by_code.get(code[:5])
    path = code[6:]
    values = {
        p: v
        for x in (entry.exceptions if entry else ())
        if x.symbol == "LVS" and x.available
        for p, v in x.values.items()
    }
    under = [p for p in values if not p or path == p or path.startswith(f"{p}.")]
    return values[max(under, key=len)] if under else None
