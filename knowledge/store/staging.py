"""The write side: a document is staged, indexed elsewhere, then made live in one transaction.

A kill before `publish` leaves the old version answering; `heal` clears what was staged. Nothing here reads a clock.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from knowledge.store.audit import SYSTEM, RowOf, entry
from knowledge.store.database import Database
from knowledge.store.diff import Difference, difference
from knowledge.store.library import records_of
from knowledge.store.opening import open_reviews
from knowledge.store.records import InstrumentRecord, ProvisionRecord, content_id
from knowledge.store.schema import (
    documents,
    fetches,
    generations,
    provisions,
    relations,
    version_provisions,
    versions,
)

_BATCH = 500


@dataclass(frozen=True)
class Arrival:
    """A document that came in and was read. `key` names where it came from, for the next conditional fetch."""

    sha256: str
    name: str
    source: str
    url: str
    media_type: str
    size: int
    title: str
    language: str
    pages: int | None
    warnings: tuple[str, ...]
    fetched_at: datetime
    key: str
    reader: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Change:
    """What a document does to one instrument.

    `held`: older than the live version, kept for reading as of a date. `withdrawn`: the document gave this instrument
    before and no longer does, so its live text is closed.
    """

    instrument: str
    language: str
    title: str
    kind: str
    outcome: Literal["new", "changed", "unchanged", "held", "withdrawn"]
    provisions: int
    version: int | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Staged:
    """What one document brings, not yet visible. `changes` has one line an instrument, unchanged ones too."""

    arrival: Arrival
    changes: tuple[Change, ...]
    closing: tuple[int, ...] = ()  # live versions that the document no longer gives

    @property
    def versions(self) -> tuple[int, ...]:
        """The rows to make live or to hold; empty where nothing changed."""
        return tuple(c.version for c in self.changes if c.version is not None)


def stage(database: Database, arrival: Arrival, records: Sequence[InstrumentRecord]) -> Staged:
    """Write what is new of the document, visible to nobody yet; one transaction."""
    with database.write() as connection:
        _keep_document(connection, arrival)
        changes = tuple(_stage_one(connection, arrival, r) for r in _distinct(records))
        gone = _no_longer_given(connection, arrival, changes)
        withdrawn = tuple(
            Change(v.instrument, v.language, v.title, v.kind, "withdrawn", v.provision_count) for v in gone
        )
        return Staged(arrival, (*changes, *withdrawn), tuple(v.id for v in gone))


def publish(database: Database, staged: Staged, at: datetime, job: int | None = None) -> int | None:
    """Make a staged document live: its versions, what they close, the generation, and the reviews of what it changed for
    staff, in one transaction.

    Returns the new generation, or None where the document changed nothing that is live.
    """
    with database.write() as connection:
        live = [c for c in staged.changes if c.version is not None and c.outcome != "held"]
        for change in staged.changes:
            if change.outcome == "held":
                connection.execute(update(versions).where(versions.c.id == change.version).values(state="held"))
        number = None
        if live or staged.closing:
            number = (connection.execute(select(func.max(generations.c.number))).scalar() or 0) + 1
            _close(connection, versions.c.id.in_(staged.closing), number)
            for change in live:
                _make_live(connection, change, number)
            connection.execute(
                insert(generations).values(number=number, at=at, digest=_library_digest(connection), job=job)
            )
            opened = open_reviews(connection, number, at, job)
            _record(connection, staged, number, at, job, opened)
        _remember_fetch(connection, staged.arrival, at)
        return number


def _record(
    connection: Connection, staged: Staged, number: int, at: datetime, job: int | None, opened: Sequence[RowOf]
) -> None:  # fmt: skip
    """The line in the audit trail: which documents and versions make the generation, and the reviews it opened."""
    live = [c for c in staged.changes if c.version is not None and c.outcome != "held"]
    closed = connection.execute(select(versions.c.id).where(versions.c.closed_generation == number)).scalars()
    body = {
        "document": staged.arrival.sha256, "job": job, "closed": sorted(closed),
        "live": [[c.instrument, c.language, c.outcome, c.version] for c in live],
    }  # fmt: skip
    rows = (RowOf("generations", (number,)), *opened)
    entry("ingest", SYSTEM, f"generation:{number}", body, at=at, rows=rows)(connection)


def discard(database: Database, staged: Staged) -> None:
    """Take back what was staged and not published."""
    with database.write() as connection:
        _drop(connection, staged.versions)


def heal(database: Database) -> int:
    """Clear what a killed process left staged; returns how many versions. Only for the owner of the data folder."""
    with database.write() as connection:
        left = connection.execute(select(versions.c.id).where(versions.c.state == "staged")).scalars().all()
        _drop(connection, left)
        return len(left)


def version_digest(record: InstrumentRecord) -> str:
    """Hash of everything in a version that a reader could notice; the date of a consolidation by itself is not."""
    ids = [content_id(record.id, record.language, p) for p in record.provisions]
    said = [record.title, record.number, record.kind, record.regime, record.issuers, record.announced, record.effective]
    marks = [asdict(r) for r in record.relations] + [asdict(e) for e in record.enforcement]
    return hashlib.sha256(json.dumps([ids, said, marks], ensure_ascii=False, default=str).encode()).hexdigest()


# ---------------------------------------------------------------- one instrument


def _stage_one(connection: Connection, arrival: Arrival, record: InstrumentRecord) -> Change:
    digest = version_digest(record)
    known = connection.execute(
        select(versions.c.id, versions.c.digest, versions.c.state, versions.c.version_date)
        .where(versions.c.instrument == record.id, versions.c.language == record.language)
        .where(versions.c.state.in_(("live", "closed", "held")))
    ).all()
    live = next((row for row in known if row.state == "live"), None)
    told = Change(record.id, record.language, record.title, record.kind, "unchanged", len(record.provisions))
    older = live is not None and _before(record.version_date, live.version_date)
    if (live is not None and live.digest == digest) or (older and any(row.digest == digest for row in known)):
        return told
    version = _insert_version(connection, arrival, record, digest)
    _insert_provisions(connection, version, record)
    if older:
        return replace(told, outcome="held", version=version)
    if live is None:
        return replace(told, outcome="new", version=version)
    changed = difference(records_of(connection, live.id), record.provisions)
    return replace(told, outcome="changed", version=version, differences=changed)


def _before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other


def _distinct(records: Iterable[InstrumentRecord]) -> tuple[InstrumentRecord, ...]:
    """Two texts of one document under one id would close each other: the second gets an id of its own."""
    seen: dict[tuple[str, str], int] = {}
    result = []
    for record in records:
        n = seen[(record.id, record.language)] = seen.get((record.id, record.language), 0) + 1
        result.append(record if n == 1 else replace(record, id=f"{record.id}~{n}"))
    return tuple(result)


def _insert_version(connection: Connection, arrival: Arrival, record: InstrumentRecord, digest: str) -> int:
    row = {
        "instrument": record.id,
        "language": record.language,
        "regime": record.regime,
        "kind": record.kind,
        "title": record.title,
        "number": record.number,
        "issuers": list(record.issuers),
        "announced": record.announced,
        "effective": record.effective,
        "version_date": record.version_date,
        "url": record.url or arrival.url,
        "document": arrival.sha256,
        "key": arrival.key,
        "digest": digest,
        "state": "staged",
        "ingested_at": arrival.fetched_at,
        "provision_count": len(record.provisions),
        "enforcement": [asdict(e) for e in record.enforcement],
        "details": {**record.metadata, "relations": _plain([asdict(r) for r in record.relations])},
    }
    return int(connection.execute(insert(versions).values(**row).returning(versions.c.id)).scalar_one())


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def _insert_provisions(connection: Connection, version: int, record: InstrumentRecord) -> None:
    ids = [content_id(record.id, record.language, p) for p in record.provisions]
    there: set[str] = set()
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        there |= set(connection.execute(select(provisions.c.id).where(provisions.c.id.in_(some))).scalars())
    fresh: dict[str, dict[str, Any]] = {}
    for identity, p in zip(ids, record.provisions, strict=True):
        if identity not in there:
            fresh[identity] = _provision_row(identity, record, p)
    if fresh:
        connection.execute(insert(provisions), list(fresh.values()))
    rows = [
        {"version": version, "position": n, "provision": identity, "page": p.page}
        for n, (identity, p) in enumerate(zip(ids, record.provisions, strict=True))
    ]
    if rows:
        connection.execute(insert(version_provisions), rows)


def _provision_row(identity: str, record: InstrumentRecord, p: ProvisionRecord) -> dict[str, Any]:
    return {
        "id": identity,
        "instrument": record.id,
        "language": record.language,
        "locator": p.locator,
        "label": p.label,
        "kind": p.kind,
        "heading": list(p.heading),
        "text": p.text,
        "sha256": p.sha256,
        "parts": [[part.locator, part.start, part.end] for part in p.parts],
        "effective_from": p.effective_from,
        "effective_to": p.effective_to,
    }


def _make_live(connection: Connection, change: Change, number: int) -> None:
    same = (versions.c.instrument == change.instrument) & (versions.c.language == change.language)
    connection.execute(
        update(versions).where(same, versions.c.state == "live").values(state="closed", closed_generation=number)
    )
    connection.execute(update(versions).where(versions.c.id == change.version).values(state="live", generation=number))
    details = connection.execute(select(versions.c.details).where(versions.c.id == change.version)).scalar() or {}
    rows = [
        {
            "version": change.version,
            "instrument": change.instrument,
            "kind": r["kind"],
            "target": r["target"],
            "locator": r["provision"],
            "effective": date.fromisoformat(r["on"]) if r["on"] else None,
        }
        for r in details.get("relations", ())
    ]
    if rows:
        connection.execute(insert(relations), rows)


def _close(connection: Connection, which: ColumnElement[bool], number: int) -> None:
    connection.execute(
        update(versions).where(which, versions.c.state == "live").values(state="closed", closed_generation=number)
    )


def _no_longer_given(connection: Connection, arrival: Arrival, changes: Sequence[Change]) -> Sequence[Row[Any]]:
    given = {(c.instrument, c.language) for c in changes}
    live = connection.execute(select(versions).where(versions.c.key == arrival.key, versions.c.state == "live")).all()
    return [row for row in live if (row.instrument, row.language) not in given]


def _keep_document(connection: Connection, arrival: Arrival) -> None:
    if connection.execute(select(documents.c.sha256).where(documents.c.sha256 == arrival.sha256)).scalar():
        return
    connection.execute(
        insert(documents).values(
            sha256=arrival.sha256,
            name=arrival.name,
            source=arrival.source,
            url=arrival.url,
            media_type=arrival.media_type,
            size=arrival.size,
            title=arrival.title,
            language=arrival.language,
            pages=arrival.pages,
            warnings=list(arrival.warnings),
            fetched_at=arrival.fetched_at,
        )
    )


def _remember_fetch(connection: Connection, arrival: Arrival, at: datetime) -> None:
    row = {
        "source": arrival.source,
        "etag": arrival.etag,
        "last_modified": arrival.last_modified,
        "sha256": arrival.sha256,
        "reader": arrival.reader,
        "at": at,
    }
    changed = connection.execute(update(fetches).where(fetches.c.key == arrival.key).values(**row))
    if changed.rowcount == 0:
        connection.execute(insert(fetches).values(key=arrival.key, **row))


def _library_digest(connection: Connection) -> str:
    rows = connection.execute(
        select(versions.c.instrument, versions.c.language, versions.c.digest).where(versions.c.state == "live")
    ).all()
    return hashlib.sha256(json.dumps(sorted(list(row) for row in rows)).encode()).hexdigest()


def _drop(connection: Connection, ids: Sequence[int]) -> None:
    for version in ids:
        own = select(version_provisions.c.provision).where(version_provisions.c.version == version)
        held = connection.execute(own).scalars().all()
        connection.execute(delete(version_provisions).where(version_provisions.c.version == version))
        connection.execute(delete(versions).where(versions.c.id == version))
        for start in range(0, len(held), _BATCH):
            some = held[start : start + _BATCH]
            still = select(version_provisions.c.provision).where(version_provisions.c.provision.in_(some))
            connection.execute(delete(provisions).where(provisions.c.id.in_(some), provisions.c.id.not_in(still)))
