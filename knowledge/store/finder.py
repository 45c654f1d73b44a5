"""Search over what is live, filtered by regime, kind, language and date; each find is a passage one can cite."""

import threading
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from knowledge.search.find import Searcher
from knowledge.search.model import Hit, Why
from knowledge.store.library import Library, Live, StoredProvision, Version

TRIES = 5
"""How often a question is put again where an ingest made something live while it was being answered."""

GATES = 16
"""Sets of filters whose passages are remembered; making one takes some 10 ms at 25,000 passages."""

Standing = Literal["in_force", "not_yet_effective", "repealed", "undated"]


@dataclass(frozen=True)
class Filters:
    """Limits on a search; empty is no limit. `on`: only what stood on that day, as far as the texts give dates."""

    regime: str = ""
    kind: str = ""
    language: str = ""
    instrument: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Found:
    """A live passage that bears on the question, best first; `why` is what it was found by."""

    provision: StoredProvision
    score: float
    why: Why
    standing: Standing


class Searches(Protocol):
    """An open index, on disk or in memory."""

    def searcher(self) -> Searcher:
        """Search over what it holds."""
        ...


class Finder:
    """Searches one library through one open index; sees a new generation as soon as it is committed."""

    def __init__(self, library: Library, index: Searches) -> None:
        self._library = library
        self._searcher: Searcher = index.searcher()
        self._lock = threading.Lock()
        self._live = Live()
        self._gates_of: object = None
        self._gates: dict[tuple[int, Filters], frozenset[str]] = {}

    @property
    def searcher(self) -> Searcher:
        """The search beneath, over all that is indexed, live or not."""
        return self._searcher

    def live(self) -> Live:
        """What is live now, read again only where the generation has moved."""
        generation = self._library.generation()
        with self._lock:
            if generation != self._live.generation:
                self._live = self._library.live()
            return self._live

    def find(self, query: str, k: int = 10, filters: Filters | None = None) -> tuple[Found, ...]:
        """The `k` best live passages for a question in any language; empty where nothing shares a word or a meaning."""
        filters = filters or Filters()
        found: tuple[Found, ...] = ()
        for _ in range(TRIES):
            live = self.live()
            found = self._find(query, k, filters, live) if live.provisions else ()
            if self._library.generation() == live.generation:
                break  # else a text was replaced meanwhile: what was read is partly of before and partly of after
        return found

    def _find(self, query: str, k: int, filters: Filters, live: Live) -> tuple[Found, ...]:
        hits = self._searcher.find(query, k, live=self._gate(live, filters))
        stored = self._library.passages([hit.provision for hit in hits])
        return tuple(self._found(hit, stored[hit.provision], filters) for hit in hits if hit.provision in stored)

    def _found(self, hit: Hit, provision: StoredProvision, filters: Filters) -> Found:
        return Found(provision, hit.score, hit.why, standing(provision.version, filters.on))

    def _gate(self, live: Live, filters: Filters) -> frozenset[str]:
        """Which passages count. A passage staged by an unfinished ingest, or of a closed version, does not."""
        table = self._searcher.table()
        key = (live.generation, filters)
        with self._lock:
            if self._gates_of is not table:
                self._gates_of, self._gates = table, {}
            if key not in self._gates:
                if len(self._gates) >= GATES:
                    self._gates.clear()
                allowed = {n for n, version in live.versions.items() if _passes(version, filters)}
                self._gates[key] = frozenset(
                    entry.id for entry in table.entries if live.provisions.get(entry.provision) in allowed
                )
            return self._gates[key]


def standing(version: Version, on: date | None) -> Standing:
    """Where an instrument's text says it stands on a day; `undated` where it gives no date."""
    if on is None:
        return "repealed" if version.repealed_by else ("in_force" if version.effective else "undated")
    if version.repealed_by and (version.until is None or version.until <= on):
        return "repealed"
    if version.effective is None:
        return "undated"
    return "in_force" if version.effective <= on else "not_yet_effective"


def _passes(version: Version, filters: Filters) -> bool:
    wanted = (
        (filters.regime, version.regime),
        (filters.kind, version.kind),
        (filters.language, version.language),
        (filters.instrument, version.instrument),
    )
    if any(asked and asked.lower() != has.lower() for asked, has in wanted):
        return False
    return filters.on is None or standing(version, filters.on) in ("in_force", "undated")
