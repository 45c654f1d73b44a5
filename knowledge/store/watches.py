"""Who is shown how a job goes, until it has ended. Kept in the database, so that a restart forgets nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from knowledge.store.chat_schema import job_watches
from knowledge.store.database import Database, Write
from knowledge.store.schema import jobs


@dataclass(frozen=True)
class Watch:
    """One chat that follows a job. `person` asked for it and is told in `language`."""

    job: int
    chat: int
    person: int
    language: str


@dataclass(frozen=True)
class Pending:
    """A job that is not over: `state` is queued or running, `cancel` whether somebody asked for it to stop."""

    id: int
    kind: str
    state: str
    cancel: bool
    arguments: Mapping[str, Any]


class Watches:
    """The watches in the database. Methods that return a Write change nothing until it is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def watch(self, watch: Watch) -> Write:
        """Show that job in that chat from now on; again after it was finished too."""

        def write(connection: Connection) -> None:
            where = (job_watches.c.job == watch.job, job_watches.c.chat == watch.chat)
            values = {"person": watch.person, "language": watch.language, "finished": 0}
            if not connection.execute(update(job_watches).where(*where).values(**values)).rowcount:
                connection.execute(insert(job_watches).values(job=watch.job, chat=watch.chat, **values))

        return write

    def open(self) -> tuple[Watch, ...]:
        """Everybody who is still to be told how a job ended, by job."""
        wanted = select(job_watches).where(job_watches.c.finished == 0).order_by(job_watches.c.job, job_watches.c.chat)
        with self._database.read() as connection:
            return tuple(Watch(r.job, r.chat, r.person, r.language) for r in connection.execute(wanted))

    def finish(self, watch: Watch) -> Write:
        """That chat knows how the job ended."""
        where = (job_watches.c.job == watch.job, job_watches.c.chat == watch.chat)
        return lambda connection: connection.execute(update(job_watches).where(*where).values(finished=1))

    def pending(self) -> tuple[Pending, ...]:
        """Every job that is not over, oldest first."""
        columns = (jobs.c.id, jobs.c.kind, jobs.c.state, jobs.c.cancel, jobs.c.arguments)
        wanted = select(*columns).where(jobs.c.state.in_(("queued", "running"))).order_by(jobs.c.id)
        with self._database.read() as connection:
            return tuple(
                Pending(r.id, r.kind, r.state, bool(r.cancel), r.arguments) for r in connection.execute(wanted)
            )
