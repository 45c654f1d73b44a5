"""The change desk: what an ingest changed, what staff decided, who is told, and what was told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the tables; nothing that is there is touched."""
    op.create_table(
        "change_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=True),
        sa.Column("instrument", sa.String(length=160), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("former", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.Column("effective", sa.Date(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("part_of", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["versions.id"]),
        sa.ForeignKeyConstraint(["former"], ["versions.id"]),
        sa.PrimaryKeyConstraint("id"),
        comment="What one generation changed of one instrument, for staff to look at. Rows are added and never changed.",
    )
    op.create_index("change_reviews_by_job", "change_reviews", ["job"], unique=False)
    op.create_index("change_reviews_by_heading", "change_reviews", ["part_of"], unique=False)
    op.create_index("change_reviews_by_time", "change_reviews", ["opened_at"], unique=False)
    op.create_table(
        "change_steps",
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("relevant", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["change"], ["change_reviews.id"]),
        sa.PrimaryKeyConstraint("change", "step"),
        comment="The history of a review, oldest first; rows are added and never changed.",
    )
    op.create_table(
        "change_readers",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person"),
        comment="Staff who are told once of each ingest that changed something.",
    )
    op.create_table(
        "desk_told",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        comment="What people have been told of, so that it is told once.",
    )
