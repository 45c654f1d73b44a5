"""The EAR determination: reach, rows at destinations, exceptions, rules on users; and the engine against the printed tables."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from knowledge.controllists.model import Asks, Scope
from knowledge.logic import Truth
from knowledge.model import (
    CodeCandidate,
    Determination,
    Good,
    ListedParty,
    Measure,
    Outcome,
    Ownership,
    PartyMatch,
    Place,
    Quantity,
    Reference,
    Status,
    Transaction,
)
from knowledge.model import Confidence as Sure
from knowledge.regimes import us
from knowledge.regimes.us.exceptions import try_exceptions
from knowledge.regimes.us.item import Item, items_of
from knowledge.regimes.us.rows import Tables, licence_needed, try_rows
from knowledge.regimes.us.scope import covers
from knowledge.rulebook import RuleBook

ON = date(2026, 11, 22)


def deal(code: str, to: str | None, origin: str = "US", **more: object) -> Transaction:
    """Goods under a code from one country to another."""
    goods = (Good(name="goods", codes=tuple(code.split())),) if code else (Good(name="goods"),)
    destination = Place(to, to) if to else None
    return replace(Transaction(goods=goods, origin=Place(origin, origin), destination=destination), **more)  # type: ignore[arg-type]


def determined(book: RuleBook, case: Transaction, on: date = ON) -> Determination:
    """The United States determination, which there has to be."""
    found = us.determine(case, book, on, home="CN")
    assert found is not None
    return found


def tables(book: RuleBook) -> Tables:
    """The bundled tables."""
    return Tables(book.us.ccl, book.us.chart, book.us.groups, book.us.sections)


def party(list_: str, country: str = "CN") -> PartyMatch:
    """A certain hit on a list."""
    reference = Reference("US-EAR-744", "744.16")
    measure = Measure(date(2020, 1, 1), Status.IN_FORCE, reference)
    name = {"en": "Example Works", "zh": "Example Works"}
    listed = ListedParty(f"US-{list_}.1", name, (), country, list_, "US-EAR-744", (measure,), Sure.CONFIRMED)
    return PartyMatch("Example Works", listed, 100.0)


def percent(value: str) -> Quantity:
    """A share in per cent."""
    return Quantity(Decimal(value), "percent")


# ---------------------------------------------------------------- reach


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        pytest.param(deal("3A001.a.7", "CN"), "licence_required", id="export"),
        pytest.param(deal("3A001.a.7", "CN", "SG", us_origin=True), "licence_required", id="re-export"),
        pytest.param(deal("3A001.a.7", "CN", "DE", transit=(Place("US", "US"),)), "licence_required", id="transit"),
        pytest.param(deal("3A001.a.7", "CN", "DE", us_content=percent("26")), "licence_required", id="over 25 %"),
        pytest.param(deal("3A001.a.7", "CN", "DE", us_content=percent("25")), "no_licence_found", id="25 % exactly"),
        pytest.param(deal("EAR99", "IR", "DE", us_content=percent("11")), "licence_required", id="over 10 % to E:1"),
        pytest.param(deal("EAR99", "IR", "DE", us_content=percent("10")), "no_licence_found", id="10 % to E:1"),
        pytest.param(deal("EAR99", "CU", "DE", us_content=percent("15")), "licence_required", id="over 10 % to E:2"),
        pytest.param(deal("3A001.a.7", "CN", "DE", us_technology=True), "needs_more_info", id="direct product"),
        pytest.param(deal("3A001.a.7", "US", "MX", us_origin=True), "no_licence_found", id="into the United States"),
    ],
)
def test_reach(case: Transaction, outcome: str, book: RuleBook) -> None:
    assert determined(book, case).outcome == outcome


def test_no_tie_to_the_united_states_no_say(book: RuleBook) -> None:
    assert us.determine(deal("3A001", "IN", "DE"), book, ON, home="CN") is None
    assert us.determine(deal("", "US", "CN"), book, ON, home="CN") is None


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize(
    ("code", "to", "outcome"),
    [
        ("2B350", "CN", "licence_required"),
        ("2B350", "HK", "licence_required"),  # China's row
        ("2B350", "DE", "no_licence_found"),
        ("3A991", "CN", "no_licence_found"),
        ("3A991", "RU", "licence_required"),
        ("EAR99", "CN", "no_licence_found"),
        ("EAR99", "CU", "licence_required"),
        ("EAR99", "RU", "needs_more_info"),
        ("3A001", "DE", "needs_more_info"),  # NS1 for MMICs only
        ("3A001.a.7", "DE", "no_licence_found"),
        ("3A001.a.7", "MX", "no_licence_found"),  # no NS2 in Mexico's row
        ("3A001.a.7", "IN", "no_licence_found"),
        ("3A090.a", "CN", "licence_required"),
        ("3A090.a", "DE", "needs_more_info"),  # worldwide text, not enforced
        ("1E001", "CN", "licence_required"),  # every row that may cover it bites
        ("1E001", "CA", "needs_more_info"),  # CB1 is marked for Canada, for technology of some agents
        ("6A003.b.4.b", "IN", "licence_required"),  # footnote 7
        ("0A501.a", "AU", "licence_required"),  # footnote 10
        ("9Z999", "CN", "needs_more_info"),
    ],
)
def test_codes_at_destinations(code: str, to: str, outcome: str, book: RuleBook) -> None:
    assert determined(book, deal(code, to)).outcome == outcome


def test_technology_takes_the_rows_of_what_it_is_for(book: RuleBook) -> None:
    alone = determined(book, deal("1E001", "DE"))
    for_missiles = determined(book, deal("1E001 1C101", "DE"))
    assert (alone.outcome, for_missiles.outcome) == (Outcome.NEEDS_MORE_INFO, Outcome.LICENCE_REQUIRED)


def test_a_place_that_no_row_counts_for_is_never_cleared(book: RuleBook) -> None:
    assert book.us.chart.row("XX") is None
    assert determined(book, deal("3A991", "XX")).outcome is Outcome.NEEDS_MORE_INFO


@pytest.mark.parametrize(
    ("scope", "path", "truth"),
    [
        (Scope(whole=True), "", True),
        (Scope(whole=True, excluded=("b",)), "b.2", False),
        (Scope(whole=True, excluded=("b",)), "", None),
        (Scope(whole=True, excluded=("b.2",)), "b", None),
        (Scope(items=("b.2",)), "b.2.a", True),
        (Scope(items=("b.2",)), "b", None),
        (Scope(items=("b.2",)), "c", False),
        (Scope(items=("b.2",)), "b.20", False),
        (Scope(items=("b",), excluded=("b.2",)), "b.2", False),
        (Scope(whole=True, qualifier="in words"), "", None),
        (Scope(whole=True, tags=("military_use",)), "", None),
        (Scope(), "a", None),
    ],
)
def test_scopes(scope: Scope, path: str, truth: Truth) -> None:
    assert covers(scope, Item("1A001", path), {}, {}) is truth


def test_a_stated_use_settles_a_tag() -> None:
    scope = Scope(whole=True, tags=("military_use",))
    assert covers(scope, Item("1A001"), {"military_use": True}, {}) is True
    assert covers(scope, Item("1A001"), {"military_use": False}, {}) is False
    out = Scope(whole=True, tags=("except:civil_telecom",))
    assert covers(out, Item("1A001"), {"civil_telecom": True}, {}) is False


# ---------------------------------------------------------------- exceptions


def exceptions(book: RuleBook, code: str, to: str, value: str | None = None) -> dict[str, tuple[Truth, str]]:
    """Every exception of an entry, with why."""
    case = deal(code, to, value=Quantity(Decimal(value), "USD") if value else None)
    (item,) = items_of(case.goods[0], book.us.ccl).items
    rows = try_rows(item, to, case, tables(book))
    return {e.symbol: (e.available, e.why) for e in try_exceptions(item, rows, to, case, tables(book))}


def test_low_value_shipments(book: RuleBook) -> None:
    assert exceptions(book, "2B350", "BR", "1999")["LVS"] == (True, "may_apply")
    assert exceptions(book, "2B350", "BR", "2000")["LVS"] == (True, "may_apply")
    assert exceptions(book, "2B350", "BR", "2001")["LVS"] == (False, "over_value")
    assert exceptions(book, "2B350", "CN", "100")["LVS"] == (False, "not_group_b")
    assert exceptions(book, "2B350", "IN")["LVS"] == (None, "value_open")
    assert exceptions(book, "2B350", "IN")["GBS"] == (False, "not_for_entry")


def test_what_the_entry_takes_out(book: RuleBook) -> None:
    away = [c for c in book.us.groups.members("D:3") & book.us.groups.members("B") if c != "HK"]
    assert away
    for country in away:
        assert exceptions(book, "2B350", country, "100")["LVS"] == (False, "not_there"), country


# ---------------------------------------------------------------- users, uses, dates


@pytest.mark.parametrize(
    ("case", "on", "outcome"),
    [
        pytest.param(deal("EAR99", "CN", parties=(party("EL"),)), ON, "licence_required", id="Entity List"),
        pytest.param(deal("EAR99", "CN", parties=(party("DPL"),)), ON, "prohibited", id="Denied Persons List"),
        pytest.param(deal("EAR99", "AE", parties=(party("SDN"),)), ON, "prohibited", id="SDN"),
        pytest.param(deal("EAR99", "CN", parties=(party("UVL"),)), ON, "no_licence_found", id="Unverified List"),
        pytest.param(deal("3A991", "CN", parties=(party("MEU"),)), ON, "licence_required", id="MEU List, listed item"),
        pytest.param(deal("EAR99", "CN", parties=(party("MEU"),)), ON, "needs_more_info", id="MEU List, EAR99"),
        pytest.param(deal("3A991", "CN", end_use="military"), ON, "licence_required", id="military in China"),
        pytest.param(deal("3A991", "IN", end_use="military"), ON, "no_licence_found", id="military in India"),
        pytest.param(deal("EAR99", "CN", end_use="civil"), ON, "no_licence_found", id="civil in China"),
        pytest.param(deal("EAR99", "DE", end_use="wmd"), ON, "licence_required", id="weapons"),
        pytest.param(deal("EAR99", "CN", concerns=("supercomputer",)), ON, "licence_required", id="supercomputer"),
    ],
)
def test_users_and_uses(case: Transaction, on: date, outcome: str, book: RuleBook) -> None:
    assert determined(book, case, on).outcome == outcome


OWNED = Ownership(percent("50"), True)


@pytest.mark.parametrize(
    ("on", "share", "outcome", "status"),
    [
        (date(2025, 9, 28), "60", "no_licence_found", "in_force"),
        (date(2025, 9, 29), "60", "licence_required", "in_force"),
        (date(2025, 11, 9), "50", "licence_required", "in_force"),
        (date(2025, 11, 9), "49.9", "no_licence_found", "in_force"),
        (date(2025, 11, 10), "60", "no_licence_found", "suspended"),
        (date(2026, 11, 9), "60", "no_licence_found", "suspended"),
        (date(2026, 11, 10), "60", "needs_more_info", "suspension_lapsed"),
    ],
)
def test_the_affiliates_rule_by_date(on: date, share: str, outcome: str, status: str, book: RuleBook) -> None:
    found = determined(book, deal("EAR99", "CN", ownership=Ownership(percent(share), True)), on)
    assert (found.outcome, found.status) == (outcome, status)


def test_the_chip_rule_of_january_2026_is_cited_from_its_day(book: RuleBook) -> None:
    before, after = (
        determined(book, deal("3A090.a", "CN"), day).instruments for day in (date(2026, 1, 14), date(2026, 1, 15))
    )
    assert ("US-91FR1684" in before, "US-91FR1684" in after) == (False, True)
    assert "US-91FR1684" not in determined(book, deal("3A090.a", "CN", "SG", us_origin=True)).instruments


# ---------------------------------------------------------------- goods without a code


def guessed(*found: tuple[str, float]) -> tuple[Good, ...]:
    """Goods whose codes the desk found."""
    return (Good(name="goods", candidates=tuple(CodeCandidate("US", c, p) for c, p in found)),)


@pytest.mark.parametrize(
    ("found", "to", "outcome"),
    [
        pytest.param((("2B350", 0.9), ("EAR99", 0.05)), "CN", "licence_required", id="likely and controlled"),
        pytest.param((("2B350", 0.6), ("EAR99", 0.35)), "CN", "needs_more_info", id="two readings"),
        pytest.param((("EAR99", 0.97),), "DE", "no_licence_found", id="hardly anything listed"),
        pytest.param((("EAR99", 0.6),), "DE", "needs_more_info", id="not sure enough to clear"),
        pytest.param((), "DE", "needs_more_info", id="nothing found"),
        pytest.param((("EAR99", 0.97),), "CU", "licence_required", id="an embargo whatever the code"),
    ],
)
def test_guesses(found: tuple[tuple[str, float], ...], to: str, outcome: str, book: RuleBook) -> None:
    case = replace(deal("", to), goods=guessed(*found))
    assert determined(book, case).outcome == outcome


# ---------------------------------------------------------------- against the printed tables


def printed(xml: Path) -> Mapping[str, list[tuple[str, str]]]:
    """(column, what the row is about) of every chart row by ECCN, read from the XML with nothing of the engine's."""
    found: dict[str, list[tuple[str, str]]] = {}
    code = ""
    for node in etree.parse(str(xml)).iter("FP-2", "TR"):
        said = " ".join("".join(node.itertext()).split())
        if node.tag == "FP-2":
            heading = re.match(r"(\d[A-E]\d{3})\b", said)
            code = heading[1] if heading else code
            continue
        cells = [" ".join("".join(td.itertext()).split()) for td in node.findall("TD")]
        if len(cells) != 2 or not code:
            continue
        column = re.match(r"(CB|NP|NS|MT|RS|FC|CC|AT) Column (\d)\b", cells[1])
        if column:
            found.setdefault(code, []).append((f"{column[1]} {column[2]}", cells[0]))
    return found


