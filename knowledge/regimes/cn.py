"""China: the dual-use list (Export Control Law, Decree 792) and the announcements on countries, users and re-export.

Scope: exports from the mainland to anywhere outside it, Hong Kong and Macau included (Decree 792 Art. 2), and goods of
Chinese origin or content handed on abroad (Export Control Law Art. 45; Nos. 46/2024, 61/2025, 1/2026).
"""

from dataclasses import replace
from datetime import date

from knowledge.model import Determination, Finding, Good, Licence, Missing, Outcome, Reference, Status, Transaction
from knowledge.regimes.listed import GoodResult, determine_good
from knowledge.rulebook.book import RuleBook

REGIME = "CN"
_LAW, _DECREE = "CN-ECL-2020", "CN-DUR-792"


def has_say(deal: Transaction) -> bool:
    """Does Chinese law reach the deal: goods that leave the mainland, pass it, or come from it?"""
    if deal.origin is None or deal.origin.country == REGIME:
        return True
    if any(p.country == REGIME for p in deal.transit):
        return True
    return deal.chinese_origin is True or deal.chinese_content is not None or deal.chinese_technology is True


def determine(
    deal: Transaction, book: RuleBook, on: date, *, home: str, domestic: bool = False
) -> Determination | None:
    """China's determination for the deal on the day; None where Chinese law has no say."""
    reaches = has_say(deal)
    leaves_china = deal.origin is None or deal.origin.country == REGIME
    # A "domestic supplier" makes nothing domestic that goes abroad: a stated destination decides.
    inside = leaves_china and (domestic if deal.destination is None else deal.destination.country == REGIME)
    passes = not leaves_china and any(p.country == REGIME for p in deal.transit)
    goods = deal.goods or (Good(name=""),)
    results = [
        determine_good(i, g, deal, book, REGIME, home, on, listed=(leaves_china and not inside))
        for i, g in enumerate(goods)
    ]
    if inside:
        return _inside(results)
    if passes:
        results = [_passing(r) for r in results]
    results = [_unreadable(r, book) for r in results]
    if not reaches:
        # Goods from elsewhere: only rules that follow Chinese content can bite, and only where the goods are of that sort.
        if not any(
            f.rule.startswith("CN-2025-61") and f.outcome.gravity > Outcome.NO_LICENCE_FOUND.gravity
            for r in results
            if not _coded_elsewhere(r.good, book)
            for f in (*r.matched, *r.possible)
        ):
            return None
        if all(r.outcome is not Outcome.NEEDS_MORE_INFO for r in results):
            return None
    return _put_together(results, book)


def _coded_elsewhere(good: Good, book: RuleBook) -> bool:
    """Goods that another country's code describes, and no element that the Chinese rules ask about."""
    return bool(good.codes) and not any(book.under(c) for c in good.codes) and not any(good.elements.values())


def _put_together(results: list[GoodResult], book: RuleBook) -> Determination:
    outcome = max((r.outcome for r in results), key=lambda o: o.gravity)
    findings = tuple(f for r in results for f in (*r.matched, *r.possible))
    deciding = next((f for f in findings if f.outcome is outcome and f.truth), None) or next(
        (f for f in findings if f.outcome is outcome), None
    )
    if deciding is None and outcome is Outcome.NO_LICENCE_FOUND:
        deciding = next((f for f in findings if f.truth), None)
    applied = [f for r in results for f in r.matched if f.truth]
    entries = [f.rule for f in applied if f.rule in book.by_code and f.measure is not None]
    if not entries:
        entries = [f.rule for r in results for f in r.possible if f.rule in book.by_code]
    instruments = [f.reference.instrument for f in findings if f.truth or f.outcome is outcome]
    notes = tuple(dict.fromkeys(r.note for r in results if r.note))
    return Determination(
        regime=REGIME,
        outcome=outcome,
        status=deciding.status if deciding and deciding.status else Status.IN_FORCE,
        entries=tuple(dict.fromkeys(entries)),
        instruments=tuple(dict.fromkeys(instruments)),
        licence=_licence(outcome, applied),
        missing=tuple(dict.fromkeys(m for r in results for m in r.missing)),
        findings=tuple(f for r in results for f in (*r.matched, *r.possible, *r.near)) + _neighbour_findings(results),
        trace=tuple(s for r in results for s in r.trace),
        notes=notes,
    )


