"""The lexical index: each passage's terms, kept in SQLite and searched in memory.

SQLite holds (a commit is whole or absent, whatever kills the process); arrays search (`knowledge.lexis.postings`).
tantivy was measured beside it: its BM25 constants are fixed, it returns a top k where the ranking wants every passage's
score, and on the development sets pairs of words with exact lengths found 1 to 2 more of 100 answers.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.errors import IndexDamaged
from knowledge.lexis.postings import Postings, Scores, postings
from knowledge.lexis.terms import Numbers, numbers, terms
from knowledge.search.literals import literals, own_literals
from knowledge.search.model import IndexPassage

# Terms are stored as numbers: change this with anything in `terms` or `literals` that numbers or splits differently.
FORMAT = "2"
PAIRS = 0.4  # weight of pairs beside words in `search`
FILE = "passages.sqlite3"


@dataclass(frozen=True)
class Entry:
    """A stored passage as the ranking reads it: where it stands, and its terms."""

    id: str
    provision: str
    instrument: str
    language: str
    locator: str
    parent: str
    position: int
    words: Numbers
    pairs: Numbers
    heading: Numbers
    literals: Numbers
    own: Numbers


@dataclass(frozen=True)
class Fields:
    """One snapshot of the index in arrays. `entries[i]` is passage i of every postings."""

    entries: tuple[Entry, ...]
    languages: tuple[str, ...]
    language: np.ndarray[Any, np.dtype[np.int32]]  # of each passage, an index into `languages`
    words: Postings
    pairs: Postings
    heading: Postings
    literals: Postings  # numbers the text names
    own: Postings  # numbers that name the passage itself: its locator and headings

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The passages' ids."""
        return tuple(e.id for e in self.entries)


def fields(entries: tuple[Entry, ...]) -> Fields:
    """Arrays for these passages; about a second for 15,000."""
    languages = tuple(sorted({e.language for e in entries}))
    where = {name: i for i, name in enumerate(languages)}
    language = np.array([where[e.language] for e in entries], np.int32)
    words, pairs = (postings([getattr(e, f) for e in entries], language) for f in ("words", "pairs"))
    heading = postings([e.heading for e in entries], language)
    named, own = (postings([getattr(e, f) for e in entries]) for f in ("literals", "own"))
    return Fields(entries, languages, language, words, pairs, heading, named, own)


