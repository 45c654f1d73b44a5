"""Products known by their name ("H200 servers") and the control codes that the trade gives them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KnownProduct:
    """A named product in the text and its codes."""

    start: int
    end: int
    codes: tuple[str, ...]


class Products:
    """The names of `rules/us/products.yaml`, compiled once."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._patterns = [
            (_words(row["names"]), _words(row["context"]) if row.get("context") else None, tuple(row["codes"]))
            for row in rows
        ]

    def find(self, text: str) -> list[KnownProduct]:
        """Every product named in the cleaned text, where a word of its field stands beside it."""
        found = []
        for names, context, codes in self._patterns:
            for match in names.finditer(text):
                rest = text[: match.start()] + " " + text[match.end() :]
                if context is None or context.search(rest):
                    found.append(KnownProduct(match.start(), match.end(), codes))
        return found


def _words(names: Sequence[str]) -> re.Pattern[str]:
    longest = sorted(names, key=len, reverse=True)
    spaced = [re.escape(n) for n in longest if n.isascii()]
    other = [re.escape(n) for n in longest if not n.isascii()]
    parts = [rf"(?<![A-Za-z0-9])(?:{'|'.join(spaced)})(?![A-Za-z0-9])"] if spaced else []
    return re.compile("|".join([*parts, *other]), re.IGNORECASE)
