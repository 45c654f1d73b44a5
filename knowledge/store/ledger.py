"""What came in from where, what was set aside, and which sources are watched. Times are given by the caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from knowledge.store.database import Database
from knowledge.store.schema import fetches, quarantine, sources


@dataclass(frozen=True)
class SetAside:
    """A document in quarantine. `hints` is what its source said of it; `detail` tells the admin what to do."""

    id: int
    sha256: str
    name: str
    source: str
    url: str
    reason: str
    detail: str
    state: str
    attempts: int
    first_at: datetime
    last_at: datetime
    hints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """An address that is ingested again and again. `state` is new, current, changed or failed."""

    id: str
    spec: str
    added_at: datetime
    checked_at: datetime | None
    ingested_at: datetime | None
    interval_days: int
    state: str
    detail: str

    def stale(self, now: datetime) -> bool:
        """Was it longer ago than its own interval that somebody looked?"""
        seen = self.checked_at or self.ingested_at
        return seen is None or _aware(now) - _aware(seen) > timedelta(days=self.interval_days)


class Ledger:
    """Fetches, quarantine and sources in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self) -> dict[str, tuple[str, str]]:
        """Key of an address -> (SHA-256 of what was last brought in from it, reader that read it)."""
        with self._database.read() as connection:
            rows = connection.execute(select(fetches.c.key, fetches.c.sha256, fetches.c.reader))
            return {row.key: (row.sha256, row.reader) for row in rows}

    # ------------------------------------------------------------ quarantine

    def set_aside(
        self, sha256: str, name: str, source: str, url: str, reason: str, detail: str, hints: Mapping[str, str], at: datetime
    ) -> None:  # fmt: skip
        """Put a document in quarantine; the same one again counts an attempt."""
        same = (quarantine.c.sha256 == sha256) & (quarantine.c.name == name)
        told: dict[str, Any] = {"reason": reason, "detail": detail, "last_at": at, "state": "open"}
        with self._database.write() as connection:
            row = connection.execute(select(quarantine.c.attempts).where(same)).first()
            if row is not None:
                connection.execute(update(quarantine).where(same).values(**told, attempts=row.attempts + 1))
                return
            first = {"sha256": sha256, "name": name, "source": source, "url": url, "hints": dict(hints)}
            connection.execute(insert(quarantine).values(**first, **told, attempts=1, first_at=at))

    def resolve(self, sha256: str) -> None:
        """The document has been read after all."""
        with self._database.write() as connection:
            connection.execute(update(quarantine).where(quarantine.c.sha256 == sha256).values(state="resolved"))

    def quarantined(self, state: str | None = "open") -> tuple[SetAside, ...]:
        """What is in quarantine, oldest first; `state` None lists what was resolved too."""
        query = select(quarantine).order_by(quarantine.c.id)
        if state is not None:
            query = query.where(quarantine.c.state == state)
        with self._database.read() as connection:
            return tuple(_set_aside(row) for row in connection.execute(query))

    # ------------------------------------------------------------ sources

    def add_source(self, identity: str, spec: str, interval_days: int, at: datetime) -> bool:
        """Watch a source; False where it is watched already."""
        with self._database.write() as connection:
            if connection.execute(select(sources.c.id).where(sources.c.id == identity)).first():
                return False
            row = {"id": identity, "spec": spec, "added_at": at, "interval_days": interval_days}
            connection.execute(insert(sources).values(**row, state="new", detail=""))
            return True

    def note_source(self, identity: str, state: str, detail: str, at: datetime, *, ingested: bool) -> None:
        """Record that a watched source was looked at, and brought in where `ingested`; `identity` is its id or what it names."""
        changes: dict[str, Any] = {"state": state, "detail": detail, "checked_at": at}
        if ingested:
            changes["ingested_at"] = at
        with self._database.write() as connection:
            own = (sources.c.id == identity) | (sources.c.spec == identity)
            connection.execute(update(sources).where(own).values(**changes))

    def sources(self) -> tuple[Source, ...]:
        """Every watched source, by id."""
        with self._database.read() as connection:
            return tuple(_source(row) for row in connection.execute(select(sources).order_by(sources.c.id)))


def _set_aside(row: Row[Any]) -> SetAside:
    return SetAside(
        id=row.id,
        sha256=row.sha256,
        name=row.name,
        source=row.source,
        url=row.url,
        reason=row.reason,
        detail=row.detail,
        state=row.state,
        attempts=row.attempts,
        first_at=row.first_at,
        last_at=row.last_at,
        hints=row.hints,
    )


def _source(row: Row[Any]) -> Source:
    return Source(
        id=row.id,
        spec=row.spec,
        added_at=row.added_at,
        checked_at=row.checked_at,
        ingested_at=row.ingested_at,
        interval_days=row.interval_days,
        state=row.state,
        detail=row.detail,
    )


def _aware(moment: datetime) -> datetime:
    """SQLite gives times back without their zone; all are kept in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
