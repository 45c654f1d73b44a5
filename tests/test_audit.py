"""The audit trail: what is recorded, and that any edit, deletion, insertion, reordering or cut is found."""

import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Date, Table, delete, insert, select, text, update

from knowledge.model import Outcome
from knowledge.store.audit import GENESIS, AuditLog, Head, Person, canonical, entry, hashed, stamp
from knowledge.store.audit_heads import FILE, given, lines, remember, remember_now
from knowledge.store.audit_rows import CHECKED
from knowledge.store.audit_schema import audit, audit_head, audit_person_keys, audit_record_keys
from knowledge.store.audit_verify import Finding, Verified, verify
from knowledge.store.backup import backup, restore
from knowledge.store.cases import Cases
from knowledge.store.chat_schema import metadata, people, questions
from knowledge.store.database import Database, open_database
from knowledge.store.people import People
from knowledge.store.reviews import ReviewGone, Reviews
from tests.audit_world import ADMIN, ANN, BOB, STAFF, START, World, lived


@pytest.fixture
def world(database: Database) -> World:
    return lived(database)


def check(world: World, home: Path, *heads: Head) -> Verified:
    return verify(world.database, home, heads)


def tamper(world: World, *statements: Any) -> None:
    with world.database.write() as connection:
        for statement in statements:
            connection.execute(statement)


def undone(world: World, change: Callable[[Any], None], home: Path, *heads: Head) -> Verified:
    """What is found with a change made, which is taken back after."""
    names = {audit.name, audit_head.name, audit_person_keys.name, audit_record_keys.name, *CHECKED}
    tables = [table for table in metadata.sorted_tables if table.name in names]
    with world.database.write() as connection:
        copies = [(t, [dict(r) for r in connection.execute(select(t)).mappings()]) for t in tables]
        change(connection)
    found = check(world, home, *heads)
    with world.database.write() as connection:
        for table, _ in reversed(copies):
            connection.execute(delete(table))
        for table, rows in copies:
            if rows:
                connection.execute(insert(table), rows)
    return found


# ---------------------------------------------------------------- what is written


def test_everything_that_happened_is_recorded_without_a_gap(world: World, tmp_path: Path) -> None:
    records = world.records()
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    assert [r.previous for r in records] == [GENESIS, *(r.hash for r in records[:-1])]
    assert all(r.own_hash() == r.hash for r in records)
    assert [r.kind for r in records] == [
        "start", "invitation", "invitation", "role", "role", "ingest", "answer", "answer", "answer", "mark", "review",
        "review", "override", "mark", "decision", "ingest", "role",
    ]  # fmt: skip
    found = check(world, tmp_path)
    assert (found.findings, found.records, found.sound) == ((), len(records), True)
    assert found.rows == 3 + 1 + 2 + 2 + 5  # questions, review, decision with its step, generations, changes with steps


def test_an_answer_can_be_replayed_from_its_record(world: World) -> None:
    record = world.log.of_subject("question:1", "answer")[0]
    said = record.said
    assert said["regimes"] == [["CN", "licence_required"]]
    assert said["citations"] == [["CN-2025-18", "1C905", "5" * 64]]
    assert (said["rulebook"], said["generation"], said["on"]) == ("r" * 64, "g", "2026-09-01")
    assert said["engine"]
    kept = Cases(world.database).question(1)
    private = world.log.private(record.seq)
    assert kept is not None
    assert private is not None
    assert private["answer"] == kept.raw


def test_nothing_of_the_person_or_the_question_stands_in_the_open(world: World) -> None:
    for record in world.records():
        plain = " ".join((record.actor, record.subject, record.body))
        for private in (str(ANN), "dysprosium", "salt", "purity", "We look", "Eve", "converter"):
            assert private not in plain, record
    answers = world.records("answer")
    assert answers[0].actor == answers[2].actor != answers[1].actor


