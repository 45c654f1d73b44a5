"""The tables. A provision is never overwritten: its id is a hash of its place and words, and versions list provisions."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("size", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("pages", Integer),
    Column("warnings", JSON, nullable=False),
    Column("fetched_at", DateTime(timezone=True), nullable=False),
    comment="A file as it came, its bytes in the blob folder; one that yielded nothing is in quarantine instead.",
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instrument", String(160), nullable=False),
    Column("language", String(16), nullable=False),
    Column("regime", String(16), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("title", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("issuers", JSON, nullable=False),
    Column("announced", Date),
    Column("effective", Date),
    Column("version_date", Date),
    Column("url", Text, nullable=False),
    Column("document", ForeignKey("documents.sha256"), nullable=False),
    Column("key", Text, nullable=False),  # the address it came from, as `fetches` names it
    Column("digest", String(64), nullable=False),
    Column("state", String(12), nullable=False),  # staged, live, closed, held
    Column("generation", Integer),  # made live by
    Column("closed_generation", Integer),
    Column("ingested_at", DateTime(timezone=True), nullable=False),
    Column("provision_count", Integer, nullable=False),
    Column("enforcement", JSON, nullable=False),
    Column("details", JSON, nullable=False),
    Index("versions_by_instrument", "instrument", "language", "state"),
    Index("versions_by_document", "document"),
    comment="One text of an instrument in one language. `held`: older than the live one, kept for reading as of a date.",
)

provisions = Table(
    "provisions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("instrument", String(160), nullable=False),
    Column("language", String(16), nullable=False),
    Column("locator", String(400), nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("heading", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("parts", JSON, nullable=False),
    Column("effective_from", Date),
    Column("effective_to", Date),
    Index("provisions_by_locator", "instrument", "language", "locator"),
)

version_provisions = Table(
    "version_provisions",
    metadata,
    Column("version", ForeignKey("versions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("provision", ForeignKey("provisions.id"), nullable=False),
    Column("page", Integer),
    Index("version_provisions_by_provision", "provision"),
)

relations = Table(
    "relations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", ForeignKey("versions.id"), nullable=False),
    Column("instrument", String(160), nullable=False),
    Column("kind", String(12), nullable=False),  # repeals, amends
    Column("target", Text, nullable=False),
    Column("locator", String(400), nullable=False),
    Column("effective", Date),
    Index("relations_by_target", "target"),
    Index("relations_by_version", "version"),
)

generations = Table(
    "generations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("job", Integer),
    comment="A state of the whole library that answered questions; `digest` covers every live version.",
)

sources = Table(
    "sources",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("checked_at", DateTime(timezone=True)),
    Column("ingested_at", DateTime(timezone=True)),
    Column("interval_days", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # new, current, changed, failed
    Column("detail", Text, nullable=False),
)

fetches = Table(
    "fetches",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("sha256", String(64), nullable=False),
    Column("reader", String(32), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    comment="What was last brought in from an address, so that an unchanged one is not read again.",
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hints", JSON, nullable=False),
    Column("state", String(12), nullable=False),  # open, resolved
    Column("attempts", Integer, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("sha256", "name"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # ingest, reindex, retry
    Column("arguments", JSON, nullable=False),
    Column("state", String(12), nullable=False),  # queued, running, done, failed, cancelled
    Column("cancel", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("progress", JSON, nullable=False),
    Column("report", JSON, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)

compiled_lists = Table(
    "compiled_lists",
    metadata,
    Column("version", ForeignKey("versions.id"), primary_key=True, autoincrement=False),
    Column("instrument", String(160), nullable=False),
    Column("name", Text, nullable=False),  # how the list names the version: its date, else the start of its hash
    Column("compiler", String(16), nullable=False),  # names the code that compiled it
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("data", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rows_unread", Integer, nullable=False),
    Column("issues", Integer, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("error", Text, nullable=False),
    Column("reviewed_by", Text, nullable=False),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("note", Text, nullable=False),
    Index("compiled_lists_by_instrument", "instrument"),
    comment="A control list as compiled from one version of its text. `sha256` is empty where that failed.",
)

classification_decisions = Table(
    "classification_decisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("candidates", JSON, nullable=False),
    Column("lists", JSON, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    comment="A classification as it was proposed; what became of it is in `decision_steps`.",
)

decision_steps = Table(
    "decision_steps",
    metadata,
    Column("decision", ForeignKey("classification_decisions.number"), primary_key=True, autoincrement=False),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("state", String(12), nullable=False),  # proposed, confirmed, corrected, reopened
    Column("regime", String(16), nullable=False),
    Column("code", String(40), nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("lists", JSON, nullable=False),
    Column("content", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    comment="The history of a decision, oldest first; rows are added and never changed.",
)

passage_flags = Table(
    "passage_flags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document", ForeignKey("documents.sha256"), nullable=False),
    # No foreign key: a passage may be taken back while its document stays kept. Empty: the document's own name or title.
    Column("provision", String(32), nullable=False),
    Column("instrument", String(160), nullable=False),
    Column("language", String(16), nullable=False),
    Column("locator", String(400), nullable=False),
    Column("place", String(12), nullable=False),  # text, heading, title, name
    Column("sign", String(24), nullable=False),
    Column("words", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("job", Integer),
    Index("passage_flags_by_document", "document"),
    Index("passage_flags_by_provision", "provision"),
    comment="Words of an ingested document that speak to the machine. They stay citable; admins are told.",
)

model_usage = Table(
    "model_usage",
    metadata,
    Column("day", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    comment="What a language model was asked for, by UTC day and person, so that a budget holds for every process.",
)

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
