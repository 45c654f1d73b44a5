"""A passage in the pieces that carry one statement each, with what each inherits from the words before it."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.verify.tokens import Read, read

_STOP = re.compile(r"[。！？!?]+[”\"」』]?|(?<!\bNo)(?<!\bNos)(?<!\bArt)(?<!\bvs)(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<![A-Z])(?<!e\.g)(?<!i\.e)\.(?=[\"”']?(?:\s*\[\d+\])*(?:\s|$))|\n+")  # fmt: skip
_PARTS = re.compile(r"[；;]")
_ITEM = re.compile(r"\s*(?:[（(](?:[一二三四五六七八九十]{1,3}|\d{1,2}|[a-z]{1,4})[)）]|\d{1,2}[.、]|[-•*])")
_CONDITION = re.compile(r"的[,，]")
_FIRST_CLAUSE = re.compile(r"[^,，:：]*[,，:：]?")


@dataclass(frozen=True)
class Span:
    """One statement of a passage. `core` is what it says; `context` are the words before it that it leans on: who it speaks
    of, or the sentence that opens a list."""

    core: Read
    context: Read
    whole: str


@lru_cache(maxsize=2048)
def spans(text: str) -> tuple[Span, ...]:
    """The statements of a passage: sentences, and in them the parts between semicolons; an item of a list together with
    the words that open the list."""
    found: list[Span] = []
    lead = ""
    for sentence in _cut(text):
        plain = sentence.strip()
        if not plain:
            continue
        item = _ITEM.match(plain) is not None
        if not item and lead and not lead.rstrip().endswith((":", "：")):
            lead = ""
        opening = lead if item else ""
        parts = [p for p in _PARTS.split(plain) if p.strip()]
        head = _head(parts[0]) if len(parts) > 1 else ""
        for i, part in enumerate(parts):
            core = f"{opening} {part}".strip()
            context = "" if i == 0 else head
            found.append(Span(read(core), _context(context, part), plain))
        if plain.endswith((":", "：", "—")):
            lead = plain
    return tuple(found)


def sentences(text: str) -> tuple[str, ...]:
    """A text cut into sentences; the marks [n] behind a full stop stay with the sentence before it."""
    found: list[str] = []
    for piece in _cut(text):
        marks = re.match(r"(?:\s*\[\d+\])+[.。]?", piece)
        if marks and found:
            found[-1] += marks[0]
            piece = piece[marks.end() :]
        if piece.strip():
            found.append(piece)
    return tuple(s.strip() for s in found)


def _cut(text: str) -> list[str]:
    pieces, start = [], 0
    for m in _STOP.finditer(text):
        pieces.append(text[start : m.end()])
        start = m.end()
    pieces.append(text[start:])
    return [p for p in pieces if p.strip()]


def _context(opening: str, part: str) -> Read:
    """What of the opening words a later part leans on. One that begins with a modal word ("未经许可，不得出口") has their
    subject; any other has a subject or a condition of its own, and leans on them only for the party they speak of."""
    told, own = read(opening), read(part)
    first = min((t.start for t in own.tokens if t.sort != "glue"), default=len(part))
    if own.chinese and any(m.start < first for m in own.markers) and not _CONDITION.search(own.text):
        return replace(told, markers=(), atoms=())
    names = {t.sort for t in own.tokens if t.sort in ("name", "place")}
    who = tuple(t for t in told.tokens if t.sort in ("actor", "name", "place") and t.sort not in names)
    return replace(told, text="", tokens=who, markers=(), atoms=())


def _head(part: str) -> str:
    """Whom the sentence speaks of: its words up to the first comma."""
    m = _FIRST_CLAUSE.match(part)
    return m[0] if m else ""
