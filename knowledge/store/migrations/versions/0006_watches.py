"""What people watch, what each kept answer hangs on, and what is still to be told of a change."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables; nothing that is there is touched."""
    op.create_table(
        "alert_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="Each time that what the answers rest on had changed.",
    )
    op.create_table(
        "alert_state",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        comment="What the answers rested on when they were last looked at, to see what has changed since.",
    )
    op.create_table(
        "watch_choices",
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        comment="What people follow. Their own answers they follow without a row here, unless `watch_choices` says otherwise.",
    )
    op.create_index("watches_by_person", "watches", ["person"], unique=False)
    op.create_index("watches_by_subject", "watches", ["kind", "subject"], unique=False)
    op.create_table(
        "alert_ahead",
        sa.Column("question", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("turn", sa.Date(), nullable=False),
        sa.Column("flip", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("question", "turn"),
        comment="Days to come on which an answer will be otherwise, as far as the rules say today.",
    )
    op.create_index("alert_ahead_by_turn", "alert_ahead", ["turn"], unique=False)
    op.create_table(
        "alert_keys",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("question", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "question"),
        comment="What stands about the deal of each kept answer: who can be touched by a change is told from these alone.",
    )
    op.create_index("alert_keys_by_question", "alert_keys", ["question"], unique=False)
    op.create_table(
        "alert_questions",
        sa.Column("question", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("deal", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("dated", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("domestic", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("flips", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("question"),
        comment="Each kept answer as far as it can be determined again. Goes with the answer.",
    )
    op.create_index("alert_questions_by_person", "alert_questions", ["person"], unique=False)
    op.create_index("alert_questions_due", "alert_questions", ["due"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("question", sa.Integer(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["question"], ["questions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        comment="What somebody is to be told. It is told in the transaction that promises the message.",
    )
    op.create_index("alerts_by_run", "alerts", ["run"], unique=False)
    op.create_index("alerts_by_state", "alerts", ["state"], unique=False)
