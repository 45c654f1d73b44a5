"""The Union's determination, in the order a licensing officer goes: does it leave the Union, is it in Annex I, may a
general authorisation serve, does the catch-all bite, do the measures on Russia, what was not looked at."""

from collections.abc import Sequence
from datetime import date

from knowledge.model import Determination, Licence, Missing, Outcome, Reference, Status, Step, Transaction
from knowledge.regimes.eu import dual_use, russia
from knowledge.regimes.eu.annex_one import Listing, classify
from knowledge.regimes.eu.case import DUAL_USE, Case, Part, finding, joined, ref, sentence
from knowledge.regimes.eu.facts import facts
from knowledge.regimes.eu.territory import RUSSIA, Movement, movement, special
from knowledge.rulebook.book import RuleBook

REGIME = "EU"


def determine(
    deal: Transaction,
    book: RuleBook,
    on: date,
    *,
    home: str,
    candidates: Sequence[tuple[str, float]] = (),
) -> Determination | None:
    """The Union's determination for the deal on the day; None where its law has no say.

    It has one where goods leave its customs territory, move inside it or pass through it, and where somebody in it
    (`home`) arranges a deal between third countries that goes to Russia or serves arms. `candidates` are guesses at the
    code of goods that carry none: (code, score from 0 to 1), the likeliest first.
    """
    how = movement(deal, home)
    case = Case(deal, book, on, home, how, classify(deal.goods, book.taxonomy, candidates))
    if how is Movement.NONE or (how is Movement.BROKERING and not _brokering_matters(case)):
        return None
    if on < facts().applies_from:
        return _too_early(case)
    if how is Movement.INSIDE:
        return _determination(case, (_moved(case), _inside(case), dual_use.not_checked(case)))
    if how is Movement.TRANSIT:
        return _determination(case, (_moved(case), _service(case, "7"), *_russia(case), dual_use.not_checked(case)))
    if how is Movement.BROKERING:
        return _determination(case, (_moved(case), _service(case, "6"), *_russia(case), dual_use.not_checked(case)))
    return _export(case)


def _export(case: Case) -> Determination:
    parts = [_moved(case), *(dual_use.listing(case, item) for item in case.goods)]
    listed = any(item.listing is Listing.LISTED for item in case.goods)
    kind = ""
    if listed and (case.destination != RUSSIA or not russia.bans_annex_one(case)):
        part, kind = dual_use.authorisation(case)
        parts.append(part)
    if not listed and case.movement is Movement.OPEN:
        missing = (Missing("destination"),)
        parts.append(Part(Outcome.NEEDS_MORE_INFO, missing=missing, steps=(Step("destination", None, "not stated"),)))
    parts += [dual_use.catch_all(case), *_russia(case), russia.rules(case), dual_use.not_checked(case)]
    return _determination(case, tuple(parts), kind)


def _russia(case: Case) -> tuple[Part, ...]:
    if case.destination != RUSSIA:
        return ()
    own = () if case.movement in (Movement.EXPORT, Movement.OPEN) else (russia.rules(case),)
    return (*(russia.to_russia(case, item) for item in case.goods), *own)


def _brokering_matters(case: Case) -> bool:
    return case.destination == RUSSIA or case.use in dual_use.SUSPECT_USES


def _moved(case: Case) -> Part:
    """The first step of the trace, and a word on places whose standing is from memory."""
    deal = case.deal
    origin = deal.origin.country if deal.origin else case.home
    step = Step("EU customs territory", True, f"{case.movement}: {origin} to {case.destination or '?'}")
    places = [p for p in (deal.origin, deal.destination) if special(p)]
    remarks = tuple(sentence("why", "eu.special_territory", place=p.name or p.country) for p in places if p)
    return Part(Outcome.OUT_OF_SCOPE, remarks=remarks, steps=(step,))


