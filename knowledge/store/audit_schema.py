"""The tables of the audit trail: the chain itself, the keys of what is sealed in it, and legal holds.

No foreign key ties a key to its record: what was altered by hand is to be found by the check, not hidden by the database.
"""

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, String, Table, Text

from knowledge.store.schema import metadata

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),  # UTC, as text: what was hashed is what is kept
    Column("kind", String(24), nullable=False),
    Column("actor", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
    Column("sealed", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("audit_by_subject", "subject"),
    Index("audit_by_kind", "kind", "at"),
    comment="Records, each with the hash of the one before it. Rows are added and never changed.",
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    comment="One row: the newest record. Whoever appends locks it, so that numbers have no gap.",
)

audit_person_keys = Table(
    "audit_person_keys",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),  # 0: records of no person
    Column("pseudonym", String(24), nullable=False),
    Column("key", String(64), nullable=False),
    Column("forget_asked_at", DateTime(timezone=True)),  # while a legal hold keeps something of theirs
    comment="The key that a person's records are sealed under, and the name they have in the chain. /forget deletes it.",
)

audit_record_keys = Table(
    "audit_record_keys",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("person", BigInteger, nullable=False),
    Column("wrapped", Text, nullable=False),
    Index("audit_record_keys_by_person", "person"),
    comment="The key of each record that has something sealed, itself sealed under its person's key.",
)

audit_holds = Table(
    "audit_holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope", String(12), nullable=False),  # person, case, question
    Column("target", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("lifted_at", DateTime(timezone=True)),
    Column("lifted_by", Text, nullable=False),
    Column("lifted_reason", Text, nullable=False),
    comment="Legal holds: what they cover is neither forgotten nor deleted when its period is over.",
)
