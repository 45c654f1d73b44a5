"""One file that holds all that cannot be made again: the database's rows and the originals. Indexes are derived.

A tar archive: `rows.db` (SQLite, whatever the database), `blobs/...`, the rule books that answers were given under, and
`contents.json` with the hash of each.
"""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, text

from knowledge.errors import BadInput, StoreError
from knowledge.settings import DATABASE_FILE
from knowledge.store.audit_schema import audit_head, audit_holds
from knowledge.store.chat_schema import cases, outbox, questions, reviews, trail
from knowledge.store.database import HEAD, Database, open_database
from knowledge.store.rulebooks import FOLDER
from knowledge.store.schema import generations, jobs, metadata, quarantine, relations, versions

_ROWS = "rows.db"
_CONTENTS = "contents.json"
_BATCH = 1000


@dataclass(frozen=True)
class Backup:
    """What a backup holds. `generation` is the state of the library that it brings back."""

    file: Path
    files: int
    generation: int
    size: int


def backup(home: Path, database: Database, target: Path) -> Backup:
    """Write a backup while questions go on being answered; the file appears whole or not at all.

    Raises BadInput where the target exists or its folder cannot be written.
    """
    if target.exists():
        raise BadInput(f"{target} is there already. Name a new file; a backup is never overwritten.")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".navicert-") as aside:
            folder = Path(aside)
            generation = _copy_rows(database, folder)
            contents = {_ROWS: _hash(folder / _ROWS)}
            blobs = sorted(p for p in (home / "blobs").rglob("*") if p.is_file() and not p.name.startswith("."))
            contents |= {f"blobs/{p.relative_to(home / 'blobs').as_posix()}": p.name for p in blobs}
            books = sorted((home / FOLDER).glob("*.tar.xz"))
            contents |= {f"{FOLDER}/{p.name}": _hash(p) for p in books}
            said = {"schema": HEAD, "generation": generation, "files": contents}
            (folder / _CONTENTS).write_text(json.dumps(said, indent=1), encoding="utf-8")
            _pack(folder, home, [*blobs, *books], folder / "backup.tar")
            os.link(folder / "backup.tar", target)
    except OSError as error:
        raise BadInput(f"cannot write {target}: {error.strerror or error}. Is there room, and may you write?") from None
    return Backup(target, len(contents), generation, target.stat().st_size)


def restore(home: Path, url: str | None, source: Path) -> Backup:
    """Bring a backup back into an empty data folder. Everything is checked before anything is written.

    Raises BadInput for a file that is no whole backup, StoreError where the folder or the database is not empty.
    """
    with _unpacked(source, home) as (folder, said):
        database = open_database(home, url)
        with database.read() as connection:
            if connection.execute(select(func.count()).select_from(generations)).scalar():
                raise StoreError(f"{home} holds documents. Restore into an empty folder: set NAVICERT_HOME to one.")
        for name in said["files"]:
            if name != _ROWS:
                there = home / name
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(folder / name, there)
        _paste_rows(folder, database)
        database.close()
    return Backup(source, len(said["files"]), int(said["generation"]), source.stat().st_size)


def _copy_rows(database: Database, folder: Path) -> int:
    copy = open_database(folder)
    with database.read() as source, copy.write() as target:
        if not database.embedded:
            source.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))  # one moment, not many
        generation = int(source.execute(select(func.max(generations.c.number))).scalar() or 0)
        target.execute(delete(audit_head))  # a new database has the head of an empty trail
        for table in metadata.sorted_tables:
            rows = source.execution_options(yield_per=_BATCH).execute(select(table))
            for some in rows.mappings().partitions(_BATCH):
                target.execute(insert(table), [dict(row) for row in some])
    with copy.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy.close()
    (folder / DATABASE_FILE).rename(folder / _ROWS)
    return generation


def _paste_rows(folder: Path, database: Database) -> None:
    (folder / _ROWS).rename(folder / DATABASE_FILE)
    copy = open_database(folder)
    with copy.read() as source, database.write() as target:
        for table in reversed(metadata.sorted_tables):
            target.execute(delete(table))
        for table in metadata.sorted_tables:
            for some in source.execute(select(table)).mappings().partitions(_BATCH):
                target.execute(insert(table), [dict(row) for row in some])
        counted = (versions, relations, quarantine, jobs, outbox, cases, questions, reviews, trail, audit_holds)
        for table in () if database.embedded else counted:
            sequence = func.pg_get_serial_sequence(table.name, "id")  # PostgreSQL counts on from where the copy ends
            target.execute(select(func.setval(sequence, func.coalesce(func.max(table.c.id), 1))))
        target.execute(text("DELETE FROM meta WHERE key LIKE 'index%'"))  # the index is made again here
    copy.close()


def _pack(folder: Path, home: Path, files: list[Path], target: Path) -> None:
    with tarfile.open(target, "w") as archive:
        for name in (_CONTENTS, _ROWS):
            archive.add(folder / name, name)
        for path in files:
            archive.add(path, path.relative_to(home).as_posix(), recursive=False)


@contextmanager
def _unpacked(source: Path, home: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    broken = f"{source} is no whole backup of Navicert"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as aside:
        folder = Path(aside)
        try:
            with tarfile.open(source) as archive:
                archive.extractall(folder, filter="data")
            said = json.loads((folder / _CONTENTS).read_text(encoding="utf-8"))
            for name, sha256 in said["files"].items():
                if _hash(folder / name) != sha256:
                    raise BadInput(f"{broken}: {name} is not what was put in. Take another backup.")
        except (OSError, tarfile.TarError, ValueError, KeyError) as error:
            raise BadInput(f"{broken} ({error}). Take another one.") from None
        if said["schema"] > HEAD:
            raise BadInput(f"{source} is of a newer Navicert (schema {said['schema']}). Upgrade Navicert.")
        yield folder, said


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
