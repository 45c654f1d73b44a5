"""The store: versions, the live gate, what a kill leaves, and reading any past state; on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from knowledge.errors import StoreError
from knowledge.store.blobs import Blobs
from knowledge.store.database import HEAD, MIGRATIONS, Database, open_database
from knowledge.store.diff import difference, tally
from knowledge.store.library import Library
from knowledge.store.records import Enforcement, InstrumentRecord, Part, ProvisionRecord, Relation
from knowledge.store.staging import Arrival, Staged, discard, heal, publish, stage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def article(n: int, words: str) -> ProvisionRecord:
    return ProvisionRecord(f"art-{n}", f"Article {n}", "article", words, heading=("Chapter 1",), page=n)


def law(*provisions: ProvisionRecord, **changes: object) -> InstrumentRecord:
    record = InstrumentRecord("XX-LAW-1", "XX", "A law of tests", "No. 1", "law", "en", provisions)
    return replace(record, **changes)  # type: ignore[arg-type]


def arrival(content: str = "a", key: str = "file:a") -> Arrival:
    return Arrival(
        sha256=content.ljust(64, "0"), name=f"{content}.txt", source="file", url=f"https://law.test/{content}",
        media_type="text/plain", size=1, title="A law of tests", language="en", pages=None, warnings=(),
        fetched_at=NOW, key=key, reader="1",
    )  # fmt: skip


def ingest(
    database: Database, content: str, *records: InstrumentRecord, key: str = "file:a"
) -> tuple[Staged, int | None]:
    staged = stage(database, arrival(content, key), records)
    return staged, publish(database, staged, NOW)


FIRST = law(article(1, "Salt needs a licence."), article(2, "Sand is free."))


def test_nothing_is_visible_before_it_is_published(database: Database) -> None:
    library = Library(database)
    staged = stage(database, arrival(), [FIRST])
    assert library.live().provisions == {}
    assert library.find("XX-LAW-1", "art-1") is None
    assert publish(database, staged, NOW) == 1
    found = library.find("XX-LAW-1", "art-1")
    assert found is not None
    assert (found.text, found.page, found.version.url) == ("Salt needs a licence.", 1, "https://law.test/a")


def test_the_same_text_again_is_no_new_version(database: Database) -> None:
    ingest(database, "a", FIRST)
    again, generation = ingest(database, "b", replace(FIRST, version_date=date(2026, 1, 1)))
    assert [c.outcome for c in again.changes] == ["unchanged"]
    assert generation is None
    assert Library(database).generation() == 1


def test_a_changed_text_closes_the_old_one_and_says_what_changed(database: Database) -> None:
    ingest(database, "a", FIRST)
    second = law(article(1, "Salt needs a licence."), article(2, "Sand needs one too."), article(3, "So does silt."))
    staged, generation = ingest(database, "b", second)
    assert generation == 2
    assert [(d.kind, d.locator, d.before, d.after) for d in staged.changes[0].differences] == [
        ("changed", "art-2", "Sand is free.", "Sand needs one too."),
        ("added", "art-3", "", "So does silt."),
    ]
    library = Library(database)
    assert len(library.live().provisions) == 3
    was = library.at_generation("XX-LAW-1", 1)
    assert was is not None
    assert [p.text for p in library.text(was.id)] == ["Salt needs a licence.", "Sand is free."]


def test_an_older_consolidation_is_held_and_does_not_answer(database: Database) -> None:
    newer = replace(FIRST, version_date=date(2022, 12, 30))
    older = law(article(1, "Salt is free."), version_date=date(2016, 11, 7))
    ingest(database, "a", newer)
    staged, generation = ingest(database, "b", older)
    assert ([c.outcome for c in staged.changes], generation) == (["held"], None)
    again, _ = ingest(database, "b", older)
    assert [c.outcome for c in again.changes] == ["unchanged"]
    library = Library(database)
    found = library.find("XX-LAW-1", "art-1")
    assert found is not None
    assert found.text == "Salt needs a licence."
    for on, words in ((date(2018, 1, 1), "Salt is free."), (date(2023, 1, 1), "Salt needs a licence.")):
        stood = library.as_of("XX-LAW-1", on)
        assert stood is not None
        assert library.text(stood.id)[0].text == words
    assert library.as_of("XX-LAW-1", date(2010, 1, 1)) is None


def test_a_text_that_its_document_no_longer_gives_is_closed(database: Database) -> None:
    ingest(database, "a", FIRST, law(article(1, "Another law."), id="XX-LAW-9"))
    staged, generation = ingest(database, "b", replace(FIRST, id="XX-LAW-2"))
    assert {(c.instrument, c.outcome) for c in staged.changes} == {
        ("XX-LAW-2", "new"), ("XX-LAW-1", "withdrawn"), ("XX-LAW-9", "withdrawn")
    }  # fmt: skip
    assert generation == 2
    assert [v.instrument for v in Library(database).versions()] == ["XX-LAW-2"]


def test_what_a_kill_left_staged_is_cleared(database: Database) -> None:
    ingest(database, "a", FIRST)
    stage(database, arrival("b"), [law(article(1, "Salt needs a licence."), article(9, "Half written."))])
    assert heal(database) == 1
    assert heal(database) == 0
    library = Library(database)
    assert len(library.live().provisions) == 2
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM provisions")).scalar() == 2


def test_discarding_takes_back_only_what_was_staged(database: Database) -> None:
    ingest(database, "a", FIRST)
    discard(database, stage(database, arrival("b"), [law(article(1, "Salt needs a licence."), article(2, "New."))]))
    assert {p.text for p in Library(database).text(Library(database).versions()[0].id)} == {
        "Salt needs a licence.",
        "Sand is free.",
    }


def test_two_texts_of_one_document_under_one_id_are_both_kept(database: Database) -> None:
    ingest(database, "a", FIRST, law(article(1, "Another law.")))
    assert [v.instrument for v in Library(database).versions()] == ["XX-LAW-1", "XX-LAW-1~2"]


def test_a_repealed_act_says_by_which(database: Database) -> None:
    ingest(database, "a", FIRST)
    repeal = law(article(5, "The law of tests is repealed."), id="XX-LAW-2", title="A second law")
    repeals = Relation("repeals", "A law of tests", "art-5", date(2026, 12, 1))
    by_name = replace(repeal, relations=(repeals, Relation("amends", "XX-LAW-1", "art-5")))
    ingest(database, "b", by_name, key="file:b")
    found = {v.instrument: v for v in Library(database).versions()}
    assert (found["XX-LAW-1"].repealed_by, found["XX-LAW-1"].until) == ("XX-LAW-2", date(2026, 12, 1))
    assert found["XX-LAW-1"].amended_by == ("XX-LAW-2",)
    assert (found["XX-LAW-2"].repealed_by, found["XX-LAW-2"].amended_by) == (None, ())


def test_enforcement_parts_and_dates_come_back_as_they_went(database: Database) -> None:
    p = ProvisionRecord(
        "art-1", "第一条", "article", "盐（一）海盐；", ("第一章",), (Part("art-1/item-1", 1, 7),), 3, date(2026, 1, 2)
    )
    ingest(database, "a", law(p, enforcement=(Enforcement(party="A. Smith", penalty="USD 5"),)))
    found = Library(database).find("XX-LAW-1", "art-1")
    assert found is not None
    assert (found.parts, found.heading, found.effective_from) == (p.parts, p.heading, p.effective_from)
    assert found.version.enforcement[0]["penalty"] == "USD 5"


def test_an_inserted_article_moves_the_others() -> None:
    before = [article(1, "a"), article(2, "b"), article(3, "c")]
    after = [article(1, "a"), article(2, "new"), article(3, "b"), article(4, "c")]
    found = difference(before, after)
    assert [(d.kind, d.locator, d.was) for d in found] == [
        ("added", "art-2", ""),
        ("moved", "art-3", "art-2"),
        ("moved", "art-4", "art-3"),
    ]
    assert tally(found) == {"added": 1, "moved": 2}
    assert tally(difference(after, before)) == {"removed": 1, "moved": 2}


def test_the_newest_migration_is_the_head() -> None:
    names = sorted(p.stem for p in (MIGRATIONS / "versions").glob("0*.py"))
    assert names[-1].split("_")[0] == HEAD


def test_the_migrations_make_the_tables_of_the_schema(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from knowledge.store.chat_schema import metadata

    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_a_newer_navicert_is_left_alone(tmp_path: Path) -> None:
    opened = open_database(tmp_path)
    with opened.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.close()
    with pytest.raises(StoreError, match="newer Navicert"):
        open_database(tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "navicert.db").write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    with pytest.raises(StoreError, match="not a database"):
        open_database(tmp_path)


def test_a_blob_that_rotted_is_not_handed_out(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha256 = blobs.put(b"the law")
    assert blobs.get(sha256) == b"the law"
    next(tmp_path.rglob(sha256)).write_bytes(b"the raw")
    assert blobs.get(sha256) is None
