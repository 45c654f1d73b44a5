"""Work that the owner of the data folder does in turn. A job that was accepted is run, also after a kill."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from knowledge.store.database import Database
from knowledge.store.schema import jobs

MAX_STARTS = 3
"""A job that took its process down this often is given up as failed, or it would do so for ever."""


@dataclass(frozen=True)
class Job:
    """One piece of work: `kind` is ingest, retry or reindex; `state` queued, running, done, failed or cancelled."""

    id: int
    kind: str
    arguments: Mapping[str, Any]
    state: str
    cancel: bool
    owner: str
    progress: Mapping[str, Any]
    report: Mapping[str, Any]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Jobs:
    """The queue in the database. Times are given by the caller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, kind: str, arguments: Mapping[str, Any], at: datetime) -> int:
        """Accept a job; once this returns it is not forgotten."""
        row = {
            "kind": kind,
            "arguments": dict(arguments),
            "state": "queued",
            "cancel": 0,
            "owner": "",
            "progress": {"starts": 0},
            "report": {},
            "created_at": at,
        }
        with self._database.write() as connection:
            return int(connection.execute(insert(jobs).values(**row).returning(jobs.c.id)).scalar_one())

    def claim(self, owner: str, at: datetime) -> Job | None:
        """The oldest queued job, now running; None where none waits. Only for the owner of the data folder."""
        with self._database.write() as connection:
            row = connection.execute(select(jobs).where(jobs.c.state == "queued").order_by(jobs.c.id).limit(1)).first()
            if row is None:
                return None
            starts = int(row.progress.get("starts", 0)) + 1
            changes = {"state": "running", "owner": owner, "started_at": at, "progress": {"starts": starts}}
            connection.execute(update(jobs).where(jobs.c.id == row.id).values(**changes))
        return self.get(row.id)

    def recover(self, at: datetime) -> tuple[int, ...]:
        """Queue again what a killed process left running; only for the owner. Returns the jobs queued again."""
        again = []
        with self._database.write() as connection:
            for row in connection.execute(select(jobs).where(jobs.c.state == "running")).all():
                tired = int(row.progress.get("starts", 0)) >= MAX_STARTS
                changes: dict[str, Any] = {"state": "queued", "owner": ""}
                if tired:
                    told = f"given up: the process ended {MAX_STARTS} times while at it"
                    changes = {"state": "failed", "report": {"error": told}, "finished_at": at}
                else:
                    again.append(int(row.id))
                connection.execute(update(jobs).where(jobs.c.id == row.id).values(**changes))
        return tuple(again)

    def put_back(self) -> None:
        """Queue again what runs, because its process was asked to stop: that does not count as a start."""
        with self._database.write() as connection:
            for row in connection.execute(select(jobs).where(jobs.c.state == "running")).all():
                starts = max(0, int(row.progress.get("starts", 1)) - 1)
                changes = {"state": "queued", "owner": "", "progress": {**row.progress, "starts": starts}}
                connection.execute(update(jobs).where(jobs.c.id == row.id).values(**changes))

    def tell(self, job: int, progress: Mapping[str, Any]) -> bool:
        """Record where a job stands; returns whether somebody asked for it to be cancelled."""
        with self._database.write() as connection:
            row = connection.execute(select(jobs.c.progress, jobs.c.cancel).where(jobs.c.id == job)).one()
            kept = {"starts": row.progress.get("starts", 0)}
            connection.execute(update(jobs).where(jobs.c.id == job).values(progress={**progress, **kept}))
            return bool(row.cancel)

    def finish(self, job: int, state: str, report: Mapping[str, Any], at: datetime) -> None:
        """Close a job as done, failed or cancelled."""
        with self._database.write() as connection:
            changes = {"state": state, "report": dict(report), "finished_at": at}
            connection.execute(update(jobs).where(jobs.c.id == job).values(**changes))

    def cancel(self, job: int, at: datetime) -> bool:
        """Ask for a job to be cancelled; a queued one is at once. False where it is over or unknown."""
        with self._database.write() as connection:
            row = connection.execute(select(jobs.c.state).where(jobs.c.id == job)).first()
            if row is None or row.state not in ("queued", "running"):
                return False
            changes: dict[str, Any] = {"cancel": 1}
            if row.state == "queued":
                changes |= {"state": "cancelled", "finished_at": at}
            connection.execute(update(jobs).where(jobs.c.id == job).values(**changes))
            return True

    def get(self, job: int) -> Job | None:
        """That job, None where there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job)).first()
        return _job(row) if row is not None else None

    def recent(self, count: int = 20) -> tuple[Job, ...]:
        """The newest jobs, newest first."""
        with self._database.read() as connection:
            return tuple(_job(row) for row in connection.execute(select(jobs).order_by(jobs.c.id.desc()).limit(count)))


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        arguments=row.arguments,
        state=row.state,
        cancel=bool(row.cancel),
        owner=row.owner,
        progress=row.progress,
        report=row.report,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
