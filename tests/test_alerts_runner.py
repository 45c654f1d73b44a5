"""Kept answers are determined again when what they rest on changes: each flip is found once, whatever ends the process."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.alert_runner import Law, Runner, found, law
from bot.locales import say
from bot.services import Services
from bot.telegram.alert_pages import SHOWN
from bot.telegram.alerts import tell
from knowledge.alerts.changes import changes
from knowledge.alerts.rerun import question
from knowledge.alerts.state import of_book
from knowledge.answer import Advisor
from knowledge.conditions import goods
from knowledge.errors import Busy
from knowledge.model import ListedParty, Reference, Status
from knowledge.model import Measure as Dated
from knowledge.rulebook import RuleBook
from knowledge.settings import Settings
from knowledge.store.alert_rows import Due, Found, Told, answer
from knowledge.store.alerts import Alerts
from knowledge.store.audit_schema import audit
from knowledge.store.cases import Cases
from knowledge.store.chat_schema import questions
from knowledge.store.database import Database
from knowledge.store.owner import only
from knowledge.store.post import Post
from knowledge.store.subscriptions import Subscriptions
from knowledge.store.watch_schema import alert_ahead, alert_keys, alert_questions, alerts
from tests.conftest import home, the_advisor

ASKED = date(2026, 9, 15)
LAPSE = date(2026, 11, 11)
HOLMIUM = "5 kg holmium metal from Shanghai to Germany, civil use"


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class Desk:
    """A database with people who ask, and a look at it on any day under any rules."""

    def __init__(self, database: Database) -> None:
        self.database, self.cases, self.alerts = database, Cases(database), Alerts(database)
        self.advisor: Advisor = the_advisor()
        self.event = 0
        self.runner = self.started()

    def started(self) -> Runner:
        """A process that has just started."""
        return Runner(Settings(home(), "CN", embedder="none"), self.database, lambda: self.advisor, processes=1)

    def ask(self, text: str, person: int, day: date = ASKED, lang: Any = None) -> int:
        answer = self.advisor.ask(text, day, lang=lang)
        self.event += 1
        case = self.cases.open(person, person, text[:40], noon(day))
        return self.cases.keep(case, self.event, answer, noon(day))

    def look(self, day: date) -> list[tuple[int | None, str, str]]:
        """What is found anew on that day: number, before and after."""
        held = {a.id for a in self.alerts.waiting()}
        self.runner.look(noon(day), day)
        new = [a for a in self.alerts.waiting() if a.id not in held]
        return [(a.question, a.body["before"], a.body["after"]) for a in new if a.kind == "flip"]


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def under(book: RuleBook) -> Advisor:
    """The advisor over other rules, whose party lists are those of the rules and of the bundle."""
    return replace(the_advisor(), book=book)


def test_a_suspension_that_lapses_flips_who_leaned_on_it_and_nobody_else(desk: Desk) -> None:
    leaning = desk.ask(HOLMIUM, 1)
    desk.ask("5 kg dysprosium oxide from Shanghai to Germany, civil use", 2)
    desk.ask("10 wooden chairs from Shanghai to Germany", 3)
    assert desk.look(ASKED) == []
    assert desk.look(date(2026, 11, 10)) == []
    assert desk.look(LAPSE) == [(leaning, "no_licence_found", "needs_more_info")]
    (alert,) = [a for a in desk.alerts.waiting() if a.kind == "flip"]
    assert alert.body["since"] == "2026-11-11"
    assert {(g["instrument"], g["status"], g["unconfirmed"]) for g in alert.body["grounds"]} == {
        ("CN-2025-70", "suspension_lapsed", True)
    }
    assert desk.look(LAPSE) == []
    desk.runner = desk.started()
    assert desk.look(date(2026, 11, 12)) == []


def test_a_flip_and_the_flip_back_are_two(desk: Desk) -> None:
    number = desk.ask(HOLMIUM, 1)
    desk.look(ASKED)
    book = the_advisor().book
    stricter = tuple(
        replace(e, timeline=tuple(replace(m, status=Status.IN_FORCE) for m in e.timeline)) if "Ho" in e.elements else e
        for e in book.entries
    )
    desk.advisor = under(replace(book, entries=stricter))
    assert desk.look(ASKED) == [(number, "no_licence_found", "licence_required")]
    desk.advisor = the_advisor()
    assert desk.look(ASKED) == [(number, "licence_required", "no_licence_found")]
    assert desk.look(ASKED) == []


def test_what_was_asked_before_anybody_looked_is_held_to_the_rules_of_today(desk: Desk) -> None:
    number = desk.ask(HOLMIUM, 1)
    assert desk.look(LAPSE) == [(number, "no_licence_found", "needs_more_info")]


def test_an_answer_that_cannot_be_determined_keeps_nobody_else_from_hearing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = desk.ask(HOLMIUM, 1), desk.ask(HOLMIUM, 2)
    desk.look(ASKED)

    def fails(own: Law, due: Due) -> Found:
        if due.id == broken:
            raise ArithmeticError
        return found(own, due)

    with monkeypatch.context() as patched:
        patched.setattr("bot.alert_runner.found", fails)
        assert [n for n, _, _ in desk.look(LAPSE)] == [sound]
    assert [n for n, _, _ in desk.look(LAPSE)] == [broken]


def test_a_shipment_on_a_day_of_its_own_is_not_flipped_by_other_days(desk: Desk) -> None:
    desk.ask("5 kg holmium metal from Shanghai to Germany, civil use, ships on 20 September 2026", 1)
    desk.look(ASKED)
    assert desk.look(LAPSE) == []


def test_an_answer_taken_back_or_followed_by_another_on_the_same_deal_is_silent(desk: Desk) -> None:
    gone, first = desk.ask(HOLMIUM, 1), desk.ask(HOLMIUM, 2)
    desk.database.commit([desk.cases.take_back(gone, by=1, at=noon(ASKED))])
    asked = desk.cases.question(first)
    assert asked is not None
    case = desk.cases.case(asked.case)
    assert case is not None
    second = desk.cases.keep(case, 999, asked.answer, noon(ASKED))
    desk.look(ASKED)
    assert [n for n, _, _ in desk.look(LAPSE)] == [second]


def _listed(name: str) -> ListedParty:
    since = (Dated(date(2026, 10, 1), Status.IN_FORCE, Reference("CN-2026-11", "list")),)
    base = next(p for p in the_advisor().book.parties if p.list == "control")
    return replace(base, id="CN-made-1", name={"en": name, "zh": name}, aliases=(), country="DE", timeline=since)


def test_a_list_that_grows_finds_the_buyer_named_before(desk: Desk) -> None:
    named = desk.ask("5 kg dysprosium oxide from Shanghai to Germany for Quorvex Maschinenbau GmbH, civil use", 1)
    desk.ask("5 kg dysprosium oxide from Shanghai to Germany for Example GmbH, civil use", 2)
    desk.look(ASKED)
    book = the_advisor().book
    desk.advisor = under(replace(book, parties=(*book.parties, _listed("Quorvex Maschinenbau GmbH"))))
    found = desk.look(date(2026, 10, 2))
    assert found == [(named, "licence_required", "prohibited")]
    desk.advisor = the_advisor()
    assert desk.look(date(2026, 10, 3)) == [(named, "prohibited", "licence_required")]


def _bounded(condition: goods.Condition, limit: str) -> goods.Condition:
    if isinstance(condition, goods.All | goods.Any):
        return type(condition)(tuple(_bounded(p, limit) for p in condition.parts))
    if isinstance(condition, goods.Property) and condition.name == "purity":
        return replace(condition, bound=replace(condition.bound, limit=Decimal(limit)))
    return condition


def test_a_bound_that_moves_flips_the_goods_between_and_looks_at_few(desk: Desk) -> None:
    between = desk.ask("100 kg antimony oxide 99.9 % from Shanghai to Korea, civil use", 1)
    desk.ask("100 kg antimony oxide 99 % from Shanghai to Korea, civil use", 2)
    desk.ask(HOLMIUM, 3)
    desk.look(ASKED)
    book = the_advisor().book
    entries = tuple(replace(e, goods=_bounded(e.goods, "99.8")) if e.code == "3C003.c" else e for e in book.entries)
    desk.advisor = under(replace(book, entries=entries))
    assert desk.look(ASKED) == [(between, "no_licence_found", "licence_required")]
    assert desk.alerts.runs(1)[0].touched == 2


def test_words_without_end_keep_nobody_from_their_alerts(desk: Desk) -> None:
    """Keys are cut to what the index holds; long ones that begin alike are one."""
    word = "b" + "dkfr" * 40
    first, second = desk.ask(f"{HOLMIUM}, {word}dk {word}dt", 1), desk.ask(HOLMIUM, 2)
    desk.look(ASKED)
    assert sorted(n or 0 for n, _, _ in desk.look(LAPSE)) == [first, second]


def test_an_answer_that_cannot_be_read_keeps_nobody_from_their_alerts(desk: Desk) -> None:
    broken, whole = desk.ask(HOLMIUM, 1), desk.ask(HOLMIUM, 2)
    with desk.database.write() as connection:
        connection.execute(update(questions).where(questions.c.id == broken).values(answer='{"of": "another time"}'))
    desk.look(ASKED)
    assert [n for n, _, _ in desk.look(LAPSE)] == [whole]


def test_a_look_at_another_day_takes_no_answers_place(desk: Desk) -> None:
    """`/asof` tells what will be; who looked once is told nevertheless when it comes."""
    number = desk.ask(HOLMIUM, 1)
    asked = desk.cases.question(number)
    assert asked is not None
    case = desk.cases.case(asked.case)
    assert case is not None
    desk.cases.keep(case, 999, desk.advisor.again(asked.answer, date(2026, 11, 20)), noon(ASKED))
    desk.look(ASKED)
    assert [n for n, _, _ in desk.look(LAPSE)] == [number]


def test_what_was_left_and_begun_anew_is_watched_once(desk: Desk) -> None:
    subscriptions = Subscriptions(desk.database)
    follow = subscriptions.follow(1, "element:Ho", "en", noon(ASKED))
    desk.database.commit([follow])
    (first,) = subscriptions.of(1)
    desk.database.commit([subscriptions.leave(1, first.id, noon(ASKED))])
    desk.database.commit([follow])
    desk.database.commit([subscriptions.take_up(1, first.id)])
    assert len(subscriptions.of(1)) == 1
    desk.look(ASKED)
    desk.look(LAPSE)
    assert [a.person for a in desk.alerts.waiting() if a.kind == "news"] == [1]


def test_who_follows_what_a_rule_no_longer_speaks_of_hears_that(desk: Desk) -> None:
    before = of_book(the_advisor().book, ASKED, "CN")
    part = next(p for p in before.parts.values() if "element:Ho" in p.subjects and p.id.startswith("entry:"))
    without = replace(part, effect="other", subjects=tuple(s for s in part.subjects if s != "element:Ho"))
    after = replace(before, parts={**before.parts, part.id: without})
    (change,) = [c for c in changes(before, after) if c.id == part.id]
    assert change.concerns("element:Ho")


def test_warnings_that_were_given_are_not_looked_for_in_a_transaction_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A near day may be ahead of all answers for weeks; whoever writes must not wait for that every half minute."""
    desk.ask(HOLMIUM, 1)
    desk.look(ASKED)
    day = date(2026, 10, 20)
    assert desk.alerts.warn(0, day, (30, 7, 1), noon(day)) == 1

    def never(_self: Database) -> None:
        raise AssertionError("nothing is to be written")

    monkeypatch.setattr(Database, "write", never)
    assert desk.alerts.warn(0, day, (30, 7, 1), noon(day)) == 0


