"""The European Union's determination: Annex I, general authorisations, the catch-all, the measures on Russia."""

from datetime import date
from typing import Any

import pytest

from knowledge.model import (
    Confidence,
    Determination,
    Good,
    ListedParty,
    Outcome,
    PartyMatch,
    Place,
    Status,
    Transaction,
)
from knowledge.regimes.eu import corresponds, determine
from knowledge.regimes.eu.annex_one import Listing, classify, regime_of
from knowledge.regimes.eu.facts import facts
from knowledge.regimes.eu.russia import entries, hits, lines
from knowledge.regimes.eu.territory import Movement, movement, partner, within
from knowledge.rulebook import RuleBook
from knowledge.wording import catalogue, say

TODAY = date(2026, 11, 21)
LISTED = Good("RF chips", kind="integrated_circuit", codes=("3A001",))
MAGNETS = Good("NdFeB magnets", kind="ndfeb_magnet", elements={"Nd": True, "Fe": True, "B": True})
UNKNOWN = Good("goods")
LATHE = Good("lathe", kind="machine_tool")


def deal(origin: str | None, destination: str | None, *goods: Good, **more: Any) -> Transaction:
    """A deal between two countries by their codes."""
    return Transaction(
        goods=goods,
        origin=Place(origin, "") if origin else None,
        destination=Place(destination, "") if destination else None,
        **more,
    )


def decide(book: RuleBook, transaction: Transaction, on: date = TODAY, home: str = "CN", **more: Any) -> Determination:
    """The Union's determination, which must be there and hold together."""
    found = determine(transaction, book, on, home=home, **more)
    assert found is not None
    assert found.regime == "EU"
    for reference in (*(r for m in found.remarks for r in m.references), *(f.reference for f in found.findings)):
        assert (reference.instrument, reference.provision) in book.provisions
    for item in found.remarks:
        for lang in ("en", "zh"):
            values = {k: v if isinstance(v, str) else v[lang] for k, v in item.values.items()}
            assert "{" not in say(lang, item.key, marks="[1]", **values)
        assert item.section in ("why", "deal", "licence", "papers", "not_checked")
    assert all(f"ask.{m.fact.split(':')[0]}" in catalogue("en") for m in found.missing)
    assert found.trace
    return found


def keys(found: Determination) -> set[str]:
    """The sentences said, without their family."""
    return {r.key.removeprefix("eu.") for r in found.remarks}


def asked(found: Determination) -> set[str]:
    """The facts asked for."""
    return {m.fact for m in found.missing}


def cited(found: Determination) -> set[tuple[str, str]]:
    """The passages that the sentences stand on."""
    return {(r.instrument, r.provision) for m in found.remarks for r in m.references}


def soldiers(list_: str = "military_user", score: float = 100, instrument: str = "") -> tuple[PartyMatch, ...]:
    """A party on a list."""
    party = ListedParty("x.1", {"en": "X", "zh": "X"}, (), "RU", list_, instrument, (), Confidence.CONFIRMED)
    return (PartyMatch("X", party, score),)


# ---------------------------------------------------------------- what the Union is


def test_there_are_27_members() -> None:
    assert len(facts().members) == 27
    assert not facts().members & facts().eu001
    assert {"GR", "IE", "HR"} <= facts().members
    assert not {"GB", "CH", "NO", "TR"} & facts().members


@pytest.mark.parametrize(
    ("country", "name", "inside"),
    [
        ("DE", "Hanau", True),
        ("DE", "Büsingen", False),
        ("ES", "Ceuta", False),
        ("ES", "Canary Islands", True),
        ("MC", "Monaco", True),
        ("GL", "Greenland", False),
        ("GB", "London", False),
        ("IT", "Livigno", False),
        ("IT", "Milan", True),
    ],
)
def test_the_customs_territory(country: str, name: str, inside: bool) -> None:
    assert within(Place(country, name)) is inside


