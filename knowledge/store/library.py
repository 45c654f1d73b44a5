"""The read side: passages as stored, which of them are live, and any past state of an instrument."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from knowledge.errors import StateGone
from knowledge.store.database import Database
from knowledge.store.records import Part, ProvisionRecord
from knowledge.store.schema import documents, generations, provisions, relations, version_provisions, versions

_BATCH = 500


@dataclass(frozen=True)
class Version:
    """One text of an instrument.

    `repealed_by`, `amended_by` and `suspended_by` are live acts that say so of it, `until` the day from which the repeal
    counts. Whether an amendment is already in the text, and what a suspension covers, is for the reader of both to see:
    the rule book's timelines decide answers.
    """

    id: int
    instrument: str
    language: str
    regime: str
    kind: str
    title: str
    number: str
    state: str
    url: str
    document: str
    key: str
    announced: date | None
    effective: date | None
    version_date: date | None
    generation: int | None
    closed_generation: int | None
    ingested_at: datetime
    provision_count: int
    enforcement: tuple[Mapping[str, str], ...] = ()
    repealed_by: str | None = None
    until: date | None = None
    amended_by: tuple[str, ...] = ()
    suspended_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredProvision:
    """A passage with the version that it stands in: all that a citation needs."""

    id: str
    version: Version
    locator: str
    label: str
    kind: str
    heading: tuple[str, ...]
    text: str
    sha256: str
    parts: tuple[Part, ...]
    page: int | None
    effective_from: date | None
    effective_to: date | None


@dataclass(frozen=True)
class Live:
    """What answers now: the generation, its hash, every live version, and the version of each live provision."""

    generation: int = 0
    digest: str = ""
    versions: Mapping[int, Version] = field(default_factory=dict)
    provisions: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The generation as an answer names it: its number and hash; `0` where nothing has been ingested."""
        return f"{self.generation}-{self.digest[:12]}" if self.generation else "0"


