"""The annexes of Regulation 833/2014 compiled: codes, floors, directions, parties; the bundled files are what compiles."""

import json
from functools import lru_cache
from pathlib import Path

import pytest

from ingest.controllists.annex import AnnexRow, annex_parties, compile_annexes, facts, party_facts, rendered
from ingest.readers import read
from ingest.structure import structure
from knowledge.regimes.eu.russia import TABLES
from knowledge.rulebook import load
from knowledge.store.records import InstrumentRecord, Part, ProvisionRecord

PDF = "regulations/eu/02014R0833-20220604_consolidated_EN.pdf"
PARTIES = TABLES.with_name("annex_iv_parties.json")


def row(locator: str, text: str, heading: str = "ANNEX II List of items referred to in Article 3") -> ProvisionRecord:
    """A row of a table."""
    return ProvisionRecord(locator, "", "table_row", text, (heading,))


def record(*provisions: ProvisionRecord) -> InstrumentRecord:
    """A regulation of these passages, with an article that forbids exports and one that forbids imports."""
    law = (
        ProvisionRecord(
            "art-3/par-1", "", "paragraph", "1. It shall be prohibited to sell, supply, transfer or export"
        ),
        ProvisionRecord("art-3g", "", "article", "1. It shall be prohibited: (a) to import, directly or indirectly"),
        ProvisionRecord("art-3ea/par-1", "", "paragraph", "1. It shall be prohibited to provide access to ports"),
    )
    return InstrumentRecord("EU-833-2014", "EU", "", "833/2014", "regulation", "en", (*law, *provisions))


@pytest.mark.parametrize(
    ("text", "codes", "partial"),
    [
        ("CN code: 7304 11 00; Description: pipe", ["73041100"], False),
        ("CN code: ex 8413 50; Description: pumps", ["841350"], True),
        ("ex; CN: 8419 89 98 or 8419 89 10; Product: cokers", ["84198998", "84198910"], True),
        ("CN Code: 88; Description: aircraft", ["88"], False),
        ("CN code: 721 090; Name of the good: flat-rolled", ["721090"], False),
        ("ex; 0101 21 00; Pure-bred animals", ["01012100"], True),
        ("8428 60 00; Teleferics", ["84286000"], False),
        ("CN/TARIC Codes: 7208 10 00 12; Name of the good: sheets", ["7208100012"], False),
        ("Name of the good: Jet fuel (other than kerosene):", [], False),
        ("CN code: 2710; Description: oils of heading 2711 and 2712", ["2710"], False),
    ],
)
def test_rows(text: str, codes: list[str], partial: bool) -> None:
    compiled = compile_annexes(
        record(row("annex-II/table-1/row-1", text), row("annex-II/table-1/row-2", "CN code: 0101; x"))
    )
    found = compiled.annexes[0].rows[:-1]
    assert [r.code for r in found] == codes
    assert all(r.partial is partial for r in found)
    assert [u[0] for u in compiled.unread] == ([] if codes else ["annex-II/table-1/row-1"])


@pytest.mark.parametrize(
    ("title", "articles", "direction"),
    [
        ("ANNEX II List of items referred to in Article 3", ("3",), "export"),
        ("ANNEX XVII List of products referred to in article 3g", ("3g",), "import"),
        ("ANNEX XXIV List of goods as referred to in article 3ea(5)(a)", ("3ea",), "other"),
        ("ANNEX VII List of goods referred to in Articles 3(1) and 2b(1)", ("3", "2b"), "export"),
        ("ANNEX XXV List of products referred to in articles 3m and 3n", ("3m", "3n"), "other"),
    ],
)
def test_the_article_decides_the_direction(title: str, articles: tuple[str, ...], direction: str) -> None:
    number = title.split()[1]
    compiled = compile_annexes(record(row(f"annex-{number}/table-1/row-1", "CN code: 0101; x", title)))
    assert (compiled.annexes[0].articles, compiled.annexes[0].direction) == (articles, direction)


def test_value_floors_go_by_group() -> None:
    first = "(19) Instruments of a value exceeding EUR 1 500\n"
    text = first + "ex; 9201 00 00; Pianos"
    parts = (Part("annex-XVIII/point-19/table-1/row-1", len(first), len(text)),)
    group = ProvisionRecord("annex-XVIII/point-19", "", "item", text, ("ANNEX XVIII referred to in article 3g",), parts)
    other = row("annex-XVIII/point-20/table-2/row-1", "ex; 9700; Art", "ANNEX XVIII referred to in article 3g")
    rows = compile_annexes(record(group, other)).annexes[0].rows
    assert rows[0] == AnnexRow("92010000", True, "annex-XVIII/point-19/table-1/row-1", 1500)
    assert rows[1].value_over is None


def test_entries_without_codes() -> None:
    entry = ProvisionRecord(
        "annex-VII/entry-X.A.I.001/point-a", "", "item", "a. chips", ("ANNEX VII referred to in Article 3",)
    )
    compiled = compile_annexes(record(entry))
    assert compiled.annexes[0].entries == ("X.A.I.001",)
    assert compiled.annexes[0].rows == ()


def test_annexes_of_names_are_left_out() -> None:
    names = ProvisionRecord("annex-V/p-1", "", "paragraph", "ROSNEFT", ("ANNEX V referred to in Article 5",))
    assert compile_annexes(record(names)).annexes == ()


def test_the_bundled_text_is_the_facts() -> None:
    compiled = compile_annexes(record(row("annex-II/table-1/row-1", "CN code: 0101; x")))
    assert json.loads(rendered(compiled)) == json.loads(json.dumps(facts(compiled)))


def test_no_sentences_are_bundled() -> None:
    data = json.loads(TABLES.read_text(encoding="utf-8"))
    for annex in data["annexes"]:
        for code, partial, value, locator in annex["rows"]:
            assert code.isdigit() and 2 <= len(code) <= 10 and isinstance(partial, bool)
            assert value is None or value >= 0
            assert " " not in locator


# ---------------------------------------------------------------- the regulation itself


@lru_cache(maxsize=1)
def regulation(path: Path) -> InstrumentRecord:
    """The consolidated text of 2022-06-04, structured."""
    (found,) = structure(read(path.read_bytes(), path.name), {"name": path.name}, load().instruments)
    return found


@pytest.mark.shared
@pytest.mark.slow
def test_the_bundled_tables_are_what_the_regulation_compiles_to(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.pdf._TABLE_SECONDS", 600.0)  # on a busy machine too, every table
    compiled = compile_annexes(regulation(shared / PDF))
    assert rendered(compiled) == TABLES.read_text(encoding="utf-8")
    counts = {a.number: (len(a.rows), len(a.entries), a.direction) for a in compiled.annexes}
    assert counts["XXIII"] == (672, 0, "export")
    assert counts["VII"] == (0, 84, "export")
    assert counts["XVII"][2] == counts["XXI"][2] == "import"
    assert len(compiled.unread) == 8  # headings of Annex XX


@pytest.mark.shared
@pytest.mark.slow
def test_the_bundled_parties_are_those_of_annex_four(shared: Path) -> None:
    law = regulation(shared / PDF)
    found = annex_parties((shared / PDF).read_bytes(), law)
    assert party_facts(found, law.id, "2022-06-04") == PARTIES.read_text(encoding="utf-8")
    names = [p.name for p in found]
    assert len(names) == len(set(names)) == 238
    assert {
        "Ministry of Defence RF",
        "Rosoboronexport OJSC (ROE)",
        "Rostec (Russian Technologies State Corporation)",
    } <= set(names)
    assert all(p.published for p in found)
