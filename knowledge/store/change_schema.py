"""The tables of the change desk: what an ingest changed for staff to look at, what they decided, who is told."""

from sqlalchemy import JSON, BigInteger, Column, Date, DateTime, ForeignKey, Index, Integer, String, Table, Text

from knowledge.store.schema import metadata

change_reviews = Table(
    "change_reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("job", Integer),
    Column("instrument", String(160), nullable=False),  # empty for a heading that holds many
    Column("language", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("outcome", String(12), nullable=False),  # new, changed, withdrawn, repealed, suspended; first, several
    Column("version", ForeignKey("versions.id")),
    Column("former", ForeignKey("versions.id")),
    Column("by", String(160), nullable=False),  # the act that repeals or suspends it
    Column("effective", Date),  # the day from which that counts, where it is said
    Column("counts", JSON, nullable=False),
    Column("part_of", Integer),  # the heading it stands under
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Index("change_reviews_by_job", "job"),
    Index("change_reviews_by_heading", "part_of"),
    Index("change_reviews_by_time", "opened_at"),
    comment="What one generation changed of one instrument, for staff to look at. Rows are added and never changed.",
)

change_steps = Table(
    "change_steps",
    metadata,
    Column("change", ForeignKey("change_reviews.id"), primary_key=True, autoincrement=False),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("state", String(12), nullable=False),  # new, reviewed, actioned
    Column("relevant", Integer),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    comment="The history of a review, oldest first; rows are added and never changed.",
)

change_readers = Table(
    "change_readers",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("since", DateTime(timezone=True), nullable=False),
    comment="Staff who are told once of each ingest that changed something.",
)

desk_told = Table(
    "desk_told",
    metadata,
    Column("key", String(300), primary_key=True),  # job:12, stale:SOURCE:since
    Column("at", DateTime(timezone=True), nullable=False),
    comment="What people have been told of, so that it is told once.",
)

__all__ = ["change_readers", "change_reviews", "change_steps", "desk_told", "metadata"]
