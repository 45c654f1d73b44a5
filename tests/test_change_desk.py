"""The change desk: reviews open with the ingest that changes a text, show it word by word, are decided, told of once."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bot import change_html
from bot.change_view import view
from bot.locales import catalogue
from bot.rich import units
from bot.roles import Role
from bot.services import Services
from bot.telegram import change_pages as pages
from bot.telegram import changes as room
from bot.telegram.events import Chat, Event, Member, Person, Turn
from knowledge.errors import BadInput, StoreError
from knowledge.model import Answer, Citation, Confidence
from knowledge.rulebook import RuleBook
from knowledge.settings import Settings
from knowledge.store.audit import AuditLog
from knowledge.store.audit_verify import verify
from knowledge.store.changes import ChangeReview, Changes, Decider
from knowledge.store.database import Database, open_database
from knowledge.store.leaning import leaners, leaning
from knowledge.store.opening import SINGLE
from knowledge.store.records import InstrumentRecord, Relation
from knowledge.store.staging import publish, stage
from knowledge.store.told import Told, stale
from knowledge.worddiff import Piece, pieces, shortened
from tests.conftest import ask
from tests.test_store import FIRST, NOW, arrival, article, law

LATER = NOW + timedelta(days=3)
ANN, BEN, ROOT, BOB = 11, 12, 13, 14
ROLES = {ANN: Role.STAFF, BEN: Role.STAFF, ROOT: Role.ADMIN, BOB: Role.EXPORTER}


def bring(
    database: Database,
    content: str,
    *records: InstrumentRecord,
    job: int | None,
    key: str = "file:a",
    at: datetime = NOW,
) -> None:
    publish(database, stage(database, arrival(content, key), records), at, job)


def filled(database: Database) -> Changes:
    """A library that a first ingest filled."""
    bring(database, "a", FIRST, job=1)
    return Changes(database)


SECOND = law(article(1, "Salt needs a general licence."), article(3, "Sand is free."), article(4, "So is silt."))


def only(found: tuple[ChangeReview, ...]) -> ChangeReview:
    assert len(found) == 1
    return found[0]


# ---------------------------------------------------------------- words


def kinds(before: str, after: str) -> list[tuple[str, str]]:
    return [(p.kind, p.text) for p in pieces(before, after) if p.kind != "same"]


def test_words_are_marked_not_letters() -> None:
    before = "The exporter shall apply within 30 days where the purity is 99.9 % or more."
    after = "The exporter shall apply within 45 working days where the purity is 99.99 % or more."
    assert kinds(before, after) == [("removed", "30"), ("added", "45 working"), ("removed", "99.9"), ("added", "99.99")]


def test_chinese_is_compared_by_words() -> None:
    before, after = "出口经营者应当在三十日内申请出口许可。", "出口经营者应当在四十五日内申请出口许可。"
    found = kinds(before, after)
    assert found[0][0] == "removed" and found[-1][0] == "added"
    assert "三十" in found[0][1] and "四十五" in found[-1][1]
    assert "出口经营者" not in "".join(words for _, words in found)


def test_nothing_is_lost_whatever_the_texts() -> None:
    chance = random.Random(7)
    alphabet = ["licence ", "许可证", "出口", "the ", "\n", " ", "12.5 ", "。", ". ", "a", "-", "\u200b", "é"]
    for _ in range(300):
        before, after = ("".join(chance.choices(alphabet, k=chance.randint(0, 60))) for _ in range(2))
        found = pieces(before, after)
        assert "".join(p.text for p in found if p.kind != "added") == before
        assert "".join(p.text for p in found if p.kind != "removed") == after
        assert all(p.text and p.kind != q.kind for p, q in pairwise(found))


def test_a_long_text_with_one_change_is_shown_around_it() -> None:
    same = "Every consignment of salt is looked at. " * 4000
    found = shortened(pieces(f"{same}It needs one paper. {same}", f"{same}It needs two papers. {same}"))
    assert [p.kind for p in found].count("gap") == 2
    assert sum(len(p.text) for p in found) < 400
    assert Piece("removed", "one paper") in found and Piece("added", "two papers") in found


# ---------------------------------------------------------------- opened


def test_a_changed_text_opens_a_review_with_its_two_versions(database: Database) -> None:
    changes = filled(database)
    bring(database, "b", SECOND, job=2, at=LATER)
    row = only(changes.desk(LATER))
    assert (row.instrument, row.outcome, row.state, row.relevant) == ("XX-LAW-1", "changed", "new", None)
    assert (row.generation, row.job, row.opened_at) == (2, 2, LATER)
    assert row.counts == {"added": 1, "changed": 1, "moved": 1}
    found = changes.differences(row)
    assert [(d.kind, d.locator, d.was) for d in found] == [
        ("changed", "art-1", ""), ("moved", "art-3", "art-2"), ("added", "art-4", ""),
    ]  # fmt: skip


def test_a_first_ingest_is_one_line_and_reviewed_by_nature(database: Database) -> None:
    every = [law(article(1, f"Text {n}."), id=f"XX-LAW-{n}") for n in range(40)]
    for n, record in enumerate(every):
        bring(database, f"{n}", record, job=1, key=f"file:{n}")
    changes = Changes(database)
    row = only(changes.desk())
    assert (row.outcome, row.state, row.parts) == ("first", "reviewed", 40)
    parts = changes.parts(row.id)
    assert [p.instrument for p in parts] == [r.id for r in every]
    assert {p.state for p in parts} == {"reviewed"}


def test_new_instruments_later_wait_and_many_stand_under_one_heading(database: Database) -> None:
    changes = filled(database)
    for n in range(SINGLE + 5):
        bring(database, f"n{n}", law(article(1, f"Text {n}."), id=f"XX-NEW-{n}"), job=2, key=f"file:n{n}")
    rows = [r for r in changes.desk() if r.job == 2]
    assert sorted(r.outcome for r in rows) == ["new"] * SINGLE + ["several"]
    assert {r.state for r in rows} == {"new"}
    heading = next(r for r in rows if r.outcome == "several")
    database.commit([changes.decide(heading.id, False, "guidance only", Decider("Ann", LATER))])
    assert [(p.state, p.relevant) for p in changes.parts(heading.id)] == [("reviewed", False)] * 5
    one = changes.parts(heading.id)[0]
    database.commit([changes.reopen(one.id, "this one is a law", Decider("Ben", LATER))])
    assert [p.state for p in changes.parts(heading.id)] == ["new", *["reviewed"] * 4]


def test_what_a_document_no_longer_gives_is_withdrawn(database: Database) -> None:
    changes = filled(database)
    bring(database, "b", replace(SECOND, id="XX-LAW-2"), job=2)
    found = {r.outcome: r for r in changes.desk() if r.job == 2}
    assert found.keys() == {"new", "withdrawn"}
    assert found["withdrawn"].instrument == "XX-LAW-1"
    assert [d.kind for d in changes.differences(found["withdrawn"])] == ["removed", "removed"]


def test_an_act_that_repeals_a_held_one_opens_a_review_of_that_once(database: Database) -> None:
    changes = filled(database)
    says = Relation("repeals", "XX-LAW-1", "art-9", date(2027, 1, 1))
    act = law(article(9, "Law No. 1 is repealed."), id="XX-LAW-2", title="A newer law", relations=(says,))
    bring(database, "b", act, job=2, key="file:b")
    row = only(tuple(r for r in changes.desk() if r.outcome == "repealed"))
    assert (row.instrument, row.by, row.effective) == ("XX-LAW-1", "XX-LAW-2", date(2027, 1, 1))
    bring(database, "c", replace(act, number="No. 2 bis"), job=3, key="file:b")
    assert [r.outcome for r in changes.desk() if r.job == 3] == ["changed"]


def test_titles_and_dates_alone_are_a_change_without_provisions(database: Database) -> None:
    changes = filled(database)
    bring(database, "b", replace(FIRST, title="A law of many tests"), job=2)
    row = only(changes.desk()[:1])
    assert (row.outcome, row.counts, changes.differences(row)) == ("changed", {}, ())
    assert "only its title" in pages.entry(row, "en").text and "仅标题" in pages.entry(row, "zh").text


def test_no_generation_without_its_review(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the two, neither is there; the next run makes both."""
    changes = filled(database)
    staged = stage(database, arrival("b"), [SECOND])

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("knowledge.store.staging.open_reviews", killed)
        publish(database, staged, NOW, 2)
    with database.read() as connection:
        assert connection.execute(text("SELECT max(number) FROM generations")).scalar() == 1
    publish(database, staged, NOW, 2)
    assert [r.generation for r in changes.desk()] == [2, 1]


