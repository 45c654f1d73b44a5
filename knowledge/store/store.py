"""Everything that one data folder holds, opened once a process."""

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
    from knowledge.store.index import Indexes


class Store:
    """The database of a data folder with what reads and writes it. Reading needs no lock; writing needs `owned`."""

    def __init__(self, home: Path, database: Database, model: str | None = None) -> None:
        self.home, self.database = home, database
        self.library, self.ledger, self.jobs = Library(database), Ledger(database), Jobs(database)
        self.blobs = Blobs(home / "blobs")
        self._model = model

    @cached_property
    def indexes(self) -> "Indexes":
        """The search indexes; numpy and the model's package are loaded at the first use."""
        from knowledge.store.embed import embedder
        from knowledge.store.index import Indexes

        return Indexes(self.home, self.database, embedder(self._model))

    @contextmanager
    def owned(self, doing: str) -> Iterator[None]:
        """Be the one process that writes. Raises Busy where another one is."""
        with owner(self.home, self.database, doing):
            yield

    @contextmanager
    def finder(self) -> Iterator["Finder"]:
        """Search, while the block runs. Raises IndexDamaged where the index is not what it should be."""
        from knowledge.store.finder import Finder
        from knowledge.store.soundness import open_sound

        index = open_sound(self.indexes)
        try:
            yield Finder(self.library, index)
        finally:
            index.close()


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The store of these settings, made where there is none yet. Raises StoreError, BadInput."""
    database = open_database(settings.home, settings.database)
    try:
        yield Store(settings.home, database, settings.embedder)
    finally:
        database.close()
