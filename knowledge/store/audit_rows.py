"""Rows that an audit record stands for: what is hashed of each, read back the same way when it is checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, func, select

from knowledge.store.audit_schema import audit_holds
from knowledge.store.change_schema import change_reviews, change_steps
from knowledge.store.chat_schema import questions, reviews
from knowledge.store.schema import classification_decisions, decision_steps, generations


@dataclass(frozen=True)
class Checked:
    """A table whose rows are held to their records: its key, and the columns that no record is written for."""

    table: Table
    key: tuple[str, ...]
    besides: tuple[str, ...] = ()

    @property
    def columns(self) -> list[Column[Any]]:
        """What is hashed of a row."""
        return [c for c in self.table.columns if c.name not in self.besides]


CHECKED: Mapping[str, Checked] = {
    c.table.name: c
    for c in (
        Checked(questions, ("id",)),
        Checked(reviews, ("id",), ("taken_by",)),  # who is on it passes; what is decided stays
        Checked(classification_decisions, ("number",)),
        Checked(decision_steps, ("decision", "step")),
        Checked(generations, ("number",)),
        Checked(audit_holds, ("id",)),
        Checked(change_reviews, ("id",)),
        Checked(change_steps, ("change", "step")),
    )
}


@dataclass(frozen=True)
class RowOf:
    """One row: the table's name and the values of its key."""

    table: str
    key: tuple[int, ...]


def content(connection: Connection, row: RowOf) -> dict[str, Any] | None:
    """What is hashed of that row as it is now; None where it is gone."""
    checked = CHECKED[row.table]
    where = and_(*(checked.table.c[n] == v for n, v in zip(checked.key, row.key, strict=True)))
    found = connection.execute(select(*checked.columns).where(where)).mappings().first()
    return _plain(found) if found is not None else None


def contents(connection: Connection, table: str) -> Iterator[tuple[RowOf, dict[str, Any]]]:
    """Every row of a checked table, in the order of its key."""
    checked = CHECKED[table]
    wanted = select(*checked.columns).order_by(*(checked.table.c[n] for n in checked.key))
    for found in connection.execution_options(yield_per=500).execute(wanted).mappings():
        yield RowOf(table, tuple(int(found[n]) for n in checked.key)), _plain(found)


def before(connection: Connection) -> dict[str, list[int]]:
    """What was there before the first record: of each table the highest key, and how many rows."""
    said = {}
    for name, checked in CHECKED.items():
        first = checked.table.c[checked.key[0]]
        row = connection.execute(select(func.coalesce(func.max(first), 0), func.count())).one()
        said[name] = [int(row[0]), int(row[1])]
    return said


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The same for every database: SQLite forgets the zone of a moment."""
    return {str(k): utc(v) if isinstance(v, datetime) else v for k, v in row.items()}


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is in UTC already."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def rows_in(body: Mapping[str, Any]) -> Sequence[tuple[RowOf, str]]:
    """The rows that a record's body stands for, each with its keyed hash."""
    return [(RowOf(str(table), tuple(map(int, key))), str(said)) for table, key, said in body.get("rows", ())]
