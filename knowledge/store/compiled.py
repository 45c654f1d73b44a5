"""Compiled control lists in the database: one row for each version of a list's text that was live.

A list answers only while the version that it was compiled from is the live one. A review counts for one version and one
content: a new version, or the same one compiled to something else, is unreviewed again.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, select, update

from knowledge.controllists.codec import BadCompiledList, dumps, loads
from knowledge.controllists.model import CompiledEntry, ControlList
from knowledge.errors import BadInput, StateGone, StoreError
from knowledge.store.audit import entry
from knowledge.store.blobs import Blobs
from knowledge.store.database import Database
from knowledge.store.library import records_of
from knowledge.store.records import ProvisionRecord
from knowledge.store.schema import compiled_lists, versions

CCL = "US-EAR-774-S1"
"""The Commerce Control List."""
NAMED = 12
"""Characters of a version's hash that name it where its text gives no date."""

Compile = Callable[[Sequence[ProvisionRecord], str], ControlList]
"""Provisions of a list and the name of its version -> the list. Pure; may raise anything."""


@dataclass(frozen=True)
class Changes:
    """What a list says otherwise than the one before: codes. `rows` are those of `changed` whose licence-requirement
    rows differ. `against` names the earlier version, empty where this is the first."""

    against: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompiledState:
    """What is known of the compiled list of one version, without the list. `version` is the row in `versions`, `name` as
    the list calls it. `live`: that version is the live one. `error`: why it could not be compiled, or not compiled again
    by a newer Navicert; with `sha256` a former result answers all the same."""

    version: int
    instrument: str
    name: str
    live: bool
    made_at: datetime
    sha256: str
    entries: int
    rows: int
    rows_unread: int
    issues: int
    changes: Changes = field(default_factory=Changes)
    error: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    note: str = ""


