"""What people follow: subjects of the law, single answers, and whether they hear of their own answers at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from knowledge.store.alert_rows import NEVER
from knowledge.store.audit import Person, entry
from knowledge.store.database import Database, Write
from knowledge.store.people import aware
from knowledge.store.watch_schema import alert_ahead, alert_keys, alert_questions, alerts, watch_choices, watches

QUESTION = "question"
"""The kind of a watch on one answer; its subject is the answer's number."""
MOST = 50
"""Watches that one person can have."""


@dataclass(frozen=True)
class Subscription:
    """A person follows a subject. `key` names it as rules do: code:1C905, element:Dy, dest:RU, list:EL,
    instrument:CN-2025-61, question:12. `wording`: changes of wording alone are told too."""

    id: int
    person: int
    kind: str
    subject: str
    wording: bool
    language: str
    created_at: datetime

    @property
    def key(self) -> str:
        """The subject as rules name it."""
        return f"{self.kind}:{self.subject}"


class Subscriptions:
    """Watches in the database. Methods that return a Write change nothing until it is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, person: int) -> tuple[Subscription, ...]:
        """What a person follows, oldest first."""
        return self._found(watches.c.person == person)

    def of_subjects(self) -> tuple[Subscription, ...]:
        """Everybody's watches on subjects of the law."""
        return self._found(watches.c.kind != QUESTION)

    def of_questions(self) -> Mapping[int, frozenset[int]]:
        """Who follows which answers: person -> their numbers."""
        found: dict[int, set[int]] = {}
        for one in self._found(watches.c.kind == QUESTION):
            found.setdefault(one.person, set()).add(int(one.subject))
        return {person: frozenset(numbers) for person, numbers in found.items()}

    def follow(self, person: int, key: str, language: str, at: datetime, *, wording: bool = False) -> Write:
        """Follow a subject from now on; of one that is followed already, only whether its wording counts is set."""
        kind, _, subject = key.partition(":")

        def write(connection: Connection) -> None:
            mine = (watches.c.person == person, watches.c.kind == kind, watches.c.subject == subject)
            values = {"wording": int(wording), "language": language}
            open_ = update(watches).where(*mine, watches.c.ended_at.is_(None))
            if not connection.execute(open_.values(**values)).rowcount:
                row = {"person": person, "kind": kind, "subject": subject, "created_at": at}
                connection.execute(insert(watches).values(**row, **values))
            said = {"on": True, "wording": wording}
            entry("watch", Person(person), Person(person), said, at=at, private={"key": key}, person=person)(connection)

        return write

    def leave(self, person: int, watch: int, at: datetime) -> Write:
        """Follow it no more. Another person's watch stays."""

        def write(connection: Connection) -> None:
            mine = (watches.c.person == person, watches.c.id == watch, watches.c.ended_at.is_(None))
            if connection.execute(update(watches).where(*mine).values(ended_at=at)).rowcount:
                said = {"on": False, "watch": watch}
                entry("watch", Person(person), Person(person), said, at=at)(connection)

        return write

    def take_up(self, person: int, watch: int) -> Write:
        """Follow again what was left, unless another watch follows it by now: it would be told twice."""

        def write(connection: Connection) -> None:
            mine = (watches.c.person == person, watches.c.id == watch)
            row = connection.execute(select(watches).where(*mine, watches.c.ended_at.is_not(None))).first()
            if row is None:
                return
            same = (watches.c.person == person, watches.c.kind == row.kind, watches.c.subject == row.subject)
            open_ = select(watches.c.id).where(*same, watches.c.ended_at.is_(None))
            if connection.execute(open_).first() is None:
                connection.execute(update(watches).where(*mine).values(ended_at=None))

        return write

    def key(self, person: int, watch: int) -> str | None:
        """What that watch of the person is or was on."""
        wanted = select(watches.c.kind, watches.c.subject).where(watches.c.person == person, watches.c.id == watch)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return f"{row.kind}:{row.subject}" if row is not None else None

    def answers(self, person: int) -> bool:
        """Does the person hear of their own answers?"""
        with self._database.read() as connection:
            wanted = select(watch_choices.c.answers).where(watch_choices.c.person == person)
            found = connection.execute(wanted).scalar()
        return found is None or bool(found)

    def choose(self, person: int, at: datetime, *, answers: bool) -> Write:
        """Hear of one's own answers, or no more."""

        def write(connection: Connection) -> None:
            values = {"answers": int(answers), "changed_at": at}
            if not connection.execute(
                update(watch_choices).where(watch_choices.c.person == person).values(**values)
            ).rowcount:
                connection.execute(insert(watch_choices).values(person=person, **values))

        return write

    def forget(self, person: int) -> Write:
        """Nothing of what the person followed is kept, and nothing that waits is told them."""

        def write(connection: Connection) -> None:
            connection.execute(watches.delete().where(watches.c.person == person))
            connection.execute(watch_choices.delete().where(watch_choices.c.person == person))
            connection.execute(alerts.delete().where(alerts.c.person == person))
            # Answers that a legal hold keeps are looked after no more.
            theirs = select(alert_questions.c.question).where(alert_questions.c.person == person)
            connection.execute(alert_keys.delete().where(alert_keys.c.question.in_(theirs)))
            connection.execute(alert_ahead.delete().where(alert_ahead.c.question.in_(theirs)))
            blank = {"due": NEVER, "deal": "", "told": "", "subject": ""}
            connection.execute(update(alert_questions).where(alert_questions.c.person == person).values(**blank))

        return write

    def _found(self, which: object) -> tuple[Subscription, ...]:
        wanted = select(watches).where(which, watches.c.ended_at.is_(None)).order_by(watches.c.id)  # type: ignore[arg-type]
        with self._database.read() as connection:
            return tuple(
                Subscription(r.id, r.person, r.kind, r.subject, bool(r.wording), r.language, aware(r.created_at))
                for r in connection.execute(wanted)
            )
