"""Regulation 833/2014: goods that may not go to Russia, and the clause against re-export. Tables of the 2022-06-04 text.

Annex II (oil exploration), X (refining), XI and XX (aviation), XVIII (luxury) and XXIII (industry) go by customs code;
Annex VII (advanced technology) and XVI (navigation) by entry numbers of their own. A code outside the tables clears nothing.
"""

import json
from dataclasses import dataclass
from functools import lru_cache

from knowledge.conditions.deal import EXACT
from knowledge.logic import Truth
from knowledge.model import Missing, Outcome, Reference, Remark, Step
from knowledge.regimes.eu.annex_one import Classified, Listing
from knowledge.regimes.eu.case import RUSSIA_ACT, Case, Part, Values, finding, ref, sentence
from knowledge.regimes.eu.facts import facts
from knowledge.regimes.eu.territory import RUSSIA, partner, sanctioned_neighbour
from knowledge.rulebook.load import RULES

TABLES = RULES / "eu" / "compiled" / "annexes_833.json"
VERSION, EXCEPTIONS = ref(RUSSIA_ACT, "version"), ref(RUSSIA_ACT, "2.3")
_LUXURY_FLOOR = 300  # euro an item, Article 3h(2)
_SHOWN = 4


@dataclass(frozen=True)
class Line:
    """One row of an export annex. `code` is cut to its heading: 8703 00 00 stands for all of 8703."""

    annex: str
    article: str
    code: str
    partial: bool
    value_over: int | None
    locator: str


@dataclass(frozen=True)
class Hit:
    """A row that the goods' customs code meets. `truth` None: the row has a condition, or the code given is too short."""

    line: Line
    truth: Truth
    number: str


@lru_cache(maxsize=1)
def lines() -> tuple[Line, ...]:
    """Every row of the annexes that forbid an export."""
    return tuple(
        Line(annex["annex"], annex["articles"][0], _heading(code), partial, value, locator)
        for annex in json.loads(TABLES.read_text(encoding="utf-8"))["annexes"]
        if annex["direction"] == "export"
        for code, partial, value, locator in annex["rows"]
    )


@lru_cache(maxsize=1)
def entries() -> dict[str, tuple[str, str]]:
    """Entry number (X.A.I.001) -> annex and article."""
    data = json.loads(TABLES.read_text(encoding="utf-8"))["annexes"]
    return {e: (a["annex"], a["articles"][0]) for a in data if a["direction"] == "export" for e in a["entries"]}


def hits(number: str) -> tuple[Hit, ...]:
    """The rows that a customs code of 2 to 10 digits meets, those that surely apply first, one for each annex and truth."""
    wanted = _heading(number)
    found: dict[tuple[str, Truth], Hit] = {}
    for line in lines():
        if wanted.startswith(line.code):
            conditional = line.partial or _floor(line) is not None
            found.setdefault(
                (line.annex, None if conditional else True), Hit(line, None if conditional else True, number)
            )
        elif line.code.startswith(wanted):
            found.setdefault((line.annex, None), Hit(line, None, number))
    return tuple(sorted(found.values(), key=lambda h: h.truth is None))


def _heading(code: str) -> str:
    while len(code) > 2 and len(code) % 2 == 0 and code.endswith("00"):
        code = code[:-2]
    return code


def _floor(line: Line) -> int | None:
    """The value in euro above which a luxury row bites; None where value plays no part."""
    if line.annex != "XVIII":
        return None
    return _LUXURY_FLOOR if line.value_over is None else line.value_over or None


def bans_annex_one(case: Case) -> bool:
    """Is Annex I to Russia forbidden on the day? Before February 2022 only for military use and users."""
    return case.on >= facts().bans_from["annex_one"] or case.use in ("military", "wmd")


