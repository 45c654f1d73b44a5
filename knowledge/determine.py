"""Which regimes have a say, all of them run, the gravest outcome wins. A stretch of days is tried at both ends."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from knowledge.model import Determination, Missing, Outcome, Span, Transaction
from knowledge.regimes import cn, eu, us
from knowledge.regimes.us.item import EAR99
from knowledge.rulebook.book import RuleBook


@dataclass(frozen=True)
class Determined:
    """Every regime's determination, the verdict over them, and the day the law was read at."""

    verdict: Outcome
    determinations: tuple[Determination, ...]
    missing: tuple[Missing, ...]
    on: date
    changes_on: date | None = None  # the day within the stated stretch on which the answer changes


def determine(deal: Transaction, book: RuleBook, on: date, *, home: str, domestic: bool = False) -> Determined:
    """The verdict on the stated shipment date, else on `on`. Over a stretch that straddles a change, the graver one."""
    span = deal.when or Span(on, on)
    days = [span.first] if span.first == span.last else [*_turning_points(book, span), span.last]
    tried = [(day, _on(deal, book, day, home, domestic)) for day in dict.fromkeys([span.first, *days])]
    gravest = max(tried, key=lambda t: (_verdict(t[1]).gravity, -abs((t[0] - on).days)))
    verdict = _verdict(gravest[1])
    # The day to show: one with the gravest outcome, nearest to the stretch's begin.
    day, found = next(t for t in tried if _verdict(t[1]) is verdict)
    missing = tuple(dict.fromkeys(m for d in found for m in d.missing))
    changes = None
    if len({_verdict(t[1]) for t in tried}) > 1:
        changes = day if day != span.first else next(t[0] for t in tried if _verdict(t[1]) is not verdict)
        missing = (*missing, Missing("date"))
        found = tuple(replace(d, missing=(*d.missing, Missing("date"))) for d in found)
    return Determined(verdict, found, missing, day, changes)


def _turning_points(book: RuleBook, span: Span) -> list[date]:
    """The days inside the stretch on which any rule changes its status."""
    starts = {m.start for e in book.entries for m in e.timeline} | {
        m.start for r in book.restrictions for m in r.timeline
    }
    return sorted(s for s in starts if span.first < s <= span.last and s - span.first < timedelta(days=800))


def _on(deal: Transaction, book: RuleBook, day: date, home: str, domestic: bool) -> tuple[Determination, ...]:
    found = [
        cn.determine(_chinese(deal), book, day, home=home, domestic=domestic),
        us.determine(deal, book, day, home=home),
        eu.determine(deal, book, day, home=home),
    ]
    return tuple(d for d in found if d is not None)


def _chinese(deal: Transaction) -> Transaction:
    """The deal as Chinese law sees it: EAR99 is a class of United States law alone."""
    goods = tuple(replace(g, codes=tuple(c for c in g.codes if c != EAR99)) for g in deal.goods)
    return replace(deal, goods=goods)


def _verdict(found: tuple[Determination, ...]) -> Outcome:
    return max((d.outcome for d in found), key=lambda o: o.gravity, default=Outcome.OUT_OF_SCOPE)
