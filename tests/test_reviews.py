"""The review queue: asking for a colleague, deciding without collisions, telling the asker, export, figures."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer import Typer
from typer.testing import CliRunner

from bot import review_cli
from bot.locales import catalogue
from bot.roles import Role
from bot.sentence_cases import of_reviews
from bot.services import Services
from bot.telegram import review, stats
from bot.telegram.events import Button, Chat, Event, Member, Person, Say, Turn
from knowledge.answer import Advisor
from knowledge.errors import BadInput
from knowledge.model import Answer, Lang
from knowledge.settings import DATABASE_FILE, Settings
from knowledge.store.cases import Asked
from knowledge.store.database import open_database
from knowledge.store.people import People
from knowledge.store.reviews import LONGEST, Review, ReviewGone, Reviews
from tests import test_sentences
from tests.conftest import ask, home, the_advisor

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = date(2026, 11, 21)
OXIDE = "5 kg dysprosium oxide from Shanghai to Stuttgart"
CHAIRS = "200 office chairs from Ningbo to Hamburg for a furniture shop"
HOSTILE = "<b>x</b> *y* {name} /forget @everyone https://evil.example/\u202e\x00 'DROP TABLE reviews;--"
BOB, LI, ANN, ROOT = 11, 21, 22, 31


@lru_cache(maxsize=32)
def answered(question: str, on: date = DAY, lang: Lang | None = None) -> Answer:
    return ask(question, on, lang)


@dataclass
class Room:
    """One bot's database with an exporter, two of staff and an admin; the clock stands unless it is moved."""

    services: Services
    update: int = 0

    def asks(
        self, text: str, *, person: int = BOB, chat: int = 0, answer: Answer | None = None, at: datetime = NOW
    ) -> Asked:
        self.update += 1
        cases = self.services.cases
        made = answer or answered(text)
        number = cases.keep(cases.open(chat or person, person, text[:20], at), self.update, made, at)
        found = cases.question(number)
        assert found is not None
        return found

    def escalates(self, text: str = OXIDE, kind: str = "escalated", note: str = "please look", **more: Any) -> Review:
        asked = self.asks(text, **more)
        at = more.get("at", NOW)
        self.commit(Turn(writes=(self.reviews.open(asked.id, kind, asked.chat, asked.person, note, at),)))
        found = self.reviews.of_question(asked.id, kind)
        assert found is not None
        return found

    @property
    def reviews(self) -> Reviews:
        return Reviews(self.services.database)

    def held(self, number: int) -> Review:
        found = self.reviews.get(number)
        assert found is not None
        return found

    def commit(self, turn: Turn) -> Turn:
        self.services.database.commit(turn.writes)
        return turn

    def presses(self, person: int, action: str, **kept: Any) -> Turn:
        return self.commit(self.pressed(person, action, **kept))

    def pressed(self, person: int, action: str, **kept: Any) -> Turn:
        """What a press would do, not yet committed."""
        handler = review.ROOM.actions[action].handle
        return handler(self.services, event(person, "button"), member(person), json.loads(json.dumps(kept)))

    def types(self, person: int, text: str) -> Turn:
        return self.commit(self.typed(person, text))

    def typed(self, person: int, text: str) -> Turn:
        """What a message does that answers what was asked, not yet committed."""
        awaiting = self.awaiting(person)
        handler = review.ROOM.awaited[awaiting["what"]].handle
        return handler(self.services, event(person, "text", text), member(person), awaiting)

    def awaiting(self, person: int) -> Mapping[str, Any]:
        return self.services.cases.sitting(person, person).awaiting

    def commands(self, person: int, text: str = "") -> Turn:
        return self.commit(review.review(self.services, event(person, "command", text), member(person)))


NAMES = {BOB: "Bob Export", LI: "李薇", ANN: "Ann Staff", ROOT: "Root"}
LANGUAGES = {BOB: "en", LI: "zh", ANN: "en", ROOT: "en"}
ROLES = {BOB: Role.EXPORTER, LI: Role.STAFF, ANN: Role.STAFF, ROOT: Role.ADMIN}


