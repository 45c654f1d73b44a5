"""Compiled lists and classification decisions in the database: what answers, what is reviewed, what is reopened; on
SQLite and on PostgreSQL."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text, update

from ingest.service import Means, settle
from ingest.wiring import Connectors
from knowledge.controllists.model import Asks, CompiledEntry, ControlList, Item, Requirement, Row, Scope
from knowledge.errors import BadInput, StoreError
from knowledge.rulebook import RuleBook, load
from knowledge.store.compiled import CCL, Changes, CompiledLists, difference
from knowledge.store.database import HEAD, MIGRATIONS, Database, _migrate, _revision
from knowledge.store.decisions import Choice, Decisions, Lists
from knowledge.store.records import InstrumentRecord, ProvisionRecord
from knowledge.store.schema import compiled_lists, metadata
from knowledge.store.staging import publish, stage
from knowledge.store.store import Store
from tests.test_store import NOW, arrival

LATER = NOW + timedelta(days=1)
BLASTER = "4Z001: a blaster of fruit | NS 1 | a, a.1, b"
PEELER = "4Z002: a peeler of fruit | AT 1 | a"


def entry(line: str, place: int = 1) -> CompiledEntry:
    """`CODE: heading | column, column | item, item`."""
    head, columns, paths = (part.strip() for part in line.split("|"))
    code, _, heading = head.partition(": ")
    rows = tuple(
        Row(c.split()[0], Scope(whole=True), Requirement(Asks.COLUMN, c), "whole entry", c, f"entry-{code}/table-{place}/row-{n}")
        for n, c in enumerate(columns.split(", "), place)
    )  # fmt: skip
    items = tuple(Item(p, f"entry-{code}/{p.replace('.', '/')}", f"words of {p}") for p in paths.split(", "))
    return CompiledEntry(code, heading, tuple(r.reason for r in rows), rows, (), items, locator=f"entry-{code}")


def compiled(provisions: Sequence[ProvisionRecord], version: str) -> ControlList:
    """A compiler for tests: a line an entry; "broken" is no list, "?" marks a row unread."""
    if any("broken" in p.text for p in provisions):
        raise KeyError("row-7")
    entries = tuple(entry(p.text.rstrip("?")) for p in provisions if "|" in p.text)
    issues = tuple((f"entry-{p.text[:5]}", "not understood", p.text) for p in provisions if p.text.endswith("?"))
    return ControlList(CCL, version, entries, issues)


def ccl(*lines: str, on: date | None = None) -> InstrumentRecord:
    made = tuple(ProvisionRecord(f"entry-{line[:5]}", line[:5], "entry", line) for line in lines)
    return InstrumentRecord(CCL, "US", "The list", "15 CFR 774", "list", "en", made, version_date=on)


def bring_in(database: Database, content: str, *lines: str, on: date | None = None) -> None:
    publish(database, stage(database, arrival(content), [ccl(*lines, on=on)]), NOW)


def complete(database: Database, compiler: str = "1", *, again: bool = False) -> tuple[str, ...]:
    made = CompiledLists(database).complete({CCL: compiled}, compiler, NOW, again=again)
    return tuple(state.error or state.name for state in made)


@pytest.fixture
def lists(database: Database) -> CompiledLists:
    return CompiledLists(database)


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load()


# ---------------------------------------------------------------- compiled lists


def test_the_list_of_the_live_version_answers(database: Database, lists: CompiledLists) -> None:
    bring_in(database, "a", BLASTER, PEELER, on=date(2026, 11, 1))
    assert lists.live() is None
    assert lists.waiting() == "2026-11-01"
    assert complete(database) == ("2026-11-01",)
    assert complete(database) == ()
    assert lists.waiting() == ""
    found = lists.live()
    assert found is not None
    assert [e.code for e in found.entries] == ["4Z001", "4Z002"]
    assert found.by_code["4Z001"] == entry(BLASTER)
    (state,) = lists.states()
    assert (state.live, state.entries, state.rows, state.rows_unread, state.issues) == (True, 2, 2, 0, 0)
    assert state.made_at == NOW
    assert lists.live() is found


def test_a_list_without_a_date_is_named_after_its_hash(database: Database) -> None:
    bring_in(database, "a", BLASTER)
    (name,) = complete(database)
    assert len(name) == 12


def test_a_new_version_closes_the_old_list_until_it_is_compiled(database: Database, lists: CompiledLists) -> None:
    bring_in(database, "a", BLASTER)
    complete(database)
    bring_in(database, "b", BLASTER, PEELER)
    assert lists.live() is None, "a list of a text that is no longer in force answered"
    complete(database)
    found = lists.live()
    assert found is not None
    assert len(found.entries) == 2
    assert [s.live for s in lists.states()] == [True, False]
    assert lists.states()[0].changes.added == ("4Z002",)


def test_a_review_counts_for_one_version(database: Database, lists: CompiledLists) -> None:
    bring_in(database, "a", BLASTER + "?")
    complete(database)
    assert [why for _, why, _ in lists.issues()] == ["not understood"]
    with pytest.raises(BadInput, match="--by NAME"):
        lists.approve(CCL, " ", "", LATER)
    state = lists.approve(CCL, "Ann", "read the issues", LATER)
    assert (state.reviewed_by, state.reviewed_at, state.note) == ("Ann", LATER, "read the issues")
    found = lists.live()
    assert found is not None
    assert found.reviewed_by == "Ann"
    bring_in(database, "b", BLASTER, PEELER)
    complete(database)
    again = lists.live()
    assert again is not None
    assert again.reviewed_by == ""
    assert [s.reviewed_by for s in lists.states()] == ["", "Ann"]


def test_the_same_content_by_a_newer_compiler_keeps_its_review(database: Database, lists: CompiledLists) -> None:
    bring_in(database, "a", BLASTER)
    complete(database)
    lists.approve(CCL, "Ann", "", LATER)
    assert len(complete(database, "2")) == 1
    assert lists.states()[0].reviewed_by == "Ann"
    other = lambda p, v: replace(compiled(p, v), entries=(entry(PEELER),))  # noqa: E731
    lists.complete({CCL: other}, "3", NOW)
    assert lists.states()[0].reviewed_by == ""


def test_approving_what_is_not_there_says_what_to_do(lists: CompiledLists) -> None:
    with pytest.raises(BadInput, match="navicert reindex"):
        lists.approve(CCL, "Ann", "", NOW)


@pytest.mark.parametrize("line", ["broken", "no entry at all"])
def test_a_failure_is_kept_with_its_cause_and_loses_nothing(
    database: Database, lists: CompiledLists, line: str
) -> None:
    bring_in(database, "a", line)
    (error,) = complete(database)
    assert error in ("KeyError: 'row-7'", "ValueError: no entry was found in its text")
    assert complete(database) == ()
    assert lists.live() is None
    assert len(complete(database, "2")) == 1
    assert len(complete(database, "2", again=True)) == 1
    bring_in(database, "b", BLASTER)
    complete(database)
    assert lists.live() is not None


def test_a_newer_compiler_that_fails_leaves_the_former_result(database: Database, lists: CompiledLists) -> None:
    bring_in(database, "a", BLASTER)
    complete(database)

    def none(_provisions: Sequence[ProvisionRecord], _version: str) -> ControlList:
        raise RecursionError("too deep")

    (state,) = lists.complete({CCL: none}, "2", LATER)
    assert state.error == "RecursionError: too deep"
    assert lists.live() is not None


def test_a_damaged_list_is_named_and_mended(database: Database, lists: CompiledLists) -> None:
    bring_in(database, "a", BLASTER)
    complete(database)
    lists.approve(CCL, "Ann", "", LATER)
    with database.write() as connection:
        connection.execute(update(compiled_lists).values(data="{}"))
    with pytest.raises(StoreError, match="navicert reindex"):
        lists.live()
    complete(database, again=True)
    found = lists.live()
    assert found is not None
    assert found.reviewed_by == "Ann"


def test_what_changed_names_codes_and_not_places() -> None:
    one = ControlList(CCL, "1", (entry(BLASTER), entry(PEELER), entry("4Z003: x | AT 1 | a")))
    moved, stricter = entry(BLASTER, 2), entry(PEELER.replace("AT 1", "AT 1, NS 2"))
    reworded = replace(entry("4Z003: y | AT 1 | a"))
    two = ControlList(CCL, "2", (moved, stricter, reworded, entry("4Z009: new | AT 1 | a")))
    assert difference(one, two) == Changes("1", ("4Z009",), (), ("4Z002", "4Z003"), ("4Z002",))
    assert difference(two, one).removed == ("4Z009",)
    assert difference(None, two) == Changes()


class Killed(BaseException):
    """Stands for kill -9: nothing catches it on the way out."""


@pytest.mark.parametrize("point", ["compiling", "compiled"])
def test_a_kill_between_live_and_compiled_is_completed_by_the_next_start(database: Database, point: str) -> None:
    bring_in(database, "a", BLASTER)
    complete(database)
    bring_in(database, "b", PEELER)

    def kill(at: str) -> None:
        if at == point:
            raise Killed

    with pytest.raises(Killed):
        CompiledLists(database).complete({CCL: compiled}, "1", NOW, told=kill)
    between = CompiledLists(database).live()
    assert between is None or [e.code for e in between.entries] == ["4Z002"]
    complete(database)
    found = CompiledLists(database).live()
    assert found is not None
    assert [e.code for e in found.entries] == ["4Z002"]


# ---------------------------------------------------------------- decisions

CANDIDATES = (
    {"regime": "US", "code": "4Z001", "score": 0.6},
    {"regime": "US", "code": "EAR99", "score": 0.3},
    {"regime": "CN", "code": "1C905.a.4", "score": 0.5},
)


def against(rules: RuleBook, *lines: str, version: str = "1", bare: bool = False) -> Lists:
    made = ControlList(CCL, version, tuple(entry(line) for line in lines))
    if bare:
        plain = tuple(
            replace(e, heading="", rows=tuple(replace(r, control="", where="") for r in e.rows),
                    items=tuple(replace(i, text="") for i in e.items))
            for e in made.entries
        )  # fmt: skip
        made = replace(made, entries=plain, bundled=True)
    return Lists(replace(rules, compiled=made))


@pytest.fixture
def held(rules: RuleBook) -> Lists:
    return against(rules, BLASTER, PEELER)


@pytest.fixture
def decisions(database: Database) -> Decisions:
    return Decisions(database)


def test_a_proposal_is_confirmed_and_corrected_and_nothing_is_overwritten(decisions: Decisions, held: Lists) -> None:
    number = decisions.propose("a fruit blaster", "en", CANDIDATES, held, NOW)
    assert number == 1
    assert decisions.propose("another", "en", (), held, NOW) == 2
    assert decisions.get(1).state == "proposed"
    confirmed = decisions.confirm(1, "Ann", LATER, held)
    assert (confirmed.state, confirmed.choice) == ("confirmed", Choice("US", "4Z001"))
    corrected = decisions.correct(1, "4z002.A", "it peels", "Bob", LATER, held)
    assert (corrected.state, corrected.choice) == ("corrected", Choice("US", "4Z002.a"))
    assert [(s.state, s.by, s.reason) for s in corrected.history] == [
        ("proposed", "", ""), ("confirmed", "Ann", ""), ("corrected", "Bob", "it peels"),
    ]  # fmt: skip
    assert corrected.history[1].at == LATER
    assert [d.number for d in decisions.all("corrected")] == [1]
    lines = [json.loads(line) for line in decisions.export()]
    assert [(row["number"], row["state"], row["code"]) for row in lines] == [
        (1, "corrected", "4Z002.a"), (2, "proposed", None),
    ]  # fmt: skip


def test_only_what_was_proposed_can_be_confirmed(decisions: Decisions, held: Lists) -> None:
    decisions.propose("a fruit blaster", "en", CANDIDATES, held, NOW)
    with pytest.raises(BadInput, match="was not proposed"):
        decisions.confirm(1, "Ann", NOW, held, "4Z002")
    with pytest.raises(BadInput, match="on no list"):
        decisions.confirm(1, "Ann", NOW, held, "9Z999")
    with pytest.raises(BadInput, match="on no list"):
        decisions.confirm(1, "Ann", NOW, held, "4Z001.q")
    with pytest.raises(BadInput, match="--by"):
        decisions.confirm(1, "", NOW, held)
    with pytest.raises(BadInput, match="no decision 7"):
        decisions.confirm(7, "Ann", NOW, held)
    with pytest.raises(BadInput, match="no decision"):
        decisions.get(10**20)
    assert decisions.confirm(1, "Ann", NOW, held, "4Z001.a.1").choice == Choice("US", "4Z001.a.1")
    with pytest.raises(BadInput, match="already"):
        decisions.confirm(1, "Bob", NOW, held)
    with pytest.raises(BadInput, match="--reason"):
        decisions.correct(1, "EAR99", " ", "Bob", NOW, held)
    assert [s.state for s in decisions.get(1).history] == ["proposed", "confirmed"]


def test_a_code_of_the_rule_book_can_be_chosen(decisions: Decisions, held: Lists) -> None:
    decisions.propose("a magnet", "en", CANDIDATES, held, NOW)
    assert decisions.confirm(1, "Ann", NOW, held, "1C905.a.4").choice == Choice("CN", "1C905.a.4")
    assert decisions.correct(1, "CN:1C905", "r", "Ann", NOW, held).choice == Choice("CN", "1C905")


def test_a_changed_entry_reopens_the_decision_once(decisions: Decisions, rules: RuleBook, held: Lists) -> None:
    decisions.propose("a fruit blaster", "en", CANDIDATES, held, NOW)
    decisions.propose("a peeler", "en", CANDIDATES, held, NOW)
    assert decisions.reopen_changed(against(rules, PEELER, version="2"), NOW) == ()
    decisions.confirm(1, "Ann", NOW, held)
    decisions.correct(2, "4Z002", "it peels", "Ann", NOW, held)
    later = against(rules, BLASTER.replace("NS 1", "NS 2"), PEELER, version="2")
    (reopened,) = decisions.reopen_changed(later, LATER)
    assert (reopened.number, reopened.state, reopened.choice) == (1, "reopened", Choice("US", "4Z001"))
    assert reopened.history[-1].changes == ({"entry": "4Z001", "what": "changed", "from": "1", "to": "2"},)
    assert decisions.reopen_changed(later, LATER) == ()
    assert decisions.confirm(1, "Bob", LATER, later).state == "confirmed"
    assert decisions.reopen_changed(later, LATER) == ()
    assert len(decisions.get(1).history) == 4


def test_an_entry_that_is_gone_reopens(decisions: Decisions, rules: RuleBook, held: Lists) -> None:
    decisions.propose("a fruit blaster", "en", CANDIDATES, held, NOW)
    decisions.confirm(1, "Ann", NOW, held, "4Z001.a.1")
    shorter = against(rules, BLASTER.replace("a.1, ", ""), version="2")
    (reopened,) = decisions.reopen_changed(shorter, LATER)
    assert [c["what"] for c in reopened.history[-1].changes] == ["gone"]


def test_a_new_version_that_says_the_same_reopens_nothing(decisions: Decisions, rules: RuleBook, held: Lists) -> None:
    decisions.propose("a fruit blaster", "en", CANDIDATES, held, NOW)
    decisions.confirm(1, "Ann", NOW, held)
    assert decisions.reopen_changed(against(rules, BLASTER, "4Z009: new | AT 1 | a", version="2"), LATER) == ()


def test_unlisted_goods_are_looked_at_again_when_the_list_grows(
    decisions: Decisions, rules: RuleBook, held: Lists
) -> None:
    decisions.propose("a spoon", "en", CANDIDATES, held, NOW)
    decisions.confirm(1, "Ann", NOW, held, "ear99")
    assert decisions.reopen_changed(against(rules, BLASTER, PEELER.replace("AT 1", "NS 1"), version="2"), NOW) == ()
    grown = against(rules, BLASTER, PEELER, "4Z009: spoons | AT 1 | a", version="3")
    (reopened,) = decisions.reopen_changed(grown, LATER)
    assert [(c["entry"], c["what"]) for c in reopened.history[-1].changes] == [("4Z009", "added")]


def test_the_bundled_facts_and_the_official_text_agree(decisions: Decisions, rules: RuleBook) -> None:
    decisions.propose("a fruit blaster", "en", CANDIDATES, against(rules, BLASTER, bare=True), NOW)
    decisions.confirm(1, "Ann", NOW, against(rules, BLASTER, bare=True))
    assert decisions.reopen_changed(against(rules, BLASTER, version="2"), LATER) == ()
    changed = against(rules, BLASTER.replace("NS 1", "NS 2"), version="3")
    assert len(decisions.reopen_changed(changed, LATER)) == 1


def test_proposals_at_once_get_numbers_of_their_own(decisions: Decisions, held: Lists) -> None:
    assert held.names
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: decisions.propose(f"goods {n}", "en", CANDIDATES, held, NOW), range(24)))
    assert sorted(numbers) == list(range(1, 25))

    def confirm(name: str) -> bool:
        try:
            decisions.confirm(1, name, NOW, held)
        except BadInput:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(confirm, "abcd")) == 1
    assert len(decisions.get(1).history) == 2


def test_hostile_text_is_stored_and_comes_back(decisions: Decisions, held: Lists) -> None:
    nasty = "'; DROP TABLE meta; --\x00\ud800\x1b[2J\u202e" + "長" * 10_000
    number = decisions.propose(nasty, "zh", CANDIDATES, held, NOW, asked_by="x")
    decisions.correct(number, "EAR99", nasty, nasty, NOW, held)
    found = decisions.get(number)
    assert found.text.startswith("'; DROP TABLE meta; --\ufffd?\x1b")
    assert json.loads(next(iter(decisions.export())))["number"] == number


# ---------------------------------------------------------------- the hook and the migration


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Iterator[Store]:
    yield Store(tmp_path, database, "none")


def means(rules: RuleBook) -> Means:
    class Nothing(Connectors):
        pass

    unused = Nothing(None)  # type: ignore[arg-type]
    return Means(
        unused, lambda *_: pytest.fail("nothing is read"), lambda *_: (), lambda _: None, lambda: LATER,
        compilers={CCL: compiled}, compiler=lambda: "1", book=lambda: rules,
    )  # fmt: skip


def test_what_follows_a_new_version_is_compiled_and_reopened(
    store: Store, rules: RuleBook, decisions: Decisions
) -> None:
    bring_in(store.database, "a", BLASTER)
    first = settle(store, means(rules))
    assert [c.entries for c in first.compiled] == [1]
    held = Lists(replace(rules, compiled=CompiledLists(store.database).live()))
    decisions.propose("a fruit blaster", "en", CANDIDATES, held, NOW)
    decisions.confirm(1, "Ann", NOW, held)
    assert settle(store, means(rules)).as_dict() == {}
    bring_in(store.database, "b", BLASTER.replace("NS 1", "NS 2"))
    second = settle(store, means(rules))
    assert second.reopened == (1,)
    assert second.compiled[0].changes.rows == ("4Z001",)
    assert json.loads(json.dumps(second.as_dict()))["compiled"][0]["changes"]["changed"] == ["4Z001"]


def test_the_second_migration_keeps_what_the_first_holds(database: Database) -> None:
    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO meta (key, value) VALUES ('index', 'kept')"))
    _migrate(database.engine)
    with database.read() as connection:
        assert _revision(connection) == HEAD
    assert database.value("index") == "kept"
    bring_in(database, "a", BLASTER)
    assert len(complete(database)) == 1


def test_times_come_back_with_their_zone(database: Database, lists: CompiledLists) -> None:
    bring_in(database, "a", BLASTER)
    complete(database)
    assert lists.states()[0].made_at == datetime(2026, 11, 21, 12, tzinfo=UTC)
