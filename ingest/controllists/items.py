"""The item tree of an entry: every paragraph with its path, locator and own text."""

import re

from ingest.controllists.catalogue import between
from ingest.controllists.lines import CONTROLS, DEFINITIONS, ITEMS, EntryText, Line
from knowledge.controllists.model import Item

_PATH = r"\.?[a-z](?:\.[a-z0-9]{1,4})*\.?"
_RESERVED = re.compile(
    rf"^\W*(?:Items:\s*)?(?:(?P<first>{_PATH})\s*(?:(?P<word>through|to|and|[-–])\s*(?P<last>{_PATH})\s*)?)?"
    r"(?:\[\s*Reserved\s*\]|Reserved\.?\s*$)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^\d[A-E]\d{3}\.[a-z]\b")  # "6E003.a Acoustics" over a paragraph
_OPENING = re.compile(r"^Items:?\s+([a-z])\.\s+(?=[“\"A-Z])")  # printed in one paragraph with the word "Items"


def items(entry: EntryText) -> tuple[Item, ...]:
    """The items in the order printed; the lines of an item without its notes and without what stands below it."""
    texts: dict[str, tuple[str, list[str]]] = {}
    empty: set[str] = set()
    for line in (*entry.of(CONTROLS), *entry.of(DEFINITIONS), *entry.of(ITEMS)):
        spanned = _reserved(line)
        for path in spanned:
            texts.setdefault(path, (line.locator, []))
            empty.add(path)
        opening = _OPENING.match(line.text) if line.path is None else None
        path = opening[1] if opening else line.path or ""
        if path and (path in spanned or not spanned):
            texts.setdefault(path, (line.locator, []))[1].append(line.text)
    return tuple(
        Item(path, locator, "\n".join(said), path in empty and _is_empty(said))
        for path, (locator, said) in texts.items()
    )


def _reserved(line: Line) -> tuple[str, ...]:
    """The paragraphs that a line prints as reserved: "b. through d. [Reserved]" names b, c and d, whatever it stands in."""
    hit = _RESERVED.match(line.text)
    if hit is None:
        return ()
    if not hit["word"]:
        return (line.path,) if line.path else ()
    first, last = hit["first"].strip("."), hit["last"].strip(".")
    (head, _, start), (other, _, end) = first.rpartition("."), last.rpartition(".")
    steps = between(start, end) if head == other and hit["word"].lower() != "and" else ()
    return tuple(f"{head}.{step}" if head else step for step in steps) or (first, last)


def _is_empty(said: list[str]) -> bool:
    """Nothing but the mark; what a range takes in and the list then prints after all is no reserved paragraph."""
    return all(_RESERVED.match(text) or _TITLE.match(text) for text in said)
