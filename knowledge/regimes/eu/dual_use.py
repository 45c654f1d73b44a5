"""Regulation 2021/821: Annex I (Article 3), the general authorisations, the catch-all (Article 4)."""

from knowledge.logic import Truth
from knowledge.model import Missing, Outcome, Remark, Step
from knowledge.regimes.eu.annex_one import Classified, Listing, regime_of
from knowledge.regimes.eu.case import ANNEX_2025, DUAL_USE, Case, Part, Values, finding, ref, sentence
from knowledge.regimes.eu.facts import facts
from knowledge.regimes.eu.territory import Movement

ARTICLE_3, ANNEX_I, DIFFERENCES = ref(DUAL_USE, "3"), ref(DUAL_USE, "annex-I"), ref(DUAL_USE, "annex-I.differences")
ARTICLE_4, AWARE, RARE_EARTHS = ref(DUAL_USE, "4"), ref(DUAL_USE, "4.2"), ref(DUAL_USE, "rare-earths")
KINDS, EU001, LIMITS, OTHERS = (ref(DUAL_USE, p) for p in ("12", "EU001", "EU001.exclusions", "EU002-EU008"))
SUSPECT_USES = ("wmd", "military")


def listing(case: Case, item: Classified) -> Part:
    """Where the good stands with regard to Annex I, and what follows for an export."""
    if item.listing is Listing.LISTED:
        return _listed(case, item)
    outcome, missing, remark, truth = _unlisted(case, item)
    reference = RARE_EARTHS if item.listing is Listing.INFERRED_OUT else ANNEX_I
    found = finding(case, reference, truth, outcome, good=item.index, missing=missing)
    step = Step(f"{DUAL_USE}.annex-I", truth, f"{item.code or item.good.kind}: {item.listing}")
    return Part(outcome, (found,), missing, (remark, *_version(case, item)), (step,))


def _listed(case: Case, item: Classified) -> Part:
    found = finding(case, ARTICLE_3, True, Outcome.LICENCE_REQUIRED, good=item.index, leans_on=(ANNEX_I,))
    values: Values = {"good": case.name(item.good), "code": item.code}
    remarks = [sentence("why", "eu.listed", ANNEX_I, ARTICLE_3, **values)]
    if _differs(item.code):
        remarks.append(sentence("why", "eu.differs", DIFFERENCES, code=item.code))
    steps = (
        Step(f"{DUAL_USE}.annex-I", True, f"{item.code}: taken for an entry of Annex I by its number"),
        Step(f"{DUAL_USE}.3", True, "leaves the customs territory; every destination"),
    )
    missing = (Missing("destination", decides=False),) if case.movement is Movement.OPEN else ()
    return Part(
        Outcome.LICENCE_REQUIRED, (found,), missing, (*remarks, *_version(case, item)), steps, entries=(item.code,)
    )


def _unlisted(case: Case, item: Classified) -> tuple[Outcome, tuple[Missing, ...], Remark, Truth]:
    values: Values = {"good": case.name(item.good), "code": item.code}
    if item.listing is Listing.INFERRED_OUT:
        return Outcome.NO_LICENCE_FOUND, (), sentence("why", "eu.inferred_out", RARE_EARTHS, **values), False
    if item.listing is Listing.UNREMARKABLE:
        return Outcome.NO_LICENCE_FOUND, (), sentence("why", "eu.unremarkable", ANNEX_I, **values), False
    ask = (Missing("annex_code", options=item.candidates),)
    if item.listing is Listing.FITS:
        return Outcome.NEEDS_MORE_INFO, ask, sentence("why", "eu.fits", ANNEX_I, **values), None
    if item.listing is Listing.FOREIGN:
        return Outcome.NEEDS_MORE_INFO, ask, sentence("why", "eu.foreign", DIFFERENCES, **values), None
    if item.candidates:
        values["codes"] = ", ".join(item.candidates)
        return Outcome.NEEDS_MORE_INFO, ask, sentence("why", "eu.candidates", ANNEX_I, **values), None
    return Outcome.NEEDS_MORE_INFO, ask, sentence("why", "eu.unknown", ANNEX_I, **values), None


def _differs(code: str) -> bool:
    """Fields in which like numbers of Annex I and the American list are not the same goods."""
    return regime_of(code) in ("nuclear", "cwc") or code[:5] in ("1C350", "5A002", "5B002", "5D002", "5E002")


def _version(case: Case, item: Classified) -> tuple[Remark, ...]:
    if not _renewed_field(case, item):
        return ()
    new = case.on >= facts().annex_replaced
    values: Values = {"day": facts().annex_replaced.isoformat()}
    if new:
        return (sentence("why", "eu.annex_new", ref(ANNEX_2025, "effect"), ref(ANNEX_2025, "additions"), **values),)
    return (sentence("why", "eu.annex_old", ref(ANNEX_2025, "effect"), **values),)