def _inside(case: Case) -> Part:
    """Article 11: free movement but for Annex IV, which is not held."""
    article = ref(DUAL_USE, "11")
    listed = [item for item in case.goods if item.listing is Listing.LISTED]
    truth = None if listed else False
    found = finding(case, article, truth, Outcome.NO_LICENCE_FOUND, leans_on=(dual_use.ANNEX_I,) if listed else ())
    remarks = [sentence("why", "eu.inside", article)]
    if listed:
        codes = ", ".join(dict.fromkeys(item.code for item in listed))
        remarks.append(sentence("why", "eu.annex_four", article, codes=codes))
    step = Step(f"{DUAL_USE}.11", truth, "inside the customs territory; Annex IV is not held")
    return Part(findings=(found,), remarks=tuple(remarks), steps=(step,), entries=tuple(i.code for i in listed))


def _service(case: Case, number: str) -> Part:
    """Articles 6 and 7: brokering and transit are controlled for Annex I goods with a use named in Article 4."""
    article = ref(DUAL_USE, number)
    suspect = case.use in dual_use.SUSPECT_USES
    listed = any(item.listing is Listing.LISTED for item in case.goods)
    unclear = any(item.listing in (Listing.UNKNOWN, Listing.FITS, Listing.FOREIGN) for item in case.goods)
    outcome, missing = Outcome.NO_LICENCE_FOUND, tuple[Missing, ...]()
    if suspect and listed:
        outcome = Outcome.LICENCE_REQUIRED
    elif suspect and unclear:
        outcome, missing = Outcome.NEEDS_MORE_INFO, (Missing("annex_code"),)
    truth = True if outcome is Outcome.LICENCE_REQUIRED else None if unclear or listed else False
    found = finding(case, article, truth, outcome, missing=missing, leans_on=(dual_use.ANNEX_I,))
    key = "eu.transit" if number == "7" else "eu.brokering"
    remarks = [sentence("why", key, article)]
    if outcome is Outcome.LICENCE_REQUIRED:
        remarks.append(sentence("licence", "eu.service_ask", article))
    entries = tuple(i.code for i in case.goods if i.listing is Listing.LISTED)
    step = Step(f"{DUAL_USE}.{number}", truth, f"end use: {case.use or 'not stated'}")
    return Part(outcome, (found,), missing, tuple(remarks), (step,), entries)


def _too_early(case: Case) -> Determination:
    """Before the regulation applied: its forerunner is not modelled."""
    article = ref(DUAL_USE, "effect")
    found = finding(case, article, False, Outcome.OUT_OF_SCOPE)
    remark = sentence("why", "eu.too_early", article, day=facts().applies_from.isoformat())
    step = Step(f"{DUAL_USE}.effect", False, f"read on {case.on}")
    return Determination(
        REGIME,
        Outcome.OUT_OF_SCOPE,
        Status.NOT_YET_EFFECTIVE,
        (),
        (DUAL_USE,),
        None,
        (),
        (found,),
        (step,),
        remarks=(remark,),
    )


def _determination(case: Case, parts: tuple[Part, ...], kind: str = "") -> Determination:
    whole = joined(parts)
    instruments = tuple(
        dict.fromkeys(f.reference.instrument for f in whole.findings if f.truth or f.outcome is whole.outcome)
    )
    return Determination(
        REGIME,
        whole.outcome,
        Status.IN_FORCE,
        whole.entries,
        instruments or (DUAL_USE,),
        _licence(case, whole.outcome, kind),
        whole.missing if whole.outcome.gravity <= Outcome.LICENCE_REQUIRED.gravity else (),
        whole.findings,
        whole.steps,
        remarks=whole.remarks,
    )


def _licence(case: Case, outcome: Outcome, kind: str) -> Licence | None:
    """The authorisation and who gives it. `union_general` is used after registration, the others are applied for."""
    if outcome is not Outcome.LICENCE_REQUIRED:
        return None
    country = case.deal.origin.country if case.deal.origin else case.home
    if country not in facts().members:
        country = case.home if case.home in facts().members else "EU"
    provisions: tuple[Reference, ...] = (dual_use.KINDS,)
    if kind == "union_general":
        provisions = (dual_use.EU001, dual_use.LIMITS)
    return Licence(kind or "individual", f"competent authority ({country})", provisions)
