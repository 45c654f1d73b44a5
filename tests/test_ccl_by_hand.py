"""The compiled Commerce Control List beside entries that were read by eye: tests/data/ccl_by_hand.yaml."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.controllists.bundle import compile_file
from knowledge.controllists.model import Asks, CompiledEntry, ControlList, ListException, Requirement, Row

BY_HAND = Path(__file__).parent / "data" / "ccl_by_hand.yaml"
LIST = Path("regulations/us/ecfr/ccl_part774_supp1.xml")
WHOLE = frozenset({"all"})
Given = dict[str, Any]
Reach = dict[str, frozenset[str]]


def by_hand() -> list[Given]:
    """The entries read by eye, as printed in the data: no value but text."""
    found: list[Given] = yaml.load(BY_HAND.read_bytes(), Loader=yaml.BaseLoader)
    return found


def having(*keys: str) -> list[Any]:
    """The entries that say something under one of the keys, as parameters named by their code."""
    return [pytest.param(e, id=e["code"]) for e in by_hand() if any(key in e for key in keys)]


@lru_cache(maxsize=1)
def compiled(path: Path) -> ControlList:
    """The list from the official text."""
    return compile_file(path, "2026-07-23")


def entry(shared: Path, given: Given) -> CompiledEntry:
    """The compiled entry of that number."""
    path = shared / LIST
    if not path.is_file():
        pytest.skip("needs the text of the list")
    return compiled(path).by_code[given["code"]]


def places(requirement: Requirement) -> str:
    """Where a licence is needed, in the short form of the data."""
    taken = [f"-{p}" for p in sorted((*requirement.without_countries, *requirement.without_groups))]
    if requirement.asks is Asks.COLUMN:
        return requirement.column
    if requirement.asks is Asks.ALL:
        return " ".join(["all", *taken])
    if requirement.asks is Asks.DESTINATIONS:
        return " ".join([*sorted(requirement.countries), *sorted(requirement.groups), *taken])
    if requirement.asks is Asks.SECTION:
        return " ".join(f"§{s}" for s in requirement.sections)
    return str(requirement.asks)


def listed(value: str | Iterable[str]) -> frozenset[str]:
    """A field of the data as a set: "all", "no" or paths."""
    if isinstance(value, str):
        return frozenset() if value == "no" else frozenset({value})
    return frozenset(value)


def given_reach(row: Given, reserved: frozenset[str]) -> Reach:
    """What a row of the data reaches."""
    return {key: listed(row.get(key, "no")) - reserved for key in ("items", "except", "about", "not_about")}


def row_reach(rows: Iterable[Row], reserved: frozenset[str]) -> Reach:
    """What the compiled rows reach together."""
    reach: dict[str, set[str]] = {"items": set(), "except": set(), "about": set(), "not_about": set()}
    for row in rows:
        scope = row.scope
        reach["items"] |= {"all"} if scope.whole else set(scope.items) - reserved
        reach["except"] |= set(scope.excluded) - reserved
        reach["about"] |= set(scope.entries)
        reach["not_about"] |= set(scope.excluded_entries)
    return {key: frozenset(value) for key, value in reach.items()}


def fits(row: Row, given: Given) -> bool:
    """Is the compiled row one of those that the row of the data stands for?"""
    where = given["where"]
    return given["reason"] in ("*", row.reason) and where in ("*", places(row.requirement))


def reserved(found: CompiledEntry) -> frozenset[str]:
    """Paths printed as reserved: a range that runs over them says nothing of them."""
    return frozenset(item.path for item in found.items if item.reserved)


@pytest.mark.parametrize("given", having("reasons"))
def test_reasons(given: Given, shared: Path) -> None:
    assert list(entry(shared, given).reasons) == given["reasons"]


@pytest.mark.parametrize("given", having("rows"))
def test_rows(given: Given, shared: Path) -> None:
    found = entry(shared, given)
    rest = [r for r in found.rows if r.requirement.asks is not Asks.NONE]
    for row in given["rows"]:
        same = [r for r in rest if fits(r, row)]
        has = [(r.reason, places(r.requirement), r.scope) for r in rest]
        assert same, f"no row {row['reason']} {row['where']}; there is {has}"
        assert row_reach(same, reserved(found)) == given_reach(row, reserved(found)), (row["reason"], row["where"])
        if "asks" in row:
            assert any(r.scope.conditional for r in same), (row["reason"], row["where"], "nothing is asked")
        rest = [r for r in rest if r not in same]
    assert not rest, [(r.reason, places(r.requirement), r.control) for r in rest]


@pytest.mark.parametrize("given", having("rows"))
def test_rows_are_read(given: Given, shared: Path) -> None:
    assert all(row.read for row in entry(shared, given).rows)


@pytest.mark.parametrize("given", having("frees"))
def test_notes_that_free(given: Given, shared: Path) -> None:
    assert any(row.requirement.asks is Asks.NONE for row in entry(shared, given).rows)


def granted(found: CompiledEntry, symbol: str) -> list[ListException]:
    """The records of an exception that grant it."""
    return [e for e in found.exceptions if e.symbol == symbol and e.available]


def reach(records: Iterable[ListException], gone: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Items that the records grant, and those they take out."""
    items: set[str] = set()
    without: set[str] = set()
    for record in records:
        items |= {"all"} if record.scope.whole or not record.scope.items else set(record.scope.items)
        without |= set(record.scope.excluded)
    return frozenset(items - gone), frozenset(without - gone)


