"""Who may do what, held to the records that say so: a part of the check of the audit trail."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from knowledge.store.audit import stamp
from knowledge.store.audit_keys import Unreadable, unseal
from knowledge.store.audit_schema import audit_person_keys
from knowledge.store.chat_schema import people

HELD = ("role", "expires_at", "revoked_at")
"""Columns of `people` that nothing but a recorded change of a role sets."""


@dataclass
class Roles:
    """What the records say, read in their order. A person of whom nothing is recorded is from before the trail."""

    said: dict[int, dict[str, Any]] = field(default_factory=dict)
    named: list[tuple[int, int, str]] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)

    def read(self, row: Row[Any], key: bytes | None) -> None:
        """Take in a row of the trail; `key` is its own. What cannot be read is told of by the rest of the check."""
        if row.kind == "deletion":
            self.forgotten.add(row.subject)
        if row.kind != "role" or key is None or not row.sealed:
            return
        try:
            person = int(json.loads(unseal(key, row.seq, row.sealed))["person"])
            body = json.loads(row.body)
        except (Unreadable, ValueError, KeyError, TypeError):
            return
        self.said.setdefault(person, {}).update({name: body[name] for name in HELD if name in body})
        self.named.append((row.seq, person, row.subject))

    def faults(self, connection: Connection) -> Iterator[tuple[str, str]]:
        """Whatever is otherwise now: where, and what."""
        names = {r.person: r.pseudonym for r in connection.execute(select(audit_person_keys))}
        for seq, person, subject in self.named:
            if subject not in self.forgotten and names.get(person) != subject:
                yield f"record {seq}", "the pseudonym in it is no longer its person's, and no record says so"
        rows = {r.id: r for r in connection.execute(select(people.c.id, *(people.c[name] for name in HELD)))}
        for person, said in sorted(self.said.items()):
            row = rows.get(person)
            if row is None:
                yield f"people {person}", "deleted: records tell of a role, and none of its deletion"
                continue
            now = {"role": row.role, **{n: (v := getattr(row, n)) and stamp(v) for n in HELD[1:]}}
            for name, value in said.items():
                if now[name] != value:
                    yield f"people {person}", f"altered: its {name} is not what the last record of it says"
