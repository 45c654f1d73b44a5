"""Search: a question to the provisions that bear on it, best first, each with what it was found by."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

import numpy as np

from knowledge.lexis.postings import Postings
from knowledge.lexis.terms import numbers
from knowledge.search.features import Mask, Signals, signals, standing
from knowledge.search.model import Filters, Hit, Question, Why
from knowledge.search.question import question
from knowledge.search.rank import rank
from knowledge.search.ranking import Ranking, ranking
from knowledge.search.table import Table, Vectors, aligned, table
from knowledge.store.embed import Embedder
from knowledge.store.lexical import Fields

Live = Collection[str] | Callable[[str], bool] | None


class Holds(Protocol):
    """Passages in arrays, and a number that changes with them; a lexical index is one."""

    @property
    def fields(self) -> Fields:
        """The passages as they are now."""
        ...

    @property
    def revision(self) -> int:
        """Changes when they do."""
        ...


NO_FILTERS = Filters()
NEAR = 0.04  # centred cosine from which closeness of meaning is given as a reason
LONGEST = 4000  # characters of a question that are read


class HoldsVectors(Protocol):
    """Vectors by passage id; a dense index is one."""

    @property
    def dimension(self) -> int:
        """The length of each."""
        ...

    def get(self, ids: Iterable[str]) -> Mapping[str, Vectors]:
        """Those of the passages that have one."""
        ...


class Searcher:
    """Finds provisions. Keeps a snapshot of both indexes in memory and renews it after a commit.

    `dense` and `embedder` are both None where no model is used; `learned` is the bundled ranking unless given.
    """

    def __init__(
        self,
        lexical: Holds,
        dense: HoldsVectors | None = None,
        embedder: Embedder | None = None,
        learned: Ranking | None = None,
    ) -> None:
        self._lexical, self._dense, self._embedder = lexical, dense, embedder
        self._ranking = learned or ranking()
        self._lock = threading.Lock()
        self._table: Table | None = None
        self._revision = -1
        self._raw: dict[str, Vectors] = {}

    def table(self) -> Table:
        """The snapshot, made anew where the lexical index was committed to since."""
        with self._lock:
            if self._table is None or self._revision != self._lexical.revision:
                self._revision = self._lexical.revision
                fields = self._lexical.fields
                self._table = table(fields, self._vectors(fields))
            return self._table

    def _vectors(self, fields: Fields) -> Vectors | None:
        if self._dense is None or self._embedder is None:
            return None
        self._raw = {i: v for i in fields.ids if (v := self._raw.get(i)) is not None}
        self._raw |= self._dense.get(i for i in fields.ids if i not in self._raw)
        return aligned(fields, self._raw, self._dense.dimension)

    def find(self, query: str, k: int = 10, live: Live = None, filters: Filters = NO_FILTERS) -> tuple[Hit, ...]:
        """The `k` best provisions, each once, by its best passage.

        `live` says which passages count: their ids, or a function of an id; None is all. A passage added to the
        indexes and not yet live, or of a version closed since, is thus never shown.
        """
        snapshot = self.table()
        query = query[:LONGEST]
        if not snapshot.size or not query.strip():
            return ()
        near = self._embedder is not None and snapshot.vectors is not None
        vector = self._embedder.query(query) if self._embedder and near else None
        asked = question(query, vector, self._ranking)
        found = signals(asked, snapshot)
        shown = _mask(snapshot, live, filters)
        order = rank(asked, found, snapshot, shown, self._ranking.of(asked.language))
        return _hits(asked, snapshot, found, order, k, shown)


def _mask(snapshot: Table, live: Live, filters: Filters) -> Mask:
    shown = np.ones(snapshot.size, bool)
    if live is not None:
        is_live = live if callable(live) else live.__contains__
        shown &= np.fromiter(map(is_live, snapshot.fields.ids), bool, snapshot.size)
    if filters.instruments is not None:
        shown &= np.fromiter((e.instrument in filters.instruments for e in snapshot.entries), bool, snapshot.size)
    if filters.languages is not None:
        shown &= np.fromiter((e.language in filters.languages for e in snapshot.entries), bool, snapshot.size)
    return shown


def _hits(
    asked: Question, snapshot: Table, found: Signals, order: Iterable[tuple[int, float]], k: int, shown: Mask
) -> tuple[Hit, ...]:
    chosen: dict[str, tuple[int, float]] = {}
    for i, score in order:
        if len(chosen) == k:
            break
        chosen.setdefault(snapshot.entries[i].provision, (i, score))
    rows = [i for i, _ in chosen.values()]
    reasons = _why(asked, snapshot, found, rows, shown)
    return tuple(
        Hit(provision, snapshot.entries[i].id, score, why)
        for (provision, (i, score)), why in zip(chosen.items(), reasons, strict=True)
    )


def _why(asked: Question, snapshot: Table, found: Signals, rows: list[int], shown: Mask) -> list[Why]:
    f = snapshot.fields
    spelt = dict(zip(asked.terms.words.tolist(), asked.terms.spelt, strict=True))
    named = dict(zip(numbers(asked.literals).tolist(), asked.literals, strict=True))
    words, heading = _held(f.words, spelt, rows), _held(f.heading, spelt, rows)
    own, literals = _held(f.own, named, rows), _held(f.literals, named, rows)
    near = [float(d) if asked.vector is not None and d >= NEAR else None for d in found.dense[rows]]
    above = standing(found.tuned, shown)[rows] if asked.vector is not None else np.zeros(len(rows), np.float32)
    return [
        Why(
            words[n],
            tuple(dict.fromkeys((*own[n], *literals[n]))),
            heading[n],
            near[n],
            float(found.coverage[row]),
            float(found.heading_coverage[row]),
            float(above[n]),
        )
        for n, row in enumerate(rows)
    ]


def _held(postings: Postings, spelt: dict[int, str], rows: list[int]) -> list[tuple[str, ...]]:
    """Of each of these passages, those of the question's terms that it holds, rarest first."""
    held: list[list[tuple[float, str]]] = [[] for _ in rows]
    for term, word in spelt.items():
        passages, _, rarity = postings.find(term)
        for n in np.flatnonzero(np.isin(rows, passages)):
            held[n].append((-rarity, word))
    return [tuple(word for _, word in sorted(words)) for words in held]
