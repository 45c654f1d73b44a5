"""The audit trail: records in a hash chain, added in the transaction of what they tell of, and never changed."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from knowledge.errors import BadInput
from knowledge.store import audit_rows
from knowledge.store.audit_keys import (
    NOBODY,
    Person,
    mac,
    new_record_key,
    person_key,
    record_key,
    seal,
    unseal,
)
from knowledge.store.audit_rows import RowOf
from knowledge.store.audit_schema import audit, audit_head
from knowledge.store.database import Database, Write, at_end

FORMAT = 1
GENESIS = "0" * 64
"""What the first record has for the hash of the one before it."""
SYSTEM = "navicert"
"""The actor of what nobody asked for."""
FIELDS = ("seq", "at", "kind", "actor", "subject", "body", "sealed", "previous")
"""What the hash of a record covers, each as it is stored."""

__all__ = ["AuditLog", "Head", "Person", "Record", "RowOf", "entry"]


@dataclass(frozen=True)
class Record:
    """One record as it is stored. `at` is UTC, "2026-11-22T14:03:54.000000Z"; `body` and what is sealed are canonical JSON."""

    seq: int
    at: str
    kind: str
    actor: str
    subject: str
    body: str
    sealed: str = field(repr=False)
    previous: str = field(repr=False)
    hash: str = field(repr=False)

    @property
    def said(self) -> Mapping[str, Any]:
        """The body."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def own_hash(self) -> str:
        """The hash that the stored fields give."""
        return hashed({name: getattr(self, name) for name in FIELDS})


@dataclass(frozen=True)
class Head:
    """The newest record: its number, its hash and its moment. An empty trail has number 0."""

    seq: int
    hash: str
    at: str = ""


class AuditLog:
    """The trail in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self, kind: str, actor: str | Person, subject: str | Person, body: Mapping[str, Any], *,
        at: datetime, private: Mapping[str, Any] | None = None, person: int | None = None, rows: Sequence[RowOf] = (),
    ) -> Write:  # fmt: skip
        """Add a record; see `entry`."""
        return entry(kind, actor, subject, body, at=at, private=private, person=person, rows=rows)

    def head(self) -> Head:
        """The newest record."""
        with self._database.read() as connection:
            return head_of(connection)

    def get(self, seq: int) -> Record:
        """That record. Raises BadInput where there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(audit).where(audit.c.seq == seq)).first() if 0 < seq < 2**31 else None
        if row is None:
            raise BadInput(f"There is no record {seq}. `navicert audit head` tells the newest.")
        return record(row)

    def private(self, seq: int) -> Mapping[str, Any] | None:
        """What is sealed in that record; None where nothing is or its key was destroyed. Raises StoreError where altered."""
        return self.opened(self.get(seq))

    def opened(self, found: Record) -> Mapping[str, Any] | None:
        """The same for a record that was read already."""
        if not found.sealed:
            return None
        with self._database.read() as connection:
            key = record_key(connection, found.seq)
        if key is None:
            return None
        said: dict[str, Any] = json.loads(unseal(key, found.seq, found.sealed))
        return said

    def of_subject(self, subject: str, kind: str = "") -> tuple[Record, ...]:
        """The records of a subject such as "question:12", oldest first."""
        wanted = select(audit).where(audit.c.subject == subject).order_by(audit.c.seq)
        if kind:
            wanted = wanted.where(audit.c.kind == kind)
        with self._database.read() as connection:
            return tuple(record(row) for row in connection.execute(wanted))

    def records(
        self, *, since: datetime | None = None, until: datetime | None = None, kind: str = ""
    ) -> Iterator[Record]:
        """Records in their order, from `since` and before `until`, of one kind or of all; streamed."""
        wanted = select(audit).order_by(audit.c.seq)
        if since is not None:
            wanted = wanted.where(audit.c.at >= stamp(since))
        if until is not None:
            wanted = wanted.where(audit.c.at < stamp(until))
        if kind:
            wanted = wanted.where(audit.c.kind == kind)
        with self._database.read() as connection:
            for row in connection.execution_options(yield_per=500).execute(wanted):
                yield record(row)


