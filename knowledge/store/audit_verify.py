"""The check of the audit trail: every record against its hash and the one before it, remembered heads against the trail, keys
against records, and stored answers, reviews, decisions and generations against the records that stand for them.

It reads the trail once, in order, in one snapshot, and keeps in memory only the newest record of each row.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select, text

from knowledge.store.audit import GENESIS, Head, canonical, record
from knowledge.store.audit_heads import Line, lines
from knowledge.store.audit_keys import Unreadable, key_in, mac, unwrap
from knowledge.store.audit_roles import Roles
from knowledge.store.audit_rows import CHECKED, RowOf, contents, rows_in
from knowledge.store.audit_schema import audit, audit_head, audit_person_keys, audit_record_keys
from knowledge.store.database import Database
from knowledge.store.forgetting import numbers

MOST = 100
"""Findings that are told; what lies behind the first is often its consequence."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written: where ("record 12", "questions 7", "line 3 of audit.heads") and what."""

    where: str
    what: str


@dataclass(frozen=True)
class Verified:
    """The outcome. `rows`: stored rows that agreed with their record; `erased`: records whose private part was destroyed by
    rule; `findings` in the order of the trail, at most MOST; `notes` are no faults."""

    records: int
    head: Head
    rows: int
    erased: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Is everything as it was written?"""
        return not self.findings


def verify(database: Database, home: Path, given: Sequence[Head] = ()) -> Verified:
    """Check the trail of `database` against itself, the heads remembered in `home` and heads that were kept elsewhere.

    Raises StoreError where the database or the file of heads cannot be read.
    """
    kept = list(lines(home))  # first: what is appended meanwhile is then in the snapshot too
    with database.read() as connection:
        if not database.embedded:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        check = _Check(connection, _Heads.of(kept, given))
        check.chain()
        check.erasures()
        check.rows()
    notes = [f"line {line.number} of audit.heads was cut short and is left out" for line in kept if line.torn]
    return Verified(
        check.records, check.last, check.agreed, len(check.keyless), tuple(check.found[:MOST]), tuple(notes)
    )


@dataclass(frozen=True)
class _Heads:
    """Heads that the trail must have, by number: each hash with where it was kept."""

    wanted: Mapping[int, Sequence[tuple[str, str]]]
    unreadable: tuple[str, ...]

    @classmethod
    def of(cls, kept: Iterable[Line], given: Iterable[Head]) -> "_Heads":
        wanted: dict[int, list[tuple[str, str]]] = {}
        unreadable = []
        for line in kept:
            where = f"line {line.number} of audit.heads"
            if line.head is not None:
                wanted.setdefault(line.head.seq, []).append((line.head.hash, where))
            elif not line.torn:
                unreadable.append(where)
        for head in given:
            wanted.setdefault(head.seq, []).append((head.hash, f"the head {head.seq} that you gave"))
        return cls(wanted, tuple(unreadable))


@dataclass
class _Check:
    connection: Connection
    heads: _Heads
    found: list[Finding] = field(default_factory=list)
    records: int = 0
    last: Head = field(default_factory=lambda: Head(0, GENESIS))
    agreed: int = 0
    newest: dict[RowOf, tuple[int, str]] = field(default_factory=dict)
    keys: dict[int, bytes] = field(default_factory=dict)
    keyed: set[int] = field(default_factory=set)
    keyless: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)
    before: dict[str, list[int]] = field(default_factory=dict)
    roles: Roles = field(default_factory=Roles)

    def tell(self, where: str, what: str) -> None:
        self.found.append(Finding(where, what))

    # ------------------------------------------------------------ the chain

    def chain(self) -> None:
        people = {row.person: row for row in self.connection.execute(select(audit_person_keys))}
        joined = select(audit, audit_record_keys.c.person, audit_record_keys.c.wrapped)
        joined = joined.outerjoin(audit_record_keys, audit_record_keys.c.seq == audit.c.seq).order_by(audit.c.seq)
        for row in self.connection.execution_options(yield_per=500).execute(joined):
            self._link(row)
            self._body(row, people)
        self._end()
        # Keys whose record is gone: what was read starts from the trail and cannot show them.
        orphans = select(audit_record_keys.c.seq).where(audit_record_keys.c.seq.not_in(select(audit.c.seq)))
        for seq in self.connection.execute(orphans.order_by(audit_record_keys.c.seq)).scalars():
            self.tell(f"record {seq}", "its key is kept and the record is gone")

    def _link(self, row: Row[Any]) -> None:
        said, where, expected = record(row), f"record {row.seq}", self.last.seq + 1
        if said.seq != expected:
            gone = f"record {expected}" if said.seq == expected + 1 else f"records {expected} to {said.seq - 1}"
            self.tell(gone, "deleted: the numbers have a gap" if said.seq > expected else "there is no such number")
        elif said.previous != self.last.hash:
            self.tell(where, "does not follow the record before it: one of the two was put in, moved or rewritten")
        if said.own_hash() != said.hash:
            self.tell(where, "altered: its fields do not give its hash")
        for wanted, place in self.heads.wanted.get(said.seq, ()):
            if wanted != said.hash:
                self.tell(
                    where, f"not the record that {place} remembers: the trail was rewritten up to here or further"
                )
        self.last, self.records = Head(said.seq, said.hash, said.at), self.records + 1

    def _body(self, row: Row[Any], people: Mapping[int, Row[Any]]) -> None:
        try:
            said = json.loads(row.body)
            rows = rows_in(said)
            if row.kind in ("deletion", "retention"):
                self.erased |= set(numbers(said.get("erased", ""), row.seq))
            if row.kind == "start":
                self.before = {str(k): list(v) for k, v in said["before"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            self.tell(f"record {row.seq}", "altered: its body is not what is written there")
            return
        for which, keyed_hash in rows:
            self.newest[which] = (row.seq, keyed_hash)
        key = None
        if row.wrapped is not None and (row.sealed or rows):
            self.keyed.add(row.seq)
            key = self._key(row, people)
        elif row.sealed or rows:
            self.keyless.add(row.seq)
        self.roles.read(row, key)
        if key is not None and rows:
            self.keys[row.seq] = key

    def _key(self, row: Row[Any], people: Mapping[int, Row[Any]]) -> bytes | None:
        owner = people.get(row.person)
        try:
            if owner is not None:
                return unwrap(key_in(owner), row.seq, row.wrapped)
            self.tell(f"record {row.seq}", "its key is sealed under a person's key that is gone, and no record says so")
        except Unreadable:
            self.tell(f"record {row.seq}", "its key, or its person's, was altered: what is sealed cannot be read")
        return None

    def _end(self) -> None:
        rows = self.connection.execute(select(audit_head)).all()
        if len(rows) != 1 or tuple(rows[0]) != (1, self.last.seq, self.last.hash):
            said = f"record {rows[0].seq}" if rows else "no record"
            self.tell("the end", f"the database remembers {said} as the newest; the trail ends with {self.last.seq}")
        for seq, places in sorted(self.heads.wanted.items()):
            if seq > self.last.seq:
                self.tell(f"record {seq}", f"cut off: {places[0][1]} remembers it; the trail ends with {self.last.seq}")
        for where in self.heads.unreadable:
            self.tell(where, "altered: it is no head")

    # ------------------------------------------------------------ what was destroyed by rule

    def erasures(self) -> None:
        for seq in sorted(self.keyless - self.erased):
            self.tell(f"record {seq}", "its key was taken away, and no deletion or retention record says so")
        for seq in sorted(self.keyed & self.erased):
            self.tell(f"record {seq}", "its key is there although a later record says that it was destroyed")

    # ------------------------------------------------------------ stored rows

    def rows(self) -> None:
        for table in CHECKED:
            unknown = list(self._unrecorded(table))
            if table not in self.before:  # nothing was recorded of it when the trail began
                continue
            highest, count = self.before[table]
            first = next((r for r in unknown if r.key[0] > highest), None)
            if first is not None or len(unknown) > count:
                self.tell(_name(first or unknown[-1]), "put in: no record tells of it")
        for where, what in self.roles.faults(self.connection):
            self.tell(where, what)
        for row, (seq, _) in self.newest.items():
            if seq not in self.erased:
                self.tell(_name(row), f"deleted: record {seq} tells of it, and no later one of its deletion")

    def _unrecorded(self, table: str) -> Iterator[RowOf]:
        for row, content in contents(self.connection, table):
            held = self.newest.pop(row, None)
            if held is None:
                yield row
                continue
            seq, keyed_hash = held
            key = self.keys.get(seq)
            if seq in self.erased:
                self.tell(_name(row), f"there although the key of its record {seq} was destroyed")
            elif key is not None and not hmac.compare_digest(mac(key, canonical(content)), keyed_hash):
                self.tell(_name(row), f"altered: not what record {seq} stands for")
            else:
                self.agreed += key is not None


def _name(row: RowOf) -> str:
    return f"{row.table} {'.'.join(map(str, row.key))}"
