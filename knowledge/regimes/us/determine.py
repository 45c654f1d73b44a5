"""The EAR determination: each good under each code it may have, as a licensing officer would write it down."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from knowledge.conditions.deal import Deal
from knowledge.logic import Truth
from knowledge.model import (
    Confidence,
    Determination,
    Finding,
    Good,
    Licence,
    Missing,
    Outcome,
    Reference,
    Remark,
    Status,
    Step,
    Text,
    Transaction,
)
from knowledge.regimes.dealrules import deal_rules
from knowledge.regimes.us import wording
from knowledge.regimes.us.exceptions import ExceptionResult, try_exceptions
from knowledge.regimes.us.item import EAR99, Item, Items, items_of
from knowledge.regimes.us.reach import REGIME, Reach, Way, has_say, reach
from knowledge.regimes.us.rows import RowResult, Tables, licence_needed, missing_facts, steps, try_rows
from knowledge.rulebook.book import RuleBook

CERTAIN = 0.95
"""The same for destinations of concern (Country Groups D:1, D:5, E)."""
CLEARED_BY_DESK = 0.85
"""How likely, together, codes found by the desk must be before none of them asking for a licence is said to be a finding."""


@dataclass(frozen=True)
class ItemResult:
    """One code at the destination."""

    item: Item
    outcome: Outcome
    rows: tuple[RowResult, ...]
    exceptions: tuple[ExceptionResult, ...]
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    trace: tuple[Step, ...]
    needed: Truth = False


@dataclass(frozen=True)
class GoodResult:
    """One good: the codes it is or may be, and what follows."""

    good: Good
    items: Items
    results: tuple[ItemResult, ...]
    outcome: Outcome
    missing: tuple[Missing, ...]


def determine(deal: Transaction, book: RuleBook, on: date, *, home: str) -> Determination | None:
    """The United States determination on the day; None where nothing points to United States law."""
    if not has_say(deal):
        return None
    lists = book.us
    how = reach(deal, lists.groups)
    if how.subject is False and not _listed_party(deal):
        return _outside(how)
    tables = Tables(lists.ccl, lists.chart, lists.groups, lists.sections)
    deal, released = _released(deal)
    if not released and deal.destination and deal.destination.country == REGIME and how.way is not Way.TRANSIT:
        return _inside()
    goods = deal.goods or (Good(name=""),)
    results = tuple(_good(i, g, deal, book, tables, on, home) for i, g in enumerate(goods))
    outcome = max((r.outcome for r in results), key=lambda o: o.gravity)
    missing = tuple(dict.fromkeys(m for r in results for m in r.missing))
    if how.subject is None and outcome is not Outcome.PROHIBITED:
        # Whether the law applies at all comes first; a licence that it would ask for stays on the page.
        outcome, missing = Outcome.NEEDS_MORE_INFO, tuple(dict.fromkeys((*how.missing, *missing)))
    deciding = [r for g in results for r in g.results if r.outcome is outcome]
    findings = tuple(f for g in results for r in g.results for f in r.findings)
    return Determination(
        regime=REGIME,
        outcome=outcome,
        status=_status(findings, outcome),
        entries=tuple(dict.fromkeys(r.item.full for g in results for r in g.results if g.items.settled)),
        instruments=_instruments(results, findings),
        licence=_licence(outcome, deciding),
        missing=missing if outcome is Outcome.NEEDS_MORE_INFO else (),
        findings=findings,
        trace=tuple(s for g in results for r in g.results for s in r.trace),
        remarks=(*released, *how.remarks, *wording.remarks(results, deal, book, how, outcome, on)),
    )


def _released(deal: Transaction) -> tuple[Transaction, tuple[Remark, ...]]:
    """Technology or source code handed to a foreign national in the United States goes to that person's country (734.13)."""
    here = deal.destination is None or deal.destination.country == REGIME
    about = any(re.match(r"\d[DE]\d", c) for g in deal.goods for c in g.codes) or deal.transfer
    if deal.release_to is None or not here or not about:
        return deal, ()
    values: dict[str, str | Text] = {"country": f"country:{deal.release_to.country}"}
    remark = Remark("why", "us.released", values, (Reference("US-EAR-734", "734.13"),))
    return replace(deal, destination=deal.release_to), (remark,)