@pytest.mark.parametrize(
    ("transaction", "home", "expected"),
    [
        (deal("DE", "US"), "CN", Movement.EXPORT),
        (deal("DE", "FR"), "CN", Movement.INSIDE),
        (deal("DE", None), "CN", Movement.OPEN),
        (deal(None, "US"), "DE", Movement.EXPORT),
        (deal(None, "US"), "CN", Movement.NONE),
        (deal("CN", "DE"), "DE", Movement.NONE),
        (deal("CN", "US"), "CN", Movement.NONE),
        (deal("CN", "BR", transit=(Place("NL", "Rotterdam"),)), "CN", Movement.TRANSIT),
        (deal("CN", "DE", transit=(Place("NL", "Rotterdam"),)), "CN", Movement.NONE),
        (deal("CN", "US"), "DE", Movement.BROKERING),
        (deal("CN", None), "DE", Movement.NONE),
    ],
)
def test_how_a_deal_touches_the_union(transaction: Transaction, home: str, expected: Movement) -> None:
    assert movement(transaction, home) is expected


def test_no_say_in_imports_and_foreign_deals(book: RuleBook) -> None:
    assert determine(deal("CN", "DE", MAGNETS), book, TODAY, home="DE") is None
    assert determine(deal("CN", "US", MAGNETS), book, TODAY, home="CN") is None
    assert determine(deal("CN", "US", LISTED), book, TODAY, home="DE") is None  # brokering of a civil deal


def test_partners(book: RuleBook) -> None:
    assert partner(Place("US", "")) and partner(Place("CH", ""))
    assert not partner(Place("KZ", ""))
    assert not partner(None)
    assert book.provisions["EU-833-2014", "annex-VIII.later"].confidence is Confidence.UNCONFIRMED


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("code", "regime"),
    [
        ("3A001.b.2", "wassenaar"),
        ("0A001", "nuclear"),
        ("1C107", "mtcr"),
        ("2B201", "nsg"),
        ("1C350", "ag"),
        ("1C450", "cwc"),
        ("3A991", ""),
        ("3A611", ""),
        ("0A501", ""),
        ("1C905.a.4", ""),
        ("EAR99", ""),
        ("3F001", ""),
        ("3A000", ""),
    ],
)
def test_ranges_of_annex_one(code: str, regime: str) -> None:
    assert regime_of(code) == regime


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("3A001", True),
        ("3A001.b.2", True),
        ("3A002", None),  # of the right range, not in the list given
        ("1C350", True),
        ("1C450", True),
        ("0A001", True),
        ("2A290", None),
        ("3A090", False),
        ("4A090.a", False),
        ("1C298", False),
        ("3A991", False),
        ("5A992.c", False),
        ("3A611", False),
        ("EAR99", False),
        ("1C905", False),
    ],
)
def test_correspondence(code: str, expected: bool | None) -> None:
    assert corresponds(code, frozenset({"3A001", "1C350", "2A290", "3A090"})) is expected


@pytest.mark.parametrize(
    ("good", "listing"),
    [
        (LISTED, Listing.LISTED),
        (Good("x", codes=("2A290",)), Listing.FITS),
        (Good("x", codes=("3A991",)), Listing.FOREIGN),
        (Good("x", codes=("3A991", "3A001")), Listing.LISTED),
        (MAGNETS, Listing.INFERRED_OUT),
        (Good("Dy magnets", kind="ndfeb_magnet", codes=("1C904.a.4",)), Listing.INFERRED_OUT),
        (Good("SmCo", kind="smco_magnet"), Listing.INFERRED_OUT),
        (Good("electromagnet", kind="electromagnet"), Listing.UNREMARKABLE),
        (Good("oxide", kind="oxide", elements={"Dy": True, "O": True}), Listing.INFERRED_OUT),
        (Good("metal", kind="metal", elements={"Nd": True}), Listing.INFERRED_OUT),
        (Good("alloy", kind="alloy", elements={"Tb": True, "Dy": True, "Fe": True}), Listing.UNKNOWN),
        (Good("tungsten", kind="metal", elements={"W": True}), Listing.UNKNOWN),
        (Good("oxide", kind="oxide"), Listing.UNKNOWN),
        (Good("steel bars", kind="steel"), Listing.UNREMARKABLE),
        (LATHE, Listing.UNKNOWN),
        (UNKNOWN, Listing.UNKNOWN),
        (Good("x", codes=("X.A.I.001",)), Listing.UNKNOWN),
    ],
)
def test_listing(good: Good, listing: Listing, book: RuleBook) -> None:
    (found,) = classify((good,), book.taxonomy)
    assert found.listing is listing


