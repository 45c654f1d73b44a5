"""Real law, where the shared data is present: articles counted, nothing lost, the right instrument and days."""

from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.structure import structure
from knowledge.rulebook import load
from knowledge.store.records import InstrumentRecord
from tests.test_structure import holds

pytestmark = pytest.mark.shared
# file, id, articles, effective
STATUTES = [
    ("afsl-implementing-provisions_2025-03-23", "CN-实施-反外国制裁法-的规定", 22, None),
    ("anti-foreign-sanctions-law_2021-06-10", "CN-反外国制裁法", 16, date(2021, 6, 10)),
    ("biological-dual-use-export-regs_2002-10-14", "CN-SC-365", 25, date(2002, 12, 1)),
    ("counter-espionage-law_2023-04-26", "CN-反间谍法", 71, date(2023, 7, 1)),
    ("criminal-law", "CN-CRIM", 505, date(1997, 10, 1)),
    ("customs-admin-penalty-regs_2004-09-19", "CN-CUSTOMS-PEN", 68, date(2004, 11, 1)),
    ("customs-law_2021-04-29", "CN-CUSTOMS", 102, date(1987, 7, 1)),
    ("dual-use-export-control-regs_2024-09-30", "CN-DUR-792", 50, date(2024, 12, 1)),
    ("export-control-law_2020-10-17", "CN-ECL-2020", 49, date(2020, 12, 1)),
    ("foreign-trade-law_2016-11-07", "CN-对外贸易法", 70, date(2004, 7, 1)),
    ("foreign-trade-law_2022-12-30", "CN-对外贸易法", 69, date(2004, 7, 1)),
    ("goods-import-export-regs_2001-12-10", "CN-SC-332", 77, date(2002, 1, 1)),
    ("import-export-tariff-regs_2017-03-01", "CN-SC-392", 67, date(2004, 1, 1)),
    ("military-products-export-regs_2002-10-15", "CN-SC-234", 30, date(1998, 1, 1)),
    ("mineral-resources-law_2024-11-08", "CN-矿产资源法", 80, date(2025, 7, 1)),
    ("missile-export-control-regs_2002-08-22", "CN-SC-361", 24, date(2002, 8, 22)),
    ("monitored-chemicals-regs_2011-01-08", "CN-SC-190", 27, date(1995, 12, 27)),
    ("national-security-law_2015-07-01", "CN-国家安全法", 84, date(2015, 7, 1)),
    ("nuclear-dual-use-export-regs_2007-01-26", "CN-SC-245", 29, date(1998, 6, 10)),
    ("nuclear-export-control-regs_2006-11-09", "CN-SC-230", 24, date(1997, 9, 10)),
    ("postal-law_2015-04-24", "CN-邮政法", 87, date(2009, 10, 1)),
    ("rare-earth-admin-regs_2024-06-22", "CN-RE-785", 32, date(2024, 10, 1)),
    ("smuggling-criminal-interpretation_2014-08-12", "CN-CRIM-INT", 25, None),
    ("technology-import-export-regs_2020-11-29", "CN-TIE-331", 52, date(2002, 1, 1)),
]


@lru_cache(maxsize=4)
def records(path: Path) -> tuple[InstrumentRecord, ...]:
    """The file read and structured, what must hold of any document checked on the way."""
    document = read(path.read_bytes(), path.name)
    found = structure(document, {"name": path.name}, load().instruments)
    holds(document, found)
    return found


def tops(record: InstrumentRecord, prefix: str) -> list[str]:
    """The first segments of the locators that begin with `prefix`, each once, in order."""
    return list(dict.fromkeys(s for p in record.provisions if (s := p.locator.split("/")[0]).startswith(prefix)))


@pytest.mark.parametrize(("name", "id_", "articles", "effective"), STATUTES)
def test_chinese_statutes(name: str, id_: str, articles: int, effective: date | None, shared: Path) -> None:
    (record,) = records(shared / f"regulations/cn/laws/{name}.zh.md")
    assert (record.id, len(tops(record, "art-")), record.effective) == (id_, articles, effective)
    if "_" in name:
        assert record.version_date == date.fromisoformat(name.rsplit("_", 1)[1])