class Library:
    """Reads one database. Every method sees committed, live state at the time of the call; with `at`, what was live in
    that generation, which no later one changes."""

    def __init__(self, database: Database, at: int | None = None) -> None:
        self.database, self._at = database, at

    @property
    def stands(self) -> ColumnElement[bool]:
        """Which rows of `versions` answer."""
        if self._at is None:
            return versions.c.state == "live"
        ended = versions.c.closed_generation
        return (versions.c.generation <= self._at) & or_(ended.is_(None), ended > self._at)

    def generation(self) -> int:
        """The number of the newest generation, 0 where nothing has been ingested; cheap, to see whether to reload."""
        if self._at is not None:
            return self._at
        with self.database.read() as connection:
            return int(connection.execute(select(func.max(generations.c.number))).scalar() or 0)

    def live(self) -> Live:
        """Everything live, at one moment."""
        with self.database.read() as connection:
            wanted = select(generations).order_by(generations.c.number.desc()).limit(1)
            if self._at is not None:
                wanted = wanted.where(generations.c.number == self._at)
            newest = connection.execute(wanted).first()
            if newest is None and self._at:
                raise StateGone(f"generation {self._at} of the library is not known here. Restore it from a backup.")
            if newest is None:
                return Live()
            said = _said(connection, self.stands)
            rows = connection.execute(select(versions).where(self.stands).order_by(versions.c.id)).all()
            found = {row.id: _version(row, said) for row in rows}
            pairs = connection.execute(
                select(version_provisions.c.provision, version_provisions.c.version)
                .join(versions, versions.c.id == version_provisions.c.version)
                .where(self.stands)
            ).all()
        return Live(newest.number, newest.digest, found, {row.provision: row.version for row in pairs})

    def find(self, instrument: str, locator: str, language: str | None = None) -> StoredProvision | None:
        """The live passage at that place, in `language` where it is there, else in another."""
        query = (
            _passages().where(self.stands).where(versions.c.instrument == instrument)
            .where(provisions.c.locator == locator).order_by(versions.c.language != (language or ""), versions.c.id)
        )  # fmt: skip
        with self.database.read() as connection:
            row = connection.execute(query.limit(1)).first()
            return _stored(row, _said(connection, self.stands)) if row is not None else None

    def passages(self, ids: Sequence[str]) -> dict[str, StoredProvision]:
        """The live ones of these provisions, by id."""
        found: dict[str, StoredProvision] = {}
        with self.database.read() as connection:
            said = _said(connection, self.stands)
            for start in range(0, len(ids), _BATCH):
                some = ids[start : start + _BATCH]
                query = _passages().where(self.stands).where(provisions.c.id.in_(some))
                found |= {row.provision_id: _stored(row, said) for row in connection.execute(query)}
        return found

    def versions(self, instrument: str | None = None, states: Iterable[str] = ("live",)) -> tuple[Version, ...]:
        """Versions in these states, by instrument, language and age."""
        query = select(versions).where(versions.c.state.in_(tuple(states)))
        if instrument is not None:
            query = query.where(versions.c.instrument == instrument)
        order = (versions.c.instrument, versions.c.language, versions.c.version_date, versions.c.id)
        with self.database.read() as connection:
            said = _said(connection, self.stands)
            return tuple(_version(row, said) for row in connection.execute(query.order_by(*order)))

    def text(self, version: int) -> tuple[ProvisionRecord, ...]:
        """Every provision of a version, live or past, in the text's order."""
        with self.database.read() as connection:
            return records_of(connection, version)

    def as_of(self, instrument: str, on: date, language: str | None = None) -> Version | None:
        """The version whose text stood on that day, as far as ingested versions tell.

        A version stands from its consolidation date, else from its effective date, until the next one's. Where no
        version has a date, the live one is returned.
        """
        held = [v for v in self.versions(instrument, ("live", "closed", "held")) if language in (None, v.language)]
        dated = [(since, v.id, v) for v in held if (since := v.version_date or v.effective) is not None]
        stood = [entry for entry in dated if entry[0] <= on]
        if stood:
            return max(stood, key=lambda entry: entry[:2])[2]
        return next((v for v in held if v.state == "live" and not dated), None)

    def at_generation(self, instrument: str, generation: int, language: str | None = None) -> Version | None:
        """The version that answered in that generation of the library."""
        for v in self.versions(instrument, ("live", "closed")):
            began = v.generation is not None and v.generation <= generation
            ended = v.closed_generation is not None and v.closed_generation <= generation
            if began and not ended and language in (None, v.language):
                return v
        return None

    def counts(self) -> tuple[dict[str, Any], ...]:
        """The listing of what is live: one row a document and instrument, with its provisions."""
        query = (
            select(
                documents.c.name, documents.c.media_type, documents.c.pages, versions.c.instrument, versions.c.language,
                versions.c.kind, versions.c.regime, versions.c.title, versions.c.version_date, versions.c.effective,
                versions.c.provision_count, versions.c.state, versions.c.ingested_at, versions.c.url,
            )
            .join(documents, documents.c.sha256 == versions.c.document)
            .where(versions.c.state.in_(("live", "held", "closed")))
            .order_by(versions.c.instrument, versions.c.language, versions.c.id)
        )  # fmt: skip
        with self.database.read() as connection:
            said = _said(connection, self.stands)
            return tuple(
                {
                    **row._mapping,
                    "repealed_by": said.repeals.get(row.instrument, (None, None))[0],
                    "amended_by": list(said.amends.get(row.instrument, ())),
                }
                for row in connection.execute(query)
            )

    def relations(self) -> tuple[dict[str, Any], ...]:
        """What live acts say they repeal or amend."""
        query = select(relations).join(versions, versions.c.id == relations.c.version).where(self.stands)
        with self.database.read() as connection:
            return tuple(dict(row._mapping) for row in connection.execute(query.order_by(relations.c.id)))