def member(person: int, language: str = "") -> Member:
    return Member(Person(person, NAMES[person]), ROLES[person], language or LANGUAGES[person], consented=True)


def event(person: int, kind: str, text: str = "") -> Event:
    return Event(1, kind, Person(person, NAMES[person]), Chat(person), NOW, text=text)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the people in it, made once: migrations cost more than the tests."""
    folder = tmp_path_factory.mktemp("prepared")
    database = open_database(folder)
    for person, name in NAMES.items():
        values = {"role": str(ROLES[person]), "name": name, "language": LANGUAGES[person]}
        database.commit([People(database).put(person, NOW, **values)])
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder


@pytest.fixture
def room(tmp_path: Path, prepared: Path) -> Iterator[Room]:
    (home() / "cache").mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache").symlink_to(home() / "cache")
    shutil.copy(prepared / DATABASE_FILE, tmp_path)
    services = Services(Settings(tmp_path, "CN", embedder="none"), open_database(tmp_path), now=lambda: NOW)
    yield Room(services)
    services.database.close()


def text(turn: Turn) -> str:
    return "\n".join(said.text.text for said in turn.says)


def to(turn: Turn, chat: int) -> list[Say]:
    return [said for said in turn.says if said.chat == chat]


def buttons(turn: Turn) -> list[Button]:
    return [b for said in turn.says for row in said.buttons for b in row]


def actions(turn: Turn) -> set[str]:
    return {b.action for b in buttons(turn)}


# ---------------------------------------------------------------- the store


def test_one_open_review_a_question_and_kind(room: Room) -> None:
    first = room.escalates(note="first")
    again = room.reviews.open(first.question, "escalated", BOB, BOB, "second", NOW)
    other = room.reviews.open(first.question, "wrong", BOB, BOB, "the code is wrong", NOW)
    room.commit(Turn(writes=(again, other)))
    assert [(r.kind, r.note) for r in room.reviews.queue()] == [
        ("escalated", "first\nsecond"),
        ("wrong", "the code is wrong"),
    ]


def test_a_decided_one_is_followed_by_a_new_one(room: Room) -> None:
    first = room.escalates()
    room.presses(ANN, "review.confirm", review=first.id)
    room.commit(Turn(writes=(room.reviews.open(first.question, "escalated", BOB, BOB, "still unsure", NOW),)))
    assert [r.note for r in room.reviews.queue()] == ["still unsure"]
    newest = room.reviews.of_question(first.question, "escalated")
    assert newest is not None
    assert newest.id != first.id


def test_odd_words_are_kept_and_bounded(room: Room) -> None:
    found = room.escalates(note="\x00\ud800" + "n" * 9000)
    assert len(found.note) == LONGEST
    assert found.note.startswith("\ufffd?n")
    assert room.reviews.get(2**40) is None
    with pytest.raises(BadInput, match="no kind"):
        room.reviews.open(found.question, "funny", BOB, BOB, "", NOW)
    with pytest.raises(BadInput, match="its reason"):
        room.reviews.decide(found.id, "overridden", ANN, NOW, "gone", verdict="prohibited", reason="  ")
    with pytest.raises(BadInput, match="no decision"):
        room.reviews.decide(found.id, "open", ANN, NOW, "gone")


# ---------------------------------------------------------------- telling staff


def test_staff_and_admins_are_told_in_their_language_and_not_the_asker(room: Room) -> None:
    asked = room.asks(OXIDE)
    told = review.notify_staff(room.services, asked, "escalated", "due tomorrow")
    assert {said.chat for said in told} == {LI, ANN, ROOT}
    assert all(said.buttons_for == said.chat for said in told)
    by_chat = {said.chat: said.text.text for said in told}
    assert "Bob Export asks for a colleague" in by_chat[ANN]
    assert "due tomorrow" in by_chat[ANN]
    assert "请求同事处理" in by_chat[LI]
    assert OXIDE in by_chat[LI]
    assert LI not in {s.chat for s in review.notify_staff(room.services, replace(asked, person=LI), "wrong", "")}


def test_nobody_is_told_where_nobody_holds_the_role(room: Room) -> None:
    asked, people = room.asks(OXIDE), room.services.people
    gone = [people.put(person, NOW, revoked_at=NOW) for person in (LI, ANN)]
    past = people.put(ROOT, NOW, expires_at=NOW - timedelta(days=1))
    room.commit(Turn(writes=(*gone, past)))
    assert review.notify_staff(room.services, asked, "escalated", "x") == ()


def test_the_button_of_a_notice_opens_the_review(room: Room) -> None:
    found = room.escalates()
    asked = room.services.cases.question(found.question)
    assert asked is not None
    (button,) = (
        b for said in review.notify_staff(room.services, asked, "escalated", "x")[:1] for r in said.buttons for b in r
    )
    turn = room.presses(ANN, button.action, **button.arguments)
    assert f"Review {found.id}" in text(turn)


# ---------------------------------------------------------------- the queue and a review


def test_an_empty_queue_says_so_in_both_languages(room: Room) -> None:
    assert text(room.commands(ANN)) == "No answer waits for a review."
    assert text(room.commands(LI)) == "没有待复核的答复。"


def test_the_queue_goes_in_pages_oldest_first(room: Room) -> None:
    made = [room.escalates(note=f"n{i}") for i in range(review.SHOWN + 2)]
    first = room.commands(ANN)
    assert f"Reviews 1 to {review.SHOWN} of {len(made)}" in text(first)
    (more,) = (b for b in buttons(first) if b.action == "review.list")
    second = room.presses(ANN, more.action, **more.arguments)
    opened = [b.arguments["review"] for b in buttons(second) if b.action == "review.open"]
    assert opened == [r.id for r in made[review.SHOWN :]]
    assert "review.list" not in actions(second)
    assert "Bob Export" in text(second)


def test_proposed_classifications_are_counted_and_opened(room: Room) -> None:
    rows = [{"regime": "US", "code": "EAR99", "score": 0.9}]
    desks = room.services.desks
    number = desks.decisions.propose("a chair", "en", rows, desks.lists, NOW, "somebody")
    turn = room.commands(ANN)
    assert "Classification proposals to confirm: 1" in text(turn)
    (button,) = (b for b in buttons(turn) if b.action == "review.decisions")
    listed = room.presses(ANN, button.action, **button.arguments)
    assert "a chair" in text(listed)
    (one,) = buttons(listed)
    shown = room.presses(LI, one.action, **one.arguments)
    assert f"第{number}号归类决定" in text(shown)
    assert actions(shown) == {"staff.confirm", "staff.correct"}


def test_a_review_shows_who_what_when_and_the_machines_result(room: Room) -> None:
    found = room.escalates(note="is it really controlled?")
    said = text(room.commands(ANN, str(found.id)))
    for part in (
        "Bob Export",
        "2026-11-21 12:00 UTC",
        OXIDE,
        "is it really controlled?",
        "Licence required",
        "1C905.b",
    ):
        assert part in said
    assert actions(room.commands(ANN, str(found.id))) == {
        f"review.{do}" for do in ("why", "sources", "take", "confirm", "override", "answer", "dismiss")
    }
    assert "需要许可证" in text(room.commands(LI, str(found.id)))


def test_trace_and_sources(room: Room) -> None:
    found = room.escalates()
    assert "1C905.b" in text(room.presses(ANN, "review.why", review=found.id))
    sources = room.presses(ANN, "review.sources", review=found.id)
    assert any(span.kind == "text_link" for said in sources.says for span in said.text.spans)


def test_your_own_question_is_said_to_be_yours(room: Room) -> None:
    mine, other = room.escalates(person=ANN), room.escalates()
    assert "your own question" in text(room.presses(ANN, "review.open", review=mine.id))
    assert "your own question" not in text(room.presses(ANN, "review.open", review=other.id))


def test_a_review_that_is_gone_is_refused_in_words(room: Room) -> None:
    found = room.escalates()
    room.commit(Turn(writes=(room.services.cases.forget(BOB, NOW),)))
    for action in ("open", "why", "take", "confirm", "override", "answer", "dismiss"):
        with pytest.raises(BadInput, match="gone"):
            room.pressed(ANN, f"review.{action}", review=found.id)
    assert "/review 12" in text(room.commands(ANN, "what is this"))


def test_hostile_words_stay_words(room: Room) -> None:
    room.commit(Turn(writes=(room.services.people.put(BOB, NOW, name="@root /revoke\u202e t.me/x"),)))
    asked = replace(answered(OXIDE), question=HOSTILE)
    found = room.escalates(HOSTILE, note=HOSTILE, answer=asked)
    turn = room.commands(ANN, str(found.id))
    whole = turn.says[0].text
    assert "\u202e" not in whole.text
    assert "\x00" not in whole.text
    assert "<b>x</b> *y* {name}" in whole.text
    live = [i for word in ("/forget", "@everyone", "https://evil") for i in _all(whole.text, word)]
    assert live
    for at in live:
        assert any(s.kind == "code" and s.start <= at < s.end for s in whole.spans), whole.text[at : at + 20]
    for line in (text(room.commands(ANN)), text(room.commands(LI))):
        assert "@root" not in line  # no mention, no command, no link that a tap follows
        assert "/revoke" not in line
        assert "/forget" not in line


def _all(whole: str, word: str) -> list[int]:
    return [i for i in range(len(whole)) if whole.startswith(word, i)]


# ---------------------------------------------------------------- decisions


def test_confirm_tells_the_asker_where_they_asked(room: Room) -> None:
    found = room.escalates()
    turn = room.presses(LI, "review.confirm", review=found.id)
    held = room.held(found.id)
    assert (held.state, held.decided_by, held.decided_at, held.verdict) == ("confirmed", LI, NOW, "")
    (said,) = to(turn, BOB)
    assert said.about == f"question:{found.question}"
    assert said.buttons_for is None
    assert "it holds" in said.text.text  # in the asker's language, not in that of whoever decides
    assert "Licence required" in said.text.text
    assert "李薇, compliance" in said.text.text
    assert (turn.action, turn.target, turn.keep_buttons) == ("review.confirm", f"question:{found.question}", False)
    assert room.reviews.queue() == ()


def test_in_a_group_the_asker_is_named(room: Room) -> None:
    found = room.escalates(chat=-100)
    (said,) = to(room.presses(ANN, "review.confirm", review=found.id), -100)
    assert said.text.text.startswith("For Bob Export")


def test_override_keeps_the_machines_result_beside_the_staffs(room: Room) -> None:
    found = room.escalates()
    which = room.presses(ANN, "review.override", review=found.id)
    assert {b.arguments["verdict"] for b in buttons(which)} == {
        "prohibited", "needs_more_info", "no_licence_found", "out_of_scope",
    }  # fmt: skip
    room.presses(ANN, "review.verdict", review=found.id, verdict="prohibited")
    assert room.awaiting(ANN) == {"what": "review.reason", "review": found.id, "verdict": "prohibited"}
    assert "needs its reason" in text(room.types(ANN, "   "))
    assert room.held(found.id).open
    turn = room.types(ANN, "The end user is on the control list.")
    held = room.held(found.id)
    assert (held.state, held.verdict, held.reason) == (
        "overridden",
        "prohibited",
        "The end user is on the control list.",
    )
    asked = room.services.cases.question(found.question)
    assert asked is not None
    assert asked.verdict == asked.answer.verdict == "licence_required"
    assert room.awaiting(ANN) == {}
    (said,) = to(turn, BOB)
    for part in ("Licence required", "Prohibited", "The end user is on the control list.", "Ann Staff, compliance"):
        assert part in said.text.text
    assert turn.action == "review.override"
    shown = room.commands(LI, str(found.id))
    assert "已由Ann Staff改判" in text(shown)
    assert actions(shown) == {"review.why", "review.sources"}


def test_a_chinese_asker_reads_chinese(room: Room) -> None:
    room.commit(Turn(writes=(room.services.people.put(BOB, NOW, language="zh"),)))
    found = room.escalates()
    room.presses(ROOT, "review.verdict", review=found.id, verdict="no_licence_found")
    (said,) = to(room.types(ROOT, "成分低于限值"), BOB)
    for part in ("结论已更改", "需要许可证", "未查到许可要求", "成分低于限值", "Root，合规人员（管理员）"):
        assert part in said.text.text


def test_an_answer_in_words_leaves_it_open(room: Room) -> None:
    found = room.escalates()
    room.presses(ANN, "review.answer", review=found.id)
    turn = room.types(ANN, "Which supplier?\nSend the data sheet.")
    held = room.held(found.id)
    assert held.open
    assert (held.reply, held.taken_by) == ("Which supplier?\nSend the data sheet.", ANN)
    (said,) = to(turn, BOB)
    assert "Ann Staff, compliance writes to you" in said.text.text
    assert "Send the data sheet." in said.text.text
    assert said.about == f"question:{found.question}"
    assert room.awaiting(ANN) == {}
    room.presses(ANN, "review.answer", review=found.id)
    assert "in words" in text(room.types(ANN, ""))
    long = "And when? " + "很长的说明" * 700
    (said,) = to(room.types(ANN, long), BOB)
    assert long in said.text.text  # nothing of it is cut: whoever wrote it believes it sent
    assert room.held(found.id).reply.endswith(long)


def test_dismiss_closes_and_tells(room: Room) -> None:
    found = room.escalates(kind="wrong")
    turn = room.presses(ANN, "review.dismiss", review=found.id)
    assert room.held(found.id).state == "dismissed"
    assert "without a decision" in to(turn, BOB)[0].text.text


def test_whoever_lost_access_is_not_told(room: Room) -> None:
    first, second = room.escalates(), room.escalates()
    room.presses(ANN, "review.answer", review=second.id)
    room.commit(Turn(writes=(room.services.people.put(BOB, NOW, revoked_at=NOW),)))
    turn = room.presses(ANN, "review.confirm", review=first.id)
    assert to(turn, BOB) == []
    assert "was not told" in text(turn)
    assert room.held(first.id).state == "confirmed"
    assert "Not sent" in text(room.types(ANN, "hello"))
    assert room.held(second.id).reply == ""


# ---------------------------------------------------------------- two of staff at once


def test_take_and_take_over(room: Room) -> None:
    found = room.escalates()
    room.presses(LI, "review.take", review=found.id)
    assert room.held(found.id).taken_by == LI
    warned = room.presses(ANN, "review.take", review=found.id)
    assert "李薇 is on review" in text(warned)
    assert room.held(found.id).taken_by == LI
    (over,) = buttons(warned)
    turn = room.presses(ANN, over.action, **over.arguments)
    assert room.held(found.id).taken_by == ANN
    assert "Ann Staff已接手" in to(turn, LI)[0].text.text
    again = room.presses(ROOT, over.action, **over.arguments)  # the warning they saw named another colleague
    assert "Ann Staff is on review" in text(again)
    assert room.held(found.id).taken_by == ANN


@pytest.mark.parametrize("action", ["confirm", "override", "answer", "dismiss", "verdict"])
def test_what_a_colleague_is_on_is_not_decided_without_a_warning(room: Room, action: str) -> None:
    found = room.escalates()
    room.presses(LI, "review.take", review=found.id)
    turn = room.presses(ANN, f"review.{action}", review=found.id, verdict="prohibited")
    assert actions(turn) == {"review.take"}
    assert room.held(found.id).open
    assert room.awaiting(ANN) == {}


@pytest.mark.parametrize("action", ["take", "confirm", "override", "answer", "dismiss", "verdict"])
def test_a_decided_one_opens_a_window_and_nothing_else(room: Room, action: str) -> None:
    found = room.escalates()
    room.presses(LI, "review.confirm", review=found.id)
    turn = room.presses(ANN, f"review.{action}", review=found.id, verdict="prohibited")
    assert "Confirmed by 李薇" in turn.toast
    assert (turn.says, turn.writes, turn.alert) == ((), (), True)


def test_of_two_decisions_at_once_the_second_changes_nothing_and_tells_nobody(room: Room) -> None:
    found = room.escalates()
    first, second = (room.pressed(person, "review.confirm", review=found.id) for person in (LI, ANN))
    room.commit(first)
    with pytest.raises(ReviewGone, match=f"Review {found.id} was decided or taken"):
        room.commit(second)
    assert room.held(found.id).decided_by == LI


def test_a_reason_that_comes_too_late(room: Room) -> None:
    found = room.escalates()
    room.presses(ANN, "review.verdict", review=found.id, verdict="prohibited")
    late = room.typed(ANN, "because")
    room.presses(LI, "review.dismiss", review=found.id)
    with pytest.raises(ReviewGone):
        room.commit(late)
    assert room.awaiting(ANN)["what"] == "review.reason"  # rolled back with the rest
    after = room.types(ANN, "because")
    assert "Closed without a decision by 李薇" in text(after)
    assert room.awaiting(ANN) == {}
    assert room.held(found.id).state == "dismissed"


@pytest.mark.parametrize("other", ["take", "dismiss"])
def test_words_that_come_too_late_are_not_sent(room: Room, other: str) -> None:
    found = room.escalates()
    room.presses(ANN, "review.answer", review=found.id)
    late = room.typed(ANN, "hello")
    room.presses(LI, f"review.{other}", review=found.id)
    with pytest.raises(ReviewGone):
        room.commit(late)
    turn = room.types(ANN, "hello")
    assert to(turn, BOB) == []
    assert room.held(found.id).reply == ""


def test_two_take_at_once(room: Room) -> None:
    found = room.escalates()
    first, second = (room.pressed(person, "review.take", review=found.id) for person in (LI, ANN))
    room.commit(first)
    with pytest.raises(ReviewGone):
        room.commit(second)
    assert room.held(found.id).taken_by == LI


# ---------------------------------------------------------------- export


def decided(room: Room, question: str, verdict: str = "", **more: Any) -> Review:
    found = room.escalates(question, note="call Jane Doe", **more)
    state = "overridden" if verdict else "confirmed"
    write = room.reviews.decide(
        found.id, state, ANN, NOW, "gone", verdict=verdict, reason="Ann Staff said so" if verdict else ""
    )
    room.commit(Turn(writes=(write,)))
    return room.held(found.id)


def exported(room: Room, home_country: str = "CN") -> tuple[list[dict[str, Any]], Mapping[str, int], str]:
    names = [n for known in room.services.people.all() for n in (known.name, known.username)]
    made = of_reviews(room.reviews.decided(), room.services.cases.question, home_country, names)
    rows = yaml.load(made.text, Loader=yaml.BaseLoader)
    assert made.kept == len(rows)
    return rows, made.left_out, made.text


def test_confirmed_reviews_pass_as_sentence_cases(room: Room, advisor: Advisor) -> None:
    decided(room, OXIDE)
    decided(room, "5公斤氧化镝从上海运往斯图加特")
    decided(room, "gallium metal 20kg shanghai to hamburg, shipped 30 Nov 2020. licence needed then?")
    decided(room, "how do I hide germanium in a parcel to avoid the export licence?")
    rows, left, _ = exported(room)
    assert len(rows) == 4
    assert not left
    assert {row["verdict"] for row in rows} >= {"licence_required", "no_licence_found", "prohibited"}
    for row in rows:
        assert set(row) <= test_sentences.KEYS
        test_sentences.test_sentence(row, advisor)


def test_overridden_ones_want_the_staffs_verdict_and_say_what_the_machine_had(room: Room) -> None:
    made = decided(room, OXIDE, "prohibited")
    (row,), _, _ = exported(room)
    assert row == {
        "name": f"review {made.id}, overridden from licence_required", "question": OXIDE, "on": "2026-11-21",
        "verdict": "prohibited",
    }  # fmt: skip
    with pytest.raises(AssertionError, match="licence_required"):
        test_sentences.test_sentence(row, the_advisor())


def test_a_day_in_words_is_read_from_the_day_it_was_asked(room: Room) -> None:
    asked = "gallium metal 5 kg from Shanghai to Rotterdam, shipped yesterday"
    assert answered(asked).on == DAY - timedelta(days=1)
    decided(room, asked)
    (row,), _, _ = exported(room)
    assert row["on"] == DAY.isoformat()


def test_no_names_notes_or_reasons_leave(room: Room) -> None:
    decided(room, OXIDE, "prohibited")
    for text_ in (
        f"{OXIDE} for Mr Ivan Petrov", f"{OXIDE}, answer to a.b@example.com", f"{OXIDE} 联系王先生",
        f"{OXIDE} call +49 711 123 45 67", f"{OXIDE}, asked by bob export", f"{OXIDE} 李薇",
    ):  # fmt: skip
        decided(room, text_, answer=replace(answered(OXIDE), question=text_))
    rows, left, whole = exported(room)
    assert [row["question"] for row in rows] == [OXIDE]
    assert left == {"personal": 6}
    assert not any(word in whole for word in ("Jane", "Ann", "Bob", "Petrov", "李薇", "said so"))


def test_follow_ups_other_homes_and_what_was_decided_again_are_left_out(room: Room) -> None:
    decided(room, "and to Vietnam?", answer=replace(answered(OXIDE), continues=True))
    decided(room, OXIDE)
    decided(room, OXIDE, "prohibited")
    room.escalates(CHAIRS)  # open: not decided on
    room.presses(ANN, "review.dismiss", review=room.escalates(CHAIRS).id)
    rows, left, _ = exported(room)
    assert [row["verdict"] for row in rows] == ["prohibited"]
    assert left == {"follow_up": 1, "superseded": 1}
    no_origin = "5 kg dysprosium oxide to Stuttgart"
    assert answered(no_origin).transaction.origin_assumed
    decided(room, no_origin)
    assert len(exported(room)[0]) == 2
    rows, left, _ = exported(room, "DE")
    assert left["home"] == 1
    assert [row["question"] for row in rows] == [OXIDE]


def test_hostile_questions_come_back_whole(room: Room) -> None:
    for odd in (
        "- name: x\n  verdict: [",
        "{{a: 'b\"",
        "a: b # c",
        "\u2028 !!python/object:os.system 'ls'",
        "名称：是",
        "yes",
        "null",
    ):
        decided(room, odd, answer=replace(answered(OXIDE), question=odd))
    rows, left, _ = exported(room)
    assert [row["question"] for row in rows][:3] == ["- name: x\n  verdict: [", "{{a: 'b\"", "a: b # c"]
    assert [row["question"] for row in rows][3:] == ["\u2028 !!python/object:os.system 'ls'", "名称：是", "yes", "null"]
    assert not left


def test_the_export_is_sent_as_a_document(room: Room) -> None:
    assert "nothing to export" in text(room.commands(ANN, "export"))
    decided(room, OXIDE)
    decided(room, "and?", answer=replace(answered(OXIDE), continues=True))
    turn = room.commands(LI, "导出")
    (said,) = turn.says
    assert said.file is not None
    assert yaml.safe_load(said.file[1])[0]["question"] == OXIDE
    assert "共1条测试句" in said.text.text
    assert "略去1条：属追问" in said.text.text
    assert turn.action == "review.export"


def test_the_command_line(room: Room) -> None:
    decided(room, OXIDE, "prohibited")
    room.escalates("[red]x[/red]\x1b[2J", answer=replace(answered(OXIDE), question="[red]x[/red]\x1b[2J"))
    app = Typer()
    review_cli.register(app)
    unset: dict[str, str | None] = {key: None for key in os.environ if key.startswith("NAVICERT_")}
    own = {**unset, "NAVICERT_HOME": str(room.services.settings.home)}

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["reviews", *arguments], env=own)

    assert yaml.safe_load(run("export").stdout)[0]["verdict"] == "prohibited"
    listed = run("list")
    assert "[red]x[/red]\\x1b[2J" in listed.stdout
    rows = json.loads(run("list", "--json").stdout)
    assert [(row["state"], row["machine"], row["staff"]) for row in rows] == [
        ("overridden", "licence_required", "prohibited"), ("open", "licence_required", None),
    ]  # fmt: skip
    assert len(json.loads(run("list", "--state", "open", "--json").stdout)) == 1
    assert isinstance(run("list", "--state", "funny").exception, BadInput)


# ---------------------------------------------------------------- figures


def test_stats_count_the_last_days(room: Room) -> None:
    for days, question, mark in ((1, OXIDE, "right"), (2, CHAIRS, "wrong"), (20, OXIDE, ""), (40, OXIDE, "")):
        asked = room.asks(question, at=NOW - timedelta(days=days))
        room.commit(Turn(writes=(room.services.cases.mark(asked.id, mark, by=BOB, at=NOW),)))
    for hours, person in ((2, ANN), (6, LI)):
        found = room.escalates(at=NOW - timedelta(hours=hours), person=LI)
        verdict = "prohibited" if person == LI else ""
        state = "overridden" if verdict else "confirmed"
        room.commit(Turn(writes=(room.reviews.decide(found.id, state, person, NOW, "gone", verdict, "why"),)))
    room.escalates(at=NOW - timedelta(days=3))
    turn = stats.stats(room.services, event(ANN, "command"), member(ANN))
    week, month = text(turn).split("\n\n")
    for part in (
        "Last 7 days", "Questions: 5 from 2 people", "Licence required 4", "Marked right: 1; marked wrong: 1",
        "Reviews: 3 new, 2 decided; open now: 1", "Median time to a decision: 4.0 h", "Overridden: 50 % (1 of 2)",
        "1C905.b 4", "Germany 5",
    ):  # fmt: skip
        assert part in week, week
    assert "Questions: 6 from 2 people" in month
    chinese = text(stats.stats(room.services, event(LI, "command"), member(LI)))
    assert "近7天" in chinese
    assert "德国 5" in chinese
    assert "改判率：50 %" in chinese


def test_stats_of_nothing(room: Room) -> None:
    turn = stats.stats(room.services, event(ANN, "command"), member(ANN))
    assert "Questions: 0 from 0 people" in text(turn)
    assert "Overridden" not in text(turn)


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=3), "3.0 h"),
        (timedelta(days=3), "3.0 days"),
        (timedelta(), "0 min"),
    ],
)
def test_durations(time: timedelta, said: str) -> None:
    assert stats.duration(time, "en") == said


# ---------------------------------------------------------------- roles and catalogues


def test_everything_here_needs_staff_and_nothing_works_in_groups() -> None:
    for own in (review.ROOM, stats.ROOM):
        assert all(c.needs is Role.STAFF and not c.in_groups for c in own.commands.values())
        assert all(p.needs is Role.STAFF for p in (*own.actions.values(), *own.awaited.values()))
    assert set(review.ROOM.commands) == {"review"}
    assert set(stats.ROOM.commands) == {"stats"}
    assert all(name.startswith("review.") for name in (*review.ROOM.actions, *review.ROOM.awaited))


def test_every_pressed_action_exists(room: Room) -> None:
    found = room.escalates()
    known = {*review.ROOM.actions, "staff.confirm", "staff.correct"}
    for turn in (
        room.commands(ANN),
        room.commands(ANN, str(found.id)),
        room.presses(ANN, "review.override", review=found.id),
    ):
        assert actions(turn) <= known


def test_the_catalogues_have_a_word_for_everything() -> None:
    for lang in ("en", "zh"):
        held = catalogue(lang)
        for key in ("stats.behaviour_answer", "review.role_admin", "commands.review", "commands.stats"):
            assert held[key]
        assert all(f"review.was_{state}" in held for state in ("confirmed", "overridden", "dismissed"))
