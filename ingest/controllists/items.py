"""The item tree of an entry: every paragraph with its path, locator and own text."""

import re

from ingest.controllists.lines import CONTROLS, DEFINITIONS, ITEMS, EntryText
from knowledge.controllists.model import Item

_RESERVED = re.compile(
    r"^\W*(?:Items:\s*)?\.?[a-z0-9.]*\s*(?:through\s+\.?[a-z0-9.]+\s*)?\[\s*Reserved\s*\]", re.IGNORECASE
)
_OPENING = re.compile(r"^Items:?\s+([a-z])\.\s+(?=[“\"A-Z])")  # printed in one paragraph with the word "Items"
_SPAN = re.compile(r"^\W*(?:Items:\s*)?\.?([a-z](?:\.[a-z0-9]+)*)\.?\s+(?:through|to)\s+\.?([a-z](?:\.[a-z0-9]+)*)\b")


def items(entry: EntryText) -> tuple[Item, ...]:
    """The items in the order printed; the lines of an item without its notes and without what stands below it."""
    texts: dict[str, tuple[str, list[str]]] = {}
    for line in (*entry.of(CONTROLS), *entry.of(DEFINITIONS), *entry.of(ITEMS)):
        opening = _OPENING.match(line.text) if line.path is None else None
        path = opening[1] if opening else line.path
        if path is not None:
            texts.setdefault(path, (line.locator, []))[1].append(line.text)
    found: list[Item] = []
    for path, (locator, said) in texts.items():
        text = "\n".join(said)
        reserved = bool(_RESERVED.match(text))
        found.append(Item(path, locator, text, reserved))
        found += [Item(other, locator, "", reserved) for other in _span(text) if other not in texts and other != path]
    return tuple(found)


def _span(text: str) -> list[str]:
    """ "b. through d. [Reserved]" names c and d as well."""
    hit = _SPAN.match(text)
    if not hit or len(hit[1]) > 1 or len(hit[2]) > 1:
        return []
    return [chr(n) for n in range(ord(hit[1]), ord(hit[2]) + 1)]
