"""The memos that were issued."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table; nothing that is there is touched."""
    op.create_table(
        "memos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Every memo that left this Navicert, so that a file or a code can be told from a forged or changed one.",
    )
    op.create_index("memos_by_sha256", "memos", ["sha256"], unique=False)
    op.create_index("memos_by_code", "memos", ["code"], unique=False)