def test_candidates_are_offered_and_never_decide(book: RuleBook) -> None:
    guesses = (("3A001", 0.8), ("3A991", 0.9), ("1C350", 0.1))
    (found,) = classify((LATHE,), book.taxonomy, guesses)
    assert found.listing is Listing.UNKNOWN
    assert set(found.candidates) <= {"3A001"}
    (sure,) = classify((MAGNETS,), book.taxonomy, guesses)
    assert sure.candidates == ()


# ---------------------------------------------------------------- exports of Annex I goods


def test_annex_one_to_a_destination_of_eu001(book: RuleBook) -> None:
    found = decide(book, deal("NL", "US", LISTED))
    assert found.outcome is Outcome.LICENCE_REQUIRED
    assert found.entries == ("3A001",)
    assert found.licence is not None
    assert (found.licence.kind, found.licence.authority) == ("union_general", "competent authority (NL)")
    assert {("EU-2021-821", "EU001"), ("EU-2021-821", "3"), ("EU-2021-821", "annex-I")} <= cited(found)
    assert {"union_general", "union_general_limits", "instead"} <= keys(found)
    assert found.status is Status.IN_FORCE


def test_what_rests_on_the_correspondence_is_unconfirmed(book: RuleBook) -> None:
    found = decide(book, deal("NL", "US", LISTED))
    by_rule = {f.rule: f for f in found.findings}
    assert by_rule["EU-2021-821.3"].confidence is Confidence.UNCONFIRMED
    assert by_rule["EU-2021-821.EU001"].confidence is Confidence.CONFIRMED
    assert "not_annex" in keys(found)


@pytest.mark.parametrize("destination", ["AU", "CA", "CH", "GB", "IS", "JP", "LI", "NO", "NZ", "US"])
def test_every_destination_of_eu001(destination: str, book: RuleBook) -> None:
    found = decide(book, deal("DE", destination, LISTED))
    assert found.licence is not None and found.licence.kind == "union_general"


@pytest.mark.parametrize("destination", ["CN", "IN", "KR", "SG", "TR", "BR"])
def test_elsewhere_an_individual_authorisation(destination: str, book: RuleBook) -> None:
    found = decide(book, deal("DE", destination, LISTED))
    assert found.outcome is Outcome.LICENCE_REQUIRED
    assert found.licence is not None and found.licence.kind == "individual"
    assert {"not_general", "individual", "other_general"} <= keys(found)


def test_eu001_is_closed_for_weapons_of_mass_destruction(book: RuleBook) -> None:
    found = decide(book, deal("DE", "US", LISTED, end_use="wmd"))
    assert found.licence is not None and found.licence.kind == "individual"
    civil = decide(book, deal("DE", "US", LISTED, end_use="civil"))
    assert civil.licence is not None and civil.licence.kind == "union_general"


def test_annex_one_without_a_destination(book: RuleBook) -> None:
    found = decide(book, deal("DE", None, LISTED))
    assert found.outcome is Outcome.LICENCE_REQUIRED
    assert asked(found) == {"destination"}
    assert "general_open" in keys(found)


def test_origin_unstated_is_the_home_of_the_asker(book: RuleBook) -> None:
    found = decide(book, deal(None, "US", LISTED), home="IT")
    assert found.licence is not None and found.licence.authority == "competent authority (IT)"


@pytest.mark.parametrize(
    ("code", "hint"),
    [("5A002", "EU008"), ("5A001", "EU005"), ("1C350", "EU006"), ("3E001", "EU007"), ("2B001", "EU002-EU008")],
)
def test_other_general_authorisations_by_field(code: str, hint: str, book: RuleBook) -> None:
    found = decide(book, deal("DE", "IN", Good("x", codes=(code,))))
    assert hint in {r.values["authorisation"] for r in found.remarks if r.key == "eu.other_general"}