def entry(
    kind: str, actor: str | Person, subject: str | Person, body: Mapping[str, Any], *,
    at: datetime, private: Mapping[str, Any] | None = None, person: int | None = None, rows: Sequence[RowOf] = (),
) -> Write:  # fmt: skip
    """Add a record at the end of the transaction it is committed in.

    `body` is readable for ever, so nothing in it may tell who or what was asked: a `Person` as a value of it, as actor
    or as subject, becomes a pseudonym, and what is `private` is sealed under the key of `person` (Telegram's number;
    None: nobody's in particular). `rows` are held to the record from then on: the check finds them altered.
    """

    def write(connection: Connection) -> None:
        said = {k: _named(connection, v) for k, v in body.items()}
        row = {
            "at": stamp(at), "kind": kind, "actor": _storable(_named(connection, actor)),
            "subject": _storable(_named(connection, subject)),
        }  # fmt: skip
        whose = NOBODY if person is None else person
        at_end(connection, lambda end: _add(end, row, said, private, whose, tuple(rows)))

    return write


def head_of(connection: Connection) -> Head:
    """The newest record."""
    row = connection.execute(select(audit_head)).one()
    at = connection.execute(select(audit.c.at).where(audit.c.seq == row.seq)).scalar()
    return Head(row.seq, row.hash, at or "")


def record(row: Row[Any]) -> Record:
    """A row of the table `audit`."""
    return Record(row.seq, row.at, row.kind, row.actor, row.subject, row.body, row.sealed, row.previous, row.hash)


def canonical(value: Any) -> bytes:
    """The one way to write a value: JSON in UTF-8, keys sorted, no spaces. Numbers that are no whole ones, days and moments
    are strings; what no text can hold becomes a question mark. Raises TypeError for what is none of these."""
    plain = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return plain.encode("utf-8", "replace")


def hashed(fields: Mapping[str, Any]) -> str:
    """The hash of a record's fields."""
    return hashlib.sha256(canonical(fields)).hexdigest()


def stamp(at: datetime) -> str:
    """A moment as it stands in a record; one without a zone is UTC."""
    return audit_rows.utc(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=1)
def engine() -> str:
    """Navicert's version."""
    try:
        return version("navicert")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


def _add(
    connection: Connection, row: Mapping[str, str], body: Mapping[str, Any], private: Mapping[str, Any] | None, person: int,
    rows: Sequence[RowOf],
) -> None:  # fmt: skip
    last = connection.execute(select(audit_head).where(audit_head.c.id == 1).with_for_update()).one()
    if last.seq == 0 and row["kind"] != "start":
        start = {"at": row["at"], "kind": "start", "actor": SYSTEM, "subject": "audit"}
        _add(connection, start, {"format": FORMAT, "before": audit_rows.before(connection)}, None, NOBODY, ())
        last = connection.execute(select(audit_head)).one()
    seq, said, sealed = last.seq + 1, {"engine": engine(), **body}, ""
    if private is not None or rows:
        key = new_record_key(connection, seq, person)
        sealed = seal(key, seq, canonical(private)) if private is not None else ""
        held = {r: audit_rows.content(connection, r) for r in rows}  # one that is gone again has nothing to be held to
        if any(held.values()):
            said["rows"] = [[r.table, list(r.key), mac(key, canonical(c))] for r, c in held.items() if c is not None]
    full = {**row, "seq": seq, "body": canonical(said).decode(), "sealed": sealed, "previous": last.hash}
    full["hash"] = hashed(full)
    connection.execute(insert(audit).values(**full))
    connection.execute(update(audit_head).where(audit_head.c.id == 1).values(seq=seq, hash=full["hash"]))


def _named(connection: Connection, value: Any) -> Any:
    return person_key(connection, value.id).pseudonym if isinstance(value, Person) else value


def _storable(said: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate."""
    return said.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")
