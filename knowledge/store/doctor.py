"""A look at everything that is kept: database, originals, index. What is wrong is named; what is derived is built again."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text

from knowledge.errors import IndexDamaged
from knowledge.store.blobs import Blobs
from knowledge.store.database import Database
from knowledge.store.index import Indexes, Told, expected
from knowledge.store.library import Library
from knowledge.store.records import ProvisionRecord, content_id
from knowledge.store.schema import documents, provisions, version_provisions, versions
from knowledge.store.soundness import Finding, canaries, compare, open_sound
from knowledge.store.staging import heal

__all__ = ["Examination", "Finding", "examine", "repair"]


@dataclass(frozen=True)
class Examination:
    """What was looked at, and what was wrong with it."""

    documents: int
    provisions: int
    passages: int
    findings: tuple[Finding, ...]


def examine(database: Database, indexes: Indexes, blobs: Blobs, seed: int = 0) -> Examination:
    """Look at everything; changes nothing."""
    findings = [*_database(database), *_originals(database, blobs)]
    live = Library(database).live()
    if not findings or all(f.mended_by != "backup" for f in findings):
        findings += _index(indexes, seed)
    with database.read() as connection:
        held = connection.execute(select(func.count()).select_from(documents)).scalar() or 0
    passages = indexes.manifest()
    return Examination(held, len(live.provisions), passages.passages if passages else 0, tuple(findings))


def repair(
    database: Database,
    indexes: Indexes,
    findings: tuple[Finding, ...],
    told: Told = lambda _d, _a: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Mend what can be mended without the documents' help; the caller owns the data folder."""
    heal(database)
    if any(f.mended_by == "rebuild" for f in findings):
        index = indexes.rebuild(told, cancelled)
        if index is not None:
            index.close()
    indexes.clear_old()


def _database(database: Database) -> list[Finding]:
    findings = []
    if database.embedded:
        with database.read() as connection:
            said = connection.execute(text("PRAGMA integrity_check(1)")).scalar()
        if said != "ok":
            return [Finding("database", f"SQLite finds it damaged ({said})", "backup")]
    with database.read() as connection:
        left = connection.execute(select(func.count()).where(versions.c.state == "staged")).scalar()
        if left:
            findings.append(Finding("database", f"{left} texts were left half brought in", "heal"))
        counted = (
            select(versions.c.id, versions.c.instrument, versions.c.provision_count, func.count().label("there"))
            .join(version_provisions, version_provisions.c.version == versions.c.id)
            .where(versions.c.state != "staged").group_by(versions.c.id)
        )  # fmt: skip
        findings += [
            Finding(row.instrument, f"has {row.there} of its {row.provision_count} provisions", "backup")
            for row in connection.execute(counted)
            if row.there != row.provision_count
        ]
        for row in connection.execute(select(provisions).execution_options(yield_per=1000)):
            record = ProvisionRecord(row.locator, row.label, row.kind, row.text, tuple(row.heading))
            same = hashlib.sha256(row.text.encode()).hexdigest() == row.sha256
            if not same or content_id(row.instrument, row.language, record) != row.id:
                findings.append(Finding(f"{row.instrument} {row.locator}", "is not the text that was stored", "backup"))
    return findings


def _originals(database: Database, blobs: Blobs) -> list[Finding]:
    query = select(documents.c.sha256, documents.c.name).join(versions, versions.c.document == documents.c.sha256)
    with database.read() as connection:
        rows = connection.execute(query.where(versions.c.state == "live").distinct()).all()
    return [
        Finding(row.name, "its original is gone or changed; the text itself is safe", "ingest")
        for row in rows
        if blobs.get(row.sha256) is None
    ]


def _index(indexes: Indexes, seed: int) -> list[Finding]:
    place = f"index {indexes.current()}"
    try:
        index = open_sound(indexes)
    except IndexDamaged as error:
        return [Finding(place, str(error))]
    index.close()
    findings = compare(indexes)
    if findings:
        return findings
    wanted, plain = expected(indexes.database, Library(indexes.database).live())
    if not wanted:
        return []
    index = indexes.open()
    try:
        return canaries(index, wanted, plain, seed)
    finally:
        index.close()
