"""What legal holds cover now: questions by themselves, by their case, or by who asked."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, or_, select, text

from knowledge.store.audit_schema import audit_holds
from knowledge.store.chat_schema import questions


def still(connection: Connection) -> None:
    """Let nobody set a hold before this transaction is over; SQLite's one writer is that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit_holds IN SHARE MODE"))


def covered() -> ColumnElement[bool]:
    """Of `questions`: those that a hold covers."""
    columns = {"person": questions.c.person, "case": questions.c.case, "question": questions.c.id}
    return or_(false(), *(column.in_(_targets(scope)) for scope, column in columns.items()))


def held_people(connection: Connection) -> frozenset[int]:
    """The people who are held as a whole."""
    return frozenset(connection.execute(_targets("person")).scalars())


def _targets(scope: str) -> Select[Any]:
    open_now = (audit_holds.c.scope == scope) & audit_holds.c.lifted_at.is_(None)
    return select(audit_holds.c.target).where(open_now)