class LexicalIndex:
    """Passages by their words, pairs of words, headings, codes and numbers.

    `add` and `delete` take effect, here and on disk, at `commit`; before it, a kill or `rollback` undoes them. Raises
    IndexDamaged where the file is not readable or made by another version.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        self._lock = threading.RLock()
        self._fields: Fields | None = None
        self._revision = 0
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, check_same_thread=False, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if (verdict := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(verdict)
        db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        db.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (FORMAT,))
        db.execute(
            "CREATE TABLE IF NOT EXISTS passage (id TEXT PRIMARY KEY, provision TEXT, instrument TEXT, language TEXT, "
            "locator TEXT, parent TEXT, position INTEGER, words BLOB, pairs BLOB, heading BLOB, literals BLOB, own BLOB)"
        )
        made = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()[0]
        if made != FORMAT:
            raise sqlite3.DatabaseError(f"it has format {made}, this version reads {FORMAT}")
        return db

    def _damaged(self, cause: str) -> IndexDamaged:
        return IndexDamaged(
            f"{self._path}: the lexical index cannot be used ({cause}). Delete the file and index again."
        )

    def add(self, passages: Iterable[IndexPassage]) -> None:
        """Stores the passages; one with an id that is there replaces it."""
        with self._lock:
            self._begin()
            self._db.executemany(
                "INSERT OR REPLACE INTO passage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, passages)
            )

    def delete(self, ids: Iterable[str]) -> None:
        """Removes these passages; one that is not there is no error."""
        with self._lock:
            self._begin()
            self._db.executemany("DELETE FROM passage WHERE id = ?", ((i,) for i in ids))

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Makes what was added and deleted count, at once."""
        with self._lock:
            if self._db.in_transaction:
                self._db.execute("COMMIT")
            self._fields = None
            self._revision += 1

    def rollback(self) -> None:
        """Forgets what was added and deleted since the last commit."""
        with self._lock:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    @property
    def revision(self) -> int:
        """Counts the commits of this process: a reader of `fields` compares it."""
        return self._revision

    @property
    def fields(self) -> Fields:
        """The committed passages as arrays, made anew after a commit."""
        with self._lock:
            if self._fields is None:
                self._fields = fields(tuple(self._entries()))
            return self._fields

    def _entries(self) -> Iterator[Entry]:
        try:
            rows = self._db.execute("SELECT * FROM passage ORDER BY instrument, language, position, id").fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from error
        for identity, provision, instrument, language, locator, parent, position, *blobs in rows:
            arrays = [np.frombuffer(blob, np.uint32) for blob in blobs]
            yield Entry(identity, provision, instrument, language, locator, parent, position, *arrays)

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        """The `k` best (id, score) by words and pairs of words alone, best first; passages with no word are left out."""
        table = self.fields
        asked = terms(query)
        scores = table.words.scores(asked.words) + PAIRS * table.pairs.scores(asked.pairs)
        return [(table.entries[i].id, float(scores[i])) for i in best(scores, k) if scores[i] > 0]

    def count(self) -> int:
        """How many passages are stored."""
        with self._lock:
            return int(self._db.execute("SELECT COUNT(*) FROM passage").fetchone()[0])

    def ids(self) -> set[str]:
        """Every passage's id."""
        with self._lock:
            return {row[0] for row in self._db.execute("SELECT id FROM passage")}

    def ids_of(self, instrument: str, language: str) -> set[str]:
        """The ids of one instrument's passages in one language."""
        query = "SELECT id FROM passage WHERE instrument = ? AND language = ?"
        with self._lock:
            return {row[0] for row in self._db.execute(query, (instrument, language))}

    def provisions(self) -> dict[str, str]:
        """Passage id -> provision id, of every passage."""
        with self._lock:
            return dict(self._db.execute("SELECT id, provision FROM passage").fetchall())

    def differing(self, passages: Iterable[IndexPassage]) -> set[str]:
        """Those of the passages whose stored row is not the one that they would be given today."""
        stored = {row[0]: row for row in self.rows()}
        return {p.id for p in passages if stored.get(p.id) != _row(p)}

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Every committed row as stored, by id: what an integrity check compares. Raises IndexDamaged."""
        try:
            with self._lock:
                yield from self._db.execute("SELECT * FROM passage ORDER BY id").fetchall()
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from error

    def close(self) -> None:
        """Closes the file; what was not committed is undone."""
        self._db.close()


def best(scores: Scores, k: int) -> list[int]:
    """The indices of the `k` highest scores, highest first; equals in index order."""
    if k >= len(scores):
        return [int(i) for i in np.argsort(-scores, kind="stable")]
    some = np.sort(np.argpartition(-scores, k)[:k])
    return [int(i) for i in some[np.argsort(-scores[some], kind="stable")]]


def entry(p: IndexPassage) -> Entry:
    """A passage as it is stored."""
    text = terms(p.text)
    above = terms(" ".join((p.title, *p.heading)))
    own = numbers(own_literals(p.title, " ".join(p.heading[-1:]), p.locator))
    named = numbers(literals(p.text))
    place = (p.id, p.provision, p.instrument, p.language, p.locator, p.parent, p.position)
    return Entry(*place, text.words, text.pairs, above.words, named, own)


def _row(p: IndexPassage) -> tuple[Any, ...]:
    e = entry(p)
    place = (e.id, e.provision, e.instrument, e.language, e.locator, e.parent, e.position)
    return (*place, *(a.astype(np.uint32).tobytes() for a in (e.words, e.pairs, e.heading, e.literals, e.own)))