def test_who_and_why_is_sealed_in_an_override(world: World) -> None:
    record = world.records("override")[0]
    assert record.said["verdict"] == "no_licence_found"
    assert world.log.private(record.seq) == {"by": STAFF, "reason": "The purity decides."}


def test_what_is_taken_back_leaves_no_record(world: World, tmp_path: Path) -> None:
    before = world.log.head()
    with pytest.raises(ReviewGone):
        world.override(1)
    with pytest.raises(RuntimeError), world.database.write() as connection:
        entry("memo", "x", "y", {}, at=START)(connection)
        raise RuntimeError
    assert world.log.head() == before
    assert world.asks() == 4
    assert check(world, tmp_path).sound


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fault_while_recording_keeps_neither_the_answer_nor_the_record(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    from knowledge.store import audit as module

    real = module.hashed

    def fails(fields: Any) -> str:
        if when == "after":
            real(fields)
        raise KeyboardInterrupt

    before = world.log.head()
    monkeypatch.setattr(module, "hashed", fails)
    with pytest.raises(KeyboardInterrupt):
        world.asks(BOB)
    monkeypatch.undo()
    assert world.log.head() == before
    assert Cases(world.database).question(4) is None
    assert check(world, tmp_path).sound
    world.asks(BOB)
    assert check(world, tmp_path).sound


def test_nothing_can_be_recorded_outside_a_transaction_that_writes(world: World) -> None:
    before = world.log.head()
    with world.database.read() as connection, pytest.raises(KeyError):
        entry("memo", "x", "y", {}, at=START)(connection)
    assert world.log.head() == before


def test_the_canonical_form() -> None:
    said = {"b": 1.5, "a": [True, None, "中"], "d": date(2026, 1, 2), "c": Outcome.LICENCE_REQUIRED, "\ud800": "\ud800"}
    assert (
        canonical({**said, "t": datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=8)))})
        == (
            '{"a":[true,null,"中"],"b":"1.5","c":"licence_required","d":"2026-01-02","t":"2026-01-01T19:00:00.000000Z","?":"?"}'
        ).encode()
    )
    with pytest.raises(TypeError):
        canonical({"a": object()})
    assert stamp(datetime(2026, 1, 2)) == stamp(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000000Z"


def test_hostile_words_are_kept_as_they_are(world: World, tmp_path: Path) -> None:
    hostile = '"},"kind":"x\x00\u202e\n=cmd|\\'
    world.database.commit(
        [world.log.append("memo", hostile, hostile, {"x": hostile}, at=START, private={"y": hostile}, person=ANN)]
    )
    record = world.records()[-1]
    assert record.said["x"] == hostile
    assert world.log.private(record.seq) == {"y": hostile}
    assert check(world, tmp_path).sound


# ---------------------------------------------------------------- mutation


def test_every_field_of_every_record_altered_is_found(world: World, tmp_path: Path) -> None:
    for record in world.records():
        for column in audit.columns:
            if column.name == "seq":
                changed: Any = 1000 + record.seq
            else:
                old = str(getattr(record, column.name))
                changed = (("A" if old[:1] != "A" else "B") + old[1:]) if old else "QQ=="

            def change(connection: Any, value: Any = changed, name: str = column.name, seq: int = record.seq) -> None:
                connection.execute(update(audit).where(audit.c.seq == seq).values(**{name: value}))

            found = undone(world, change, tmp_path)
            assert not found.sound, (record.seq, column.name)
            if column.name not in ("seq", "previous", "hash"):
                assert found.findings[0].where == f"record {record.seq}", (record.seq, column.name, found.findings[0])
    assert check(world, tmp_path).sound


def test_every_record_deleted_is_found(world: World, tmp_path: Path) -> None:
    last = world.log.head().seq
    for seq in range(1, last + 1):

        def change(connection: Any, seq: int = seq) -> None:
            connection.execute(delete(audit).where(audit.c.seq == seq))
            connection.execute(delete(audit_record_keys).where(audit_record_keys.c.seq == seq))

        found = undone(world, change, tmp_path)
        wanted = Finding(f"record {seq}", "deleted: the numbers have a gap")
        if seq < last:
            assert found.findings[0] == wanted
        else:
            assert found.findings[0].where == "the end"


def test_a_record_deleted_and_the_rest_numbered_anew_is_found(world: World, tmp_path: Path) -> None:
    """By somebody who does not know how hashes are made; one who does is found by a head."""

    def change(connection: Any) -> None:
        connection.execute(delete(audit).where(audit.c.seq == 8))
        connection.execute(delete(audit_record_keys).where(audit_record_keys.c.seq == 8))
        for seq in range(9, 18):
            connection.execute(update(audit).where(audit.c.seq == seq).values(seq=seq - 1))

    assert not undone(world, change, tmp_path).sound


def test_every_two_records_swapped_are_found(world: World, tmp_path: Path) -> None:
    records = {r.seq: r for r in world.records()}
    for seq in range(1, len(records)):

        def change(connection: Any, seq: int = seq) -> None:
            for at, other in ((seq, seq + 1), (seq + 1, seq)):
                said = {n: getattr(records[other], n) for n in ("at", "kind", "actor", "subject", "body", "sealed", "previous", "hash")}  # fmt: skip
                connection.execute(update(audit).where(audit.c.seq == at).values(**said))

        found = undone(world, change, tmp_path)
        assert found.findings[0].where == f"record {seq}"


def forged(connection: Any, first: int, **fields: Any) -> None:
    """Rewrite a record as somebody would who knows how: with its hash and every hash after it, and the head."""
    rows = connection.execute(select(audit).where(audit.c.seq >= first).order_by(audit.c.seq)).mappings().all()
    previous = rows[0]["previous"]
    for row in rows:
        full = {**row, **(fields if row["seq"] == first else {}), "previous": previous}
        full["hash"] = previous = hashed({k: v for k, v in full.items() if k != "hash"})
        connection.execute(update(audit).where(audit.c.seq == full["seq"]).values(**full))
    connection.execute(update(audit_head).values(hash=previous))


def test_a_skilled_rewrite_is_found_by_any_head(world: World, tmp_path: Path) -> None:
    kept = world.log.head()

    def change(connection: Any) -> None:
        forged(connection, 5, body='{"engine":"0.1.0"}')

    assert undone(world, change, tmp_path).sound  # without a head it cannot be found: the docs say so
    assert undone(world, change, tmp_path, kept).findings[0].where == f"record {kept.seq}"
    remember(tmp_path, kept)
    found = undone(world, change, tmp_path)
    assert found.findings[0].where == f"record {kept.seq}"
    assert "line 1 of audit.heads" in found.findings[0].what


def test_every_cut_is_found_by_the_head_and_by_the_rows_left_over(world: World, tmp_path: Path) -> None:
    kept, records = world.log.head(), world.records()
    for left in range(len(records)):

        def change(connection: Any, left: int = left) -> None:
            connection.execute(delete(audit).where(audit.c.seq > left))
            connection.execute(delete(audit_record_keys).where(audit_record_keys.c.seq > left))
            head = records[left - 1].hash if left else GENESIS
            connection.execute(update(audit_head).values(seq=left, hash=head))

        found = undone(world, change, tmp_path, kept)
        assert any(f.where == f"record {kept.seq}" and "cut off" in f.what for f in found.findings)
        if 1 <= left < 16:  # without the head: the newest generation has no record
            assert any("put in" in f.what or "altered" in f.what for f in undone(world, change, tmp_path).findings)


def test_an_inserted_record_is_found(world: World, tmp_path: Path) -> None:
    last = world.log.head()
    row = {"seq": last.seq + 1, "at": stamp(START), "kind": "answer", "actor": "x", "subject": "y", "body": "{}"}
    full = {**row, "sealed": "", "previous": last.hash}
    full["hash"] = hashed(full)

    def change(connection: Any) -> None:
        connection.execute(insert(audit).values(**full))

    assert undone(world, change, tmp_path).findings[0].where == "the end"

    def wider(connection: Any) -> None:  # before the first
        connection.execute(insert(audit).values(**{**full, "seq": 0}))

    assert not undone(world, wider, tmp_path).sound


@pytest.mark.parametrize("table", [audit_record_keys, audit_person_keys, audit_head], ids=lambda t: str(t.name))
def test_every_key_and_the_head_altered_or_deleted_is_found(world: World, tmp_path: Path, table: Table) -> None:
    first = next(iter(table.primary_key.columns))
    with world.database.read() as connection:
        rows = connection.execute(select(table)).mappings().all()
    if table is audit_person_keys:  # one that seals nothing gave a name only
        sealing = set(values_of(world, audit_record_keys.c.person))
        rows = [row for row in rows if row["person"] in sealing]
    assert rows
    for row in rows:
        mine = first == row[first.name]
        assert not undone(world, _run(delete(table).where(mine)), tmp_path).sound, row
        for name, value in row.items():
            if name == "forget_asked_at" or (table is audit_head and name == "id"):
                continue
            changed = value + 1 if isinstance(value, int) else ("A" if value[0] != "A" else "B") + value[1:]
            if name in ("seq", "person") and isinstance(value, int):
                changed = value + 10_000
            statement = update(table).where(mine).values(**{name: changed})
            assert not undone(world, _run(statement), tmp_path).sound, (name, row)


def test_every_field_of_every_stored_row_altered_is_found(world: World, tmp_path: Path) -> None:
    seen = set()
    for checked in CHECKED.values():
        table = checked.table
        with world.database.read() as connection:
            rows = connection.execute(select(table)).mappings().all()
        for row in rows:
            seen.add(table.name)
            where = [table.c[n] == row[n] for n in checked.key]
            for column in checked.columns:
                if column.name in checked.key or column.foreign_keys:
                    continue
                empty: Any = START.date() if isinstance(column.type, Date) else 7
                value = empty if row[column.name] is None else other(row[column.name])
                statement = update(table).where(*where).values({column: value})
                found = undone(world, _run(statement), tmp_path)
                assert [f.what[:7] for f in found.findings] == ["altered"], (table.name, column.name, found.findings)
    assert seen >= {"questions", "reviews", "classification_decisions", "decision_steps", "generations"}


def _run(statement: Any) -> Callable[[Any], None]:
    return lambda connection: connection.execute(statement)


def values_of(world: World, column: Any) -> list[Any]:
    with world.database.read() as connection:
        return list(connection.execute(select(column)).scalars())


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, (datetime, date)):
        return value + timedelta(days=1)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, (list, dict)):
        return [*value, "x"] if isinstance(value, list) else {**value, "x": 1}
    return (str(value) + "x")[-len(str(value)) or None :] if value != "" else "x"