def test_two_documents_of_one_ingest_that_alter_one_act_are_told_apart(database: Database) -> None:
    """Both were staged against the same text; the second one's review is against the first one's."""
    changes = filled(database)
    one = stage(database, arrival("b", "file:b"), [law(article(1, "Salt is free."), article(2, "Sand is free."))])
    two = stage(database, arrival("c", "file:c"), [law(article(1, "Salt is free."), article(2, "Sand is not."))])
    publish(database, one, NOW, 2)
    publish(database, two, NOW, 2)
    newest, before = (r for r in changes.desk() if r.job == 2)
    assert [d.locator for d in changes.differences(newest)] == ["art-2"]
    assert [d.locator for d in changes.differences(before)] == ["art-1"]


# ---------------------------------------------------------------- decided


def test_history_only_grows(database: Database) -> None:
    changes = filled(database)
    bring(database, "b", SECOND, job=2)
    number = changes.desk()[0].id
    ann, ben = Decider("Ann", NOW), Decider("Ben", LATER)
    with pytest.raises(BadInput, match="not decided to be relevant"):
        database.commit([changes.action(number, "", ann)])
    database.commit([changes.decide(number, True, "purity \x00", ann)])
    database.commit([changes.action(number, "rule XX-1 changed", ben)])
    database.commit([changes.reopen(number, "wrong rule", ann)])
    database.commit([changes.decide(number, False, "", ben)])
    with pytest.raises(BadInput, match="not decided to be relevant"):
        database.commit([changes.action(number, "", ann)])
    found = changes.get(number)
    assert found is not None
    assert [(s.state, s.relevant, s.by) for s in found.history] == [
        ("new", None, ""), ("reviewed", True, "Ann"), ("actioned", True, "Ben"), ("new", None, "Ann"), ("reviewed", False, "Ben"),
    ]  # fmt: skip
    assert found.history[1].note == "purity \ufffd"
    assert [r.id for r in changes.desk(state="reviewed") if r.job == 2] == [number]


