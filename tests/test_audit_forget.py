"""/forget, legal holds and the end of what is kept: the content is gone for good and the chain still verifies."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from knowledge.errors import BadInput
from knowledge.store import retention
from knowledge.store.audit import Record
from knowledge.store.audit_holds import Holds
from knowledge.store.audit_schema import audit_holds, audit_person_keys, audit_record_keys
from knowledge.store.audit_verify import verify
from knowledge.store.cases import Cases
from knowledge.store.chat_schema import questions, reviews
from knowledge.store.database import Database
from knowledge.store.forgetting import SOMEBODY, numbers, ranges
from knowledge.store.memos import IssuedMemo, Memos
from tests.audit_world import ANN, BOB, DAY, START, World, lived


@pytest.fixture
def world(database: Database) -> World:
    return lived(database)


def sound(world: World, home: Path) -> bool:
    found = verify(world.database, home)
    assert found.findings == ()
    return found.sound


def forget(world: World, person: int) -> Record:
    world.database.commit([Cases(world.database).forget(person, world.at)])
    return world.records("deletion")[-1]


def sealed_open(world: World) -> list[int]:
    return [r.seq for r in world.records() if world.log.private(r.seq) is not None]


# ---------------------------------------------------------------- forgetting


def test_no_answer_gets_the_number_of_a_forgotten_one(world: World) -> None:
    """Records and memos name answers by their number."""
    cases = Cases(world.database)
    with world.database.read() as connection:
        last = connection.execute(select(questions.c.id).order_by(questions.c.id.desc())).scalars().first()
    kept = cases.question(last or 0)
    assert kept is not None
    again = kept.answer
    world.database.commit([cases.forget(kept.person, world.at)])
    numbers_given = [
        cases.keep(cases.open(kept.chat, BOB, "new", world.at), 9_000 + n, again, world.at) for n in (1, 2)
    ]
    assert numbers_given[0] > kept.id
    assert numbers_given[1] > numbers_given[0]


def test_forgetting_destroys_the_content_and_leaves_the_chain(world: World, tmp_path: Path) -> None:
    head = world.log.head()
    mine = [r for r in world.records("answer") if r.subject != "question:2"]
    before = sealed_open(world)
    told = forget(world, ANN)
    assert (told.said["questions"], told.said["held"]) == (2, 0)
    gone = set(numbers(told.said["erased"], 10_000))
    assert gone == {r.seq for r in mine} | {10, 14}  # the answers, the mark, the step back
    assert sealed_open(world) == [seq for seq in before if seq not in gone]
    assert [world.log.private(r.seq) for r in mine] == [None, None]
    assert verify(world.database, tmp_path, [head]).sound
    found = verify(world.database, tmp_path)
    assert (found.findings, found.erased) == ((), 4)
    with world.database.read() as connection:
        assert ANN not in connection.execute(select(audit_person_keys.c.person)).scalars().all()
        assert connection.execute(select(questions.c.person)).scalars().all() == [BOB]


def test_the_sealed_parts_cannot_be_opened_with_any_key_that_is_left(world: World) -> None:
    from knowledge.store.audit_keys import Unreadable, unseal

    forget(world, ANN)
    with world.database.read() as connection:
        left = connection.execute(select(audit_person_keys.c.key)).scalars().all()
    import base64

    for record in world.records("answer"):
        if world.log.private(record.seq) is None:
            for key in left:
                with pytest.raises(Unreadable):
                    unseal(base64.b64decode(key), record.seq, record.sealed)


def test_who_comes_back_is_somebody_new(world: World, tmp_path: Path) -> None:
    old = world.records("answer")[0].actor
    assert forget(world, ANN).actor == old
    number = world.asks(ANN)
    again = world.records("answer")[-1]
    assert (again.subject, again.actor == old) == (f"question:{number}", False)
    assert sound(world, tmp_path)
    assert forget(world, 404).actor == "p-none"
    assert sound(world, tmp_path)


def test_a_key_taken_away_by_hand_is_no_forgetting(world: World, tmp_path: Path) -> None:
    with world.database.write() as connection:
        connection.execute(delete(audit_record_keys).where(audit_record_keys.c.seq == 7))
        connection.execute(delete(reviews))
        connection.execute(delete(questions).where(questions.c.id == 1))
    where = [f.where for f in verify(world.database, tmp_path).findings]
    assert where == ["record 7", "questions 1", "reviews 1"]


def test_what_was_forgotten_and_put_back_from_a_backup_is_found(world: World, tmp_path: Path) -> None:
    with world.database.read() as connection:
        people = [dict(r) for r in connection.execute(select(audit_person_keys).where(audit_person_keys.c.person == ANN)).mappings()]  # fmt: skip
        keys = [dict(r) for r in connection.execute(select(audit_record_keys).where(audit_record_keys.c.person == ANN)).mappings()]  # fmt: skip
    forget(world, ANN)
    with world.database.write() as connection:
        connection.execute(insert(audit_person_keys), people)
        connection.execute(insert(audit_record_keys), keys)
    found = verify(world.database, tmp_path).findings
    assert len(found) == len(keys)
    assert all("says that it was destroyed" in f.what for f in found)


def test_ranges() -> None:
    assert ranges([5, 3, 4, 9, 11, 12]) == "3-5,9,11-12"
    assert list(numbers("3-5,9,11-12", 12)) == [3, 4, 5, 9, 11]
    assert (ranges([]), list(numbers("", 9))) == ("", [])
    assert list(numbers("1-99999999999", 3)) == [1, 2]


# ---------------------------------------------------------------- holds


def test_a_hold_keeps_what_it_covers_and_lifting_it_finishes_the_forgetting(world: World, tmp_path: Path) -> None:
    holds = Holds(world.database)
    hold = holds.add("question", 1, "  Customs asked for it.  ", "Ada", world.at)
    assert (hold.reason, hold.scope, hold.target) == ("Customs asked for it.", "question", 1)
    kept = holds.of_person(ANN)
    assert (kept.questions, kept.reasons) == (1, ("Customs asked for it.",))
    told = forget(world, ANN)
    assert (told.said["questions"], told.said["held"]) == (1, 1)
    cases = Cases(world.database)
    assert cases.question(1) is not None
    assert cases.question(3) is None
    held = world.log.of_subject("question:1", "answer")[0]
    assert world.log.private(held.seq) is not None
    assert sound(world, tmp_path)
    world.at += DAY
    holds.lift(hold.id, "The case is closed.", "Ada", world.at)
    assert cases.question(1) is None
    assert world.log.private(held.seq) is None
    assert [r.kind for r in world.records()[-3:]] == ["deletion", "hold", "deletion"]
    assert sound(world, tmp_path)
    assert holds.all() == ()
    assert [h.lifted_reason for h in holds.all(lifted=True)] == ["The case is closed."]
    with pytest.raises(BadInput, match="no hold 1 to lift"):
        holds.lift(hold.id, "again", "Ada", world.at)


def test_a_hold_taken_away_or_changed_by_hand_is_found(world: World, tmp_path: Path) -> None:
    hold = Holds(world.database).add("question", 1, "why", "Ada", world.at)
    assert sound(world, tmp_path)
    with world.database.write() as connection:
        connection.execute(update(audit_holds).values(target=2))
    assert [f.where for f in verify(world.database, tmp_path).findings] == [f"audit_holds {hold.id}"]
    with world.database.write() as connection:
        connection.execute(delete(audit_holds))
    assert [f.where for f in verify(world.database, tmp_path).findings] == [f"audit_holds {hold.id}"]


@pytest.mark.parametrize(("scope", "target"), [("person", ANN), ("case", 3)])
def test_a_hold_on_a_person_or_a_case(world: World, tmp_path: Path, scope: str, target: int) -> None:
    hold = Holds(world.database).add(scope, target, "why", "Ada", world.at)
    told = forget(world, ANN)
    left = [n for n in (1, 2, 3) if Cases(world.database).question(n) is not None]
    assert left == ([1, 2, 3] if scope == "person" else [2, 3])
    assert told.said["held"] == (2 if scope == "person" else 1)
    assert sound(world, tmp_path)
    Holds(world.database).lift(hold.id, "over", "Ada", world.at)
    assert [n for n in (1, 2, 3) if Cases(world.database).question(n) is not None] == [2]
    assert sound(world, tmp_path)


def test_lifting_forgets_nobody_who_did_not_ask(world: World) -> None:
    hold = Holds(world.database).add("person", ANN, "why", "Ada", world.at)
    Holds(world.database).lift(hold.id, "over", "Ada", world.at)
    assert Cases(world.database).question(1) is not None


def test_two_holds_on_one_question_must_both_be_lifted(world: World, tmp_path: Path) -> None:
    holds = Holds(world.database)
    both = [holds.add("question", 1, "a", "Ada", world.at), holds.add("case", 1, "b", "Ada", world.at)]
    assert holds.of_person(ANN).reasons == ("a", "b")
    forget(world, ANN)
    holds.lift(both[0].id, "x", "Ada", world.at)
    assert Cases(world.database).question(1) is not None
    holds.lift(both[1].id, "x", "Ada", world.at)
    assert Cases(world.database).question(1) is None
    assert sound(world, tmp_path)


@pytest.mark.parametrize(
    ("scope", "target", "why", "by"),
    [("case", 99, "w", "b"), ("question", 0, "w", "b"), ("person", 2**63, "w", "b"), ("question", 2**40, "w", "b"),
     ("street", 1, "w", "b"), ("case", 1, " ", "b"), ("case", 1, "w", "")],
)  # fmt: skip
def test_a_hold_that_is_none(world: World, scope: str, target: int, why: str, by: str) -> None:
    before = world.log.head()
    with pytest.raises(BadInput):
        Holds(world.database).add(scope, target, why, by, world.at)
    assert (Holds(world.database).all(), world.log.head()) == ((), before)


# ---------------------------------------------------------------- retention


def ends(world: World, days: int) -> retention.Ended:
    return retention.run(world.database, START + timedelta(days=days))


def test_what_nobody_acted_upon_ends_before_what_was_acted_upon(world: World, tmp_path: Path) -> None:
    cases = Cases(world.database)
    assert ends(world, 731) == retention.Ended(0, 0, 0)
    assert ends(world, 732) == retention.Ended(2, 1, 0)  # question 3: its answer and the step back
    assert [cases.question(n) is not None for n in (1, 2, 3)] == [True, True, False]
    assert sound(world, tmp_path)
    assert ends(world, retention.YEARS_5).questions == 0
    done = ends(world, retention.YEARS_5 + 1)
    assert done.questions == 2
    assert [cases.question(n) for n in (1, 2, 3)] == [None, None, None]
    assert sound(world, tmp_path)
    left = [r.kind for r in world.records() if world.log.private(r.seq) is not None]
    assert left == ["decision"]
    assert ends(world, retention.YEARS_5 + 1) == retention.Ended(0, 0, 0)


def test_the_case_of_an_ended_question_is_nobodys_seat(world: World) -> None:
    from knowledge.store.cases import Sitting

    cases = Cases(world.database)
    world.database.commit([cases.sit(Sitting(ANN, ANN, 3), world.at)])
    ends(world, 732)
    assert cases.case(3) is None
    assert cases.sitting(ANN, ANN).case is None


def test_a_hold_outlasts_every_period(world: World, tmp_path: Path) -> None:
    hold = Holds(world.database).add("question", 2, "why", "Ada", world.at)
    done = ends(world, 4000)
    assert done.held == 1
    assert Cases(world.database).question(2) is not None
    assert Cases(world.database).question(1) is None
    assert sound(world, tmp_path)
    Holds(world.database).lift(hold.id, "over", "Ada", world.at)
    assert ends(world, 4000).questions == 1
    assert sound(world, tmp_path)


def test_a_period_is_set_and_recorded(world: World) -> None:
    retention.set_period(world.database, "answer", 30, "Ada", world.at)
    retention.set_period(world.database, "mark", 30, "Ada", world.at)
    assert retention.periods(world.database)["answer"] == 30
    record = world.records("retention")[0]
    assert (record.said["of"], record.said["days"]) == ("answer", 30)
    assert world.log.private(record.seq) == {"by": "Ada"}
    assert ends(world, 31).questions == 1
    retention.set_period(world.database, "acted", None, "Ada", world.at)
    ends(world, 30_000)
    assert Cases(world.database).question(1) is not None
    for kind, days, by in (("x", 5, "a"), ("answer", 0, "a"), ("answer", 5, " ")):
        with pytest.raises(BadInput):
            retention.set_period(world.database, kind, days, by, world.at)


def test_questions_from_before_the_trail_end_too(world: World, tmp_path: Path) -> None:
    with world.database.write() as connection:
        row = dict(connection.execute(select(questions).where(questions.c.id == 3)).mappings().one())
        connection.execute(insert(questions).values(**{**row, "id": 50, "event": 50}))
    assert ends(world, retention.YEARS_5).questions == 1
    assert ends(world, retention.YEARS_5 + 1).questions == 3
    assert sound(world, tmp_path)


def test_a_question_that_gained_a_record_meanwhile_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look and the deletion are two transactions; a review that comes in between is not lost."""
    with world.database.read() as connection:
        over = retention._over(connection, START + timedelta(days=732))
    assert len(over) == 1
    world.review(3)
    monkeypatch.setattr(retention, "_over", lambda *_: list(over))
    assert ends(world, 732) == retention.Ended(0, 0, 0)
    assert Cases(world.database).question(3) is not None


def test_the_body_of_a_deletion_tells_no_more_than_numbers(world: World) -> None:
    told = forget(world, ANN)
    assert set(json.loads(told.body)) == {"engine", "erased", "questions", "held"}


def test_who_a_memo_went_to_is_forgotten_with_them(world: World) -> None:
    memos = Memos(world.database)
    issued = IssuedMemo(1, "md", "en", "a" * 64, "AAAA-BBBB-CCCC-DDDD", START, ANN)
    world.database.commit([memos.keep(issued), memos.keep(replace(issued, sha256="b" * 64, issued_by=BOB))])
    world.database.commit([Cases(world.database).forget(ANN, START)])
    assert [m.issued_by for m in memos.with_code(issued.code)] == [SOMEBODY, BOB]