def test_a_stored_answer_deleted_or_put_in_is_found(world: World, tmp_path: Path) -> None:
    found = undone(world, lambda c: c.execute(delete(questions).where(questions.c.id == 3)), tmp_path)
    assert found.findings == (
        Finding("questions 3", "deleted: record 14 tells of it, and no later one of its deletion"),
    )

    def put_in(connection: Any) -> None:
        row = dict(connection.execute(select(questions).where(questions.c.id == 3)).mappings().one())
        connection.execute(insert(questions).values(**{**row, "id": 99, "event": 99}))

    assert undone(world, put_in, tmp_path).findings == (Finding("questions 99", "put in: no record tells of it"),)


def test_what_was_there_before_the_trail_is_no_finding(database: Database, tmp_path: Path) -> None:
    world = World(database)
    number = world.asks()
    tamper(world, delete(audit), delete(audit_record_keys), update(audit_head).values(seq=0, hash=GENESIS))
    assert verify(database, tmp_path).sound
    world.asks(BOB)
    assert [r.kind for r in world.records()] == ["start", "answer"]
    assert check(world, tmp_path).sound
    database.commit([Cases(database).mark(number, "right", by=ANN, at=START)])
    tamper(world, update(questions).where(questions.c.id == number).values(text="x"))
    assert check(world, tmp_path).findings[0].where == f"questions {number}"


