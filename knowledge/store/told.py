"""What the change desk tells people: who reads its news, and what was told already, so that it is told once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from knowledge.store.change_schema import change_readers, change_reviews, desk_told
from knowledge.store.database import Database, Write
from knowledge.store.ledger import Source
from knowledge.store.people import aware
from knowledge.store.schema import jobs

OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Stale:
    """A watched source that nobody has brought in for longer than its own interval.

    `since` is the moment from which it counts; `failing`: it was looked at, in vain (`detail` says why).
    """

    id: str
    spec: str
    since: datetime
    interval_days: int
    failing: bool
    detail: str

    @property
    def key(self) -> str:
        """Names this spell: another one once the source has been brought in again."""
        return f"stale:{self.id}:{self.since:%Y-%m-%dT%H:%M:%S}"


def stale(sources: Sequence[Source], now: datetime) -> tuple[Stale, ...]:
    """The sources gone stale by their own interval, the longest ago first.

    A source that was never brought in has its interval from the day it was watched; one that is looked at and fails
    counts from its last success.
    """
    found = []
    for source in sources:
        failing = source.state == "failed"
        seen = source.ingested_at if failing else source.checked_at or source.ingested_at
        since = aware(seen or source.added_at) + timedelta(days=source.interval_days)
        if aware(now) > since:
            found.append(Stale(source.id, source.spec, since, source.interval_days, failing, source.detail))
    return tuple(sorted(found, key=lambda s: (s.since, s.id)))


class Told:
    """Readers and what was told, in the database. Methods that return a Write change nothing until it is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def readers(self) -> frozenset[int]:
        """The people who want to hear of each ingest. Whether they still may is for the caller to see."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(change_readers.c.person)).scalars())

    def read(self, person: int, at: datetime, *, wanted: bool) -> Write:
        """Tell that person of each ingest from now on, or no more."""

        def write(connection: Connection) -> None:
            connection.execute(delete(change_readers).where(change_readers.c.person == person))
            if wanted:
                connection.execute(insert(change_readers).values(person=person, since=at))

        return write

    def jobs_to_tell(self) -> tuple[int, ...]:
        """The ingests that are over, changed something and were not told of, oldest first."""
        query = (
            select(change_reviews.c.job)
            .join(jobs, jobs.c.id == change_reviews.c.job)
            .where(jobs.c.state.in_(OVER))
            .distinct()
            .order_by(change_reviews.c.job)
        )
        with self._database.read() as connection:
            known = set(connection.execute(select(desk_told.c.key).where(desk_told.c.key.startswith("job:"))).scalars())
            return tuple(job for job in connection.execute(query).scalars() if _job(job) not in known)

    def untold(self, spells: Sequence[Stale]) -> tuple[Stale, ...]:
        """Those of the spells that nobody was told of."""
        keys = [spell.key for spell in spells]
        with self._database.read() as connection:
            known = set(connection.execute(select(desk_told.c.key).where(desk_told.c.key.in_(keys))).scalars())
        return tuple(spell for spell in spells if spell.key not in known)

    def told_job(self, job: int, at: datetime) -> Write:
        """That ingest was told of. Fails, when written, where it was already: then the message is not sent again."""
        return lambda connection: connection.execute(insert(desk_told).values(key=_job(job), at=at))

    def told_stale(self, spell: Stale, at: datetime) -> Write:
        """That spell was told of. Fails, when written, where it was already."""
        return lambda connection: connection.execute(insert(desk_told).values(key=spell.key, at=at))


def _job(job: int) -> str:
    return f"job:{job}"
