"""One process at a time owns a data folder: two writers of an embedded vector index silently lose vectors."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import text

from knowledge.errors import Busy
from knowledge.store.blobs import write_whole
from knowledge.store.database import Database

_SERVER_LOCK = 7262439  # any number, as long as it is ours


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
    lock = FileLock(home / "owner.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(_held(home)) from None
    try:
        with _server_lock(database):
            write_whole(home / "owner.json", json.dumps({"pid": os.getpid(), "doing": doing}).encode())
            yield
    finally:
        lock.release()


def holder(home: Path) -> Holder | None:
    """Who owns the folder now, None where nobody does."""
    lock = FileLock(home / "owner.lock")
    with suppress(Timeout):
        lock.acquire(timeout=0)
        lock.release()
        return None
    try:
        said = json.loads((home / "owner.json").read_bytes())
        return Holder(int(said["pid"]), str(said["doing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(0, "another process")


@contextmanager
def _server_lock(database: Database) -> Iterator[None]:
    """On a database server the folders differ from machine to machine, so the server holds the lock."""
    if database.embedded:
        yield
        return
    with database.read() as connection:  # held by the session, and so gone with it
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _SERVER_LOCK}).scalar():
            raise Busy("another machine is ingesting into this database. Wait for it, or look at `navicert status`.")
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _SERVER_LOCK})


def _held(home: Path) -> str:
    found = holder(home)
    who = f"process {found.pid} ({found.doing})" if found else "another process"
    return f"{who} owns the data folder {home}. Wait for it to end, or stop it."