@pytest.mark.parametrize(("code", "differs"), [("0A001", True), ("1C450", True), ("5A002", True), ("3A001", False)])
def test_fields_where_the_lists_differ_are_said(code: str, differs: bool, book: RuleBook) -> None:
    assert ("differs" in keys(decide(book, deal("DE", "IN", Good("x", codes=(code,)))))) is differs


def test_the_new_annex_counts_from_its_day(book: RuleBook) -> None:
    transaction = deal("DE", "IN", LISTED)
    assert "annex_new" in keys(decide(book, transaction, date(2025, 11, 15)))
    assert "annex_old" in keys(decide(book, transaction, date(2025, 11, 14)))
    assert not {"annex_new", "annex_old"} & keys(decide(book, deal("DE", "IN", Good("x", codes=("9A012",)))))


def test_before_the_regulation(book: RuleBook) -> None:
    found = decide(book, deal("DE", "US", LISTED), date(2021, 9, 8))
    assert (found.outcome, found.status) == (Outcome.OUT_OF_SCOPE, Status.NOT_YET_EFFECTIVE)
    assert decide(book, deal("DE", "US", LISTED), date(2021, 9, 9)).outcome is Outcome.LICENCE_REQUIRED


# ---------------------------------------------------------------- goods outside Annex I


def test_magnets_are_not_in_annex_one(book: RuleBook) -> None:
    found = decide(book, deal("DE", "CH", MAGNETS))
    assert found.outcome is Outcome.NO_LICENCE_FOUND
    assert found.licence is None and not found.missing
    assert {"inferred_out", "catch_all_open"} <= keys(found)
    assert {("EU-2021-821", "rare-earths"), ("EU-2021-821", "4")} <= cited(found)
    assert any(f.confidence is Confidence.UNCONFIRMED for f in found.findings)
    assert "EU-2021-821" in found.instruments


@pytest.mark.parametrize("code", ["3A991", "EAR99", "5A992.c", "3A090", "1C298", "1C905", "3A611"])
def test_a_foreign_number_says_nothing(code: str, book: RuleBook) -> None:
    found = decide(book, deal("DE", "BR", Good("x", codes=(code,))))
    assert found.outcome is Outcome.NEEDS_MORE_INFO
    assert "annex_code" in asked(found)
    assert "foreign" in keys(found)
    assert found.entries == ()


def test_a_number_without_a_counterpart(book: RuleBook) -> None:
    found = decide(book, deal("DE", "BR", Good("x", codes=("2A290",))))
    assert found.outcome is Outcome.NEEDS_MORE_INFO
    assert "fits" in keys(found)


def test_unknown_goods_are_asked_for(book: RuleBook) -> None:
    for good in (UNKNOWN, LATHE):
        found = decide(book, deal("DE", "BR", good))
        assert found.outcome is Outcome.NEEDS_MORE_INFO
        assert asked(found) == {"annex_code"}
        assert "unknown" in keys(found)


def test_candidates_are_named_in_the_question(book: RuleBook) -> None:
    found = decide(book, deal("DE", "BR", LATHE), candidates=(("1C350", 0.9), ("0A001", 0.5)))
    assert found.outcome is Outcome.NEEDS_MORE_INFO
    offered = {o for m in found.missing for o in m.options}
    assert "0A001" in offered
    assert "candidates" in keys(found)


def test_everyday_goods(book: RuleBook) -> None:
    found = decide(book, deal("DE", "CA", Good("steel bars", kind="steel")))
    assert found.outcome is Outcome.NO_LICENCE_FOUND
    assert "unremarkable" in keys(found)


def test_unlisted_goods_need_a_destination(book: RuleBook) -> None:
    found = decide(book, deal("DE", None, MAGNETS))
    assert found.outcome is Outcome.NEEDS_MORE_INFO
    assert asked(found) == {"destination"}