def test_reviews_and_decisions_are_held_to_the_audit_trail(database: Database, tmp_path: Path) -> None:
    changes = filled(database)
    bring(database, "b", SECOND, job=2)
    number = changes.desk()[0].id
    database.commit([changes.decide(number, True, "the purity bound", Decider("Ann Lee", NOW))])
    record = AuditLog(database).of_subject(f"change:{number}")[0]
    assert (record.kind, record.said["state"], record.said["relevant"]) == ("change", "reviewed", True)
    assert "Ann" not in record.body and AuditLog(database).private(record.seq) == {
        "by": "Ann Lee",
        "note": "the purity bound",
    }
    assert verify(database, tmp_path, ()).sound
    with database.write() as connection:
        connection.execute(text("UPDATE change_steps SET relevant = 0 WHERE step = 1"))
    assert not verify(database, tmp_path, ()).sound


def test_of_two_who_decide_the_second_is_told(database: Database) -> None:
    changes = filled(database)
    bring(database, "b", SECOND, job=2)
    row = changes.desk()[0]
    seen = len(row.history)
    database.commit([changes.decide(row.id, True, "", Decider("Ann", NOW, seen))])
    with pytest.raises(BadInput, match="decided meanwhile"):
        database.commit([changes.decide(row.id, False, "", Decider("Ben", NOW, seen))])
    with pytest.raises(BadInput, match="no change 999"):
        database.commit([changes.decide(999, False, "", Decider("Ben", NOW))])
    with pytest.raises(BadInput, match="name of who"):
        changes.decide(row.id, False, "", Decider("  ", NOW))
    with pytest.raises(BadInput, match="waits already"):
        database.commit(
            [changes.reopen(1 if row.id != 1 else 2, "", Decider("Ann", NOW)), changes.reopen(1, "", Decider("A", NOW))]
        )


