"""Who may use the chat, by invitation, and the trail of what was done there. Times are given by the caller."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from knowledge.errors import BadInput
from knowledge.store.audit import SYSTEM, Person, entry
from knowledge.store.chat_schema import invites, people, trail
from knowledge.store.database import Database, Write


@dataclass(frozen=True)
class Known:
    """A person of the chat. `role` is exporter, staff or admin; it holds until `expires_at` and while not revoked."""

    id: int
    role: str
    name: str
    username: str
    language: str
    invited_by: int | None
    joined_at: datetime
    consented_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    seen_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Does the role hold at that moment?"""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


@dataclass(frozen=True)
class Invite:
    """An invitation, without its code. `number` is what staff see of it."""

    number: int
    role: str
    note: str
    created_by: int | None
    created_at: datetime
    expires_at: datetime
    role_until: datetime | None
    used_by: int | None
    used_at: datetime | None
    revoked_at: datetime | None

    def open(self, at: datetime) -> bool:
        """Can it still be used?"""
        return self.used_at is None and self.revoked_at is None and self.expires_at > at


@dataclass(frozen=True)
class Deed:
    """One line of the trail: who did what to what; `outcome` is done or refused."""

    id: int
    at: datetime
    person: int
    role: str
    action: str
    target: str
    outcome: str
    detail: str


class People:
    """The people, invitations and trail in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ people

    def get(self, person: int) -> Known | None:
        """That person, None for a stranger."""
        with self._database.read() as connection:
            row = connection.execute(select(people).where(people.c.id == person)).first()
        return _known(row) if row is not None else None

    def all(self) -> tuple[Known, ...]:
        """Everybody who ever joined, by role and name."""
        with self._database.read() as connection:
            rows = connection.execute(select(people).order_by(people.c.role, people.c.name, people.c.id)).all()
        return tuple(_known(row) for row in rows)

    def with_role(self, role: str, at: datetime) -> tuple[Known, ...]:
        """The people who hold exactly that role now."""
        return tuple(k for k in self.all() if k.role == role and k.holds(at))

    def put(self, person: int, at: datetime, **values: Any) -> Write:
        """Set columns of a person; a new one is an exporter unless `role` says otherwise."""

        def write(connection: Connection) -> None:
            if values.keys() & {"role", "expires_at", "revoked_at"}:
                fresh = connection.execute(select(people.c.id).where(people.c.id == person)).first() is None
                whole = {"expires_at": None, "revoked_at": None} if fresh else {}
                _record(connection, person, values.get("invited_by"), at, {**whole, **values})
            changed = (
                connection.execute(update(people).where(people.c.id == person).values(**values)) if values else None
            )
            if changed is not None and changed.rowcount:
                return
            if connection.execute(select(people.c.id).where(people.c.id == person)).first() is None:
                start = {"role": "exporter", "name": "", "username": "", "language": "", "joined_at": at}
                connection.execute(insert(people).values(id=person, **{**start, **values}))
                if "role" not in values:
                    _record(connection, person, None, at, start)

        return write

    def revoke(self, person: int, at: datetime, by: int | None = None) -> Write:
        """Take a person's role away. Raises BadInput, when written, where it is the last admin's."""

        def write(connection: Connection) -> None:
            admins = [_known(r) for r in connection.execute(select(people).where(people.c.role == "admin"))]
            holding = {k.id for k in admins if k.holds(at)}
            if holding == {person}:
                raise BadInput("the last admin cannot be revoked: nobody could invite anyone any more")
            connection.execute(update(people).where(people.c.id == person).values(revoked_at=at))
            _record(connection, person, by, at, {"revoked_at": at})

        return write

    # ------------------------------------------------------------ invitations

    def invite(
        self, role: str, by: int | None, at: datetime, expires_at: datetime, note: str = "", role_until: datetime | None = None
    ) -> str:  # fmt: skip
        """Make an invitation for one person; returns its code, which is kept nowhere."""
        said = secrets.token_urlsafe(18)
        row = {"hash": _hash(said), "role": role, "note": note, "created_by": by, "created_at": at}
        with self._database.write() as connection:
            number = int(connection.execute(select(func.max(invites.c.number))).scalar() or 0) + 1
            connection.execute(
                insert(invites).values(**row, number=number, expires_at=expires_at, role_until=role_until)
            )
            body = {"did": "made", "role": role, "expires_at": expires_at, "role_until": role_until}
            entry("invitation", _actor(by), f"invitation:{number}", body, at=at)(connection)
        return said

    def redeem(self, said: str, person: int, name: str, username: str, language: str, at: datetime) -> Known | None:
        """Join by an invitation's code; None where it is unknown, used, revoked or out of date. A role is never lowered."""
        with self._database.write() as connection:
            row = connection.execute(select(invites).where(invites.c.hash == _hash(said))).first()
            if row is None or not _invite(row).open(at):
                return None
            found = connection.execute(select(people).where(people.c.id == person)).first()
            held = _known(found) if found is not None else None
            ranks = ("exporter", "staff", "admin")
            if held is not None and held.holds(at) and ranks.index(held.role) >= ranks.index(row.role):
                return held  # nothing to gain: the invitation stays for somebody else
            connection.execute(update(invites).where(invites.c.hash == row.hash).values(used_by=person, used_at=at))
            entry("invitation", Person(person), f"invitation:{row.number}", {"did": "used"}, at=at)(connection)
            values = {"role": row.role, "expires_at": row.role_until, "revoked_at": None, "invited_by": row.created_by}
            self.put(person, at, name=name, username=username, language=language, **values)(connection)
            return _known(connection.execute(select(people).where(people.c.id == person)).one())

    def invitations(self) -> tuple[Invite, ...]:
        """All invitations, newest first."""
        with self._database.read() as connection:
            return tuple(_invite(r) for r in connection.execute(select(invites).order_by(invites.c.number.desc())))

    def withdraw(self, number: int, at: datetime, by: int | None = None) -> bool:
        """Take an invitation back; False where it is used already or unknown."""
        with self._database.write() as connection:
            unused = (invites.c.number == number) & invites.c.used_at.is_(None) & invites.c.revoked_at.is_(None)
            if not connection.execute(update(invites).where(unused).values(revoked_at=at)).rowcount:
                return False
            entry("invitation", _actor(by), f"invitation:{number}", {"did": "withdrawn"}, at=at)(connection)
            return True

    def withdraw_of_start(self, at: datetime) -> Write:
        """Take back the codes that earlier starts of the program printed."""

        def write(connection: Connection) -> None:
            left = invites.c.created_by.is_(None) & invites.c.used_at.is_(None) & invites.c.revoked_at.is_(None)
            gone = update(invites).where(left).values(revoked_at=at).returning(invites.c.number)
            for number in connection.execute(gone).scalars().all():
                entry("invitation", SYSTEM, f"invitation:{number}", {"did": "withdrawn"}, at=at)(connection)

        return write

    # ------------------------------------------------------------ trail

    def note(
        self, at: datetime, person: int, role: str, action: str, target: str = "", outcome: str = "done", detail: str = ""
    ) -> Write:  # fmt: skip
        """One line of the trail."""
        row = {"at": at, "person": person, "role": role, "action": action[:60], "target": target[:400]}
        return lambda connection: connection.execute(insert(trail).values(**row, outcome=outcome, detail=detail[:400]))

    def trail(self, count: int = 50, *, refused: bool = False) -> tuple[Deed, ...]:
        """The newest lines, newest first."""
        wanted = select(trail).order_by(trail.c.id.desc()).limit(count)
        if refused:
            wanted = wanted.where(trail.c.outcome == "refused")
        with self._database.read() as connection:
            return tuple(
                Deed(r.id, aware(r.at), r.person, r.role, r.action, r.target, r.outcome, r.detail)
                for r in connection.execute(wanted)
            )