def _good(index: int, good: Good, deal: Transaction, book: RuleBook, tables: Tables, on: date, home: str) -> GoodResult:
    items = items_of(good, tables.ccl)
    if not items.settled:
        # What holds for goods on no entry holds for all: an embargo or a listed user needs no classification.
        least = _item(index, good, Item(EAR99), deal, book, tables, on, home)
        if least.outcome.gravity >= Outcome.LICENCE_REQUIRED.gravity:
            return GoodResult(good, items, (replace(least, item=Item("")),), least.outcome, ())
    results = tuple(_item(index, good, i, deal, book, tables, on, home) for i in items.items)
    if not results:
        unknown = _item(index, good, Item(""), deal, book, tables, on, home)
        outcome = max(unknown.outcome, Outcome.NEEDS_MORE_INFO, key=lambda o: o.gravity)
        return GoodResult(good, items, (replace(unknown, outcome=outcome),), outcome, (Missing("eccn"),))
    if items.settled:
        outcome = max((r.outcome for r in results), key=lambda o: o.gravity)
        return GoodResult(good, items, results, outcome, tuple(m for r in results for m in r.missing))
    country = deal.destination.country if deal.destination is not None else ""
    watched = any(country in tables.groups.members(g) for g in ("D:1", "D:5", "E:1", "E:2"))
    return _one_of(good, items, results, watched)


def _one_of(good: Good, items: Items, results: tuple[ItemResult, ...], watched: bool) -> GoodResult:
    """The goods are one of several codes: what holds under each of them holds; else the code is asked for.

    `watched`: a destination of national-security or arms-embargo concern, where an estimate hardly ever clears.
    """
    outcomes = {r.outcome for r in results}
    likely = sum(i.probability for i in items.items)
    facts = (Missing("eccn"),)
    grave = {Outcome.LICENCE_REQUIRED, Outcome.PROHIBITED}
    if outcomes <= grave and likely >= CLEARED_BY_DESK:
        least = min(outcomes, key=lambda o: o.gravity)
        return GoodResult(good, items, results, least, ())
    if Outcome.PROHIBITED in outcomes:
        return GoodResult(good, items, results, Outcome.PROHIBITED, ())
    if outcomes == {Outcome.NO_LICENCE_FOUND} and likely >= (CERTAIN if watched else CLEARED_BY_DESK):
        return GoodResult(good, items, results, Outcome.NO_LICENCE_FOUND, ())
    return GoodResult(good, items, results, Outcome.NEEDS_MORE_INFO, facts)


def _item(
    index: int, good: Good, item: Item, deal: Transaction, book: RuleBook, tables: Tables, on: date, home: str
) -> ItemResult:
    country = deal.destination.country if deal.destination is not None else None
    rows = try_rows(item, country, deal, tables)
    needed = licence_needed(item, rows, country, deal, tables)
    live: dict[str, Truth] = {item.full: True} if item.entry is not None else {}
    classes = item.classes | _consumables(good, deal) if item.code else None
    look = Deal(deal, good, live, home, on, classes)
    sure, unsure, rule_steps = deal_rules(look, index, book, REGIME)
    rules = {r.id: r for r in book.restrictions if r.regime == REGIME}
    opened = [f for f in unsure if f.truth is None and rules[f.rule].decides and _grave(f)]
    missing: list[Missing] = []
    outcome = max((f.outcome for f in sure), key=lambda o: o.gravity, default=Outcome.NO_LICENCE_FOUND)
    if needed is True:
        outcome = max(outcome, Outcome.LICENCE_REQUIRED, key=lambda o: o.gravity)
    elif needed is None and outcome.gravity < Outcome.LICENCE_REQUIRED.gravity:
        outcome = Outcome.NEEDS_MORE_INFO
        missing += missing_facts(item, rows)
    if country is None and outcome.gravity < Outcome.LICENCE_REQUIRED.gravity and (item.entry is not None):
        outcome = Outcome.NEEDS_MORE_INFO
        missing.append(Missing("destination"))
    # EAR99 to a place not named: the embargoes stay open, which the answer says; it is not asked for every time.
    embargo_only = item.ear99 and country is None and all(_only_place(f) for f in opened)
    if opened and not embargo_only and outcome.gravity < Outcome.NEEDS_MORE_INFO.gravity:
        outcome = Outcome.NEEDS_MORE_INFO
        missing += [m for f in opened for m in f.missing]
    if outcome is Outcome.NEEDS_MORE_INFO and not missing:
        missing += [m for f in sure if f.outcome is outcome for m in f.missing]
    tried = try_exceptions(item, rows, country, deal, tables) if country and needed is not False else ()
    return ItemResult(
        item,
        outcome,
        rows,
        tried,
        (*_row_findings(index, item, rows), *sure, *unsure),
        tuple(dict.fromkeys(missing)),
        (*steps(item, rows), *rule_steps),
        needed,
    )


