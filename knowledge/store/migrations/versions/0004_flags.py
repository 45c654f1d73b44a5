"""Passages that speak to the machine rather than state law, and what a language model used by person and day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables; nothing that is there is touched."""
    op.create_table(
        "passage_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.Column("provision", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=160), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("locator", sa.String(length=400), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("sign", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["document"], ["documents.sha256"]),
        sa.PrimaryKeyConstraint("id"),
        comment="Words of an ingested document that speak to the machine. They stay citable; admins are told.",
    )
    op.create_index("passage_flags_by_document", "passage_flags", ["document"], unique=False)
    op.create_index("passage_flags_by_provision", "passage_flags", ["provision"], unique=False)
    op.create_table(
        "model_usage",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "person"),
        comment="What a language model was asked for, by UTC day and person, so that a budget holds for every process.",
    )