def chat(desk: Desk, day: date) -> Services:
    """The bot on that day, with somebody who agreed to recording."""
    made = Services(Settings(home(), "CN", embedder="none"), desk.database, now=lambda: noon(day))
    agreed = {"role": "exporter", "consented_at": noon(ASKED), "language": "en"}
    desk.database.commit([made.people.put(1, noon(ASKED), **agreed)])
    return made


def test_a_warning_is_not_told_after_its_day(desk: Desk) -> None:
    """It was found while the bot was down: what flipped on the day is told then, and the days left are counted anew."""
    desk.ask(HOLMIUM, 1)
    desk.look(ASKED)
    desk.look(date(2026, 11, 4))
    early = "\n".join(s.text.text for s in tell(chat(desk, date(2026, 11, 8))).says)
    assert "On 2026-11-11, in 3 days" in early
    desk.look(LAPSE)
    turn = tell(chat(desk, LAPSE))
    assert "On 2026-11-11" not in turn.says[0].text.text and "Changed since you asked: 1" in turn.says[0].text.text
    desk.database.commit(turn.writes)
    with desk.database.read() as connection:
        states = {r.kind: r.state for r in connection.execute(select(alerts).where(alerts.c.person == 1))}
    assert states == {"ahead": "dropped", "flip": "told"}
    assert desk.alerts.waiting() == ()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_who_has_many_flips_is_told_which(desk: Desk, lang: str) -> None:
    numbers = [desk.ask(HOLMIUM, 1, lang=lang) for _ in range(SHOWN + 3)]
    desk.look(ASKED)
    desk.look(LAPSE)
    (message,) = tell(chat(desk, LAPSE)).says
    assert all(f"#{n}" in message.text.text for n in numbers)