@pytest.mark.parametrize("given", having("lvs"))
def test_value_limits(given: Given, shared: Path) -> None:
    found = entry(shared, given)
    records = granted(found, "LVS")
    if given["lvs"] == "no":
        assert not records
        return
    wanted = {
        (path, int(v))
        for path, values in given["lvs"].items()
        for v in ([values] if isinstance(values, str) else values)
    }
    has = {(path, value) for record in records for path, value in record.values.items()}
    gone = reserved(found)
    assert {(p, v) for p, v in has if p not in gone} == {(p, v) for p, v in wanted if p not in gone}
    assert {p for r in records for p in r.scope.excluded} >= listed(given.get("lvs_except", "no"))
    if "lvs_places" in given:
        assert {" ".join([*r.groups, *(f"-{g}" for g in r.without_groups)]) for r in records} == {given["lvs_places"]}


@pytest.mark.parametrize("given", having("gbs", "tsr"))
def test_group_b_and_technology(given: Given, shared: Path) -> None:
    found = entry(shared, given)
    for symbol in ("gbs", "tsr"):
        if symbol not in given:
            continue
        items, without = reach(granted(found, symbol.upper()), reserved(found))
        assert items == listed(given[symbol]) - reserved(found)
        assert without >= listed(given.get(f"{symbol}_except", "no"))


@pytest.mark.parametrize("given", having("others"))
def test_other_exceptions(given: Given, shared: Path) -> None:
    found = entry(shared, given)
    for symbol, wanted in given["others"].items():
        assert reach(granted(found, symbol), reserved(found))[0] == listed(wanted), symbol


@pytest.mark.parametrize("given", having("items"))
def test_items(given: Given, shared: Path) -> None:
    found = entry(shared, given)
    assert [i.path for i in found.items if "." not in i.path and not i.reserved] == given["items"]


@pytest.mark.parametrize("given", having("paragraphs"))
def test_paragraphs(given: Given, shared: Path) -> None:
    found = entry(shared, given)
    assert len([i for i in found.items if not i.reserved]) == int(given["paragraphs"])


@pytest.mark.parametrize("given", having("code"))
def test_standing(given: Given, shared: Path) -> None:
    found = entry(shared, given)
    assert found.reserved is ("reserved" in given)
    assert found.jurisdiction == given.get("jurisdiction", "")


def test_every_category_and_group_is_there() -> None:
    codes = {e["code"] for e in by_hand()}
    assert len(codes) == len(by_hand()) >= 40
    assert {c[0] for c in codes} == set("0123456789")
    assert {c[1] for c in codes} == set("ABCDE")
