"""/forget and the end of what is kept: rows are deleted and the keys of their audit records destroyed, in one transaction with
the record that says so. What a legal hold covers stays until the hold is lifted.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, not_, select, update

from knowledge.store.audit import entry
from knowledge.store.audit_held import covered, held_people, still
from knowledge.store.audit_keys import known_key
from knowledge.store.audit_schema import audit, audit_person_keys, audit_record_keys
from knowledge.store.chat_schema import cases, keyboards, outbox, questions, reviews, sittings
from knowledge.store.database import Write, put_value
from knowledge.store.memo_schema import memos
from knowledge.store.schema import meta

_SOME = 500
_LAST_NUMBER = "questions.last"
"""Where the highest number of a question that was ever removed is kept."""
SOMEBODY = 0
"""Who a memo went to, once they have been forgotten: the memo is out, and its row stays."""
STRANGER = "p-none"
"""The name in the chain of somebody of whom nothing was ever recorded."""


def forget(person: int, at: datetime) -> Write:
    """Remove all that a person wrote and was answered, and what staff reviewed of it, but for what a legal hold covers:
    that goes when the hold is lifted."""

    def write(connection: Connection) -> None:
        still(connection)
        theirs = questions.c.person == person
        kept = set(connection.execute(select(questions.c.id).where(theirs & covered())).scalars())
        removed = remove_questions(connection, theirs & not_(covered()))
        connection.execute(delete(sittings).where(sittings.c.person == person))
        connection.execute(delete(keyboards).where(keyboards.c.person == person))
        mail = update(outbox).where(outbox.c.chat == person)
        unsent = mail.where(outbox.c.state.in_(("due", "unsure")))
        connection.execute(unsent.values(state="failed", detail="forgotten"))
        connection.execute(mail.values(payload="", about=""))
        whole = person in held_people(connection)
        known = known_key(connection, person)
        erased = [] if whole else _keys_of(connection, person, {f"question:{number}" for number in kept})
        destroy(connection, erased)
        if whole or kept:
            asked = update(audit_person_keys).where(audit_person_keys.c.person == person)
            connection.execute(asked.values(forget_asked_at=at))
        else:
            connection.execute(delete(audit_person_keys).where(audit_person_keys.c.person == person))
            connection.execute(update(memos).where(memos.c.issued_by == person).values(issued_by=SOMEBODY))
        name = known.pseudonym if known else STRANGER
        body = {"erased": ranges(erased), "questions": removed, "held": len(kept)}
        entry("deletion", name, name, body, at=at)(connection)

    return write


def forget_those_who_asked(connection: Connection, at: datetime) -> None:
    """Finish what legal holds had stopped, for whoever is covered by none any more."""
    asked = select(audit_person_keys.c.person).where(audit_person_keys.c.forget_asked_at.is_not(None))
    for person in connection.execute(asked).scalars().all():
        forget(person, at)(connection)


def remove_questions(connection: Connection, which: ColumnElement[bool]) -> int:
    """Delete questions with their reviews, and cases that have none left; returns how many."""
    found = connection.execute(select(questions.c.id, questions.c.case).where(which)).all()
    if found:
        put_value(connection, _LAST_NUMBER, str(max(_last_number(connection), *(row.id for row in found))))
    for some in _parts([row.id for row in found]):
        connection.execute(delete(reviews).where(reviews.c.question.in_(some)))
        connection.execute(delete(questions).where(questions.c.id.in_(some)))
    for some in _parts(sorted({row.case for row in found})):
        empty = cases.c.id.in_(some) & cases.c.id.not_in(select(questions.c.case))
        gone = connection.execute(select(cases.c.id).where(empty)).scalars().all()
        # A number may be given again: nobody may be left sitting in what is then another's case.
        connection.execute(update(sittings).where(sittings.c.case.in_(gone)).values(case=None))
        connection.execute(delete(cases).where(cases.c.id.in_(gone)))
    return len(found)


def fresh_number(connection: Connection) -> dict[str, int]:
    """The id for a new question, where the database would give that of a removed one once more, as SQLite does: records and
    memos name answers by their number, so that no two may ever bear the same. Empty: the database chooses."""
    gone = _last_number(connection)
    newest = connection.execute(select(func.max(questions.c.id))).scalar() or 0
    return {"id": gone + 1} if gone > newest and connection.dialect.name == "sqlite" else {}


def _last_number(connection: Connection) -> int:
    return int(connection.execute(select(meta.c.value).where(meta.c.key == _LAST_NUMBER)).scalar() or 0)


def destroy(connection: Connection, records: Sequence[int]) -> None:
    """Destroy the keys of records: what is sealed in them can never be read again."""
    for some in _parts(records):
        connection.execute(delete(audit_record_keys).where(audit_record_keys.c.seq.in_(some)))


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in few words: "3-9,12"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def numbers(said: str, below: int) -> Iterable[int]:
    """The numbers of such ranges that are smaller than `below`. Raises ValueError for what is none."""
    for part in filter(None, said.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), min(int(last or first) + 1, below))


def _keys_of(connection: Connection, person: int, besides: set[str]) -> list[int]:
    """The records sealed for a person, but for those about a subject of `besides`."""
    joined = select(audit.c.seq, audit.c.subject).join(audit_record_keys, audit_record_keys.c.seq == audit.c.seq)
    rows = connection.execute(joined.where(audit_record_keys.c.person == person).order_by(audit.c.seq))
    return [row.seq for row in rows if row.subject not in besides]


def _parts(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[n : n + _SOME] for n in range(0, len(numbers), _SOME))