def test_the_dual_use_regulations_repeal_four_acts(shared: Path) -> None:
    (record,) = records(shared / "regulations/cn/laws/dual-use-export-control-regs_2024-09-30.zh.md")
    assert [(r.kind, r.provision, r.on) for r in record.relations] == [("repeals", "art-50", date(2024, 12, 1))] * 4


def test_korean_acts(shared: Path) -> None:
    trade, private = records(shared / "regulations/kr/korean-law.json")
    assert [len(tops(r, "art-")) for r in (trade, private)] == [75, 96]
    assert "art-19-2" in tops(trade, "art-")


def test_the_commerce_control_list(shared: Path) -> None:
    (record,) = records(shared / "regulations/us/ecfr/ccl_part774_supp1.xml")
    assert record.id == "US-EAR-774-S1"
    assert len(tops(record, "entry-")) == 638
    locators = {p.locator for p in record.provisions} | {q.locator for p in record.provisions for q in p.parts}
    assert {"entry-3A090", "entry-0A501/y/7", "entry-1C350/b/1", "entry-0A501/license-requirements"} <= locators


def test_the_parts_of_title_15(shared: Path) -> None:
    found = {r.id: r for r in records(shared / "regulations/us/ecfr/title15_chapterVII_parts745-791.md")}
    assert {"US-EAR-745", "US-EAR-774", "US-15CFR-781"} <= found.keys()
    assert len(found) == 28
    sections = {
        id_: len(tops(found[id_], "sec-"))
        for id_ in ("US-EAR-745", "US-EAR-746", "US-EAR-748", "US-EAR-764", "US-EAR-766")
    }
    assert sections == {"US-EAR-745": 2, "US-EAR-746": 10, "US-EAR-748": 16, "US-EAR-764": 8, "US-EAR-766": 25}


@pytest.mark.slow
def test_an_amending_regulation_in_pdf(shared: Path) -> None:
    (record,) = records(shared / "regulations/eu/32022R0576_OJ_EN.pdf")
    assert (record.id, record.announced) == ("EU-2022-576", date(2022, 4, 8))
    assert tops(record, "art-") == ["art-1", "art-2"]
    assert len(tops(record, "annex-")) == 6
    assert ("amends", "EU-833-2014") in {(r.kind, r.target) for r in record.relations}


@pytest.mark.slow
def test_a_consolidated_regulation_in_pdf(shared: Path) -> None:
    (record,) = records(shared / "regulations/eu/02014R0833-20220604_consolidated_EN.pdf")
    assert (record.id, record.version_date) == ("EU-833-2014", date(2022, 6, 4))
    assert len(tops(record, "art-")) == 51
    assert len(tops(record, "annex-")) == 25


def test_items_that_the_control_list_prints_oddly(shared: Path) -> None:
    (record,) = records(shared / "regulations/us/ecfr/ccl_part774_supp1.xml")
    by = {p.locator: p for p in record.provisions}
    assert by["entry-1C001/b"].text.startswith("b. Materials not transparent")  # printed inside a note
    assert by["entry-5A001/b/3"].label == "5A001.b.3"  # no line "Items:"
    assert by["entry-2B350/a"].text.startswith("Items: a. Reaction vessels")
    assert "Part 2" in by["entry-5A002"].heading[1]


@pytest.mark.slow
def test_annexes_of_the_consolidated_regulation(shared: Path) -> None:
    (record,) = records(shared / "regulations/eu/02014R0833-20220604_consolidated_EN.pdf")
    by = {p.locator: p for p in record.provisions}
    assert by["annex-VIII/p-1"].text.split("\n")[1] == "JAPAN"
    assert by["annex-II/table-1/cn-73041100"].label == "CN 7304 11 00"
    assert by["annex-VII/entry-X.A.III.101/point-c/point-1"].label == "X.A.III.101(c)(1)"
    assert record.issuers == ("Council",)


def test_a_section_fetched_alone_does_not_replace_the_part(shared: Path) -> None:
    (record,) = records(shared / "regulations/connector_fixtures/ecfr/section_21_101_9.xml")
    assert (record.id, record.number, record.metadata["part"]) == ("US-21CFR-101.9", "21 CFR 101.9", "101")