class CompiledLists:
    """The compiled lists of one database. Safe from any thread; each call sees what is committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[tuple[str, str], ControlList]] = {}

    def live(self, instrument: str = CCL) -> ControlList | None:
        """The list compiled from the version that is live now, `reviewed_by` as the row says; None where there is none.

        One small query where nothing has changed since the last call; else the list is read back, about 0.1 cpu-seconds.
        Raises StoreError where what is stored is not what was saved.
        """
        wanted = _compiled(instrument).where(versions.c.state == "live", compiled_lists.c.sha256 != "")
        with self._database.read() as connection:
            row = connection.execute(wanted.order_by(compiled_lists.c.version.desc()).limit(1)).first()
            if row is None:
                return None
            key = (str(row.sha256), str(row.reviewed_by))
            with self._lock:
                kept = self._kept.get(instrument)
            if kept is not None and kept[0] == key:
                return kept[1]
            found = _read(connection, row)
        with self._lock:
            self._kept[instrument] = (key, found)
        return found

    def answering(self, instrument: str = CCL) -> tuple[str, str]:
        """Hash and reviewer of the list that answers now, empty where there is none: what `kept` takes. One small query."""
        wanted = _compiled(instrument).where(versions.c.state == "live", compiled_lists.c.sha256 != "")
        with self._database.read() as connection:
            row = connection.execute(wanted.order_by(compiled_lists.c.version.desc()).limit(1)).first()
        return (str(row.sha256), str(row.reviewed_by)) if row is not None else ("", "")

    def keep(self, sha256: str, blobs: Blobs) -> None:
        """Keep the text of a compiled list by its hash: compiling the same version again writes over it."""
        if sha256 and not blobs.has(sha256) and (data := self._text(sha256)) is not None:
            blobs.put(data.encode())

    def kept(self, sha256: str, reviewed_by: str, blobs: Blobs) -> ControlList:
        """The list of that hash as it answered once. Raises StateGone where neither database nor `blobs` has it."""
        held = self._text(sha256)
        data = held.encode() if held is not None else blobs.get(sha256)
        fix = "Restore it from a backup."
        if data is None or hashlib.sha256(data).hexdigest() != sha256:
            raise StateGone(f"the compiled list {sha256[:12]} was compiled again and its former text is gone. {fix}")
        try:
            return replace(loads(data.decode()), reviewed_by=reviewed_by)
        except BadCompiledList as error:
            raise StateGone(
                f"the compiled list {sha256[:12]} cannot be read by this version ({error}). {fix}"
            ) from None

    def _text(self, sha256: str) -> str | None:
        query = select(compiled_lists.c.data).where(compiled_lists.c.sha256 == sha256).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def stamp(self) -> tuple[tuple[int, str, str], ...]:
        """What answers now, in little: version, hash and reviewer of each live list. Changes when `live` would."""
        wanted = (
            select(compiled_lists.c.version, compiled_lists.c.sha256, compiled_lists.c.reviewed_by)
            .join(versions, versions.c.id == compiled_lists.c.version)
            .where(versions.c.state == "live", compiled_lists.c.sha256 != "")
        )
        with self._database.read() as connection:
            return tuple((r.version, r.sha256, r.reviewed_by) for r in connection.execute(wanted.order_by("version")))

    def states(self, instrument: str | None = None) -> tuple[CompiledState, ...]:
        """Every version that was compiled or failed to, the newest first."""
        query = _compiled(instrument).order_by(compiled_lists.c.instrument, compiled_lists.c.version.desc())
        with self._database.read() as connection:
            return tuple(_state(row) for row in connection.execute(query))

    def issues(self, instrument: str = CCL) -> tuple[tuple[str, str, str], ...]:
        """What could not be read in the live list: (locator, why, text as printed)."""
        found = self.live(instrument)
        return found.issues if found is not None else ()

    def save(
        self, version: int, compiled: ControlList, at: datetime, *, compiler: str = "", connection: Connection | None = None
    ) -> CompiledState:  # fmt: skip
        """Keep the list compiled from that version, in the transaction of `connection` where one is given.

        Saving the same content again keeps its review; another content is unreviewed. Raises BadInput for an unknown version.
        """
        if connection is None:
            with self._database.write() as own:
                return self.save(version, compiled, at, compiler=compiler, connection=own)
        instrument = connection.execute(select(versions.c.instrument).where(versions.c.id == version)).scalar()
        if instrument is None:
            raise BadInput(f"there is no version {version}; a list is compiled from an ingested text.")
        text = dumps(replace(compiled, reviewed_by=""))
        values = {**_counts(compiled), "sha256": hashlib.sha256(text.encode()).hexdigest(), "data": text, "error": ""}
        values |= {"compiler": compiler, "made_at": at, "name": compiled.version}
        held = _held(connection, version)
        if held is None or held.sha256 != values["sha256"]:
            values |= {"reviewed_by": "", "reviewed_at": None, "note": ""}
            values["changes"] = _stored(difference(_before(connection, instrument, version), compiled))
        _put(connection, version, instrument, values)
        return _state(connection.execute(_compiled().where(compiled_lists.c.version == version)).one())

    def approve(self, instrument: str, by: str, note: str, at: datetime) -> CompiledState:
        """Note that a person has reviewed the list of the live version. Raises BadInput where there is none, or no name."""
        if not by.strip():
            raise BadInput("A review needs the reviewer's name. Write --by NAME.")
        with self._database.write() as connection:
            row = connection.execute(_compiled(instrument).where(_answers()).limit(1)).first()
            if row is None:
                raise BadInput(
                    f"{instrument}: no compiled list of the live version. Ingest it, or run `navicert reindex`."
                )
            change = update(compiled_lists).where(compiled_lists.c.version == row.version)
            connection.execute(change.values(reviewed_by=by.strip(), reviewed_at=at, note=note.strip()))
            body, private = {"version": row.version, "sha256": row.sha256}, {"by": by.strip(), "note": note.strip()}
            entry("review", "staff", f"list:{instrument}", body, at=at, private=private)(connection)
            return _state(connection.execute(_compiled().where(compiled_lists.c.version == row.version)).one())

    def complete(
        self, compilers: Mapping[str, Compile], compiler: str, at: datetime, *,
        again: bool = False, told: Callable[[str], None] = lambda _point: None,
    ) -> tuple[CompiledState, ...]:  # fmt: skip
        """Compile what is live and has no compiled list yet, or one of another `compiler`; returns what was done.

        Idempotent: a kill at any point leaves the version without its list, and the next call makes it. A list that
        cannot be compiled is kept as a row with its `error` and not tried again by the same compiler; its text stays
        live. `again`: compile every live one anew, which also mends what is damaged. `told` hears "compiling", "compiled".
        """
        done = []
        for instrument, compile_ in compilers.items():
            for row in self._waiting(instrument, None if again else compiler):
                told("compiling")
                done.append(self._one(row, compile_, compiler, at))
                told("compiled")
        return tuple(done)

    def waiting(self, instrument: str = CCL) -> str:
        """The name of a live version that nobody has tried to compile yet; "" where there is none."""
        with self._database.read() as connection:
            query = _live(instrument).where(compiled_lists.c.version.is_(None))
            row = connection.execute(query.limit(1)).first()
        return _name(row) if row is not None else ""

    def _waiting(self, instrument: str, compiler: str | None) -> Sequence[Any]:
        query = _live(instrument)
        if compiler is not None:
            query = query.where(compiled_lists.c.compiler.is_(None) | (compiled_lists.c.compiler != compiler))
        with self._database.read() as connection:
            return connection.execute(query).all()

    def _one(self, row: Row[Any], compile_: Compile, compiler: str, at: datetime) -> CompiledState:
        name = _name(row)
        with self._database.read() as connection:
            records = records_of(connection, row.id)
        try:
            compiled = compile_(records, name)
            if not compiled.entries:
                raise ValueError("no entry was found in its text")
        except Exception as error:  # whatever a strange text does to the compiler, the text itself stays ingested
            return self._failed(row, name, compiler, f"{type(error).__name__}: {error}", at)
        return self.save(row.id, compiled, at, compiler=compiler)

    def _failed(self, row: Row[Any], name: str, compiler: str, error: str, at: datetime) -> CompiledState:
        with self._database.write() as connection:
            values: dict[str, Any] = {"compiler": compiler, "error": error}
            if _held(connection, row.id) is None:
                values |= {**_counts(None), "name": name, "made_at": at, "sha256": "", "data": "", "changes": {}}
                values |= {"reviewed_by": "", "note": ""}
            _put(connection, row.id, row.instrument, values)
            return _state(connection.execute(_compiled().where(compiled_lists.c.version == row.id)).one())


def difference(before: ControlList | None, after: ControlList) -> Changes:
    """What `after` says otherwise than `before`; where a row stands in its table is no difference."""
    if before is None:
        return Changes()
    old, new = before.by_code, after.by_code
    both = [code for code in new if code in old]
    changed = tuple(c for c in both if old[c] != new[c] and unplaced(old[c]) != unplaced(new[c]))
    rows = tuple(c for c in changed if unplaced(old[c]).rows != unplaced(new[c]).rows)
    added = tuple(c for c in new if c not in old)
    return Changes(before.version, added, tuple(c for c in old if c not in new), changed, rows)


def unplaced(entry: CompiledEntry) -> CompiledEntry:
    """The entry without the places of its rows and exceptions, which move when a row is put in before them."""
    return replace(
        entry,
        rows=tuple(replace(row, locator="") for row in entry.rows),
        exceptions=tuple(replace(exception, locator="") for exception in entry.exceptions),
    )


# ---------------------------------------------------------------- rows


def _answers() -> ColumnElement[bool]:
    return (versions.c.state == "live") & (compiled_lists.c.sha256 != "")


def _live(instrument: str) -> Select[Any]:
    """The live text of the list in the language that is compiled, with or without a compiled row."""
    return (
        select(versions.c.id, versions.c.instrument, versions.c.version_date, versions.c.digest)
        .outerjoin(compiled_lists, compiled_lists.c.version == versions.c.id)
        .where(versions.c.instrument == instrument, versions.c.state == "live", versions.c.language == "en")
    )


def _name(row: Row[Any]) -> str:
    return row.version_date.isoformat() if row.version_date else str(row.digest[:NAMED])


def _compiled(instrument: str | None = None) -> Select[Any]:
    columns = [c for c in compiled_lists.c if c.name != "data"]
    query = select(*columns, versions.c.state).join(versions, versions.c.id == compiled_lists.c.version)
    return query if instrument is None else query.where(compiled_lists.c.instrument == instrument)


def _held(connection: Connection, version: int) -> Row[Any] | None:
    return connection.execute(select(compiled_lists.c.sha256).where(compiled_lists.c.version == version)).first()


def _before(connection: Connection, instrument: str, version: int) -> ControlList | None:
    """The list of the version before that one that has one; None too where it can no longer be read."""
    earlier = _compiled(instrument).where(compiled_lists.c.version < version, compiled_lists.c.sha256 != "")
    row = connection.execute(earlier.order_by(compiled_lists.c.version.desc()).limit(1)).first()
    try:
        return _read(connection, row) if row is not None else None
    except StoreError:
        return None


def _read(connection: Connection, row: Row[Any]) -> ControlList:
    data = connection.execute(select(compiled_lists.c.data).where(compiled_lists.c.version == row.version)).scalar_one()
    fix = "Run `navicert reindex` to compile it again."
    if hashlib.sha256(data.encode()).hexdigest() != row.sha256:
        raise StoreError(f"{row.instrument}: the compiled list of version {row.name} is not what was saved. {fix}")
    try:
        return replace(loads(data), reviewed_by=row.reviewed_by)
    except BadCompiledList as error:
        raise StoreError(f"{row.instrument}: the compiled list of {row.name} cannot be read ({error}). {fix}") from None


def _put(connection: Connection, version: int, instrument: str, values: Mapping[str, Any]) -> None:
    changed = connection.execute(update(compiled_lists).where(compiled_lists.c.version == version).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(compiled_lists).values(version=version, instrument=instrument, **values))


def _counts(compiled: ControlList | None) -> dict[str, int]:
    if compiled is None:
        return {"entries": 0, "rows": 0, "rows_unread": 0, "issues": 0}
    rows = [row for entry in compiled.entries for row in entry.rows]
    unread = sum(not row.read for row in rows)
    return {"entries": len(compiled.entries), "rows": len(rows), "rows_unread": unread, "issues": len(compiled.issues)}


def _stored(changes: Changes) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in vars(changes).items()}


def _state(row: Row[Any]) -> CompiledState:
    changes: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.changes.items()}
    return CompiledState(
        version=row.version, instrument=row.instrument, name=row.name, live=row.state == "live", made_at=_aware(row.made_at),
        sha256=row.sha256, entries=row.entries, rows=row.rows, rows_unread=row.rows_unread, issues=row.issues,
        changes=Changes(**changes), error=row.error, reviewed_by=row.reviewed_by,
        reviewed_at=_aware(row.reviewed_at) if row.reviewed_at else None, note=row.note,
    )  # fmt: skip


def _aware(moment: datetime) -> datetime:
    """SQLite keeps no zone: what is stored is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
