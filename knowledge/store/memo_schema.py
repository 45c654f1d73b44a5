"""The table of the memos that were issued. No text of an answer is in it, so that forgetting an answer need not touch it."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, String, Table

from knowledge.store.schema import metadata

memos = Table(
    "memos",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", Integer, nullable=False),  # no foreign key: the memo is out, also when the answer is forgotten
    Column("format", String(8), nullable=False),  # pdf, html, md, docx
    Column("language", String(8), nullable=False),
    Column("sha256", String(64), nullable=False),  # of the file, to the last byte
    Column("code", String(24), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("issued_by", BigInteger),  # none: from the command line
    Index("memos_by_sha256", "sha256"),
    Index("memos_by_code", "code"),
    comment="Every memo that left this Navicert, so that a file or a code can be told from a forged or changed one.",
)

__all__ = ["memos", "metadata"]
