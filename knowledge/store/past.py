"""A generation of the library as it answered: its texts, their search, its lists of parties. Read-only.

Provisions are never overwritten and versions say from which generation to which they stood, so nothing is copied; only
the search index, which is derived, is made again, in memory.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import func, select

from knowledge.errors import StateGone
from knowledge.search.digests import InMemory
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.store.blobs import Blobs
from knowledge.store.database import Database
from knowledge.store.embed import Embedder, EmbeddingCache, Vectors
from knowledge.store.finder import Finder
from knowledge.store.index import expected
from knowledge.store.lexical import entry, fields
from knowledge.store.library import Library
from knowledge.store.parties import ingested
from knowledge.store.schema import generations, version_provisions, versions

_FIX = "Restore it from a backup."
_entry = lru_cache(maxsize=50_000)(entry)  # half a millisecond each, and one generation shares most with the next


def past_library(database: Database, name: str) -> Library:
    """The library as it stood in the generation of that name ("12-ab34..", "0" before anything was ingested).

    Raises StateGone where the database never had it, or no longer has all of it.
    """
    number = _number(name)
    library = Library(database, number)
    if number == 0:
        return library
    with database.read() as connection:
        digest = connection.execute(select(generations.c.digest).where(generations.c.number == number)).scalar()
        rows = connection.execute(select(versions).where(library.stands)).all()
        counted = select(version_provisions.c.version, func.count()).group_by(version_provisions.c.version)
        held = {row[0]: row[1] for row in connection.execute(counted)}
    if digest is None or not name.endswith(f"-{digest[:12]}"):
        raise StateGone(f"generation {name} of the library is not in this database. {_FIX}")
    said = sorted([r.instrument, r.language, r.digest] for r in rows)
    if hashlib.sha256(json.dumps(said).encode()).hexdigest() != digest:
        raise StateGone(f"generation {name} of the library is no longer whole: texts of it were removed. {_FIX}")
    short = [r.instrument for r in rows if held.get(r.id, 0) != r.provision_count]
    if short:
        raise StateGone(f"generation {name} of the library is no longer whole: {short[0]} lacks provisions. {_FIX}")
    return library


def _number(name: str) -> int:
    number = name.partition("-")[0]
    if not number.isdecimal():
        raise StateGone(f"{name!r} names no generation of a library.")
    return int(number)


def check_originals(library: Library, blobs: Blobs) -> None:
    """The lists of parties are read from their originals. Raises StateGone where one is no longer kept."""
    for document in ingested(library):
        if blobs.get(document.sha256) is None:
            raise StateGone(f"the original of {document.name}, a list of parties, is gone or damaged. {_FIX}")


@dataclass(frozen=True)
class _Vectors:
    """Vectors by passage id, as a dense index gives them."""

    held: Mapping[str, Vectors]
    dimension: int

    def get(self, ids: Iterable[str]) -> Mapping[str, Vectors]:
        """Those of the passages that have one."""
        return {i: self.held[i] for i in ids if i in self.held}


@dataclass(frozen=True)
class _Index:
    """What a Finder asks of an index."""

    made: Searcher

    def searcher(self) -> Searcher:
        """Search over it."""
        return self.made


def past_finder(library: Library, model: Embedder | None, cache: Path) -> Finder:
    """Search over what stood in that generation. `cache` is the file of vectors made so far; what it lacks is made."""
    wanted, plain = expected(library.database, library.live())
    held = InMemory(fields(tuple(sorted((_entry(p) for p in wanted.values()), key=_place))))
    if model is None:
        return Finder(library, _Index(Searcher(held)))
    meant = [p for p in wanted.values() if p.id not in plain]
    return Finder(library, _Index(Searcher(held, _Vectors(_vectors(meant, model, cache), model.dimension), model)))


def _place(found: object) -> tuple[object, ...]:
    """The order in which an index on disk reads its passages."""
    return tuple(getattr(found, name) for name in ("instrument", "language", "position", "id"))


def _vectors(passages: Sequence[IndexPassage], model: Embedder, cache: Path) -> dict[str, Vectors]:
    kept = EmbeddingCache(cache)
    hashes = {p.id: EmbeddingCache.hash(p.embedded) for p in passages}
    known = kept.get_many(model.model, list(hashes.values()))
    lacking = {hashes[p.id]: p.embedded for p in passages if hashes[p.id] not in known}
    if lacking:
        made = dict(zip(lacking, model.passages(list(lacking.values())), strict=True))
        kept.put_many(model.model, made)
        known |= made
    return {i: known[h] for i, h in hashes.items()}