# ---------------------------------------------------------------- heads


def test_heads_are_remembered_once_each(world: World, tmp_path: Path) -> None:
    assert remember_now(tmp_path, world.database)
    assert not remember_now(tmp_path, world.database)
    world.asks()
    assert remember_now(tmp_path, world.database)
    kept = [line.head for line in lines(tmp_path)]
    assert [h.seq for h in kept if h] == [17, 18]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert check(world, tmp_path).sound


def test_a_line_that_a_power_cut_left_torn_is_told_and_no_fault(world: World, tmp_path: Path) -> None:
    file = tmp_path / FILE
    whole = f"{world.log.head().seq} {world.log.head().hash} {world.log.head().at}"
    for cut in (1, 2, 3, 40, len(whole) - 3):
        file.write_text(whole[:cut])
        found = check(world, tmp_path)
        assert (found.sound, len(found.notes)) == (True, 1), cut
        remember_now(tmp_path, world.database)  # the next line stands by itself
        heads = [line.head for line in lines(tmp_path)]
        assert heads[-1] == world.log.head()
        assert check(world, tmp_path).sound, cut
        file.unlink()
    file.write_text("17 zzz\n")
    assert check(world, tmp_path).findings == (Finding("line 1 of audit.heads", "altered: it is no head"),)