def test_a_kill_in_the_middle_loses_nothing_and_doubles_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import bot.alert_runner as module

    monkeypatch.setattr(module, "BATCH", 2)
    numbers = [desk.ask(HOLMIUM, person) for person in range(1, 8)]
    desk.look(ASKED)
    real: Callable[..., Any] = Alerts.done
    calls = 0

    def dies(self: Alerts, *given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return real(self, *given)

    monkeypatch.setattr(Alerts, "done", dies)
    with pytest.raises(KeyboardInterrupt):
        desk.look(LAPSE)
    monkeypatch.setattr(Alerts, "done", real)
    before = {a.question for a in desk.alerts.waiting() if a.kind == "flip"}
    assert 0 < len(before) < len(numbers)
    desk.runner = desk.started()
    desk.look(LAPSE)
    after = [a.question for a in desk.alerts.waiting() if a.kind == "flip"]
    assert sorted(n for n in after if n) == sorted(numbers)


def test_a_warning_comes_once_for_each_distance(desk: Desk) -> None:
    number = desk.ask(HOLMIUM, 1)
    days = ["2026-09-20", "2026-10-11", "2026-10-12", "2026-10-13", "2026-11-04", "2026-11-10", "2026-11-10"]
    warned: dict[str, list[Any]] = {}
    for day in map(date.fromisoformat, days):
        held = {a.id for a in desk.alerts.waiting()}
        desk.runner = desk.started()
        desk.look(day)
        new = [a for a in desk.alerts.waiting() if a.id not in held and a.kind == "ahead"]
        if new:
            assert day.isoformat() not in warned
            warned[day.isoformat()] = [
                (a.question, a.body["turn"], a.body["days"], a.body["flip"]["after"]) for a in new
            ]
    lapse = "2026-11-11"
    assert warned == {
        "2026-10-12": [(number, lapse, 30, "needs_more_info")],
        "2026-11-04": [(number, lapse, 7, "needs_more_info")],
        "2026-11-10": [(number, lapse, 1, "needs_more_info")],
    }


def test_a_warning_that_came_too_late_for_one_distance_is_given_for_the_next(desk: Desk) -> None:
    desk.ask(HOLMIUM, 1)
    desk.look(ASKED)
    desk.look(date(2026, 11, 6))  # nobody looked for weeks
    assert [a.body["days"] for a in desk.alerts.waiting() if a.kind == "ahead"] == [5]
    late = desk.ask(HOLMIUM, 2, date(2026, 11, 8))
    desk.look(date(2026, 11, 8))
    assert late not in {a.question for a in desk.alerts.waiting()}  # it was told when it asked


def test_a_dry_run_says_what_would_flip_and_keeps_nothing(desk: Desk) -> None:
    number = desk.ask(HOLMIUM, 1)
    for _ in range(2):  # before anybody looked, and after
        found = [(d.id, f["after"]) for d, f in desk.runner.rehearse(noon(LAPSE), LAPSE)]
        assert found == [(number, "needs_more_info")]
        assert desk.alerts.runs() == ()
        desk.look(ASKED)
    assert [a for a in desk.alerts.waiting() if a.kind == "flip"] == []


def test_two_that_look_at_once_take_turns(desk: Desk) -> None:
    with only(home(), desk.database, "alerts", "testing"), pytest.raises(Busy):
        desk.runner.look(noon(ASKED), ASKED)


def test_what_is_forgotten_is_looked_after_no_more(desk: Desk) -> None:
    desk.ask(HOLMIUM, 1)
    desk.look(ASKED)
    subscriptions = Subscriptions(desk.database)
    desk.database.commit([desk.cases.forget(1, noon(ASKED)), subscriptions.forget(1)])
    with desk.database.read() as connection:
        for table in (alert_questions, alert_keys, alert_ahead, alerts):
            assert connection.execute(select(table)).first() is None
    assert desk.look(LAPSE) == []


def test_what_is_forgotten_while_it_is_determined_stops_nobody_else(desk: Desk) -> None:
    first, second = desk.ask(HOLMIUM, 1), desk.ask(HOLMIUM, 2)
    new = desk.alerts.unknown(noon(ASKED), 10)
    rows = [(one, question(answer(one.raw), ASKED), "", frozenset({"p:abc"})) for one in new]
    desk.database.commit([desk.cases.forget(1, noon(ASKED))])
    desk.database.commit([desk.alerts.look_after(rows, "0")])
    own = law(the_advisor().book, "CN", LAPSE)
    dues = desk.alerts.due(10)
    assert [d.id for d in dues] == [second]
    gone = [(replace(d, id=n), replace(found(own, d), id=n)) for d in dues for n in (first, second)]
    desk.database.commit([desk.alerts.done(0, gone, LAPSE, noon(LAPSE))])
    assert [a.question for a in desk.alerts.waiting()] == [second]


@pytest.mark.parametrize("chosen", ["en", "zh"])
def test_what_is_watched_is_told_in_the_language_chosen_by_now(desk: Desk, chosen: str) -> None:
    services = chat(desk, LAPSE)
    desk.database.commit([services.subscriptions.follow(1, "element:Ho", "en", noon(ASKED))])
    desk.look(ASKED)
    desk.look(LAPSE)
    desk.database.commit([services.people.put(1, noon(LAPSE), language=chosen)])
    (message,) = tell(services).says
    assert say(chosen, "alert.news") in message.text.text


def test_what_two_processes_tell_goes_out_once(desk: Desk) -> None:
    desk.ask(HOLMIUM, 1)
    desk.look(ASKED)
    desk.look(LAPSE)
    ids, post = [a.id for a in desk.alerts.waiting()], Post(desk.database, 7)
    promised = [post.put(1, {"text": "it flipped"}, noon(LAPSE)), desk.alerts.tell(ids, noon(LAPSE))]
    desk.database.commit(promised)
    with pytest.raises(Told):
        desk.database.commit(promised)
    assert len(post.due(1)) == 1
    assert desk.alerts.waiting() == ()


def test_the_trail_says_what_was_told(desk: Desk) -> None:
    desk.ask(HOLMIUM, 1)
    desk.look(ASKED)
    desk.look(LAPSE)
    desk.database.commit([desk.alerts.tell([a.id for a in desk.alerts.waiting()], noon(LAPSE))])
    with desk.database.read() as connection:
        told = [
            json.loads(b) for b in connection.execute(select(audit.c.body).where(audit.c.kind == "alert")).scalars()
        ]
    assert [(t["kind"], t["question"]) for t in told] == [("flip", 1)]
    assert "holmium" not in json.dumps(told)
