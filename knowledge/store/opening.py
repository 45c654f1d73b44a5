"""The reviews that an ingest opens on the change desk, in the transaction that makes its generation live."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from knowledge.store.audit import RowOf
from knowledge.store.change_schema import change_reviews, change_steps
from knowledge.store.changes import text_differences
from knowledge.store.diff import tally
from knowledge.store.schema import generations, relations, versions

SINGLE = 20
"""New instruments of one ingest that get a line of their own on the desk; those after them stand under one heading."""


def open_reviews(connection: Connection, number: int, at: datetime, job: int | None) -> tuple[RowOf, ...]:
    """Open the reviews of generation `number`, whose versions are live and whose former ones closed in this transaction;
    returns their rows, for the audit record of the generation. `job` is the ingest that made it."""
    made = connection.execute(select(versions).where(versions.c.generation == number).order_by(versions.c.id)).all()
    closed = connection.execute(select(versions).where(versions.c.closed_generation == number)).all()
    formers = {(row.instrument, row.language): row for row in closed}
    base = {"generation": number, "job": job, "opened_at": at, "by": "", "effective": None, "part_of": None}
    first = _is_first(connection, number, job)
    opened: list[RowOf] = []
    for row in made:
        former = formers.pop((row.instrument, row.language), None)
        said = {**base, **_about(row), "version": row.id}
        if former is not None:
            # Told again here: what was staged may have been held against a text that another document has changed since.
            counts = tally(text_differences(connection, former.id, row.id))
            _insert(connection, {**said, "outcome": "changed", "former": former.id, "counts": counts}, opened)
        else:
            heading, counts = _heading(connection, base, first, opened), {"added": row.provision_count}
            whole = {"outcome": "new", "former": None, "counts": counts, "part_of": heading}
            _insert(connection, {**said, **whole}, opened)
    for row in formers.values():
        counts = {"removed": row.provision_count}
        said = {**base, **_about(row), "version": None, "former": row.id, "counts": counts}
        _insert(connection, {**said, "outcome": "withdrawn"}, opened)
    for row in () if first else made:  # what came with a library's first ingest tells nothing new of the others
        _put_out_of_force(connection, row, base, opened)
    return tuple(opened)


def _is_first(connection: Connection, number: int, job: int | None) -> bool:
    """Is the library being filled for the first time: by this ingest, and by none before it?"""
    others = generations.c.number < number
    if job is not None:
        others &= generations.c.job.is_(None) | (generations.c.job != job)
    return connection.execute(select(generations.c.number).where(others).limit(1)).first() is None


def _heading(connection: Connection, base: Mapping[str, Any], first: bool, opened: list[RowOf]) -> int | None:
    """The review that a new instrument stands under; None where it has a line of its own.

    A library's first ingest is reviewed by nature: nothing was answered from an earlier text.
    """
    same = (
        (change_reviews.c.job == base["job"])
        if base["job"] is not None
        else (change_reviews.c.generation == base["generation"])
    )
    if not first:
        single = same & (change_reviews.c.outcome == "new") & change_reviews.c.part_of.is_(None)
        if (connection.execute(select(func.count()).select_from(change_reviews).where(single)).scalar() or 0) < SINGLE:
            return None
    outcome = "first" if first else "several"
    held = connection.execute(select(change_reviews.c.id).where(same, change_reviews.c.outcome == outcome)).scalar()
    if held is not None:
        return int(held)
    empty: dict[str, Any] = {
        "instrument": "",
        "language": "",
        "title": "",
        "version": None,
        "former": None,
        "counts": {},
    }
    return _insert(connection, {**base, **empty, "outcome": outcome}, opened, state="reviewed" if first else "new")


def _put_out_of_force(
    connection: Connection, act: Row[Any], base: Mapping[str, Any], opened: list[RowOf]
) -> None:  # fmt: skip
    """Reviews of held instruments that this act repeals or suspends, unless an earlier text of it said so already."""
    own = relations.c.instrument == act.instrument
    kinds = relations.c.kind.in_(("repeals", "suspends"))
    said = connection.execute(select(relations).where(own, kinds, relations.c.version == act.id)).all()
    former = select(relations.c.kind, relations.c.target).where(own, relations.c.version != act.id)
    before = {(row.kind, row.target) for row in connection.execute(former)}
    for row in said:
        if (row.kind, row.target) in before:
            continue
        held = (versions.c.instrument == row.target) | (versions.c.title == row.target)
        live = select(versions).where(held, versions.c.state == "live", versions.c.instrument != act.instrument)
        for target in connection.execute(live).all():
            outcome = {"repeals": "repealed", "suspends": "suspended"}[row.kind]
            values = {**base, **_about(target), "version": target.id, "former": target.id, "counts": {}}
            said_by = {"outcome": outcome, "by": act.instrument, "effective": row.effective}
            _insert(connection, {**values, **said_by}, opened)


def _insert(connection: Connection, values: Mapping[str, Any], opened: list[RowOf], state: str = "new") -> int:
    """One review with the first step of its history; a part has its heading's."""
    added = insert(change_reviews).values(**values).returning(change_reviews.c.id)
    number = int(connection.execute(added).scalar_one())
    opened.append(RowOf(change_reviews.name, (number,)))
    if values["part_of"] is None:
        step = {"change": number, "step": 0, "state": state, "relevant": None, "by": "", "note": ""}
        connection.execute(insert(change_steps).values(**step, at=values["opened_at"]))
        opened.append(RowOf(change_steps.name, (number, 0)))
    return number


def _about(row: Row[Any]) -> dict[str, str]:
    return {"instrument": row.instrument, "language": row.language, "title": row.title}
