"""One process at a time owns a data folder: two writers of an embedded vector index silently lose vectors.

The same lock keeps a bot to one process: two would answer everything twice.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from knowledge.errors import Busy, StoreError
from knowledge.store.blobs import write_whole
from knowledge.store.database import Database
from knowledge.store.schema import jobs

_SERVER_LOCK = 7262439  # any number, as long as it is ours
_GLANCE = 0.05
"""Seconds that a lock is waited for: `holder` takes it for an instant to see whether it is free."""

Held = Callable[[], bool]
"""Is the lock still ours? A lock that a database server holds goes with the connection."""


@dataclass(frozen=True)
class Holder:
    """Who owns the folder: the process and what it is doing."""

    pid: int
    doing: str


@contextmanager
def owner(home: Path, database: Database, doing: str) -> Iterator[None]:
    """Own the data folder while the block runs; a killed process lets go by itself.

    Raises Busy at once where another process owns it, with that process's number and work.
    """
    with _file_lock(home, "owner", doing) as taken:
        if taken:
            raise Busy(f"{_named(taken)} owns the data folder {home}. Wait for it to end, or stop it.")
        with _server_lock(database, _SERVER_LOCK) as held:
            if held is None:
                raise Busy(
                    "another machine is ingesting into this database. Wait for it, or look at `navicert status`."
                )
            yield


def holder(home: Path) -> Holder | None:
    """Who owns the folder now, None where nobody does."""
    return _holder(home, "owner")


def unowned(home: Path, database: Database) -> int:
    """Jobs that wait for an owner: queued ones, and running ones whose process has gone; 0 while somebody owns the folder."""
    waiting = select(func.count()).where(jobs.c.state.in_(("queued", "running")))
    with database.read() as connection:
        count = int(connection.execute(waiting).scalar_one())
    return 0 if count and holder(home) else count


@contextmanager
def only(home: Path, database: Database, name: str, doing: str) -> Iterator[Held]:
    """Be the one process of that name (letters, digits, -) for this folder and this database while the block runs.

    Raises Busy at once where there is another one, which is named where it runs over the same folder.
    """
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
    with _file_lock(home, name, doing) as taken:
        if taken:
            raise Busy(_named(taken))
        with _server_lock(database, key) as held:
            if held is None:
                raise Busy("a process on another machine")
            yield held


@contextmanager
def _file_lock(home: Path, name: str, doing: str) -> Iterator[Holder | None]:
    """Hold `name`.lock while the block runs, None; or say who holds it. A killed process lets go by itself."""
    lock = FileLock(home / f"{name}.lock")
    try:
        lock.acquire(timeout=_GLANCE, poll_interval=_GLANCE / 5)
    except Timeout:
        yield _holder(home, name) or Holder(0, "")
        return
    except OSError as error:
        raise StoreError(f"the data folder {home} cannot be written: {error.strerror or error}.") from None
    try:
        write_whole(home / f"{name}.json", json.dumps({"pid": os.getpid(), "doing": doing}).encode())
        yield None
    finally:
        lock.release()


def _holder(home: Path, name: str) -> Holder | None:
    lock = FileLock(home / f"{name}.lock")
    with suppress(Timeout):
        lock.acquire(timeout=0)
        lock.release()
        return None
    try:
        said = json.loads((home / f"{name}.json").read_bytes())
        return Holder(int(said["pid"]), str(said["doing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(0, "another process")


def _named(found: Holder) -> str:
    return f"process {found.pid} ({found.doing})" if found.pid else "another process"


@contextmanager
def _server_lock(database: Database, key: int) -> Iterator[Held | None]:
    """On a database server the folders differ from machine to machine, so the server holds the lock; None where another
    session has it."""
    if database.embedded:
        yield lambda: True
        return
    one = threading.Lock()  # a connection is for one thread at a time
    with database.read() as connection:  # held by the session, and so gone with it
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            yield None
            return
        connection.commit()

        def held() -> bool:
            try:
                with one:
                    connection.execute(text("SELECT 1"))
                    connection.commit()
            except SQLAlchemyError:
                return False
            return True

        try:
            yield held
        finally:
            with suppress(SQLAlchemyError):  # the session has gone, and the lock with it
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
