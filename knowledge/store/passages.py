"""A stored version to the passages that are indexed. Deterministic: the index can be checked and rebuilt from it."""

from sqlalchemy import select

from knowledge.search.model import IndexPassage
from knowledge.search.passages import passages
from knowledge.store.database import Database
from knowledge.store.library import records_of
from knowledge.store.records import content_id
from knowledge.store.schema import versions

LONG_LIST = 1000
"""A list of more rows than this (parties, tariff lines) is searched by its words only: names and codes are looked up as
written, and embedding 26,000 names would take the better part of an hour."""


def passages_of(database: Database, version: int) -> tuple[IndexPassage, ...]:
    """The passages of that version, in the text's order."""
    with database.read() as connection:
        row = connection.execute(
            select(versions.c.instrument, versions.c.language, versions.c.title).where(versions.c.id == version)
        ).one()
        records = records_of(connection, version)
    found: list[IndexPassage] = []
    for position, record in enumerate(records):
        whole = IndexPassage(
            id="",
            provision=content_id(row.instrument, row.language, record),
            text=record.text,
            heading=(*record.heading, record.label) if record.label else record.heading,
            title=row.title,
            language=row.language,
            instrument=row.instrument,
            locator=record.locator,
            position=position,
            parent=record.locator.rpartition("/")[0],
        )
        found += passages(whole)
    return tuple(found)


def by_meaning(kind: str, provisions: int) -> bool:
    """Is an instrument of that kind and length searched by meaning too, and not by its words alone?"""
    return not (kind == "list" and provisions > LONG_LIST)
