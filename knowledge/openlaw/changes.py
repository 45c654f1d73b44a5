"""What changed: the events on the rule book's timelines in a span of days, and those due soon. Pure; nothing is worded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from knowledge.conditions.deal import AllDeal, AnyDeal, DealCondition, GoodsFit, NotDeal
from knowledge.elements import RARE_EARTHS
from knowledge.model import Confidence, Measure, Reference, Status
from knowledge.rulebook import ControlEntry, RuleBook

AHEAD = timedelta(days=60)
"""How far ahead what is due is told."""


class Happening(StrEnum):
    """What an event on a timeline is."""

    ANNOUNCED = "announced"  # made known, in force later
    BEGAN = "began"  # in force from this day, for the first time or again
    SUSPENDED = "suspended"
    PROLONGED = "prolonged"  # a suspension went on under a further act
    LAPSED = "lapsed"  # a suspension ended on its own text
    REPEALED = "repealed"


@dataclass(frozen=True)
class Change:
    """One event. `instruments` are those it happened to, in order; `rules` the entries and restrictions where it happened to
    these alone; `parties` how many listed parties it concerns. `reference` is the passage that lays it down. `due`: it lies
    after the span. `confidence`: whether the law's effect was confirmed by an act."""

    when: date
    what: Happening
    instruments: tuple[str, ...]
    rules: tuple[str, ...]
    parties: int
    reference: Reference
    confidence: Confidence
    due: bool


# ---------------------------------------------------------------- events


def changes(
    book: RuleBook, first: date, last: date, *, regimes: frozenset[str] = frozenset(), instruments: frozenset[str] = frozenset(),
    elements: frozenset[str] = frozenset(), kinds: frozenset[str] = frozenset(), ahead: timedelta = AHEAD,
) -> tuple[Change, ...]:  # fmt: skip
    """Every event from `first` to `last`, both counted, in the order of their days, and those due within `ahead` after under
    an act that was known by `last`.

    The sets narrow the events to regimes ("CN"), instrument ids (as what changed or as the act that changed it), and
    goods: elements by symbol, kinds by the taxonomy's ids. Goods leave out what speaks of no goods, such as lists of parties.
    """
    goods = _of_goods(book, elements, kinds) if elements or kinds else None
    grouped: dict[tuple[date, Reference, Happening], list[_Event]] = {}
    for event in _events(book):
        day, reference = event.measure.start, event.measure.reference
        known = day <= last or book.instruments[reference.instrument].announced <= last
        if first <= day <= last + ahead and known and _wanted(book, event, regimes, instruments, goods):
            grouped.setdefault((day, reference, event.what), []).append(event)
    told = {(day, reference) for day, reference, what in grouped if what is not Happening.BEGAN}
    return tuple(
        _change(day, what, reference, events, day > last)
        for (day, reference, what), events in sorted(grouped.items(), key=_in_order)
        # An act that only suspends or repeals others begins with what it does to them.
        if what is not Happening.BEGAN or (day, reference) not in told
    )


@dataclass(frozen=True)
class _Event:
    """A measure of one instrument, or of one rule or listed party under it."""

    what: Happening
    measure: Measure
    instrument: str
    rule: str = ""
    party: bool = False


def _events(book: RuleBook) -> Iterable[_Event]:
    own: dict[str, frozenset[tuple[date, Status]]] = {}
    for instrument in book.instruments.values():
        own[instrument.id] = frozenset((m.start, m.status) for m in instrument.timeline)
        for what, measure in _happenings(instrument.timeline):
            yield _Event(what, measure, instrument.id)
    rules = [(e.instrument, e.code, e.timeline) for e in book.entries]
    rules += [(r.reference.instrument, r.id, r.timeline) for r in book.restrictions]
    for instrument_id, rule, timeline in rules:
        for what, measure in _happenings(timeline):
            if (measure.start, measure.status) not in own[instrument_id]:
                yield _Event(what, measure, instrument_id, rule)
    for party in book.parties:
        if party.instrument in own:
            for what, measure in list(_happenings(party.timeline))[1:]:  # the list itself tells of the first
                yield _Event(what, measure, party.instrument, party=True)