# ---------------------------------------------------------------- what leans on it


def test_entries_rules_and_passages_that_lean_on_a_place(book: RuleBook) -> None:
    found = leaning(book, "CN-ECL-2020", {"art-12/par-2"})
    assert found.provisions == ("12",)
    assert ("topic", "catch_all") in found.others
    assert leaning(book, "CN-ECL-2020", {"art-999"}).provisions == ()
    assert leaning(book, "US-CCL", {"entry-3A001/a/2"}).entries == ("3A001",)
    whole = leaning(book, "CN-2025-18", ())
    assert {e.code for e in book.entries if e.instrument == "CN-2025-18"} <= set(whole.entries)


def test_every_entry_and_rule_is_found_by_its_own_reference(book: RuleBook) -> None:
    for entry in book.entries:
        assert entry.code in leaning(book, entry.instrument, ()).entries
    for rule in book.restrictions:
        assert rule.id in leaning(book, rule.reference.instrument, ()).rules


def cited(answer: Answer, provision: str) -> Answer:
    """The answer with one citation, of that place in the tests' law."""
    one = Citation(
        1, "XX-LAW-1", provision, "A law", "https://law.test/", "Salt", "0" * 64, 0, 4, None, None, Confidence.CONFIRMED
    )
    return replace(answer, citations=(one,), determinations=())


def test_answers_that_quote_it_are_told_from_those_that_lean_on_it(services: Services) -> None:
    cases, answer = services.cases, ask("5 kg dysprosium oxide from Shanghai to Stuttgart", date(2026, 11, 21))
    numbers = [
        cases.keep(cases.open(BOB, BOB, "case", NOW), n, made, NOW)
        for n, made in enumerate((cited(answer, "art-1"), cited(answer, "art-2"), answer, cited(answer, "art-1")), 1)
    ]
    services.database.commit([cases.take_back(numbers[3], by=BOB, at=NOW)])
    found = leaners(services.database, "XX-LAW-1", {"art-1"}, ())
    assert (found.cites, found.leans) == ((numbers[0],), (numbers[1],))
    assert leaners(services.database, "XX-LAW-1", (), {"0" * 64}).cites == (numbers[1], numbers[0])
    assert leaners(services.database, "CN-2025-18", (), ()).leans == (numbers[2],)
    services.database.commit([cases.forget(BOB, NOW)])
    assert leaners(services.database, "XX-LAW-1", {"art-1"}, ()).cites == ()


# ---------------------------------------------------------------- the chat


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    database = open_database(tmp_path)
    made = Services(Settings(tmp_path, "CN", embedder="none"), database, now=lambda: LATER, bot_name="navicert_bot")
    for person, role in ROLES.items():
        language = "zh" if person == BEN else "en"
        database.commit(
            [made.people.put(person, NOW, role=str(role), name=f"P{person}", language=language, invited_by=1)]
        )
    yield made
    database.close()


def member(person: int, lang: str = "en") -> Member:
    return Member(Person(person, f"P{person}"), ROLES[person], lang, True)


def event(person: int, words: str = "", kind: str = "command") -> Event:
    return Event(1, kind, Person(person, f"P{person}"), Chat(person), LATER, words, message=77)


def said(turn: Turn) -> str:
    return "\n".join(s.text.text for s in turn.says)


