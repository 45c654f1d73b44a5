"""Words and figures of every item of the bundled Commerce Control List: an index for classification, no text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.controllists.chart import COMPILED


@dataclass(frozen=True)
class Figure:
    """A figure an item states: words of the quantity, one of > >= < <=, the value, the unit as printed ("" for none)."""

    quantity: tuple[str, ...]
    comparator: str
    value: float
    unit: str


@dataclass(frozen=True, eq=False)
class Features:
    """By code, then by item path ("" is the heading): the stems of the content words, and the figures."""

    words: Mapping[str, Mapping[str, frozenset[str]]]
    figures: Mapping[str, Mapping[str, tuple[Figure, ...]]]


@lru_cache(maxsize=1)
def load_features() -> Features:
    """The bundled index."""
    data = json.loads((COMPILED / "features.json").read_text(encoding="utf-8"))
    vocabulary = data["words"]
    return Features(
        {
            code: {path: frozenset(vocabulary[i] for i in held) for path, held in paths.items()}
            for code, paths in data["entries"].items()
        },
        {
            code: {path: tuple(Figure(tuple(q), c, v, u) for q, c, v, u in held) for path, held in paths.items()}
            for code, paths in data["parameters"].items()
        },
    )