def _actor(by: int | None) -> str | Person:
    return SYSTEM if by is None else Person(by)


def _record(connection: Connection, person: int, by: int | None, at: datetime, values: Mapping[str, Any]) -> None:
    """The line in the audit trail of a change of what somebody may do."""
    said = {k: values[k] for k in ("role", "expires_at", "revoked_at") if k in values}
    told = {"person": person, "by": by}  # under nobody's key: who could do what stays known after /forget
    entry("role", _actor(by), Person(person), said, at=at, private=told)(connection)


def aware(moment: datetime) -> datetime:
    """The moment in UTC; SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment(found: datetime | None) -> datetime | None:
    """The same for a moment that may be missing."""
    return None if found is None else aware(found)


def _hash(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()


def _known(row: Row[Any]) -> Known:
    return Known(
        row.id, row.role, row.name, row.username, row.language, row.invited_by, aware(row.joined_at),
        moment(row.consented_at), moment(row.expires_at), moment(row.revoked_at), moment(row.seen_at),
    )  # fmt: skip


def _invite(row: Row[Any]) -> Invite:
    return Invite(
        row.number, row.role, row.note, row.created_by, aware(row.created_at), aware(row.expires_at),
        moment(row.role_until), row.used_by, moment(row.used_at), moment(row.revoked_at),
    )  # fmt: skip
