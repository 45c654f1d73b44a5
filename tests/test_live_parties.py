"""The newest ingested screening list answers; a damaged, short or old one does not, and the result says so."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.desk_services import Desks
from knowledge.answer import Advisor
from knowledge.rulebook import RuleBook
from knowledge.screening.lists import bundled
from knowledge.settings import Settings
from knowledge.store.blobs import Blobs
from knowledge.store.database import Database
from knowledge.store.library import Library
from knowledge.store.parties import LEAST, LibraryScreening, Live, ingested, live_parties
from knowledge.store.records import InstrumentRecord, ProvisionRecord
from knowledge.store.staging import publish, stage
from tests.conftest import Command, home
from tests.test_store import arrival

NEWER = "2026-10-05"
EL = "Entity List (EL) - Bureau of Industry and Security"
SDN = "Specially Designated Nationals (SDN) - Treasury Department"
Bring = Callable[..., Path]


def row(n: int, **changes: Any) -> dict[str, Any]:
    """An entry as the official file words them: even numbers stand on the Entity List, odd ones are blocked."""
    entity = n % 2 == 0
    said = {
        "id": f"r{n}", "source": EL if entity else SDN, "entity_number": None if entity else 90000 + n,
        "type": None if entity else "Individual", "programs": [] if entity else ["TESTPROG", "OTHER"],
        "name": f"Quorvex\tWorks Number {n}", "alt_names": [f"QVX {n} | Branch"],
        "addresses": [{"address": "1 Road", "city": "Zhuhai", "state": None, "postal_code": None, "country": "CN"}],
        "start_date": "2026-09-01" if entity else None, "license_policy": "Presumption of denial" if entity else None,
        "license_requirement": "For all items subject to the EAR (See §744.11 of the EAR)" if entity else None,
        "federal_register_notice": "91 FR 1" if entity else None, "source_list_url": "https://list.test/el",
    }  # fmt: skip
    return said | changes


def official(day: str = NEWER, count: int = 30, **changes: Any) -> bytes:
    """The official form of the list, with `count` made-up parties."""
    head = {"search_performed_at": f"{day}T05:00:00Z"} if day else {}
    return json.dumps(head | {"results": [row(n) for n in range(count)]} | changes).encode()


@pytest.fixture
def bring(database: Database, tmp_path: Path) -> Bring:
    """Puts an original in the library as `csl:` or as a file; returns where its bytes lie."""

    def put(
        data: bytes, name: str = "consolidated.json", instrument: str = "US-CSL", on: datetime | None = None
    ) -> Path:
        sha256 = Blobs(tmp_path / "blobs").put(data)
        assert sha256 == hashlib.sha256(data).hexdigest()
        at = on or datetime(2026, 11, 20, 12, tzinfo=UTC)
        record = InstrumentRecord(
            instrument, "US", "", "", "list", "en", (ProvisionRecord("p-1", "1", "paragraph", sha256),)
        )
        came = replace(
            arrival(key=f"file:{name}"), sha256=sha256, name=name, media_type="application/json", fetched_at=at
        )
        publish(database, stage(database, came, [record]), at)
        return tmp_path / "blobs" / sha256[:2] / sha256

    return put


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keeps the index of the made-up parties, which takes seconds."""
    return tmp_path_factory.mktemp("cache")


def found(database: Database, folder: Path, least: int = 10) -> Live:
    return live_parties(Library(database), Blobs(folder / "blobs"), folder / "cache", least)


# ---------------------------------------------------------------- what answers


def test_nothing_ingested(database: Database, tmp_path: Path) -> None:
    assert found(database, tmp_path) == Live()


def test_the_official_form(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official())
    live = found(database, tmp_path)
    assert live.parties is not None
    assert live.notes == ()
    assert {(s.code, s.count, s.as_of) for s in live.parties.states} == {("EL", 15, NEWER), ("SDN", 15, NEWER)}
    first, second = live.parties.at(0), live.parties.at(1)
    assert (first.id, first.name, first.list, first.instrument) == ("US-EL.r0", "Quorvex Works Number 0", "EL", "US-EL")
    assert first.aliases == ("QVX 0 Branch",)
    assert first.countries == ("CN",)
    assert first.addresses == ("1 Road, Zhuhai, CN",)
    assert first.since == date(2026, 9, 1)
    assert (first.licence_requirement, first.licence_policy) == ("all_items_ear 744.11", "presumption_of_denial")
    assert (second.id, second.kind, second.programmes) == ("US-SDN.90001", "person", ("TESTPROG", "OTHER"))
    assert list(live.parties) == list(found(database, tmp_path).parties or ())


