"""The paragraphs of an ingested entry's items: one record a paragraph number, with the words and limits above it."""

import re
from collections.abc import Sequence

from knowledge.classify.bounds import Bound, bounds
from knowledge.classify.source import ItemSource
from knowledge.classify.text import normal, stems

_NUMBERED = re.compile(r"^\(?([a-z](?:\.\d{1,2}|\.[a-z]|\.[ivx]+)*)\.?\s")
_NOTE = re.compile(r"^(?:Technical )?(?:Note|N\.B)", re.IGNORECASE)
_HANGING = re.compile(
    r"((?:equal to or )?(?:greater|less|more|higher|better) than|exceeding|not exceeding) ?:?$", re.IGNORECASE
)
"""A comparison begun above its paragraphs: "a strength equal to or greater than: a.1. 0.9 GPa ..."."""
_ALL = re.compile(r"having all of the following|all of the following", re.IGNORECASE)


def paragraphs(rows: Sequence[tuple[str, str, str]]) -> list[ItemSource]:
    """From (path, locator, text) in order; a text may hold further numbered lines of its own. Notes are left out."""
    lines = [line for path, locator, text in rows for line in _lines(path, locator, text.strip())]
    every = {path for path, _, text in lines if _ALL.search(text)}
    found: dict[str, ItemSource] = {}
    hanging: dict[str, str] = {}
    for path, locator, text in lines:
        above = found.get(path) or _above(path, found)
        begun = _HANGING.search(text)
        hanging[path] = begun.group(1) if begun else ""
        own = bounds(f"{hanging.get(path.rpartition('.')[0], '')} {text}")
        item = ItemSource(
            path,
            locator,
            (),
            tuple(dict.fromkeys((*own, *(above.bounds if above else ())))),
            tuple(dict.fromkeys((*stems([text]), *(above.stems if above else ())))),
        )
        found[path] = item
    return _joined(found, every)


def _joined(found: dict[str, ItemSource], every: set[str]) -> list[ItemSource]:
    """Below "having all of the following", the paragraphs' conditions are asked together: they become one record."""
    result: dict[str, ItemSource] = {}
    for path, item in found.items():
        parent = path.rpartition(".")[0]
        if parent in every and parent in result:
            whole = result[parent]
            limits: tuple[Bound, ...] = tuple(dict.fromkeys((*whole.bounds, *item.bounds)))
            words = tuple(dict.fromkeys((*whole.stems, *item.stems)))
            result[parent] = ItemSource(parent, whole.locator, (), limits, words)
        else:
            result[path] = item
    return list(result.values())


def _above(path: str, found: dict[str, ItemSource]) -> ItemSource | None:
    if not path:
        return None
    parent = path.rpartition(".")[0]
    while parent and parent not in found:
        parent = parent.rpartition(".")[0]
    return found.get(parent) or found.get("")


def _lines(path: str, locator: str, text: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    at, parts, note = path, list[str](), False
    for line in text.split("\n"):
        line = line.removeprefix("Items: ")
        numbered = _NUMBERED.match(line)
        if _NOTE.match(line):
            note = True
            continue
        if numbered:
            if parts and numbered.group(1) != at:
                found.append((at, locator, normal(" ".join(parts))[0]))
                parts = []
            note, at, line = False, numbered.group(1), line[numbered.end() :]
        if not note:
            parts.append(line)
    return [*found, (at, locator, normal(" ".join(parts))[0])] if parts else found