def actions(turn: Turn) -> list[str]:
    return [b.action for s in turn.says for row in s.buttons for b in row]


def press(services: Services, person: int, turn: Turn, action: str, n: int = 0) -> Turn:
    found = [b for s in turn.says for row in s.buttons for b in row if b.action == action][n]
    made = room.ROOM.actions[action].handle(services, event(person, kind="button"), member(person), found.arguments)
    services.database.commit(made.writes)
    return made


def types(services: Services, person: int, words: str) -> Turn:
    awaiting = services.cases.sitting(person, person).awaiting
    handle = room.ROOM.awaited[awaiting["what"]].handle
    made = handle(services, event(person, words, "text"), member(person), awaiting)
    services.database.commit(made.writes)
    return made


def test_every_part_of_the_room_needs_staff() -> None:
    assert all(c.needs is Role.STAFF and not c.in_groups for c in room.ROOM.commands.values())
    assert all(p.needs is Role.STAFF for p in (*room.ROOM.actions.values(), *room.ROOM.awaited.values()))


def test_staff_look_at_a_change_and_decide_it(services: Services) -> None:
    changes = filled(services.database)
    bring(services.database, "b", SECOND, job=2)
    desk = room.changes(services, event(ANN), member(ANN))
    assert "XX-LAW-1 (en): 1 added, 1 changed, 1 moved" in said(desk)
    assert "first ingest" not in said(desk)
    one = press(services, ANN, desk, "changes.open")
    spans = {(s.kind, one.says[0].text.text[s.start : s.end]) for s in one.says[0].text.spans}
    assert ("underline", "general ") in spans
    assert "moved here from art-2" in said(one)
    press(services, ANN, one, "changes.decide", 0)
    assert "relevant" in said(types(services, ANN, "look at the purity"))
    found = changes.desk()[0]
    assert (found.state, found.relevant, found.history[-1].note) == ("reviewed", True, "look at the purity")
    again = room.changes(services, event(ANN, str(found.id)), member(ANN))
    assert "look at the purity" in said(again)
    press(services, ANN, again, "changes.decide", 0)
    types(services, ANN, "-")
    assert changes.desk()[0].state == "actioned"
    assert said(room.changes(services, event(ANN), member(ANN))).startswith(catalogue("en")["changes.none"])
    assert "XX-LAW-1" in said(room.changes(services, event(ANN, "all"), member(ANN)))


def test_a_press_on_an_old_page_decides_nothing(services: Services) -> None:
    changes = filled(services.database)
    bring(services.database, "b", SECOND, job=2)
    number = changes.desk()[0].id
    one = room.changes(services, event(ANN, str(number)), member(ANN))
    press(services, ANN, one, "changes.decide", 0)
    services.database.commit([changes.decide(number, False, "", Decider("Ben", LATER))])
    assert "colleague" in said(types(services, ANN, "my note"))
    assert press(services, ANN, one, "changes.decide", 0).alert
    assert len(changes.desk()[0].history) == 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_large_hostile_change_is_paged_whole_within_what_telegram_takes(
    services: Services, lang: str, book: RuleBook
) -> None:
    filled(services.database)
    evil = "<b>x</b> @everyone /start https://evil.example/\u202e {name} "
    words = [article(n, f"{evil}clause {n} " + "same words " * 200 + f"ends {n}.") for n in range(1, 60)]
    other = [article(n, f"{evil}sentence {n} " + "same words " * 200 + f"stops {n}.") for n in range(1, 60)]
    torn = article(60, " ".join(f"w{n} x" for n in range(300)))
    torn_too = article(60, " ".join(f"v{n} x" for n in range(300)))
    bring(services.database, "b", law(*words, torn), job=2)
    bring(services.database, "c", law(*other, torn_too, title=evil), job=3)
    found = view(services.database, book, Changes(services.database).desk()[0])
    start: int | None = 0
    shown = ""
    rounds = 0
    while start is not None:
        page, after = pages.review(found, start, lang)
        assert after is None or after > start
        assert units(page.text) < 8192 and len(page.spans) <= 100
        assert "\u202e" not in page.text and "@everyone" not in page.text and " /start" not in page.text
        shown, start, rounds = shown + page.text, after, rounds + 1
    assert rounds > 3
    assert all(f"Article {n}:" in shown or f"Article {n}：" in shown for n in range(1, 61))