def _neighbour_findings(results: list[GoodResult]) -> tuple[Finding, ...]:
    """The lists searched and the other papers, for goods that no entry took."""
    found: list[Finding] = []
    for i, result in enumerate(results):
        for neighbour in result.neighbours:
            covered = result.outcome.gravity >= Outcome.LICENCE_REQUIRED.gravity
            references = neighbour.papers if covered else (*neighbour.searched, *neighbour.papers)
            found.extend(
                Finding(
                    neighbour.id,
                    False,
                    None,
                    Outcome.NO_LICENCE_FOUND,
                    r,
                    good=i,
                    because="paper" if r in neighbour.papers else "searched",
                )
                for r in references
            )
    return tuple(found)


def _licence(outcome: Outcome, applied: list[Finding]) -> Licence | None:
    """Individual licence in general; only that for a watch-listed party; special approval for a control-listed one."""
    rules = {f.rule for f in applied}
    apply = (Reference(_DECREE, "16"), Reference(_DECREE, "17"))
    if outcome is Outcome.PROHIBITED:
        if f"{_DECREE}.29" in rules:
            return Licence("special_approval", "MOFCOM", (Reference(_DECREE, "29"),))
        return None
    if outcome is not Outcome.LICENCE_REQUIRED:
        return None
    if f"{_DECREE}.26" in rules:
        return Licence("individual_only", "MOFCOM", (Reference(_DECREE, "26"), *apply))
    return Licence("individual", "MOFCOM", (Reference(_DECREE, "15"), *apply))


def _inside(results: list[GoodResult]) -> Determination:
    """Nothing leaves the mainland: no export. Handing controlled goods to foreigners there may be one (Art. 2)."""
    steps = tuple(s for r in results for s in r.trace)
    finding = Finding(
        "domestic", True, Status.IN_FORCE, Outcome.NO_LICENCE_FOUND, Reference(_DECREE, "2"), because="domestic"
    )
    bonded = Finding("bonded", False, None, Outcome.NO_LICENCE_FOUND, Reference(_DECREE, "48"), because="bonded")
    return Determination(
        REGIME,
        Outcome.NO_LICENCE_FOUND,
        Status.IN_FORCE,
        (),
        (_DECREE,),
        None,
        (),
        (finding, bonded),
        steps,
        ("domestic",),
    )


def _passing(result: GoodResult) -> GoodResult:
    """Foreign goods on their way through the mainland: the law reaches transit and transhipment of controlled items."""
    entries = [f for f in (*result.matched, *result.possible) if f.status is Status.IN_FORCE and f.truth]
    if not entries:
        return result
    finding = Finding(
        "transit",
        True,
        Status.IN_FORCE,
        Outcome.LICENCE_REQUIRED,
        Reference(_LAW, "45"),
        good=entries[0].good,
        because="transit",
    )
    return replace(
        result,
        outcome=max(result.outcome, Outcome.LICENCE_REQUIRED, key=lambda o: o.gravity),
        matched=(*result.matched, finding),
    )


def _controlled_elements(book: RuleBook) -> frozenset[str]:
    """The elements whose metal or oxide some entry controls as such."""
    return frozenset(e for entry in book.entries if entry.kinds & {"metal", "oxide"} for e in entry.elements) - {"C"}


def _unreadable(result: GoodResult, book: RuleBook) -> GoodResult:
    """Goods the reader could not place, and goods in an area that no rule models."""
    good, tax = result.good, book.taxonomy
    if any(f.truth for f in result.matched if f.outcome.gravity > Outcome.NO_LICENCE_FOUND.gravity):
        return result
    if tax.flagged(good.kind, "not_modelled") or (
        good.codes and not any(book.under(c) for c in good.codes) and good.kind == "material"
    ):
        return replace(result, outcome=Outcome.OUT_OF_SCOPE, matched=(), possible=(), missing=(), note="not_modelled")
    mixed = {e for e, there in good.elements.items() if there} & _controlled_elements(book)
    if tax.flagged(good.kind, "common") and mixed:
        # Powder mixed into tiles, metal in mannequins: never cleared by the name of what it travels in.
        return replace(result, outcome=Outcome.NEEDS_MORE_INFO, missing=(Missing("mixed"),))
    if good.kind == "material" and not any(good.elements.values()) and not good.codes and not good.hs:
        fact = "element" if good.may_contain else "goods"
        return replace(
            result,
            outcome=Outcome.NEEDS_MORE_INFO,
            missing=(Missing(fact),),
            possible=() if fact == "goods" else result.possible,
            note="goods_unknown",
        )
    return result
