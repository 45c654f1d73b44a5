"""Legal holds: what must be kept whatever a person or a period says. Each is recorded, with who set and lifted it and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from knowledge.errors import BadInput
from knowledge.store.audit import RowOf, entry
from knowledge.store.audit_held import covered
from knowledge.store.audit_schema import audit_holds
from knowledge.store.chat_schema import cases, people, questions
from knowledge.store.database import Database
from knowledge.store.forgetting import forget_those_who_asked
from knowledge.store.people import aware, moment

SCOPES = ("person", "case", "question")
LONGEST = 400
"""Characters of a reason or a name."""


@dataclass(frozen=True)
class Hold:
    """One hold. `scope` is person, case or question, `target` its number; `reason` is what the person is told."""

    id: int
    scope: str
    target: int
    reason: str
    by: str
    at: datetime
    lifted_at: datetime | None
    lifted_by: str
    lifted_reason: str


@dataclass(frozen=True)
class Kept:
    """What holds keep of one person: how many questions, and why."""

    questions: int
    reasons: tuple[str, ...]


class Holds:
    """The holds in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, scope: str, target: int, reason: str, by: str, at: datetime) -> Hold:
        """Hold a person, a case or a question. Raises BadInput where there is none, or reason or name is missing."""
        said, name = _words(reason, "why"), _words(by, "by")
        if scope not in SCOPES:
            raise BadInput(f"{scope!r} cannot be held. Write one of {', '.join(SCOPES)}.")
        row = {"scope": scope, "target": target, "reason": said, "by": name, "at": at}
        with self._database.write() as connection:
            if not 0 < target < 2**62 or not _there(connection, scope, target):
                raise BadInput(f"There is no {scope} {target} to hold.")
            added = insert(audit_holds).values(**row, lifted_by="", lifted_reason="").returning(audit_holds)
            hold = _hold(connection.execute(added).one())
            told = {"reason": said, "by": name, "target": target}
            _record(connection, hold.id, {"did": "set", "scope": scope}, told, at)
        return hold

    def lift(self, number: int, reason: str, by: str, at: datetime) -> Hold:
        """End a hold; who had asked to be forgotten is forgotten now. Raises BadInput where none of that number is set."""
        said, name = _words(reason, "why"), _words(by, "by")
        with self._database.write() as connection:
            which = (audit_holds.c.id == number) & audit_holds.c.lifted_at.is_(None)
            values = {"lifted_at": at, "lifted_by": name, "lifted_reason": said}
            ended = update(audit_holds).where(which).values(**values).returning(audit_holds)
            lifted = connection.execute(ended).first() if 0 < number < 2**31 else None
            if lifted is None:
                raise BadInput(f"There is no hold {number} to lift. See `navicert audit hold list`.")
            told = {"reason": said, "by": name}
            _record(connection, number, {"did": "lifted"}, told, at)
            forget_those_who_asked(connection, at)
        return _hold(lifted)

    def all(self, *, lifted: bool = False) -> tuple[Hold, ...]:
        """The holds that are set, by number; with `lifted` those that were too."""
        wanted = select(audit_holds).order_by(audit_holds.c.id)
        if not lifted:
            wanted = wanted.where(audit_holds.c.lifted_at.is_(None))
        with self._database.read() as connection:
            return tuple(_hold(row) for row in connection.execute(wanted))

    def of_person(self, person: int) -> Kept:
        """What would stay of a person who asks to be forgotten now."""
        theirs = (questions.c.person == person) & covered()
        with self._database.read() as connection:
            rows = connection.execute(select(questions.c.id, questions.c.case).where(theirs)).all()
        targets = {"person": {person}, "case": {r.case for r in rows}, "question": {r.id for r in rows}}
        why = dict.fromkeys(h.reason for h in self.all() if h.target in targets[h.scope])
        return Kept(len(rows), tuple(why))


def _record(
    connection: Connection, number: int, body: Mapping[str, str], private: Mapping[str, object], at: datetime
) -> None:  # fmt: skip
    rows = (RowOf("audit_holds", (number,)),)
    entry("hold", "staff", f"hold:{number}", body, at=at, private=private, rows=rows)(connection)


def _there(connection: Connection, scope: str, target: int) -> bool:
    column = {"person": people.c.id, "case": cases.c.id, "question": questions.c.id}[scope]
    if scope != "person" and target >= 2**31:
        return False
    return connection.execute(select(column).where(column == target)).first() is not None


def _words(said: str, option: str) -> str:
    plain = said.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8").strip()[:LONGEST]
    if not plain:
        raise BadInput(f"A hold needs who and why, for whoever looks at it later. Write --{option} TEXT.")
    return plain


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        row.id, row.scope, row.target, row.reason, row.by, aware(row.at), moment(row.lifted_at), row.lifted_by,
        row.lifted_reason,
    )  # fmt: skip
