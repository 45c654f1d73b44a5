"""The chat's store: mail in and out, people, cases. Nothing twice, nothing lost; on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.limits import Allowance, Limits
from knowledge.errors import BadInput
from knowledge.store.cases import Cases, Sitting
from knowledge.store.database import Database
from knowledge.store.ledger import Ledger
from knowledge.store.people import People
from knowledge.store.post import Post
from tests.conftest import ask

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
HELLO = {"text": "hello", "entities": [], "lang": "en"}


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database, 42)


# ---------------------------------------------------------------- in


def test_an_update_is_accepted_once_also_after_it_was_handled(post: Post, database: Database) -> None:
    assert post.accept(7, 100, "{}", AT)
    assert not post.accept(7, 100, "{}", AT)
    database.commit([post.done(7)])
    assert not post.accept(7, 100, "{}", AT)
    assert post.state(7) == "done"


def test_another_bot_has_updates_of_its_own(post: Post, database: Database) -> None:
    assert post.accept(7, 100, "{}", AT)
    assert Post(database, 43).accept(7, 100, "{}", AT)
    assert [number for number, *_ in post.resume()] == [7]


def test_what_was_not_handled_is_there_at_the_next_start_in_its_order(post: Post, database: Database) -> None:
    for number in (9, 7, 8):
        post.accept(number, 100 + number, f'{{"update_id": {number}}}', AT)
    database.commit([post.done(8)])
    assert post.resume() == ((7, 107, '{"update_id": 7}', 0), (9, 109, '{"update_id": 9}', 0))
    database.commit([post.attempt(7)])
    assert [attempts for *_, attempts in post.resume()] == [1, 0]
    assert post.waiting() == 2


def test_what_is_handled_keeps_no_words_and_goes_after_a_while(post: Post, database: Database) -> None:
    post.accept(7, 100, '{"text": "canary"}', AT)
    post.accept(8, 100, "{}", AT)
    database.commit([post.done(7), post.prune(AT)])
    assert post.state(7) == "done"
    with database.read() as connection:
        assert "canary" not in str(connection.exec_driver_sql("select * from updates").all())
    database.commit([post.prune(AT + timedelta(days=3))])
    assert post.state(7) is None
    assert post.state(8) == "waiting"


# ---------------------------------------------------------------- out


def test_mail_goes_out_in_its_order_and_keeps_no_words_once_it_is_there(post: Post, database: Database) -> None:
    database.commit([post.put(5, {**HELLO, "text": t}, AT, about=f"question:{t}") for t in ("1", "2")])
    first, second = post.due(5)
    assert (first.payload["text"], second.payload["text"], post.chats_due()) == ("1", "2", (5,))
    database.commit([post.sent(first.id, 900, AT), post.failed(second.id, "Forbidden")])
    assert post.due(5) == ()
    assert post.about(5, 900) == "question:1"
    assert post.message_of(5, "question:1") == 900
    assert post.message_of(5, "question:2") is None
    assert post.outstanding() == 0
    with database.read() as connection:
        assert {row.payload for row in connection.exec_driver_sql("select payload from outbox")} == {""}


def test_what_a_kill_left_is_in_doubt(post: Post, database: Database) -> None:
    database.commit([post.put(5, HELLO, AT)])
    database.commit([post.doubt()])
    (parcel,) = post.due(5)
    assert (parcel.state, parcel.attempts) == ("unsure", 1)
    database.commit([post.redirect(parcel.id, 33)])
    (parcel,) = post.due(5)
    assert (parcel.state, parcel.target) == ("due", 33)


def test_a_later_edit_takes_the_place_of_an_earlier_one(post: Post, database: Database) -> None:
    database.commit([post.put(5, {**HELLO, "text": str(n)}, AT, target=77) for n in range(3)])
    assert [p.payload["text"] for p in post.due(5)] == ["2"]


def test_the_numbers_of_ours_between_two_messages(post: Post, database: Database) -> None:
    for number in (10, 12, 30):
        database.commit([post.put(5, HELLO, AT)])
        database.commit([post.sent(post.due(5)[0].id, number, AT)])
    assert post.numbered(10, 20) == {10, 12}
    assert post.last_message(5) == 30
    assert post.last_message(6) == 0


def test_a_button_that_can_be_pressed_once(post: Post, database: Database) -> None:
    database.commit([post.lay("abc", 5, None, [{"action": "a", "arguments": {}, "once": True}], AT, AT)])
    database.commit([post.use("abc", 0, "taken")])
    noted = People(database).note(AT, 1, "admin", "second press")
    with pytest.raises(BadInput, match="taken"):
        database.commit([noted, post.use("abc", 0, "taken")])
    assert People(database).trail() == ()  # everything else of that press is undone too
    found = post.keyboard("abc")
    assert found is not None
    assert found.used == (0,)


# ---------------------------------------------------------------- people


def test_an_invitation_is_good_for_one_person(database: Database) -> None:
    people = People(database)
    code = people.invite("staff", 1, AT, AT + timedelta(days=1), "for Anna", AT + timedelta(days=30))
    joined = people.redeem(code, 50, "Anna", "anna", "", AT)
    assert joined is not None
    assert (joined.role, joined.invited_by, joined.expires_at) == ("staff", 1, AT + timedelta(days=30))
    assert people.redeem(code, 51, "Otto", "", "", AT) is None
    assert joined.holds(AT)
    assert not joined.holds(AT + timedelta(days=31))
    with database.read() as connection:
        assert code not in str(connection.exec_driver_sql("select * from invites").all())


def test_an_invitation_never_lowers_a_role(database: Database) -> None:
    people = People(database)
    database.commit([people.put(50, AT, role="admin")])
    code = people.invite("exporter", 1, AT, AT + timedelta(days=1))
    again = people.redeem(code, 50, "Anna", "", "", AT)
    assert again is not None
    assert again.role == "admin"
    other = people.redeem(code, 51, "Otto", "", "", AT)
    assert other is not None
    assert other.role == "exporter"  # it was not used up


@pytest.mark.parametrize("late", [timedelta(days=1), timedelta(days=9)])
def test_an_invitation_ends(database: Database, late: timedelta) -> None:
    people = People(database)
    code = people.invite("staff", 1, AT, AT + timedelta(days=1))
    assert people.redeem(code, 50, "Anna", "", "", AT + late) is None
    open_one = people.invite("staff", 1, AT, AT + timedelta(days=1))
    assert people.withdraw(2, AT)
    assert people.redeem(open_one, 50, "Anna", "", "", AT) is None


def test_the_last_admin_stays(database: Database) -> None:
    people = People(database)
    database.commit([people.put(1, AT, role="admin"), people.put(2, AT, role="admin", expires_at=AT)])
    with pytest.raises(BadInput, match="last admin"):
        database.commit([people.revoke(1, AT)])
    database.commit([people.put(2, AT, expires_at=None)])
    database.commit([people.revoke(1, AT)])
    found = people.get(1)
    assert found is not None
    assert not found.holds(AT)


# ---------------------------------------------------------------- cases


def test_an_answer_is_kept_whole_and_once(database: Database) -> None:
    cases = Cases(database)
    answer = ask("5 kg dysprosium oxide from Shanghai to Stuttgart")
    case = cases.open(5, 5, "dysprosium", AT)
    number = cases.keep(case, 700, answer, AT)
    assert cases.keep(case, 700, answer, AT) == number
    assert cases.kept(5, 700) == (number, case.id)
    assert cases.kept(5, 701) is None
    kept = cases.question(number)
    assert kept is not None
    assert kept.answer == answer
    assert (kept.verdict, kept.on) == ("licence_required", date(2026, 11, 21))


def test_a_step_back(database: Database) -> None:
    cases = Cases(database)
    case = cases.open(5, 5, "dysprosium", AT)
    numbers = [cases.keep(case, n, ask("dysprosium oxide to Japan"), AT) for n in (1, 2)]
    database.commit([cases.take_back(numbers[1], by=5, at=AT)])
    last = cases.last(case.id)
    assert last is not None
    assert last.id == numbers[0]
    assert [a.id for a in cases.asked(case.id, undone=True)] == numbers


def test_forgetting_leaves_nothing_of_one_and_all_of_the_other(database: Database) -> None:
    cases = Cases(database)
    for person in (5, 6):
        case = cases.open(person, person, f"case of {person}", AT)
        cases.keep(case, person, ask("dysprosium oxide to Japan"), AT)
        database.commit([cases.sit(Sitting(person, person, case.id, None, {"what": "ask.day"}), AT)])
    database.commit([cases.forget(5, AT)])
    assert cases.of_person(5, 5) == ()
    assert cases.sitting(5, 5) == Sitting(5, 5)
    assert len(cases.of_person(6, 6)) == 1
    assert cases.sitting(6, 6).awaiting == {"what": "ask.day"}


# ---------------------------------------------------------------- limits, sources


def test_a_bucket_fills_again_with_time() -> None:
    limits, allowance = Limits(), Allowance(at_once=2, per_minute=6)
    assert [limits.take(1, "text", allowance, AT) for _ in range(2)] == [0, 0]
    assert limits.take(1, "text", allowance, AT) == pytest.approx(10)
    assert limits.take(2, "text", allowance, AT) == 0
    assert limits.take(1, "text", allowance, AT + timedelta(seconds=10)) == 0
    assert limits.take(1, "text", allowance, AT + timedelta(seconds=11)) > 0


def test_a_source_of_the_registry_is_noted_by_what_it_names_too(database: Database) -> None:
    ledger = Ledger(database)
    ledger.add_source("us-ccl", "ecfr:15/part-774", 30, AT)
    ledger.note_source("ecfr:15/part-774", "current", "", AT, ingested=True)
    (source,) = ledger.sources()
    assert source.ingested_at is not None
    assert not source.stale(AT)