def test_telling_is_asked_for_and_happens_once_an_ingest_also_after_a_stop(services: Services) -> None:
    told = Told(services.database)
    for person in (ANN, BEN, BOB):
        services.database.commit([told.read(person, NOW, wanted=True)])
    jobs = services.store.jobs
    first, second = (jobs.submit("ingest", {}, NOW) for _ in range(2))
    bring(services.database, "a", FIRST, job=first)
    bring(services.database, "b", SECOND, job=second)
    assert room.news(services).says == ()  # both still run
    for job in (first, second):
        jobs.finish(job, "done", {}, NOW)
    turn = room.news(services)
    assert [s.chat for s in turn.says] == [ANN, BEN, ANN, BEN]  # an exporter may not read it, whoever put them there
    assert "changed: 1" in turn.says[2].text.text and "修改：1" in turn.says[3].text.text
    assert "first ingest" in turn.says[0].text.text
    services.database.commit(turn.writes)
    assert room.news(services) == Turn()
    with pytest.raises(StoreError):  # a second bot that looked at the same moment: its messages are not kept either
        services.database.commit(turn.writes)
    toggled = press(services, ANN, room.changes(services, event(ANN), member(ANN)), "changes.tell")
    assert toggled.says[0].text.text == catalogue("en")["changes.telling_no_more"]
    assert ANN not in told.readers()


def test_sources_gone_stale_are_told_once_and_again_after_they_were_brought_in(services: Services) -> None:
    ledger, clock = services.store.ledger, [NOW]
    services.now = lambda: clock[0]
    ledger.add_source("us-ccl", "ecfr:15/part-774", 10, NOW)
    assert room.gone_stale(services) == Turn()  # watched today: its ten days begin
    ledger.note_source("us-ccl", "current", "", NOW, ingested=True)
    clock[0] = NOW + timedelta(days=11)
    turn = room.gone_stale(services)
    assert [s.chat for s in turn.says] == [ROOT]
    assert "us-ccl" in said(turn)
    services.database.commit(turn.writes)
    clock[0] += timedelta(days=30)
    assert room.gone_stale(services) == Turn()
    assert "us-ccl" in said(room.changes(services, event(ANN), member(ANN)))
    ledger.note_source("us-ccl", "current", "", clock[0], ingested=True)
    assert "us-ccl" not in said(room.changes(services, event(ANN), member(ANN)))
    clock[0] += timedelta(days=11)
    assert room.gone_stale(services).says


def test_a_source_that_fails_goes_stale_though_somebody_looks(services: Services) -> None:
    ledger = services.store.ledger
    ledger.add_source("csl", "csl:", 5, NOW)
    ledger.note_source("csl", "current", "", NOW, ingested=True)
    for days in range(1, 9):
        ledger.note_source("csl", "failed", "the server is away", NOW + timedelta(days=days), ingested=False)
    spell = stale(ledger.sources(), NOW + timedelta(days=8))[0]
    assert (spell.failing, spell.since) == (True, NOW + timedelta(days=5))
    shown = [pages.stale((spell,), lang).text for lang in ("en", "zh")]
    assert all("the server is away" in page for page in shown)


