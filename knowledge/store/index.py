"""The two indexes as one: filled, checked, rebuilt beside the old one and swapped. Derived from the database, whole.

`home/index/<name>/` holds one index; the database says which name counts. A name is used once.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from knowledge.errors import IndexDamaged, NavicertError, StoreError
from knowledge.search.find import Searcher
from knowledge.search.model import IndexPassage
from knowledge.store.database import Database, put_value
from knowledge.store.embed import EmbeddingCache, Stopped
from knowledge.store.lexical import LexicalIndex
from knowledge.store.library import Library, Live
from knowledge.store.passages import by_meaning, passages_of

CURRENT = "index"
MANIFEST = "index_manifest"
OPEN = "index_open_for_writing"
WORDS_ONLY = "words-only"
_FIRST = "0001"

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Manifest:
    """What an index held when its owner last looked: hashes of its rows, so that any change on disk is seen.

    `files` are hashes of the files that only a writer changes.
    """

    name: str
    model: str
    passages: int
    vectors: int
    lexical: str
    dense: str
    files: dict[str, str]


class Shape(Protocol):
    """A model's name and the length of its vectors: enough to open an index and to read it."""

    model: str
    dimension: int


@runtime_checkable
class Makes(Shape, Protocol):
    """A model that embeds."""

    def query(self, text: str) -> np.ndarray:
        """A question's unit vector."""
        ...

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """A unit vector a passage."""
        ...

    def embed_many(
        self, texts: Sequence[str], workers: int | None, progress: Told | None, cancelled: Callable[[], bool]
    ) -> np.ndarray:
        """The same for many, on every core."""
        ...