def test_the_gravest_of_several_goods(book: RuleBook) -> None:
    found = decide(book, deal("DE", "IN", MAGNETS, LISTED, LATHE))
    assert found.outcome is Outcome.LICENCE_REQUIRED
    assert found.entries == ("3A001",)
    assert {"inferred_out", "listed", "unknown"} <= keys(found)


# ---------------------------------------------------------------- Article 4


def test_weapons_of_mass_destruction(book: RuleBook) -> None:
    found = decide(book, deal("DE", "PK", MAGNETS, end_use="wmd"))
    assert found.outcome is Outcome.LICENCE_REQUIRED
    assert found.licence is not None and found.licence.kind == "individual"
    assert "catch_all_wmd" in keys(found)


def test_a_military_use_asks_for_the_embargo(book: RuleBook) -> None:
    found = decide(book, deal("DE", "CN", MAGNETS, end_use="military"))
    assert found.outcome is Outcome.NEEDS_MORE_INFO
    assert asked(found) == {"arms_embargo"}
    assert "catch_all_military" in keys(found)


def test_a_military_use_in_a_country_of_eu001(book: RuleBook) -> None:
    found = decide(book, deal("DE", "NO", MAGNETS, end_use="military"))
    assert found.outcome is Outcome.NO_LICENCE_FOUND
    assert "catch_all_open" in keys(found)


def test_a_military_user_makes_a_military_use(book: RuleBook) -> None:
    for list_ in ("military_user", "armed_forces"):
        assert asked(decide(book, deal("DE", "CN", MAGNETS, parties=soldiers(list_)))) == {"arms_embargo"}
    for parties in (soldiers("watch"), soldiers(score=80)):
        assert decide(book, deal("DE", "CN", MAGNETS, parties=parties)).outcome is Outcome.NO_LICENCE_FOUND


def test_a_civil_use_is_still_a_check(book: RuleBook) -> None:
    found = decide(book, deal("DE", "CN", MAGNETS, end_use="civil"))
    assert found.outcome is Outcome.NO_LICENCE_FOUND
    assert "catch_all_civil" in keys(found)
    assert "catch_all_open" in keys(decide(book, deal("DE", "CN", MAGNETS)))


def test_article_4_is_not_said_of_listed_goods_alone(book: RuleBook) -> None:
    assert not {k for k in keys(decide(book, deal("DE", "CN", LISTED, end_use="military"))) if "catch_all" in k}


# ---------------------------------------------------------------- inside, through, arranged from


def test_inside_the_union(book: RuleBook) -> None:
    found = decide(book, deal("DE", "FR", LISTED))
    assert found.outcome is Outcome.NO_LICENCE_FOUND
    assert {"inside", "annex_four"} <= keys(found)
    plain = decide(book, deal("DE", "FR", MAGNETS))
    assert "annex_four" not in keys(plain)
    assert [f.truth for f in found.findings] == [None]
    assert [f.truth for f in plain.findings] == [False]


def test_special_territories_are_said(book: RuleBook) -> None:
    found = decide(book, deal("FR", "MC", LISTED))
    assert "special_territory" in keys(found)
    out = Transaction((LISTED,), Place("DE", "Hanau"), destination=Place("ES", "Ceuta"))
    assert decide(book, out).outcome is Outcome.LICENCE_REQUIRED


def test_transit(book: RuleBook) -> None:
    through = (Place("NL", "Rotterdam"),)
    assert decide(book, deal("CN", "BR", LISTED, transit=through)).outcome is Outcome.NO_LICENCE_FOUND
    grave = decide(book, deal("CN", "BR", LISTED, transit=through, end_use="wmd"))
    assert grave.outcome is Outcome.LICENCE_REQUIRED
    assert ("EU-2021-821", "7") in cited(grave)
    open_ = decide(book, deal("CN", "BR", LATHE, transit=through, end_use="military"))
    assert (open_.outcome, asked(open_)) == (Outcome.NEEDS_MORE_INFO, {"annex_code"})
    assert decide(book, deal("CN", "BR", MAGNETS, transit=through, end_use="wmd")).outcome is Outcome.NO_LICENCE_FOUND