def test_the_engine_equals_a_look_up_in_the_tables(shared: Path, book: RuleBook) -> None:
    """Every ECCN at every row of the chart: a mark under a column that covers the whole entry is a licence."""
    xml = shared / "regulations/us/ecfr/ccl_part774_supp1.xml"
    raw = json.loads((shared / "regulations/us/derived_json/country-chart.json").read_text("utf-8"))
    names = {"CN": "China", "DE": "Germany", "MX": "Mexico", "IN": "India", "CA": "Canada", "AE": "United Arab Emirates",
             "VN": "Vietnam", "GB": "United Kingdom", "JP": "Japan", "KR": "Korea, South", "TW": "Taiwan", "MO": "Macau",
             "SG": "Singapore", "TH": "Thailand", "BR": "Brazil", "IL": "Israel", "SA": "Saudi Arabia", "AF": "Afghanistan"}  # fmt: skip
    checked = 0
    for code, rows in printed(xml).items():
        entry = book.us.ccl.by_code[code]
        if any(r.requirement.asks is Asks.NONE for r in entry.rows):
            continue  # a note lifts requirements: the table alone does not say
        whole = {column for column, said in rows if re.fullmatch(r"\w\w applies to (?:the )?entire entry\.?", said)}
        for country, name in names.items():
            marks = set(raw["countries"][name]["marks"])
            item, case, with_ = Item(code, "", entry), deal(code, country), tables(book)
            results = try_rows(item, country, case, with_)
            needed = licence_needed(item, results, country, case, with_)
            checked += 1
            if whole & marks:
                assert needed is True, f"{code} to {country}: {sorted(whole & marks)} marked"
            columns = {column for column, _ in rows}
            if not columns & marks and all(r.row.requirement.asks is Asks.COLUMN for r in results):
                assert needed is False, f"{code} to {country}: nothing marked"
    assert checked > 9_000


def test_every_requirement_can_be_tried_everywhere(book: RuleBook) -> None:
    """No entry, no country makes the engine fail, and an embargoed row never reads as cleared."""
    for code, entry in book.us.ccl.by_code.items():
        if entry.reserved:
            continue
        for country in ("KP", "CU", "IR", "SY", "HK", "LI", "PR", "AQ"):
            found = determined(book, deal(code, country))
            if country in book.us.chart.embargoed:
                assert found.outcome is Outcome.LICENCE_REQUIRED, f"{code} to {country}"


def test_an_entry_without_rows_clears_nothing(book: RuleBook) -> None:
    """Entries that refer elsewhere, or to another agency, are never read as asking for no licence."""
    silent = [e.code for e in book.us.ccl.entries if not e.rows and not e.reserved]
    assert len(silent) > 20
    for code in silent:
        found = determined(book, deal(code, "DE"))
        assert found.outcome is Outcome.NEEDS_MORE_INFO, code
        assert any(r.key == "us.refers" for r in found.remarks), code
