"""Answers that compliance staff are to look at, and what they decided. The machine's result stays in its question untouched.

A review is open until it is confirmed, overridden or dismissed; whoever decides second is told that it is gone. Times are
given by the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, text, update

from knowledge.errors import BadInput
from knowledge.store.audit import Person, RowOf, entry
from knowledge.store.chat_schema import reviews
from knowledge.store.database import Database, Write
from knowledge.store.people import aware, moment

KINDS = ("escalated", "wrong")
DECIDED = ("confirmed", "overridden", "dismissed")
LONGEST = 4000
"""Characters of a note, a reason or a reply that are kept."""


class ReviewGone(BadInput):
    """Somebody else was faster: the review is decided, or another person has taken it. Nothing was changed."""


@dataclass(frozen=True)
class Review:
    """One request to look at an answer. `kind` is escalated or wrong; `person` asked for it in `chat`; `state` is open,
    confirmed, overridden or dismissed. `verdict` is the staff's where they overrode, `reply` what they wrote to the asker.
    """

    id: int
    question: int
    kind: str
    chat: int
    person: int
    note: str
    state: str
    opened_at: datetime
    taken_by: int | None
    decided_by: int | None
    verdict: str
    reason: str
    reply: str
    decided_at: datetime | None

    @property
    def open(self) -> bool:
        """Is it still to be decided?"""
        return self.state == "open"


class Reviews:
    """The reviews in the database. Methods that return a Write change nothing until it is committed; one that can come
    too late raises ReviewGone then, with the words it was given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ asked for

    def open(self, question: int, kind: str, chat: int, person: int, note: str, at: datetime) -> Write:
        """Ask for a review. Where one of that kind is open for the question, the note is added to it.

        Raises BadInput for a kind that is none.
        """
        if kind not in KINDS:
            raise BadInput(f"{kind!r} is no kind of review; write one of {', '.join(KINDS)}")
        said = _storable(note)

        def write(connection: Connection) -> None:
            _take_turn(connection)
            same = (reviews.c.question == question) & (reviews.c.kind == kind) & (reviews.c.state == "open")
            held = connection.execute(select(reviews.c.id, reviews.c.note).where(same)).first()
            if held is not None:
                joined = "\n".join(part for part in (held.note, said) if part)
                connection.execute(update(reviews).where(reviews.c.id == held.id).values(note=joined[:LONGEST]))
                _record(connection, held.id, person, at, {"note": said})
                return
            row = {"question": question, "kind": kind, "chat": chat, "person": person, "note": said, "opened_at": at}
            added = insert(reviews).values(**row, state="open", verdict="", reason="", reply="")
            number = int(connection.execute(added.returning(reviews.c.id)).scalar_one())
            _record(connection, number, person, at, {"note": said})

        return write

    # ------------------------------------------------------------ looked at

    def queue(self) -> tuple[Review, ...]:
        """The open ones, the oldest first."""
        return self._some(reviews.c.state == "open")

    def decided(self) -> tuple[Review, ...]:
        """Those confirmed, overridden or dismissed, in the order they were opened."""
        return self._some(reviews.c.state != "open")

    def since(self, at: datetime) -> tuple[Review, ...]:
        """Those that were opened or decided since, or are open now."""
        recent = (reviews.c.opened_at >= at) | (reviews.c.decided_at >= at)
        return self._some(recent | (reviews.c.state == "open"))

    def get(self, number: int) -> Review | None:
        """That review."""
        found = self._some(reviews.c.id == number) if 0 < number < 2**31 else ()
        return found[0] if found else None

    def of_question(self, question: int, kind: str) -> Review | None:
        """The newest review of that kind of a question: the open one where there is one."""
        found = self._some((reviews.c.question == question) & (reviews.c.kind == kind))
        return found[-1] if found else None

    def of(self, question: int) -> tuple[Review, ...]:
        """Every review of a question, in the order they were opened."""
        return self._some(reviews.c.question == question)

    def _some(self, which: ColumnElement[bool]) -> tuple[Review, ...]:
        with self._database.read() as connection:
            rows = connection.execute(select(reviews).where(which).order_by(reviews.c.id))
            return tuple(_review(row) for row in rows)

    # ------------------------------------------------------------ decided

    def take(self, number: int, by: int, gone: str, instead_of: int | None = None) -> Write:
        """Note who is on it. `instead_of`: whom the taker saw on it and takes it over from. Raises ReviewGone, when
        written, where it is decided or somebody else has taken it meanwhile."""
        held_by = [person for person in (by, instead_of) if person is not None]
        free = reviews.c.taken_by.is_(None) | reviews.c.taken_by.in_(held_by)
        return self._change(number, free, {"taken_by": by}, gone)

    def reply(self, number: int, by: int, at: datetime, words: str, gone: str) -> Write:
        """Keep what is written to the asker, below what was written before; the review stays open. Raises ReviewGone."""

        def write(connection: Connection) -> None:
            held = connection.execute(select(reviews.c.reply).where(reviews.c.id == number)).scalar() or ""
            joined = "\n".join(part for part in (held, _storable(words)) if part)
            values = {"reply": joined, "taken_by": by}
            self._change(number, _nobody_else(by), values, gone)(connection)
            _record(connection, number, by, at, {"reply": _storable(words)})

        return write

    def decide(
        self, number: int, state: str, by: int, at: datetime, gone: str, verdict: str = "", reason: str = ""
    ) -> Write:  # fmt: skip
        """Decide an open review that nobody else is on. Raises BadInput for a state that is no decision or an override
        without verdict and reason, and ReviewGone, when written, where it was decided or taken meanwhile."""
        if state not in DECIDED:
            raise BadInput(f"{state!r} is no decision; write one of {', '.join(DECIDED)}")
        if state == "overridden" and not (verdict and reason.strip()):
            raise BadInput("An override needs its verdict and its reason.")
        values = {"state": state, "decided_by": by, "decided_at": at, "verdict": verdict, "reason": _storable(reason)}
        change = self._change(number, _nobody_else(by), values, gone)

        def write(connection: Connection) -> None:
            change(connection)
            _record(connection, number, by, at, {"reason": _storable(reason)})

        return write

    def _change(self, number: int, which: ColumnElement[bool], values: Mapping[str, Any], gone: str) -> Write:
        """Change an open review; the condition and the change are one statement, so that of two staff one comes second."""

        def write(connection: Connection) -> None:
            wanted = (reviews.c.id == number) & (reviews.c.state == "open") & which
            if not connection.execute(update(reviews).where(wanted).values(**values)).rowcount:
                raise ReviewGone(gone)

        return write