def records_of(connection: Connection, version: int) -> tuple[ProvisionRecord, ...]:
    """The provisions of a version as they came, in the text's order."""
    query = (
        select(provisions, version_provisions.c.page)
        .join(version_provisions, version_provisions.c.provision == provisions.c.id)
        .where(version_provisions.c.version == version)
        .order_by(version_provisions.c.position)
    )
    return tuple(
        ProvisionRecord(
            locator=row.locator,
            label=row.label,
            kind=row.kind,
            text=row.text,
            heading=tuple(row.heading),
            parts=_parts(row.parts),
            page=row.page,
            effective_from=row.effective_from,
            effective_to=row.effective_to,
        )
        for row in connection.execute(query)
    )


def _passages() -> Select[Any]:
    return (
        select(
            provisions.c.id.label("provision_id"), provisions.c.locator, provisions.c.label, provisions.c.kind.label("unit"),
            provisions.c.heading, provisions.c.text, provisions.c.sha256, provisions.c.parts, version_provisions.c.page,
            provisions.c.effective_from, provisions.c.effective_to, *versions.c,
        )
        .join(version_provisions, version_provisions.c.provision == provisions.c.id)
        .join(versions, versions.c.id == version_provisions.c.version)
    )  # fmt: skip


def _stored(row: Row[Any], said: "_Said") -> StoredProvision:
    return StoredProvision(
        id=row.provision_id,
        version=_version(row, said),
        locator=row.locator,
        label=row.label,
        kind=row.unit,
        heading=tuple(row.heading),
        text=row.text,
        sha256=row.sha256,
        parts=_parts(row.parts),
        page=row.page,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
    )


def _parts(stored: Sequence[Sequence[Any]]) -> tuple[Part, ...]:
    return tuple(Part(str(locator), int(start), int(end)) for locator, start, end in stored)


def _version(row: Row[Any], said: "_Said") -> Version:
    by, until = said.repeals.get(row.instrument, (None, None))
    return Version(
        id=row.id,
        instrument=row.instrument,
        language=row.language,
        regime=row.regime,
        kind=row.kind,
        title=row.title,
        number=row.number,
        state=row.state,
        url=row.url,
        document=row.document,
        key=row.key,
        announced=row.announced,
        effective=row.effective,
        version_date=row.version_date,
        generation=row.generation,
        closed_generation=row.closed_generation,
        ingested_at=row.ingested_at,
        provision_count=row.provision_count,
        enforcement=tuple(row.enforcement),
        repealed_by=by,
        until=until,
        amended_by=said.amends.get(row.instrument, ()),
        suspended_by=said.suspends.get(row.instrument, ()),
    )


@dataclass(frozen=True)
class _Said:
    """What live acts say of others: instrument -> the act that repeals it and the day; -> those that amend, suspend it."""

    repeals: Mapping[str, tuple[str, date | None]]
    amends: Mapping[str, tuple[str, ...]]
    suspends: Mapping[str, tuple[str, ...]]


def _said(connection: Connection, stands: ColumnElement[bool]) -> _Said:
    """A target given by name is matched by exact title."""
    query = (
        select(relations.c.kind, relations.c.target, relations.c.instrument, relations.c.effective)
        .join(versions, versions.c.id == relations.c.version)
        .where(stands).order_by(relations.c.id)
    )  # fmt: skip
    rows = connection.execute(query).all()
    if not rows:
        return _Said({}, {}, {})
    targets = {row.target for row in rows}
    titled = connection.execute(
        select(versions.c.instrument, versions.c.title).where(versions.c.title.in_(targets)).distinct()
    ).all()
    meant: dict[str, set[str]] = {target: {target} for target in targets}
    for instrument, title in titled:
        meant[title].add(instrument)
    repeals: dict[str, tuple[str, date | None]] = {}
    other: dict[str, dict[str, tuple[str, ...]]] = {"amends": {}, "suspends": {}}
    for row in rows:
        for instrument in meant[row.target] - {row.instrument}:
            if row.kind == "repeals":
                repeals[instrument] = (row.instrument, row.effective)
            elif row.instrument not in (acts := other[row.kind].get(instrument, ())):
                other[row.kind][instrument] = (*acts, row.instrument)
    return _Said(repeals, other["amends"], other["suspends"])