def to_russia(case: Case, item: Classified) -> Part:
    """One of the goods on its way to Russia."""
    if item.listing is Listing.LISTED:
        return _annex_one(case, item) if bans_annex_one(case) else Part()
    own = next((c for c in item.good.codes if c in entries()), None)
    if own:
        return _entry(case, item, own)
    if not item.good.hs:
        return _ask(case, item, "cn_code", "eu.russia_no_code")
    begun = facts().bans_from
    found = [h for number in item.good.hs for h in hits(number) if case.on >= begun.get(h.line.annex, case.on)]
    if not found:
        return _ask(case, item, "russia_current", "eu.russia_not_found")
    parts = [_hit(case, item, h) for h in found[:_SHOWN]]
    sure = any(h.truth for h in found)
    outcome = Outcome.PROHIBITED if sure else Outcome.NEEDS_MORE_INFO
    missing = () if sure else tuple(dict.fromkeys(m for p in parts for m in p.missing))
    return Part(
        outcome,
        tuple(f for p in parts for f in p.findings),
        missing,
        tuple(r for p in parts for r in p.remarks),
        tuple(s for p in parts for s in p.steps),
    )


def _annex_one(case: Case, item: Classified) -> Part:
    article = ref(RUSSIA_ACT, "2")
    leans = (Reference("EU-2021-821", "annex-I"),)
    found = finding(case, article, True, Outcome.PROHIBITED, good=item.index, leans_on=leans)
    remark = sentence("why", "eu.russia_listed", article, good=case.name(item.good), code=item.code)
    step = Step(f"{RUSSIA_ACT}.2", True, f"{item.code}: taken for an entry of Annex I")
    return Part(Outcome.PROHIBITED, (found,), (), (remark,), (step,), (item.code,))


def _entry(case: Case, item: Classified, code: str) -> Part:
    annex, number = entries()[code]
    article = ref(RUSSIA_ACT, number)
    found = finding(case, article, True, Outcome.PROHIBITED, good=item.index)
    values: Values = {"good": case.name(item.good), "code": code, "annex": annex}
    remark = sentence("why", "eu.russia_entry", article, **values)
    return Part(
        Outcome.PROHIBITED, (found,), (), (remark,), (Step(f"{RUSSIA_ACT}.{number}", True, code),), entries=(code,)
    )


def _hit(case: Case, item: Classified, hit: Hit) -> Part:
    line = hit.line
    article = ref(RUSSIA_ACT, line.article)
    floor = _floor(line)
    missing: tuple[Missing, ...] = ()
    if hit.truth is None:
        longer = len(_heading(hit.number)) < len(line.code)
        fact = "cn_code" if longer else "annex_line" if line.partial else "item_value"
        missing = (Missing(fact),) if floor is None or longer else (Missing(fact), Missing("item_value"))
        missing = tuple(dict.fromkeys(missing))
    outcome = Outcome.PROHIBITED if hit.truth else Outcome.NEEDS_MORE_INFO
    found = finding(case, article, hit.truth, outcome, good=item.index, missing=missing)
    values: Values = {"good": case.name(item.good), "number": hit.number, "row": line.code, "annex": line.annex}
    key = "eu.russia_line" if hit.truth else "eu.russia_line_open"
    remarks = [sentence("why", key, article, **values)]
    if floor is not None:
        remarks.append(sentence("why", "eu.russia_value", article, annex=line.annex, euro=str(floor)))
    return Part(
        outcome, (found,), missing, tuple(remarks), (Step(f"{RUSSIA_ACT}.{line.article}", hit.truth, line.locator),)
    )


def _ask(case: Case, item: Classified, fact: str, key: str) -> Part:
    missing = (Missing(fact),)
    found = finding(case, VERSION, None, Outcome.NEEDS_MORE_INFO, good=item.index, missing=missing)
    values: Values = {"good": case.name(item.good), "numbers": ", ".join(item.good.hs)}
    remark = sentence("why", key, VERSION, **values)
    return Part(
        Outcome.NEEDS_MORE_INFO,
        (found,),
        missing,
        (remark,),
        (Step(f"{RUSSIA_ACT}.annexes", None, "2022-06-04 tables"),),
    )


