"""The tables of watches and alerts: what people follow, what each kept answer hangs on, what is still to be told."""

from sqlalchemy import JSON, BigInteger, Column, Date, DateTime, ForeignKey, Index, Integer, String, Table, Text

from knowledge.store.schema import metadata

watches = Table(
    "watches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", BigInteger, nullable=False),
    Column("kind", String(12), nullable=False),  # code, element, kind, dest, list, instrument, question
    Column("subject", String(200), nullable=False),
    Column("wording", Integer, nullable=False),  # 1: changes of wording too
    Column("language", String(8), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Index("watches_by_person", "person"),
    Index("watches_by_subject", "kind", "subject"),
    comment="What people follow. Their own answers they follow without a row here, unless `watch_choices` says otherwise.",
)

watch_choices = Table(
    "watch_choices",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("answers", Integer, nullable=False),  # 0: tell me nothing of my own answers
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

alert_state = Table(
    "alert_state",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", Text, nullable=False),
    comment="What the answers rested on when they were last looked at, to see what has changed since.",
)

alert_questions = Table(
    "alert_questions",
    metadata,
    Column("question", ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("person", BigInteger, nullable=False),
    Column("language", String(8), nullable=False),
    Column("subject", String(200), nullable=False),  # goods and destination: a later answer on them stands instead
    Column("deal", Text, nullable=False),
    Column("told", Text, nullable=False),  # the determinations that the asker knows of
    Column("told_on", Date, nullable=False),  # the day as of which they hold
    Column(
        "dated", Integer, nullable=False
    ),  # the law is read on `day`, whatever today is: 1 when it ships, 2 for a look
    Column("day", Date, nullable=False),
    Column("domestic", Integer, nullable=False),
    Column(
        "due", Integer, nullable=False
    ),  # 0: up to date; 1: to be determined again; 2: with its parties looked for again
    Column("flips", Integer, nullable=False),  # how often it has flipped: what is told is told once for each
    Index("alert_questions_due", "due"),
    Index("alert_questions_by_person", "person"),
    comment="Each kept answer as far as it can be determined again. Goes with the answer.",
)

alert_keys = Table(
    "alert_keys",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("question", ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Index("alert_keys_by_question", "question"),
    comment="What stands about the deal of each kept answer: who can be touched by a change is told from these alone.",
)

alert_ahead = Table(
    "alert_ahead",
    metadata,
    Column("question", ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("turn", Date, primary_key=True),
    Column("flip", JSON, nullable=False),
    Index("alert_ahead_by_turn", "turn"),
    comment="Days to come on which an answer will be otherwise, as far as the rules say today.",
)

alert_runs = Table(
    "alert_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("changes", JSON, nullable=False),  # how many of which sort, and some by name
    Column("stored", Integer, nullable=False),
    Column("touched", Integer, nullable=False),
    Column("told_at", DateTime(timezone=True)),  # staff have their digest
    comment="Each time that what the answers rest on had changed.",
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False, unique=True),  # the same is told once
    Column("run", Integer, nullable=False),
    Column("kind", String(8), nullable=False),  # flip, ahead, news
    Column("person", BigInteger, nullable=False),
    Column("language", String(8), nullable=False),
    Column("question", ForeignKey("questions.id", ondelete="CASCADE")),
    Column("body", JSON, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("state", String(8), nullable=False),  # waiting, told, dropped
    Column("told_at", DateTime(timezone=True)),
    Index("alerts_by_state", "state"),
    Index("alerts_by_run", "run"),
    comment="What somebody is to be told. It is told in the transaction that promises the message.",
)

__all__ = [
    "alert_ahead", "alert_keys", "alert_questions", "alert_runs", "alert_state", "alerts", "metadata", "watch_choices",
    "watches",
]  # fmt: skip