def _happenings(timeline: tuple[Measure, ...]) -> Iterable[tuple[Happening, Measure]]:
    if timeline:
        yield _AS[timeline[0].status], timeline[0]
    for before, measure in pairwise(timeline):
        prolonged = before.status is measure.status is Status.SUSPENDED
        yield Happening.PROLONGED if prolonged else _AS[measure.status], measure


_AS: Mapping[Status, Happening] = {
    Status.NOT_YET_EFFECTIVE: Happening.ANNOUNCED,
    Status.IN_FORCE: Happening.BEGAN,
    Status.SUSPENDED: Happening.SUSPENDED,
    Status.SUSPENSION_LAPSED: Happening.LAPSED,
    Status.REPEALED: Happening.REPEALED,
}


def _change(when: date, what: Happening, reference: Reference, events: list[_Event], due: bool) -> Change:
    changed = list(dict.fromkeys(e.instrument for e in events))
    others = [i for i in changed if i != reference.instrument]
    whole = {e.instrument for e in events if not e.rule and not e.party}
    confirmed = all(e.measure.confidence is Confidence.CONFIRMED for e in events)
    return Change(
        when,
        what,
        # An act that suspends others ends with the suspension: what matters is what comes back.
        tuple(sorted(others or changed, key=_by_number)),
        tuple(dict.fromkeys(e.rule for e in events if e.rule and e.instrument not in whole)),
        sum(e.party for e in events),
        reference,
        Confidence.CONFIRMED if confirmed else Confidence.UNCONFIRMED,
        due,
    )


def _in_order(item: tuple[tuple[date, Reference, Happening], list[_Event]]) -> tuple[date, tuple[str, ...]]:
    (day, reference, _), _ = item
    return day, _by_number(reference.instrument)


def _by_number(instrument: str) -> tuple[str, ...]:
    return tuple(part.zfill(6) if part.isdigit() else part for part in instrument.split("-"))


# ---------------------------------------------------------------- narrowing


def _wanted(
    book: RuleBook, event: _Event, regimes: frozenset[str], instruments: frozenset[str], goods: frozenset[str] | None
) -> bool:
    if regimes and book.instruments[event.instrument].regime not in regimes:
        return False
    if instruments and not instruments & {event.instrument, event.measure.reference.instrument}:
        return False
    return goods is None or (not event.party and (event.rule or event.instrument) in goods)


def _of_goods(book: RuleBook, elements: frozenset[str], kinds: frozenset[str]) -> frozenset[str]:
    """The control entries that speak of the goods, the restrictions that name those entries, and the instruments of both."""
    found = {e.code: e.instrument for e in book.entries if _speaks_of(book, e, elements, kinds)}
    codes = tuple(found)
    for restriction in book.restrictions:
        if any(c == code or c.startswith(code + ".") for code in _named(restriction.when) for c in codes):
            found[restriction.id] = restriction.reference.instrument
    return frozenset(found) | frozenset(found.values())


def _speaks_of(book: RuleBook, entry: ControlEntry, elements: frozenset[str], kinds: frozenset[str]) -> bool:
    tax = book.taxonomy
    if entry.elements & elements or any(tax.holds(k) & elements for k in entry.kinds):
        return True
    if elements >= RARE_EARTHS and any("rare_earth" in k for k in entry.kinds):
        return True  # plant and know-how for rare earths at large, which name no element
    return any(tax.is_a(k, asked) or tax.is_a(asked, k) for k in entry.kinds for asked in kinds)


def _named(condition: DealCondition) -> Iterable[str]:
    if isinstance(condition, GoodsFit):
        yield from condition.codes
    elif isinstance(condition, NotDeal):
        yield from _named(condition.part)
    elif isinstance(condition, AllDeal | AnyDeal):
        for part in condition.parts:
            yield from _named(part)
