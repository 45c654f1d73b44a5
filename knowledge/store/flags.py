"""Words of ingested documents that speak to the machine: kept with their place, listed for admins. They decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select

from knowledge.store.database import Database
from knowledge.store.schema import documents, passage_flags, versions


@dataclass(frozen=True)
class Flag:
    """One suspicious place: `place` is text, heading, title, name (of the file) or metadata; `sign` is the kind of sign
    (`knowledge.suspicion.Sign.kind`). `provision`, `instrument` and `locator` are empty for the document's own name."""

    place: str
    sign: str
    words: str
    instrument: str = ""
    language: str = ""
    locator: str = ""
    provision: str = ""
    document: str = ""  # its name; filled in by `live`


class Flags:
    """The flags in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, document: str, flags: Sequence[Flag], at: datetime, job: int | None = None) -> None:
        """The flags of a document (its SHA-256), which must be kept already, in the place of those it had."""
        with self._database.write() as connection:
            _replace(connection, document, flags, at, job)

    def live(self) -> tuple[Flag, ...]:
        """The flags of documents that a live text came from, by document, instrument and place in it."""
        stands = (
            select(versions.c.id)
            .where(versions.c.document == passage_flags.c.document, versions.c.state == "live")
            .where(or_(passage_flags.c.instrument == "", versions.c.instrument == passage_flags.c.instrument))
        )
        query = (
            select(passage_flags, documents.c.name)
            .join(documents, documents.c.sha256 == passage_flags.c.document)
            .where(stands.exists())
            .order_by(documents.c.name, passage_flags.c.id)
        )
        with self._database.read() as connection:
            return tuple(
                Flag(r.place, r.sign, r.words, r.instrument, r.language, r.locator, r.provision, r.name)
                for r in connection.execute(query)
            )


def _replace(connection: Connection, document: str, flags: Sequence[Flag], at: datetime, job: int | None) -> None:
    connection.execute(delete(passage_flags).where(passage_flags.c.document == document))
    rows = [
        {
            "document": document,
            "provision": f.provision,
            "instrument": f.instrument,
            "language": f.language,
            "locator": f.locator,
            "place": f.place,
            "sign": f.sign,
            "words": f.words,
            "found_at": at,
            "job": job,
        }
        for f in flags
    ]
    if rows:
        connection.execute(insert(passage_flags), rows)