def _row_findings(index: int, item: Item, rows: Sequence[RowResult]) -> list[Finding]:
    """What the table says, row by row."""
    found = []
    for r in rows:
        if r.needed is False:
            outcome = Outcome.NO_LICENCE_FOUND
        else:
            outcome = Outcome.LICENCE_REQUIRED if r.needed else Outcome.NEEDS_MORE_INFO
        found.append(
            Finding(
                f"{item.full}:{r.row.reason}",
                r.needed,
                Status.IN_FORCE,
                outcome,
                Reference("US-EAR-774-S1", item.code),
                good=index,
                confidence=Confidence.UNCONFIRMED if r.unsettled else Confidence.CONFIRMED,
                because="row",
            )
        )
    return found


def _grave(finding: Finding) -> bool:
    return finding.outcome.gravity > Outcome.NO_LICENCE_FOUND.gravity


def _only_place(finding: Finding) -> bool:
    return {m.fact for m in finding.missing} <= {"destination", "origin"}


def _consumables(good: Good, deal: Transaction) -> frozenset[str]:
    there = good.kind == "food" or "food_or_medicine" in deal.concerns
    return frozenset({"food_or_medicine"}) if there else frozenset()


def _listed_party(deal: Transaction) -> bool:
    return any(m.party.list in ("SDN", "DPL") for m in deal.parties)


def _status(findings: Sequence[Finding], outcome: Outcome) -> Status:
    for f in findings:
        if f.outcome is outcome and f.truth and f.status is not None and f.status is not Status.IN_FORCE:
            return f.status
    suspended = [f for f in findings if f.truth and f.status is Status.SUSPENDED]
    return Status.SUSPENDED if suspended and outcome is Outcome.NO_LICENCE_FOUND else Status.IN_FORCE


def _instruments(results: Sequence[GoodResult], findings: Sequence[Finding]) -> tuple[str, ...]:
    names = ["US-EAR-774-S1"] if any(r.item.code for g in results for r in g.results) else []
    if any(r.rows for g in results for r in g.results):
        names.append("US-EAR-738-S1")
    names += [f.reference.instrument for f in findings if f.truth]
    return tuple(dict.fromkeys(names))


def _licence(outcome: Outcome, deciding: Sequence[ItemResult]) -> Licence | None:
    if outcome is not Outcome.LICENCE_REQUIRED:
        return None
    by_rule = [f for r in deciding for f in r.findings if f.truth and f.because != "row" and _grave(f)]
    may = [e for r in deciding for e in r.exceptions if e.available is not False]
    if may and not by_rule:
        return Licence("us_exception_possible", "BIS", (Reference("US-EAR-740", "catalogue"),))
    return Licence("us_individual", "BIS", (Reference("US-EAR-738", "738.4"),))


def _outside(how: Reach) -> Determination:
    """Not subject to the EAR on what is stated."""
    return Determination(
        REGIME, Outcome.NO_LICENCE_FOUND, Status.IN_FORCE, (), ("US-EAR-734",), None, (), (), (),
        remarks=(*how.remarks, *wording.always(())),
    )  # fmt: skip


def _inside() -> Determination:
    """Delivered inside the United States: no export, unless technology is released to a foreign person."""
    remark = Remark("why", "us.inside", {}, (Reference("US-EAR-734", "734.13"),))
    return Determination(
        REGIME, Outcome.NO_LICENCE_FOUND, Status.IN_FORCE, (), ("US-EAR-734",), None, (), (), (), remarks=(remark,)
    )  # fmt: skip
