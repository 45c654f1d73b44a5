"""Memos that were issued, and the secret that seals them. Times are given by the caller."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, text

from knowledge.store.audit import SYSTEM, Person, entry
from knowledge.store.chat_schema import questions
from knowledge.store.database import Database, Write
from knowledge.store.memo_schema import memos
from knowledge.store.people import aware

SECRET = "memo-seal"  # noqa: S105 - the name under which it is kept
"""The key in the database's own settings."""


@dataclass(frozen=True)
class IssuedMemo:
    """A memo that left: of which answer, as what, its file's SHA-256, its code, when (UTC) and by whom (None: the command
    line; `forgetting.SOMEBODY`: somebody who was forgotten since). `id` is 0 before it is kept."""

    question: int
    format: str
    language: str
    sha256: str
    code: str
    issued_at: datetime
    issued_by: int | None
    id: int = 0


class Memos:
    """The memos in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def secret(self, fresh: str) -> str:
        """The secret of this database in hex; `fresh` is kept as such where there is none yet. Two processes that ask at
        once get the same."""
        held = self._database.value(SECRET)
        if held is None:
            with self._database.write() as connection:
                connection.execute(
                    text("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT DO NOTHING"),
                    {"key": SECRET, "value": fresh},
                )
            held = self._database.value(SECRET)
        return held or fresh

    def known_secret(self) -> str | None:
        """The secret, None where no memo was ever made."""
        return self._database.value(SECRET)

    def keep(self, memo: IssuedMemo) -> Write:
        """Note that the memo leaves, in the list of memos and in the audit trail."""
        row = {
            "question": memo.question, "format": memo.format, "language": memo.language, "sha256": memo.sha256,
            "code": memo.code, "issued_at": memo.issued_at, "issued_by": memo.issued_by,
        }  # fmt: skip
        told = {"format": memo.format, "language": memo.language, "sha256": memo.sha256, "code": memo.code}
        actor = SYSTEM if memo.issued_by is None else Person(memo.issued_by)

        def write(connection: Connection) -> None:
            connection.execute(insert(memos).values(**row))
            asker = connection.execute(select(questions.c.person).where(questions.c.id == memo.question)).scalar()
            private = {"by": memo.issued_by}  # sealed with the answer's own records, and kept as long as they are
            entry(
                "memo", actor, f"question:{memo.question}", told, at=memo.issued_at, private=private, person=asker
            )(connection)  # fmt: skip

        return write

    def with_sha256(self, sha256: str) -> tuple[IssuedMemo, ...]:
        """The memos whose file has that SHA-256: one, or several that were issued in the same second."""
        return self._some(memos.c.sha256 == sha256)

    def with_code(self, code: str) -> tuple[IssuedMemo, ...]:
        """The memos that carry that code, the oldest first."""
        return self._some(memos.c.code == code)

    def _some(self, which: ColumnElement[bool]) -> tuple[IssuedMemo, ...]:
        with self._database.read() as connection:
            rows = connection.execute(select(memos).where(which).order_by(memos.c.id)).all()
        return tuple(_memo(row) for row in rows)


def _memo(row: Row[Any]) -> IssuedMemo:
    return IssuedMemo(
        row.question, row.format, row.language, row.sha256, row.code, aware(row.issued_at), row.issued_by, row.id
    )
