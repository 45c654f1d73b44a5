"""The bundled facts of the US list: by paragraph the stems of its words and its numeric conditions, without its sentences.

`facts.json` holds a vocabulary of stems, and for each entry the stems of its heading, its paragraphs (path, locator, the
paragraph above, stems and conditions of its own) and the entries it refers to.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from knowledge.classify import DATA
from knowledge.classify.bounds import Bound, bounds
from knowledge.classify.paragraphs import paragraphs
from knowledge.classify.source import ItemSource
from knowledge.classify.text import normal, stems
from knowledge.controllists.model import ControlList
from knowledge.lexis.terms import number

FILE = DATA / "facts.json"
_NOT_CONTROLLED = re.compile(r"do(?:es)? not (?:control|apply)", re.IGNORECASE)
_CODE = re.compile(r"\b\d[A-E]\d{3}\b")


@dataclass(frozen=True)
class Facts:
    """What is known of an entry's text: `heading` the numbers of its heading's stems, its paragraphs, related entries, and
    conditions of notes on what the entry does not control."""

    heading: tuple[int, ...]
    items: tuple[ItemSource, ...]
    related: tuple[str, ...]
    excluding: tuple[Bound, ...] = ()


def compiled(ccl: ControlList) -> dict[str, Any]:
    """The content of `facts.json` from a list with texts."""
    words: dict[str, int] = {}
    entries: dict[str, Any] = {}
    for entry in ccl.entries:
        rows = [
            ("", entry.locator, entry.heading),
            *((i.path, i.locator, i.text) for i in entry.items if not i.reserved),
        ]
        head = [_place(words, s) for s in stems([normal(entry.heading)[0]])]
        related = [c for c in dict.fromkeys(_CODE.findall(entry.related_controls)) if c != entry.code]
        spared = [b for note in entry.notes if _NOT_CONTROLLED.search(note) for b in bounds(normal(note)[0])]
        limits = [_limit(b, words) for b in dict.fromkeys(spared)]
        entries[entry.code] = [head, _rows(paragraphs(rows), words), related, limits]
    return {"source": ccl.source, "version": ccl.version, "words": list(words), "entries": entries}


def _place(words: dict[str, int], stem: str) -> int:
    return words.setdefault(stem, len(words))


def _rows(items: Sequence[ItemSource], words: dict[str, int]) -> list[Any]:
    at = {item.path: i for i, item in enumerate(items)}
    rows = []
    for item in items:
        above = at.get("", -1) if item.path else -1
        parent = item.path.rpartition(".")[0]
        while parent:
            if parent in at:
                above = at[parent]
                break
            parent = parent.rpartition(".")[0]
        upper = items[above] if above >= 0 else None
        own = [w for w in item.stems if upper is None or w not in upper.stems]
        limits = [b for b in item.bounds if upper is None or b not in upper.bounds]
        rows.append(
            [item.path, item.locator, above, [_place(words, s) for s in own], [_limit(b, words) for b in limits]]
        )
    return rows


def _limit(bound: Bound, words: dict[str, int]) -> list[Any]:
    return [
        bound.dimension,
        bound.comparator,
        bound.value,
        bound.written,
        [_place(words, w) for w in sorted(bound.words)],
        bound.quantity,
    ]


def read(raw: Mapping[str, Any]) -> dict[str, Facts]:
    """The facts by code."""
    words: list[str] = raw["words"]
    numbers = [number(w) for w in words]
    found = {}
    for code, (head, rows, related, spared) in raw["entries"].items():
        items: list[ItemSource] = []
        for path, locator, above, own, limits in rows:
            upper = items[above] if above >= 0 else None
            terms = tuple(numbers[w] for w in own) + (upper.terms if upper else ())
            limited = tuple(_bound(b, words) for b in limits) + (upper.bounds if upper else ())
            items.append(ItemSource(path, locator, terms, limited))
        found[code] = Facts(
            tuple(numbers[w] for w in head), tuple(items), tuple(related), tuple(_bound(b, words) for b in spared)
        )
    return found


def _bound(row: Sequence[Any], words: list[str]) -> Bound:
    dimension, comparator, value, written, around, quantity = row
    return Bound(dimension, comparator, value, written, tuple(words[w] for w in around), quantity)


@lru_cache(maxsize=1)
def bundled() -> Mapping[str, Facts]:
    """The facts in the package."""
    return read(json.loads(FILE.read_text("utf-8")))
