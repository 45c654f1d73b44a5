"""The connectors against what the services really answered, where the captures are present, through the real fetcher."""

import json
from pathlib import Path

import pytest

from ingest.connectors.cellar import Cellar, newest
from ingest.connectors.csl import ScreeningList
from ingest.connectors.ecfr import Ecfr
from ingest.connectors.federal_register import FederalRegister
from ingest.connectors.file import Files
from ingest.fetch import Fetcher
from tests.replay import Replay, fetcher, recorded

pytestmark = pytest.mark.shared
V = "/api/versioner/v1"


@pytest.fixture
def ecfr_captures(shared: Path) -> dict[str, Path]:
    folder = shared / "regulations/connector_fixtures/ecfr"
    return {
        f"{V}/titles.json": folder / "titles.json",
        f"{V}/structure/2026-08-10/title-1.json": folder / "structure_title1.json",
        f"{V}/versions/title-1.json?part=2": folder / "versions_filtered.json",
        f"{V}/full/2026-08-10/title-1.xml?part=2&section=2.6": folder / "section_1_2_6.xml",
        f"{V}/full/2026-08-10/title-1.xml?part=2": folder / "part_1_2.xml",
        f"{V}/full/2026-08-27/title-40.xml?part=261&appendix=Appendix+I+to+Part+261": folder / "appendix_40_261_I.xml",
        f"{V}/full/2026-07-23/title-15.xml?part=774": shared / "regulations/us/ecfr/ccl_part774_supp1.xml",
    }


@pytest.mark.parametrize(
    ("spec", "opening"),
    [
        ("1/2.6", b'<DIV8 N="2.6"'),
        ("1/part-2", b'<DIV5 N="2"'),
        ("40/261/app-I@2026-08-27", b'<DIV9 N="Appendix I to Part 261"'),
        ("15/774/supp-1@2026-07-23", b'<DIV9 N="Supplement No. 1 to Part 774"'),
    ],
)
def test_ecfr(ecfr_captures: dict[str, Path], tmp_path: Path, spec: str, opening: bytes) -> None:
    with Replay(recorded(ecfr_captures)) as server:
        (item,) = Ecfr(server.url("")).items(spec, fetcher(server, cache=tmp_path))
        assert opening in item.fetch()[:400]
        again = item.get()
    assert again.etag


def test_ecfr_parts_and_changes(ecfr_captures: dict[str, Path]) -> None:
    with Replay(recorded(ecfr_captures)) as server:
        source = Ecfr(server.url(""))
        parts = [item.metadata["part"] for item in source.items("1/parts-1-12", fetcher(server))]
        assert parts[:4] == ["1", "2", "3", "5"]  # part 4 is reserved
        changes = source.changes(1, "2", "2020-01-01", fetcher(server))
    assert [row["identifier"] for row in changes] == ["2.2", "2.3", "2.5"]


def test_federal_register(shared: Path) -> None:
    folder = shared / "regulations/connector_fixtures/federal_register"
    body = shared / "regulations/eu/cellar_fixtures/expression.xhtml"  # any page: the text itself was not captured
    files = {
        "/api/v1/documents/2026-13726.json": folder / "us_eli_fr_document.json",
        "/api/v1/documents/2026-19895.json": folder / "reopening_19895.json",
        "/documents/full_text/html/2026/07/07/2026-13726.html": body,
    }
    with Replay(recorded(files)) as server:
        server_files = recorded(
            files, {"https://www.federalregister.gov/documents/full_text": server.url("/documents/full_text")}
        )
        with Replay(server_files) as second:
            (item,) = FederalRegister(second.url("")).items("2026-13726", fetcher(server, second))
            assert item.fetch() == body.read_bytes()
            (notice,) = FederalRegister(second.url("")).items("2026-19895", fetcher(server, second))
    assert item.metadata["instrument"] == "US-91FR41591"
    assert item.metadata["announced"] == item.metadata["effective"] == "2026-07-07"
    assert item.metadata["issuers"] == "Energy Department; Federal Energy Regulatory Commission"
    assert item.url.startswith("https://www.federalregister.gov/documents/2026/07/07/2026-13726/")
    assert notice.metadata["number"] == "2026-19895"


def test_federal_register_list(shared: Path) -> None:
    calls = json.loads(
        (shared / "regulations/connector_fixtures/federal_register/sdk23_recovery_published15.json").read_text()
    )
    whole = next(call["response"] for call in calls if call["response"]["count"] == len(call["response"]["results"]))
    for row in whole["results"]:
        row.setdefault("body_html_url", "https://www.federalregister.gov/x.html")

    from tests.replay import json as answer

    with Replay(lambda _: answer(json.dumps(whole))) as server:
        items = list(
            FederalRegister(server.url("")).items(
                "agency/federal-motor-carrier-safety-administration@2026-10-01", fetcher(server)
            )
        )
    assert len(items) == whole["count"]
    assert all(item.metadata["title"] and item.metadata["number"] for item in items)


def test_cellar(shared: Path) -> None:
    folder = shared / "regulations/eu/cellar_fixtures"
    files = {
        "/webapi/rdf/sparql": folder / "sparql_framework.json",
        "/resource/celex/02024R1485-20260713": folder / "expression.xhtml",
    }
    with Replay(recorded(files)) as server:
        (item,) = Cellar(server.url("")).items("32024R1485", fetcher(server))
        assert b"Official Journal fixture" in item.fetch()
    assert item.metadata["celex"] == "02024R1485-20260713"
    assert item.metadata["title"] == "Council Regulation (EU) 2024/1485"
    assert item.metadata["announced"] == "2024-05-27"
    rows = json.loads((folder / "sparql_consolidations.json").read_text())["results"]["bindings"]
    assert (
        newest([row["cons_celex"]["value"] for row in rows if row["framework_celex"]["value"] == "32014R0833"])
        == "02014R0833-20260717"
    )


def test_the_screening_list_in_its_official_shape(shared: Path, tmp_path: Path) -> None:
    derived = json.loads((shared / "regulations/us/derived_json/screening-list.json").read_text())
    names = derived["tables"]["sources"]
    rows = [
        {
            "name": e["n"],
            "source": names[e["s"]],
            "alt_names": e.get("a", []),
            "type": e.get("t"),
            "addresses": [{"country": c} for c in e.get("c", [])],
        }
        for e in derived["entries"]
    ]
    path = tmp_path / "consolidated.json"
    path.write_text(json.dumps({"results": rows}))
    with Replay(recorded({"/consolidated.json": path})) as server:
        source = ScreeningList(server.url("/consolidated.json"))
        (item,) = source.items("", fetcher(server))
        parties = source.parties(item.get())
    assert len(parties) == derived["entryCount"]


def test_the_shared_folder_of_laws(shared: Path) -> None:
    items = list(Files().items(str(shared / "regulations"), Fetcher()))
    found = [item.name for item in items]
    assert len([name for name in found if name.startswith("cn/laws/")]) == 24
    assert "us/ecfr/ccl_part774_supp1.xml" in found
    assert not [
        name for name in found if "LICENSE" in name or "README" in name or "MANIFEST" in name or "NOTES" in name
    ]
    assert found == sorted(found, key=lambda name: name.split("/"))