def test_brokering(book: RuleBook) -> None:
    found = decide(book, deal("CN", "BR", LISTED, end_use="military"), home="DE")
    assert found.outcome is Outcome.LICENCE_REQUIRED
    assert found.licence is not None and found.licence.authority == "competent authority (DE)"
    assert "brokering" in keys(found)


def test_technology_is_an_export(book: RuleBook) -> None:
    found = decide(book, deal("DE", "IN", Good("technology", kind="technology", codes=("3E001",)), transfer=True))
    assert found.outcome is Outcome.LICENCE_REQUIRED
    assert {"transfer", "not_assistance"} <= keys(found)
    assert "transfer" not in keys(decide(book, deal("DE", "IN", LISTED)))


# ---------------------------------------------------------------- Russia


def test_the_tables_are_there() -> None:
    assert len(lines()) > 1000
    assert {line.article for line in lines()} == {"3", "3b", "3c", "3h", "3k"}
    assert entries()["X.A.I.001"] == ("VII", "2a")
    assert entries()["X.A.VI.001"] == ("XVI", "3f")


@pytest.mark.parametrize(
    ("number", "annex", "truth"),
    [
        ("73041100", "II", True),
        ("7304110090", "II", True),
        ("730411", "II", True),  # the row's 00 stands for the whole subheading
        ("7304", "II", None),
        ("88073000", "XI", True),  # a chapter covers what is below it
        ("84194000", "X", None),  # "ex": only the goods described
        ("870323", "XVIII", None),  # luxury above a value
        ("060110", "XXIII", True),
        ("72109080", "XXIII", True),  # printed as 721 090
    ],
)
def test_rows_met_by_a_customs_code(number: str, annex: str, truth: bool | None) -> None:
    found = {h.line.annex: h.truth for h in reversed(hits(number))}
    assert found[annex] is truth


def test_a_neighbouring_code_meets_nothing() -> None:
    assert "XX" in {h.line.annex for h in hits("27102090")}
    assert "XX" not in {h.line.annex for h in hits("27102011")}
    assert hits("99999999") == ()


def test_annex_one_goods_may_not_go_to_russia(book: RuleBook) -> None:
    found = decide(book, deal("DE", "RU", LISTED))
    assert found.outcome is Outcome.PROHIBITED
    assert found.licence is None and not found.missing
    assert {"EU-833-2014", "EU-2021-821"} >= set(found.instruments) and "EU-833-2014" in found.instruments
    assert ("EU-833-2014", "2") in cited(found)


def test_a_row_of_the_tables_forbids(book: RuleBook) -> None:
    found = decide(book, deal("FR", "RU", Good("line pipe", hs=("73041100",))))
    assert found.outcome is Outcome.PROHIBITED
    assert {"russia_line", "russia_version", "russia_exceptions"} <= keys(found)
    assert ("EU-833-2014", "3") in cited(found)


def test_an_entry_of_annex_seven_forbids(book: RuleBook) -> None:
    found = decide(book, deal("FR", "RU", Good("microprocessors", codes=("X.A.I.001",))))
    assert (found.outcome, found.entries) == (Outcome.PROHIBITED, ("X.A.I.001",))
    assert ("EU-833-2014", "2a") in cited(found)


@pytest.mark.parametrize(
    ("number", "facts_asked"),
    [
        ("84194000", {"annex_line"}),
        ("870323", {"annex_line", "item_value"}),
        ("8905", {"cn_code"}),
        ("99999999", {"russia_current"}),
    ],
)
def test_open_rows_are_asked_about(number: str, facts_asked: set[str], book: RuleBook) -> None:
    found = decide(book, deal("FR", "RU", Good("steel", kind="steel", hs=(number,))))
    assert found.outcome is Outcome.NEEDS_MORE_INFO
    assert facts_asked <= asked(found)


def test_without_a_customs_code_nothing_is_cleared(book: RuleBook) -> None:
    found = decide(book, deal("DE", "RU", MAGNETS))
    assert (found.outcome, asked(found)) == (Outcome.NEEDS_MORE_INFO, {"cn_code"})
    assert "russia_no_code" in keys(found)


