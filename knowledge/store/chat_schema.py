"""The tables of the chat: who may do what, what was asked, what is still to be sent. Telegram's ids need 64 bits."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from knowledge.store import audit_schema, change_schema, memo_schema, watch_schema  # noqa: F401  # every table is known to whoever knows the chat's
from knowledge.store.schema import metadata

updates = Table(
    "updates",
    metadata,
    Column("bot", BigInteger, primary_key=True, autoincrement=False),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),  # emptied once handled
    Column("state", String(8), nullable=False),  # waiting, done
    Column("attempts", Integer, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Index("updates_by_state", "bot", "state"),
    comment="What Telegram delivered, kept before it is acknowledged, so that a kill loses no message and none is handled twice.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bot", BigInteger, nullable=False),
    Column("chat", BigInteger, nullable=False),
    Column("after", BigInteger),  # the message that prompted it
    Column("target", BigInteger),  # the message to edit; none: a new one
    Column("about", String(80), nullable=False),  # what it shows, such as question:12
    Column("payload", Text, nullable=False),  # emptied once sent
    Column("state", String(8), nullable=False),  # due, unsure, sent, failed
    Column("message", BigInteger),  # as Telegram numbered it
    Column("attempts", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    Index("outbox_by_state", "bot", "state"),
    Index("outbox_by_chat", "chat", "message"),
    comment="Messages that were promised. `unsure`: Telegram may have it, because the connection or the process ended.",
)

keyboards = Table(
    "keyboards",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("buttons", JSON, nullable=False),
    Column("used", JSON, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    comment="What the buttons of a message do. The message itself carries only the id, which a client could forge.",
)

people = Table(
    "people",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("role", String(12), nullable=False),  # exporter, staff, admin
    Column("name", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("invited_by", BigInteger),
    Column("joined_at", DateTime(timezone=True), nullable=False),
    Column("consented_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True)),
)

invites = Table(
    "invites",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("role", String(12), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_by", BigInteger),  # none: made at the start of the program
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("role_until", DateTime(timezone=True)),
    Column("used_by", BigInteger),
    Column("used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    comment="Invitations, each good for one person. Only the hash of the code is kept.",
)

sittings = Table(
    "sittings",
    metadata,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("case", Integer),
    Column("as_of", Date),
    Column("awaiting", JSON, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    comment="Where a person stands in a chat: the open case, the day the law is read on, what the next message answers.",
)

cases = Table(
    "cases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("cases_by_person", "person", "chat"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False),
    Column("chat", BigInteger, nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("event", BigInteger, nullable=False),  # the update that asked it, so that it is kept once
    Column("text", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("on", Date, nullable=False),
    Column("behaviour", String(20), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("rulebook", String(64), nullable=False),
    Column("generation", String(40), nullable=False),
    Column("answer", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("mark", String(8), nullable=False),  # right, wrong or nothing
    Column("reason", Text, nullable=False),
    Column("undone", Integer, nullable=False),
    Index("questions_by_case", "case"),
    Index("questions_by_person", "person"),
    Index("questions_by_event", "chat", "event"),
    comment="Every answer as it was given, whole.",
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", ForeignKey("questions.id"), nullable=False),
    Column("kind", String(12), nullable=False),  # escalated, wrong
    Column("chat", BigInteger, nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("state", String(12), nullable=False),  # open, confirmed, overridden, dismissed
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("taken_by", BigInteger),
    Column("decided_by", BigInteger),
    Column("verdict", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Index("reviews_by_state", "state"),
    comment="Answers that a person is to look at. The machine's result stays in `questions`, whatever is decided here.",
)

job_watches = Table(
    "job_watches",
    metadata,
    Column("job", Integer, primary_key=True, autoincrement=False),
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("person", BigInteger, nullable=False),
    Column("language", String(8), nullable=False),
    Column("finished", Integer, nullable=False),
    comment="Who is shown how a job goes, and is still to be told how it ended.",
)

trail = Table(
    "trail",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("role", String(12), nullable=False),
    Column("action", String(60), nullable=False),
    Column("target", Text, nullable=False),
    Column("outcome", String(10), nullable=False),  # done, refused
    Column("detail", Text, nullable=False),
    Index("trail_by_time", "at"),
    comment="What was done and what was refused in the chat, by whom. No message text.",
)

__all__ = [
    "cases", "invites", "job_watches", "keyboards", "metadata", "outbox", "people", "questions", "reviews", "sittings",
    "trail", "updates",
]  # fmt: skip