class Index:
    """The indexes in one folder, open. One process may write; the caller holds the owner's lock.

    Without a `cache` it can be read and not added to.
    """

    def __init__(self, folder: Path, embedder: Shape | None, cache: EmbeddingCache | None) -> None:
        from knowledge.store.dense import DenseIndex  # chromadb takes 0.7 s to load

        self.folder, self.embedder, self._cache = folder, embedder, cache
        try:
            self.lexical = LexicalIndex(folder / "lexical")
            self.dense = DenseIndex(folder / "dense", embedder.model, embedder.dimension) if embedder else None
            self._ids = self.lexical.ids()
        except NavicertError:
            raise
        except Exception as error:  # the libraries raise what they like over a damaged file
            raise IndexDamaged(f"{folder}: {type(error).__name__}: {error}. Run `navicert doctor`.") from error

    def has(self, passage: str) -> bool:
        """Is it indexed?"""
        return passage in self._ids

    def add(
        self,
        passages: Sequence[IndexPassage],
        told: Told = lambda _done, _all: None,
        cancelled: Callable[[], bool] = lambda: False,
        *,
        without_vector: frozenset[str] = frozenset(),
    ) -> bool:
        """Index passages; False where cancelled while embedding, then none of them is. Repeating it changes nothing.

        `without_vector` are ids that are found by their words only.
        """
        meant = [p for p in passages if p.id not in without_vector]
        if self.dense is not None and self.embedder is not None and meant:
            try:
                vectors = self._vectors(meant, told, cancelled)
            except Stopped:
                return False
            self.dense.upsert([p.id for p in meant], vectors)
        # Words last: a passage counts as indexed once its words are, and then its vector is there too.
        self.lexical.add(passages)
        self.lexical.commit()
        self._ids |= {p.id for p in passages}
        return True

    def _vectors(self, passages: Sequence[IndexPassage], told: Told, cancelled: Callable[[], bool]) -> np.ndarray:
        if not isinstance(self.embedder, Makes) or self._cache is None:
            raise StoreError("this index was opened for reading only")
        model = self.embedder.model
        hashes = [EmbeddingCache.hash(p.embedded) for p in passages]
        known = {h: v for h, v in self._cache.get_many(model, hashes).items() if _unit(v, self.embedder.dimension)}
        texts = {h: p.embedded for h, p in zip(hashes, passages, strict=True) if h not in known}
        done = len(passages) - len(texts)
        told(done, len(passages))
        todo = list(texts.items())
        for start in range(0, len(todo), _KEEP):
            some = todo[start : start + _KEEP]
            fresh = self.embedder.embed_many(
                [text for _, text in some],
                workers=None,
                progress=lambda n, _all, before=done + start: told(before + n, len(passages)),  # type: ignore[misc]
                cancelled=cancelled,
            )
            made = {h: v for (h, _), v in zip(some, fresh, strict=True)}
            self._cache.put_many(model, made)  # kept as it goes: a kill costs minutes, not the hour
            known |= made
        return np.stack([known[h] for h in hashes])

    def cached(self, hashes: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors of these texts that the cache holds, by hash."""
        return dict(self._cache.get_many(self.model, hashes)) if self._cache is not None else {}

    def remove(self, ids: Iterable[str]) -> None:
        """Take passages out; one that is not there is no error."""
        gone = set(ids)
        self.lexical.delete(gone)
        self.lexical.commit()
        if self.dense is not None:
            self.dense.delete(gone)
        self._ids -= gone

    def keep_only(self, instrument: str, language: str, wanted: set[str]) -> None:
        """Take out the passages of an instrument that its live version no longer has."""
        self._drop(self.lexical.ids_of(instrument, language) - wanted)

    def sweep(self, live: Container[str]) -> None:
        """Take out the passages of provisions that are not live: of closed versions, or left by a kill."""
        self._drop({i for i, provision in self.lexical.provisions().items() if provision not in live})

    def _drop(self, gone: set[str]) -> None:
        if gone:
            self.remove(gone)

    def searcher(self) -> Searcher:
        """Search over what is indexed."""
        return Searcher(self.lexical, self.dense, self.embedder if isinstance(self.embedder, Makes) else None)

    def manifest(self) -> Manifest:
        """What is in it now, by content. Raises IndexDamaged where it cannot be read."""
        lexical, dense = hashlib.sha256(), hashlib.sha256()
        count = 0
        for row in self.lexical.rows():
            lexical.update(repr(row).encode())
            count += 1
        vectors = self.dense.get(sorted(self.dense.ids())) if self.dense is not None else {}
        for identity in sorted(vectors):
            dense.update(identity.encode())
            dense.update(np.ascontiguousarray(vectors[identity], np.float32).tobytes())
        files = written_files(self.folder)
        hashes = lexical.hexdigest(), dense.hexdigest()
        return Manifest(self.folder.name, self.model, count, len(vectors), *hashes, files)

    @property
    def model(self) -> str:
        """The model of its vectors."""
        return self.embedder.model if self.embedder else WORDS_ONLY

    def close(self) -> None:
        """Let go of the files."""
        self.lexical.close()
        if self.dense is not None:
            self.dense.close()


def _unit(vector: np.ndarray, dimension: int) -> bool:
    """Is it what a model makes? A cache file that rotted gives something else."""
    return vector.shape == (dimension,) and abs(float(np.linalg.norm(vector)) - 1.0) < _ROUNDING


_ROUNDING = 1e-3
_KEEP = 512
"""Texts embedded between two writes of the cache."""


def written_files(folder: Path) -> dict[str, str]:
    """Hashes of the vector files, which change only when somebody writes. A reader's opening changes the SQLite files.

    Until chromadb has written its first batch of 1,000 (its metadata file tells), the vectors are in SQLite alone and
    the other files are scratch.
    """
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for written in (folder / "dense").glob("*/index_metadata.pickle")
        for path in sorted(written.parent.iterdir())
        if path.is_file()
    }


class Indexes:
    """Every index of a data folder and the one that counts."""

    def __init__(self, home: Path, database: Database, embedder: Makes | None) -> None:
        self.home, self.database, self.embedder = home, database, embedder
        self.folder = home / "index"

    @property
    def model(self) -> str:
        """The model that passages are embedded with now."""
        return self.embedder.model if self.embedder else WORDS_ONLY

    @property
    def dimension(self) -> int:
        """The length of that model's vectors, 0 for words only."""
        return self.embedder.dimension if self.embedder else 0

    def cache(self) -> EmbeddingCache:
        """The vectors computed so far."""
        return EmbeddingCache(self.home / "embeddings.sqlite3")

    def current(self) -> str:
        """The name of the index that counts."""
        return self.database.value(CURRENT) or _FIRST

    def manifest(self) -> Manifest | None:
        """What the current index held when last stamped."""
        kept = self.database.value(MANIFEST)
        if kept is None:
            return None
        found = Manifest(**json.loads(kept))
        return found if found.name == self.current() else None

    def open(self) -> Index:
        """The current index, made where it is not there. Raises IndexDamaged where it cannot be opened."""
        return self._open(self.current())

    def _open(self, name: str) -> Index:
        try:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            return Index(self.folder / name, self.embedder, self.cache())
        except OSError as error:
            raise StoreError(f"the index folder {self.folder} cannot be used: {error.strerror}.") from None

    def begin(self) -> None:
        """Note that the owner is about to write: until the next stamp, files that differ are its own doing."""
        with self.database.write() as connection:
            put_value(connection, OPEN, "yes")

    def being_written(self) -> bool:
        """Has the owner begun to write and not finished, because it is at it or was killed?"""
        return self.database.value(OPEN) == "yes"

    def stamp(self, index: Index) -> None:
        """Note what the index holds now; the owner does so after each piece of work."""
        self._stamp(index.folder.name, index.manifest())

    def _stamp(self, name: str, manifest: Manifest) -> None:
        with self.database.write() as connection:
            put_value(connection, CURRENT, name)
            put_value(connection, MANIFEST, json.dumps(asdict(manifest)))
            put_value(connection, OPEN, "no")

    def clear_old(self) -> None:
        """Remove index folders that do not count: former ones, and those that a kill left unfinished."""
        for path in self.folder.glob("*"):
            if path.is_dir() and path.name != self.current():
                shutil.rmtree(path, ignore_errors=True)

    def rebuild(self, told: Told = lambda _d, _a: None, cancelled: Callable[[], bool] = lambda: False) -> Index | None:
        """Build the index anew beside the current one, from the live passages, and swap; None where cancelled.

        Questions are answered from the old one meanwhile. Vectors in the cache are not computed again.
        """
        name = f"{max((int(p.name) for p in self.folder.glob('*') if p.name.isdigit()), default=0) + 1:04d}"
        index = self._open(name)
        wanted, plain = expected(self.database, Library(self.database).live())
        if not index.add(tuple(wanted.values()), told, cancelled, without_vector=plain):
            index.close()
            shutil.rmtree(self.folder / name, ignore_errors=True)
            return None
        self._stamp(name, index.manifest())
        return index


def expected(database: Database, live: Live) -> tuple[dict[str, IndexPassage], frozenset[str]]:
    """Every live passage by id, and the ids of those that are searched by their words only."""
    passages: dict[str, IndexPassage] = {}
    plain: set[str] = set()
    for version in live.versions.values():
        own = {p.id: p for p in passages_of(database, version.id)}
        passages |= own
        if not by_meaning(version.kind, version.provision_count):
            plain |= set(own)
    return passages, frozenset(plain)


__all__ = ["Index", "IndexDamaged", "Indexes", "Manifest", "expected", "written_files"]