def test_a_file_without_a_title_is_found_by_what_it_holds(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official(), instrument="DOC-search-performed-at")
    assert found(database, tmp_path).parties is not None


def test_other_files_of_such_a_name_are_passed_over_in_silence(
    database: Database, bring: Bring, tmp_path: Path
) -> None:
    bring(b'{"results": [{"name": "A", "source": "Another Authority"}]}', instrument="DOC-1")
    bring(b"[1, 2]", "my-screening-list.json", instrument="DOC-2")
    assert len(ingested(Library(database))) == 2
    assert found(database, tmp_path) == Live()


def test_the_newest_of_several_answers(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official("2026-10-05", 20))
    bring(official("2026-09-05", 25), "screening-list.json", "DOC-1")
    live = found(database, tmp_path)
    assert live.parties is not None
    assert (live.parties.size, live.notes) == (20, ())


def test_a_list_that_states_no_day_speaks_of_the_day_it_came(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official(""))
    live = found(database, tmp_path)
    assert live.parties is not None
    assert live.parties.states[0].as_of == "2026-11-20"
    assert "states no day" in live.notes[0]


def test_a_day_to_come_is_not_believed(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official("2031-01-01"))
    live = found(database, tmp_path)
    assert live.parties is not None
    assert live.parties.states[0].as_of == "2026-11-20"


# ---------------------------------------------------------------- what does not, and says so


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (official(count=9), "9 parties, fewer than 10"),
        (official("2020-01-01"), "it is of 2020-01-01, and the bundled table of"),
        (official(results=[]), "no Consolidated Screening List"),
        (official(results=[*(row(n) for n in range(30)), row(31, name=" ")]), "1 entries have no name"),
        (official(results=[*(row(n) for n in range(30)), 7]), "AttributeError"),
        (official()[:-40], "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"entries": [{"n": "A"}], "entryCount": 2, "tables": {"sources": [], "licencePolicies": []}}', "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_answer(database: Database, bring: Bring, tmp_path: Path, data: bytes, why: str) -> None:
    bring(data)
    for _ in range(2):  # made, and as kept
        live = found(database, tmp_path)
        assert live.parties is None
        (note,) = live.notes
        assert why in note
        assert "consolidated.json (2026-11-20) is not used" in note


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_lost_original_is_said_and_one_that_comes_back_is_used(
    database: Database, bring: Bring, tmp_path: Path, harm: str
) -> None:
    original = bring(data := official())
    original.unlink()
    if harm == "changed":
        original.write_bytes(data.replace(b"Quorvex", b"Quorvey"))
    live = found(database, tmp_path)
    assert live.parties is None
    assert "gone or damaged" in live.notes[0]
    original.write_bytes(data)
    assert found(database, tmp_path).parties is not None


def test_a_damaged_newest_leaves_the_one_before_it(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official("2026-09-05"), "screening-list.json", "DOC-1")
    bring(official("2026-10-05")).unlink()
    live = found(database, tmp_path)
    assert live.parties is not None
    assert live.parties.states[0].as_of == "2026-09-05"
    assert "gone or damaged" in live.notes[0]


# ---------------------------------------------------------------- the kept table


@pytest.mark.parametrize("keep", [0, 20, 900, -1])
def test_a_kept_table_that_is_cut_is_made_again(database: Database, bring: Bring, tmp_path: Path, keep: int) -> None:
    bring(official())
    whole = found(database, tmp_path).parties
    (path,) = (tmp_path / "cache").glob("parties-*")
    data = path.read_bytes()
    path.write_bytes(data[:keep])
    again = found(database, tmp_path).parties
    assert whole is not None
    assert again is not None
    assert again.key == whole.key
    assert path.read_bytes() == data


def test_the_kept_table_answers_without_the_original(database: Database, bring: Bring, tmp_path: Path) -> None:
    original = bring(official())
    found(database, tmp_path)
    original.unlink()
    assert found(database, tmp_path).parties is not None


def test_a_folder_that_cannot_be_written_costs_only_time(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official())
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert found(database, tmp_path).parties is not None


def test_a_failed_write_leaves_nothing(
    database: Database, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(official())
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("no space")))
    assert found(database, tmp_path).parties is not None
    assert list((tmp_path / "cache").iterdir()) == []


