"""Everything that one data folder holds, opened once a process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.settings import Settings
from knowledge.store.blobs import Blobs
from knowledge.store.database import Database, open_database
from knowledge.store.jobs import Jobs
from knowledge.store.ledger import Ledger
from knowledge.store.library import Library
from knowledge.store.owner import owner

if TYPE_CHECKING:
    from knowledge.store.finder import Finder
    from knowledge.store.index import Index, Indexes, Makes


class Store:
    """The database of a data folder with what reads and writes it. Reading needs no lock; writing needs `owned`.

    Questions and an ingest in one process share one open index: a vector index opened twice does not see itself.
    """

    def __init__(self, home: Path, database: Database, model: "Makes | str | None" = None) -> None:
        self.home, self.database = home, database
        self.library, self.ledger, self.jobs = Library(database), Ledger(database), Jobs(database)
        self.blobs = Blobs(home / "blobs")
        self._model = model
        self._lock = threading.RLock()
        self._open: _Shared | None = None

    @cached_property
    def indexes(self) -> "Indexes":
        """The search indexes; numpy and the model's package are loaded at the first use."""
        from knowledge.store.embed import embedder
        from knowledge.store.index import Indexes

        model = embedder(self._model) if self._model is None or isinstance(self._model, str) else self._model
        return Indexes(self.home, self.database, model)

    @contextmanager
    def owned(self, doing: str) -> Iterator[None]:
        """Be the one process that writes. Raises Busy where another one is."""
        with owner(self.home, self.database, doing):
            yield

    @contextmanager
    def index(self) -> Iterator["Index"]:
        """The open index, shared by whoever in this process uses it. Raises IndexDamaged."""
        with self._held() as held:
            yield held.index

    @contextmanager
    def finder(self) -> Iterator["Finder"]:
        """Search, while the block runs. Raises IndexDamaged where the index is not what it should be.

        Its snapshot is kept as long as anybody in this process holds the index.
        """
        with self._held() as held:
            yield held.finder

    @contextmanager
    def _held(self) -> Iterator["_Shared"]:
        with self._lock:
            if self._open is None:
                from knowledge.store.soundness import open_sound

                self._open = _Shared(open_sound(self.indexes), self.library)
            held = self._open
            held.users += 1
        try:
            yield held
        finally:
            with self._lock:
                held.users -= 1
                if not held.users:
                    held.index.close()
                    if self._open is held:
                        self._open = None

    def swap(self, index: "Index") -> None:
        """Answer from a newly built index; the former one is closed when its last user has gone."""
        with self._lock:
            former, self._open = self._open, _Shared(index, self.library)
            if former is not None and not former.users:
                former.index.close()


class _Shared:
    """An open index, its searcher, and how many use it."""

    def __init__(self, index: "Index", library: Library) -> None:
        self.index, self.users, self._library = index, 0, library

    @cached_property
    def finder(self) -> "Finder":
        """Search over this index; made at the first question."""
        from knowledge.store.finder import Finder

        return Finder(self._library, self.index)


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The store of these settings, made where there is none yet. Raises StoreError, BadInput."""
    database = open_database(settings.home, settings.database)
    try:
        yield Store(settings.home, database, settings.embedder)
    finally:
        database.close()