def rules(case: Case) -> Part:
    """Everything that Regulation 833/2014 and its neighbours say of the deal, the bans on goods apart."""
    remarks: list[Remark] = []
    if case.destination == RUSSIA:
        remarks.append(sentence("deal", "eu.russia_exceptions", EXCEPTIONS, ref(RUSSIA_ACT, "2b")))
        if _annex_four_party(case):
            remarks.append(sentence("deal", "eu.annex_iv_party", ref(RUSSIA_ACT, "2b"), ref(RUSSIA_ACT, "2")))
        if case.use == "military":
            remarks.append(sentence("deal", "eu.russia_military", ref(RUSSIA_ACT, "4")))
        version: Values = {"day": facts().tables_version.isoformat()}
        remarks.append(sentence("not_checked", "eu.russia_version", VERSION, **version))
        return Part(remarks=tuple(remarks), steps=(Step(RUSSIA_ACT, True, "destination Russia"),))
    if any(sanctioned_neighbour(p) for p in (case.deal.destination, *case.deal.transit)):
        return _neighbour(case)
    clause = tuple(_clause(case))
    if _passes_russia(case):
        return _through(case, clause)
    if _annex_four_party(case):
        return _for_party(case, clause)
    return Part(remarks=clause, steps=(Step(RUSSIA_ACT, False, "destination not Russia"),))


def _annex_four_party(case: Case) -> bool:
    """Is a party named that Annex IV of the regulation lists?"""
    return any(m.party.instrument == RUSSIA_ACT and (m.score >= EXACT or m.counts) for m in case.deal.parties)


def _for_party(case: Case, clause: tuple[Remark, ...]) -> Part:
    """To a listed Russian party by way of another country: the ban reaches indirect supply."""
    reference, missing = ref(RUSSIA_ACT, "2b"), (Missing("party"),)
    found = finding(case, reference, None, Outcome.NEEDS_MORE_INFO, missing=missing)
    remarks = (sentence("deal", "eu.annex_iv_party", reference, ref(RUSSIA_ACT, "2")), *clause)
    step = Step(f"{RUSSIA_ACT}.2b", None, "a party of Annex IV outside Russia")
    return Part(Outcome.NEEDS_MORE_INFO, (found,), missing, remarks, (step,))


def _passes_russia(case: Case) -> bool:
    return any(p.country == RUSSIA for p in case.deal.transit)


def _through(case: Case, clause: tuple[Remark, ...]) -> Part:
    """Through Russia to another place: later packages have rules that are not held."""
    reference = ref(RUSSIA_ACT, "transit")
    missing = () if all(g.good.hs for g in case.goods) else (Missing("cn_code"),)
    found = finding(case, reference, None, Outcome.NEEDS_MORE_INFO, missing=missing)
    remarks = (sentence("deal", "eu.russia_transit", reference), *clause)
    step = Step(f"{RUSSIA_ACT}.transit", None, "passes through Russia; later packages are not held")
    return Part(Outcome.NEEDS_MORE_INFO, (found,), missing, remarks, (step,))


def _neighbour(case: Case) -> Part:
    reference = ref(RUSSIA_ACT, "neighbours")
    missing = (Missing("sanctions"),)
    found = finding(case, reference, None, Outcome.NEEDS_MORE_INFO, missing=missing)
    step = Step(f"{RUSSIA_ACT}.neighbours", None, "not modelled")
    return Part(Outcome.NEEDS_MORE_INFO, (found,), missing, (sentence("deal", "eu.neighbour", reference),), (step,))


def _clause(case: Case) -> list[Remark]:
    """Article 12g and 12gb, for exports to places outside the partner countries."""
    if case.on < facts().clause_from or case.deal.destination is None:
        return []
    if partner(case.deal.destination):
        if case.destination in facts().partners:
            return []
        place: Values = {"country": case.country(case.destination)}
        return [sentence("deal", "eu.clause_reported", ref(RUSSIA_ACT, "annex-VIII.later"), **place)]
    value: Values = {"country": case.country(case.destination), "day": facts().clause_from.isoformat()}
    return [
        sentence("deal", "eu.clause", ref(RUSSIA_ACT, "12g"), **value),
        sentence("deal", "eu.due_diligence", ref(RUSSIA_ACT, "12gb"), ref(RUSSIA_ACT, "12")),
    ]
