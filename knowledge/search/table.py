"""What the ranking reads: the indexed passages in arrays, their vectors, and who stands beside whom."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.search.languages import language_group
from knowledge.store.lexical import Entry, Fields

Vectors = npt.NDArray[np.float32]
Index = npt.NDArray[np.int32]
FEWEST = 50  # passages of a language from which its mean is taken; fewer would be describing themselves
NONE = -1


@dataclass(frozen=True)
class Table:
    """One snapshot. Arrays are by passage; `parent`, `before` and `after` hold passages, or NONE.

    `vectors` are less the mean of their language; a passage without one has zeros. `act` numbers the instruments, of
    which there are `acts`; `lengths` counts words.
    """

    fields: Fields
    vectors: Vectors | None
    parent: Index
    before: Index
    after: Index
    act: Index
    acts: int
    lengths: Index

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The passages."""
        return self.fields.entries

    @property
    def size(self) -> int:
        """How many passages."""
        return len(self.fields.entries)

    def spoken(self, group: str) -> npt.NDArray[np.bool_]:
        """Which passages are in a language of that group (`languages.language_group`)."""
        spoken = np.array([language_group(name) == group for name in self.fields.languages], bool)
        rows: npt.NDArray[np.bool_] = spoken[self.fields.language]
        return rows


def table(fields: Fields, vectors: Vectors | None) -> Table:
    """A snapshot of these passages; `vectors` are raw, one row a passage, zeros where there is none."""
    parent, before, after = _neighbours(fields.entries)
    middle = None if vectors is None else centred(vectors, fields.language)
    number: dict[str, int] = {}
    act = np.array([number.setdefault(e.instrument, len(number)) for e in fields.entries], np.int32)
    lengths = np.array([len(e.words) for e in fields.entries], np.int32)
    return Table(fields, middle, parent, before, after, act, len(number), lengths)


def aligned(fields: Fields, found: Mapping[str, Vectors], dimension: int) -> Vectors:
    """The vectors in the order of the passages."""
    out = np.zeros((len(fields.entries), dimension), np.float32)
    for i, identity in enumerate(fields.ids):
        if (vector := found.get(identity)) is not None:
            out[i] = vector
    return out


def centred(vectors: Vectors, language: Index) -> Vectors:
    """Vectors less the mean of their language, not made unit again: within a language the order by cosine stays.

    The model puts every passage in the question's language above every other; that common part is the mean. A language
    with few passages takes the mean of all.
    """
    present = vectors.any(axis=1)
    if not present.any():
        return vectors
    overall = vectors[present].mean(axis=0)
    out = np.zeros_like(vectors)
    for one in np.unique(language[present]):
        rows = present & (language == one)
        out[rows] = vectors[rows] - (vectors[rows].mean(axis=0) if rows.sum() >= FEWEST else overall)
    return out


def _neighbours(entries: tuple[Entry, ...]) -> tuple[Index, Index, Index]:
    parent, before, after = (np.full(len(entries), NONE, np.int32) for _ in range(3))
    place = {(e.instrument, e.language, e.locator): i for i, e in reversed(list(enumerate(entries)))}
    for i, e in enumerate(entries):
        if e.parent:
            parent[i] = place.get((e.instrument, e.language, e.parent), NONE)
        if i and (e.instrument, e.language) == (entries[i - 1].instrument, entries[i - 1].language):
            before[i], after[i - 1] = i - 1, i
    return parent, before, after