def test_marks_of_the_table_inside_names_do_no_harm(database: Database, bring: Bring, tmp_path: Path) -> None:
    bring(official(results=[row(n, name=f"A\n\nB\u2028C {n}", alt_names=["\t", "x"]) for n in range(30)]))
    live = found(database, tmp_path)
    assert live.parties is not None
    assert live.parties.at(29).name == "A B C 29"
    assert live.parties.at(29).aliases == ("x",)


# ---------------------------------------------------------------- screening with it


def test_screening_uses_it_and_says_its_day(
    database: Database, bring: Bring, tmp_path: Path, cache: Path, book: RuleBook
) -> None:
    bring(official())
    for _ in range(2):  # with the index made, and as kept
        screening = LibraryScreening(book, cache, lambda: found(database, tmp_path))
        assert [f.name for f in screening.listed_in("we sell pumps to Quorvex Works Number 4 in Zhuhai")]
        result = screening.screen("Quorvex Works Number 4", on=date(2026, 11, 21))
        assert result.hits[0].party.id == "US-EL.r4"
        assert {s.as_of for s in result.lists if s.code in ("EL", "SDN")} == {NEWER}
        assert result.not_searched == ()
    assert len(list(cache.glob("sight-*"))) == 1


def test_an_entry_begun_after_the_day_asked_for_is_left_out(
    database: Database, bring: Bring, tmp_path: Path, cache: Path, book: RuleBook
) -> None:
    bring(official())
    screening = LibraryScreening(book, cache, lambda: found(database, tmp_path))
    ids = [h.party.id for h in screening.screen("Quorvex Works Number 4", on=date(2026, 8, 1)).hits]
    assert "US-EL.r4" not in ids


def test_the_bundled_table_answers_with_its_age(book: RuleBook) -> None:
    day = date.fromisoformat(bundled().states[0].as_of)
    screening = LibraryScreening(book, home() / "cache", lambda: Live(notes=("US lists: that one is short",)))
    result = screening.screen("Quorvex Works Number 4", on=date(2026, 11, 21))
    assert sum(s.count for s in result.lists if s.as_of == str(day)) == bundled().size
    assert result.not_searched[0] == "US lists: that one is short"
    assert (
        f"listed after {day} (the bundled table, {(date(2026, 11, 21) - day).days} days old" in result.not_searched[1]
    )
    assert "days old" not in screening.screen("Quorvex", on=day).not_searched[1]


def test_the_advisor_takes_the_screening_it_is_given(
    database: Database, bring: Bring, tmp_path: Path, cache: Path, book: RuleBook
) -> None:
    bring(official())
    screening = LibraryScreening(book, cache, lambda: found(database, tmp_path))
    advisor = Advisor(Settings(home(), "CN"), book, screens=lambda: screening)
    answer = advisor.ask(
        "100 kg of steel bolts from the US to Quorvex Works Number 4 in Zhuhai, China", date(2026, 11, 21)
    )
    assert [m.party.id for m in answer.transaction.parties] == ["US-EL.r4"]


def test_a_fresh_install_opens_no_database(tmp_path: Path) -> None:
    desks = Desks(Settings(tmp_path, "CN"))
    assert desks._live_parties() == Live()
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- the shared list


def test_the_compact_form(shared: Path, database: Database, bring: Bring, tmp_path: Path) -> None:
    data = (shared / "regulations/us/derived_json/screening-list.json").read_bytes()
    bring(data, "screening-list.json", "DOC-u-s-consolidated-screening-list")
    live = found(database, tmp_path, LEAST)
    held = bundled()
    assert live.parties is not None
    assert live.notes == ()
    assert live.parties.states == held.states
    assert live.parties.key == held.key  # so that its index is the bundled one's
    assert all(one == other for one, other in zip(live.parties, held, strict=True))


def test_a_file_brought_in_by_the_command(navicert: Command, tmp_path: Path) -> None:
    (tmp_path / "consolidated.json").write_bytes(official())
    done = navicert("ingest", str(tmp_path / "consolidated.json"), NAVICERT_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stderr
    desks = Desks(Settings(tmp_path / "home", "CN"))
    (document,) = ingested(Library(desks.database))
    assert not document.meant
    (note,) = desks._live_parties().notes
    assert f"30 parties, fewer than {LEAST}" in note