def test_a_code_outside_the_tables_is_no_clearance(book: RuleBook) -> None:
    found = decide(book, deal("DE", "RU", Good("magnets", kind="ndfeb_magnet", hs=("99999999",))))
    assert found.outcome is Outcome.NEEDS_MORE_INFO
    assert "russia_not_found" in keys(found)


def test_arms_to_russia(book: RuleBook) -> None:
    found = decide(book, deal("DE", "RU", LISTED, end_use="military"))
    assert "russia_military" in keys(found)
    assert "russia_military" not in keys(decide(book, deal("DE", "RU", LISTED)))


def test_brokering_and_transit_to_russia(book: RuleBook) -> None:
    assert decide(book, deal("CN", "RU", LISTED), home="DE").outcome is Outcome.PROHIBITED
    assert decide(book, deal("CN", "RU", LISTED, transit=(Place("PL", ""),))).outcome is Outcome.PROHIBITED
    assert determine(deal("CN", "RU", LISTED), book, TODAY, home="CN") is None


def test_a_route_through_russia(book: RuleBook) -> None:
    found = decide(book, deal("DE", "KZ", MAGNETS, transit=(Place("RU", "Moscow"),)))
    assert (found.outcome, asked(found)) == (Outcome.NEEDS_MORE_INFO, {"cn_code"})
    assert {"russia_transit", "clause"} <= keys(found)


def test_a_party_of_annex_four(book: RuleBook) -> None:
    listed = soldiers("eu_annex_iv", instrument="EU-833-2014")
    found = decide(book, deal("DE", "KZ", MAGNETS, parties=listed))
    assert (found.outcome, asked(found)) == (Outcome.NEEDS_MORE_INFO, {"party"})
    assert "annex_iv_party" in keys(decide(book, deal("DE", "RU", LISTED, parties=listed)))
    assert "annex_iv_party" not in keys(decide(book, deal("DE", "KZ", MAGNETS, parties=soldiers("watch"))))


@pytest.mark.parametrize(
    ("place", "modelled"),
    [
        (Place("BY", "Minsk"), False),
        (Place("UA", "Sevastopol"), False),
        (Place("UA", "顿涅茨克"), False),
        (Place("UA", "Kyiv"), True),
        (Place("KZ", "Almaty"), True),
    ],
)
def test_neighbours_are_not_modelled(place: Place, modelled: bool, book: RuleBook) -> None:
    found = decide(book, Transaction((MAGNETS,), Place("DE", ""), destination=place))
    assert ("neighbour" not in keys(found)) is modelled
    assert found.outcome is (Outcome.NO_LICENCE_FOUND if modelled else Outcome.NEEDS_MORE_INFO)


def test_the_clause_against_re_export(book: RuleBook) -> None:
    to_kazakhstan = deal("DE", "KZ", MAGNETS)
    assert {"clause", "due_diligence"} <= keys(decide(book, to_kazakhstan))
    assert "clause" in keys(decide(book, to_kazakhstan, date(2024, 3, 20)))
    assert "clause" not in keys(decide(book, to_kazakhstan, date(2024, 3, 19)))
    assert "clause_reported" in keys(decide(book, deal("DE", "CH", MAGNETS)))
    assert not {k for k in keys(decide(book, deal("DE", "US", MAGNETS))) if k.startswith("clause")}
    assert not {k for k in keys(decide(book, deal("DE", "RU", LISTED))) if k.startswith("clause")}


def test_passages_from_memory_are_marked(book: RuleBook) -> None:
    unsure = {
        i
        for (instrument, i), p in book.provisions.items()
        if instrument == "EU-833-2014" and p.confidence == "unconfirmed"
    }
    assert {"12g", "12gb", "neighbours", "transit"} <= unsure
    assert not {"2", "2a", "3k", "version"} & unsure
    assert book.provisions["EU-2021-821", "annex-I"].confidence is Confidence.UNCONFIRMED