def _renewed_field(case: Case, item: Classified) -> bool:
    """Could the goods be among those that the new Annex I touches: Categories 1 to 4, or equipment not classified yet?"""
    if item.listing in (Listing.LISTED, Listing.FITS):
        return item.code[0] in "1234"
    return item.listing is Listing.UNKNOWN and case.book.taxonomy.is_article(item.good.kind)


def authorisation(case: Case) -> tuple[Part, str]:
    """Which authorisation Annex I goods go under, and its kind: union_general or individual."""
    general = case.destination in facts().eu001 and case.use != "wmd"
    step = Step("EU001", general if case.destination else None, case.destination or "destination not stated")
    place = case.country(case.destination)
    if general:
        found = finding(case, EU001, True, Outcome.LICENCE_REQUIRED)
        remarks = (
            sentence("licence", "eu.union_general", EU001, country=place, authorisation="EU001"),
            sentence("licence", "eu.union_general_limits", LIMITS, authorisation="EU001"),
            sentence("licence", "eu.instead", KINDS),
        )
        return Part(Outcome.LICENCE_REQUIRED, (found,), remarks=remarks, steps=(step,)), "union_general"
    found = finding(case, EU001, False if case.destination else None, Outcome.NO_LICENCE_FOUND)
    values: Values = {"country": place, "authorisation": "EU001"}
    key = "eu.not_general" if case.destination else "eu.general_open"
    own = (sentence("licence", key, EU001, **values), sentence("licence", "eu.individual", KINDS))
    hints = tuple(sentence("licence", "eu.other_general", OTHERS, authorisation=h) for h in _hints(case))
    return Part(findings=(found,), remarks=(*own, *hints), steps=(step,)), "individual"


def _hints(case: Case) -> tuple[str, ...]:
    """Other general authorisations worth a look, by the field of the number; all of them where the field tells nothing."""
    hints: list[str] = []
    for code in (g.code for g in case.goods if g.listing is Listing.LISTED):
        if code[0] == "5" and code[1] in "ABCDE":
            hints.append("EU008" if code[2:5] in ("002", "003", "004") else "EU005")
        if code[:5] in ("1C350", "1C450"):
            hints.append("EU006")
        if code[1] in "DE" or case.deal.transfer:
            hints.append("EU007")
    return tuple(dict.fromkeys(hints)) or ("EU002-EU008",)


def catch_all(case: Case) -> Part:
    """Article 4 for goods that are not in Annex I: decided by a stated use, else a check that blocks nothing."""
    unlisted = [g for g in case.goods if g.listing is not Listing.LISTED]
    if not unlisted:
        return Part()
    if case.use == "wmd":
        found = finding(case, AWARE, True, Outcome.LICENCE_REQUIRED, leans_on=(ARTICLE_4,))
        remark = sentence("deal", "eu.catch_all_wmd", ARTICLE_4, AWARE)
        return Part(Outcome.LICENCE_REQUIRED, (found,), (), (remark,), (Step(f"{DUAL_USE}.4", True, "stated use"),))
    if case.use == "military" and case.destination not in facts().eu001:
        missing = (Missing("arms_embargo"),)
        found = finding(case, ARTICLE_4, None, Outcome.NEEDS_MORE_INFO, missing=missing)
        place = case.country(case.destination)
        remark = sentence("deal", "eu.catch_all_military", ARTICLE_4, AWARE, country=place)
        step = Step(f"{DUAL_USE}.4", None, "military use; whether the country is under an arms embargo is not held")
        return Part(Outcome.NEEDS_MORE_INFO, (found,), missing, (remark,), (step,))
    truth: Truth = False if case.use == "civil" else None
    found = finding(case, ARTICLE_4, truth, Outcome.NO_LICENCE_FOUND)
    key = "eu.catch_all_civil" if case.use == "civil" else "eu.catch_all_open"
    step = Step(f"{DUAL_USE}.4", truth, f"end use: {case.use or 'not stated'}")
    return Part(findings=(found,), remarks=(sentence("deal", key, ARTICLE_4),), steps=(step,))


def not_checked(case: Case) -> Part:
    """What stays open in every answer of the Union."""
    places = [ref(DUAL_USE, "5"), ref(DUAL_USE, "9"), ref(DUAL_USE, "10")]
    remarks = [
        sentence("not_checked", "eu.not_annex", ANNEX_I),
        sentence("not_checked", "eu.not_national", *places),
    ]
    if case.deal.transfer:
        remarks.append(sentence("why", "eu.transfer", ref(DUAL_USE, "2")))
        remarks.append(sentence("not_checked", "eu.not_assistance", ref(DUAL_USE, "8")))
    return Part(remarks=tuple(remarks))