def test_a_head_as_somebody_kept_it() -> None:
    line = f"17 {'a' * 64} 2026-09-01T08:00:00.000000Z"
    assert given(line) == given(f"17:{'A' * 64}") == Head(17, "a" * 64, "-")
    for wrong in ("", "17", "17:abc", f"x:{'a' * 64}", f"0:{'a' * 64}", f"5:{GENESIS}"):
        with pytest.raises(Exception, match="no head of the trail"):
            given(wrong)


# ---------------------------------------------------------------- at once, elsewhere, fast


def _append_many(home: str, url: str | None, whose: str, count: int = 25) -> None:
    database = open_database(Path(home), url)
    log = AuditLog(database)
    for n in range(count):
        database.commit([log.append("memo", whose, f"{whose}:{n}", {"n": n}, at=START, private={"n": n})])
    database.close()


def test_two_processes_that_append_at_once_leave_no_gap(world: World, tmp_path: Path) -> None:
    url = None if world.database.embedded else world.database.engine.url.render_as_string(hide_password=False)
    home = Path(world.database.engine.url.database or "").parent if world.database.embedded else tmp_path
    started = multiprocessing.get_context("spawn")
    both = [started.Process(target=_append_many, args=(str(home), url, who)) for who in ("one", "two")]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    records = world.records("memo")
    assert len(records) == 50
    assert check(world, tmp_path).sound


def test_a_process_killed_while_it_appends_leaves_the_trail_whole(world: World, tmp_path: Path) -> None:
    url = None if world.database.embedded else world.database.engine.url.render_as_string(hide_password=False)
    home = Path(world.database.engine.url.database or "").parent if world.database.embedded else tmp_path
    began = world.log.head().seq
    process = multiprocessing.get_context("spawn").Process(target=_append_many, args=(str(home), url, "one", 100_000))
    process.start()
    while world.log.head().seq < began + 20:
        assert process.is_alive()
        time.sleep(0.05)
    process.kill()
    process.join()
    assert check(world, tmp_path).sound
    world.asks()
    assert check(world, tmp_path).sound