def _record(connection: Connection, number: int, by: int, at: datetime, said: Mapping[str, str]) -> None:
    """The line in the audit trail, sealed for the asker, to whom the review belongs."""
    row = connection.execute(select(reviews).where(reviews.c.id == number)).one()
    kind = "override" if row.state == "overridden" else "review"
    body = {"review": number, "state": row.state, "verdict": row.verdict, "asked": row.kind, "did": sorted(said)}
    entry(
        kind, Person(by), f"question:{row.question}", body, at=at, private={"by": by, **said}, person=row.person,
        rows=(RowOf("reviews", (number,)),),
    )(connection)  # fmt: skip


def _nobody_else(by: int) -> ColumnElement[bool]:
    return reviews.c.taken_by.is_(None) | (reviews.c.taken_by == by)


def _take_turn(connection: Connection) -> None:
    """One open review a question and kind: whoever looks and adds does so alone. SQLite's write transaction is that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE reviews IN SHARE ROW EXCLUSIVE MODE"))


def _review(row: Row[Any]) -> Review:
    return Review(
        row.id, row.question, row.kind, row.chat, row.person, row.note, row.state, aware(row.opened_at), row.taken_by,
        row.decided_by, row.verdict, row.reason, row.reply, moment(row.decided_at),
    )  # fmt: skip


def _storable(said: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate."""
    return said.strip()[:LONGEST].replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