def test_answers_it_may_turn_are_those_that_hang_on_what_leans_on_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, texts = services.cases, ("5 kg dysprosium oxide from Shanghai to Germany", "10 wooden chairs to Germany")
    dysprosium, chairs = (
        cases.keep(cases.open(BOB, BOB, "case", NOW), n, ask(said_, NOW.date()), NOW) for n, said_ in enumerate(texts)
    )
    services.alerts.look(NOW, NOW.date())
    filled(services.database)
    bring(services.database, "c", replace(FIRST, id="CN-2025-18"), job=2, key="file:c")
    row = next(r for r in Changes(services.database).desk() if r.instrument == "CN-2025-18")
    shown = said(room.changes(services, event(ANN, str(row.id)), member(ANN)))
    assert f"may turn: 1 (#{dysprosium})" in shown and f"#{chairs}" not in shown
    assert "may turn" not in said(room.changes(services, event(ANN, "1"), member(ANN)))
    monkeypatch.setenv("NAVICERT_HOME", str(services.settings.home))
    from bot.cli import app

    printed = CliRunner().invoke(app, ["changes", "show", str(row.id), "--json"])
    assert json.loads(printed.stdout)["answers"]["flips"] == [dysprosium]


# ---------------------------------------------------------------- the command and the page


class Whole(HTMLParser):
    """The text of a page and what stands in ins and del."""

    def __init__(self) -> None:
        super().__init__()
        self.held = ""
        self.marked: dict[str, str] = {"ins": "", "del": ""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("html", "head", "meta", "title", "style", "body", "h2", "p", "ins", "del")
        self.held = tag

    def handle_data(self, data: str) -> None:
        if self.held in self.marked:
            self.marked[self.held] += data

    def handle_endtag(self, tag: str) -> None:
        self.held = ""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_for_a_browser_escapes_every_word(services: Services, book: RuleBook, lang: str) -> None:
    bring(services.database, "a", law(article(1, "Salt <script>alert(1)</script> is free.")), job=1)
    changed = law(article(1, 'Salt <img src=x onerror="1"> is free.'), title="<h1>x</h1>")
    bring(services.database, "b", changed, job=2)
    page = change_html.page(view(services.database, book, Changes(services.database).desk()[0]), lang)
    read = Whole()
    read.feed(page)
    assert "img" in read.marked["ins"] and "script" in read.marked["del"]


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.cli import app

    monkeypatch.setenv("NAVICERT_HOME", str(tmp_path))
    monkeypatch.delenv("NAVICERT_DATABASE", raising=False)
    database = open_database(tmp_path)
    filled(database)
    bring(database, "b", SECOND, job=2, at=datetime(2026, 11, 30, 12, tzinfo=UTC))
    database.close()

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["changes", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    rows = json.loads(run("since", "2026-11-29", "--json"))
    assert [(r["instrument"], r["state"]) for r in rows] == [("XX-LAW-1", "new")]
    number = str(rows[0]["id"])
    assert json.loads(run("since", "2026-12-01", "--json")) == []
    shown = run("show", number)
    assert "Salt needs a {+general +}licence." in shown
    assert "{+So is silt.+}" in shown
    whole = json.loads(run("show", number, "--json"))
    assert [p["kind"] for p in whole["provisions"]] == ["changed", "moved", "added"]
    assert ["added", "So is silt."] in whole["provisions"][2]["words"]
    run("decide", number, "--relevant", "--by", "Ann", "--note", "see rule")
    run("action", number, "--by", "Ann")
    run("reopen", number, "--by", "Ben", "--note", "not yet")
    run("decide", number, "--not-relevant", "--by", "Ben")
    listed = json.loads(run("list", "--json", "--state", "reviewed"))
    assert [r["relevant"] for r in listed] == [False, None]
    assert [s["by"] for s in listed[0]["history"]] == ["", "Ann", "Ann", "Ben", "Ben"]
    run("show", number, "--html", str(tmp_path / "page.html"), "--lang", "zh")
    assert "<ins>" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert run("stale").strip() == "No source has gone stale."
    for wrong in (
        ("show", "99"),
        ("since", "yesterday"),
        ("since", "0001-01-01"),
        ("action", "99999999999999999999", "--by", "Ann"),
        ("list", "--state", "odd"),
        ("action", number, "--by", "Ann"),
    ):
        with pytest.raises(BadInput):
            CliRunner().invoke(app, ["changes", *wrong], catch_exceptions=False)