def test_transactions_that_lock_in_other_orders_do_not_wait_for_each_other(world: World, tmp_path: Path) -> None:
    """One marks, then asks for a review; the other asks for a review only: the head is locked last by both."""
    cases, desk = Cases(world.database), Reviews(world.database)
    errors: list[BaseException] = []

    def work(person: int, question: int) -> None:
        try:
            for n in range(15):
                ask = desk.open(question, "wrong", person, person, f"note {n}", START)
                mark = cases.mark(question, "wrong", str(n), by=person, at=START)
                world.database.commit([mark, ask] if person == ANN else [ask, mark])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in ((ANN, 1), (BOB, 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert check(world, tmp_path).sound


def test_a_backup_brings_the_trail_back_with_its_keys(world: World, tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    backup(tmp_path / "from", world.database, tmp_path / "b.tar")
    restore(tmp_path / "to", None, tmp_path / "b.tar")
    database = open_database(tmp_path / "to")
    there = World(database, events=iter(range(1000, 1100)))
    assert check(there, tmp_path / "to", world.log.head()).sound
    assert there.log.private(7) == world.log.private(7) is not None
    there.asks()
    assert check(there, tmp_path / "to", world.log.head()).sound
    database.close()


def test_many_records_are_checked_in_seconds(tmp_path: Path) -> None:
    """4,000 here; docs/audit.md has what 100,000 took."""
    database = open_database(tmp_path)
    log = AuditLog(database)
    with database.write() as connection:
        for n in range(4_000):
            private = {"question": f"what of {n}?"} if n % 2 else None
            log.append("memo", Person(n % 50 + 1), f"x:{n}", {"n": n}, at=START, private=private, person=n % 50 + 1)(
                connection
            )
    began = time.process_time()
    found = verify(database, tmp_path)
    assert found.sound
    assert found.records == 4_001
    assert time.process_time() - began < 4
    with database.write() as connection:
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE seq = 1500"))
    assert [f.where for f in verify(database, tmp_path).findings] == ["record 1500"]
    database.close()


def test_the_body_is_stored_as_it_was_hashed(world: World) -> None:
    for record in world.records():
        assert canonical(json.loads(record.body)).decode() == record.body
    assert any(r.actor.startswith("p-") for r in world.records())
    assert world.records("invitation")[0].actor.startswith("p-")
    assert str(ADMIN) not in [r.actor for r in world.records()]


@pytest.mark.parametrize(
    "values", [{"role": "admin"}, {"revoked_at": None}, {"expires_at": START + timedelta(days=9)}], ids=str
)
def test_a_role_that_no_record_gave_is_found(world: World, tmp_path: Path, values: dict[str, Any]) -> None:
    with world.database.read() as connection:
        held = connection.execute(select(people).where(people.c.revoked_at.is_not(None))).one()
    tamper(world, update(people).where(people.c.id == held.id).values(**values))
    (name,) = values
    (found,) = check(world, tmp_path).findings
    assert found == Finding(f"people {held.id}", f"altered: its {name} is not what the last record of it says")


def test_a_person_of_a_role_who_is_gone_or_renamed_is_found(world: World, tmp_path: Path) -> None:
    key = audit_person_keys
    with world.database.read() as connection:
        roles = set(connection.execute(select(people.c.id)).scalars())
        sealing = select(audit_record_keys.c.person)
        unused = select(key.c.person).where(key.c.person.not_in(sealing), key.c.person.in_(roles))
        someone = connection.execute(unused).scalars().first()
    assert someone is not None  # with a name in the chain, and nothing that is sealed for them
    tamper(world, update(key).where(key.c.person == someone).values(pseudonym="p-0123456789abcdef"))
    assert any("pseudonym" in f.what for f in check(world, tmp_path).findings)
    tamper(world, delete(people).where(people.c.id == someone))
    assert f"people {someone}" in {f.where for f in check(world, tmp_path).findings}


def test_a_forgotten_person_who_comes_back_has_two_names(world: World, tmp_path: Path) -> None:
    cases = Cases(world.database)
    world.database.commit([cases.forget(ANN, START + timedelta(days=1))])
    world.database.commit([People(world.database).put(ANN, START + timedelta(days=2), role="staff", invited_by=None)])
    assert check(world, tmp_path).findings == ()
