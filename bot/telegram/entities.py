"""Rich -> the text and entities of the Bot API, in the form Telegram itself would bring them to."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from bot.rich import Rich, Span

AT_MOST = 100
"""Entities in a message; Telegram drops the rest."""
_QUOTES = ("blockquote", "expandable_blockquote")
_ALONE = ("text_link", "pre", "code")  # cannot share a character with another of these
_PLAIN = ("pre", "code")  # takes no bold or italic inside
_STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
_RANK = {kind: rank for rank, kind in enumerate(("text_link", *_QUOTES, "pre", "code", *_STYLES))}


def entities(rich: Rich) -> tuple[str, list[dict[str, Any]]]:
    """The text without white space at its ends, and its entities {type, offset, length, url}, in UTF-16 code units.

    Spans that only overlap are cut until one lies inside the other; a quotation inside a quotation, and what a fixed font
    cannot carry, is left out. Beyond a hundred, links and quotations stay.
    """
    text = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in rich.text)
    lead, stop = len(text) - len(text.lstrip()), len(text.rstrip())
    sizes = (0, *accumulate(2 if c > "\uffff" else 1 for c in text))
    spans = _nested([s for s in (_trimmed(s, text) for s in rich.spans) if s is not None])
    kept = {s for s in (_trimmed(s, text) for s in spans) if s is not None}
    best = sorted(kept, key=lambda s: (_RANK.get(s.kind, len(_RANK)), s.start, s.end))[:AT_MOST]
    found = []
    for span in sorted(best, key=lambda s: (s.start, -s.end, _RANK.get(s.kind, 0))):
        entity: dict[str, Any] = {"type": span.kind, "offset": sizes[span.start] - sizes[lead]}
        entity["length"] = sizes[span.end] - sizes[span.start]
        if span.kind == "text_link":
            entity["url"] = span.url
        found.append(entity)
    return text[lead : max(lead, stop)], found


def _trimmed(span: Span, text: str) -> Span | None:
    """The span without white space at its ends; None where nothing is left."""
    start, end = max(span.start, 0), min(span.end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(span.kind, start, end, span.url) if start < end else None


def _nested(spans: Sequence[Span]) -> list[Span]:
    """The same formatting in spans of which any two lie apart or one inside the other."""
    placed: list[Span] = []
    for span in sorted((s for s in spans if s.kind in _QUOTES), key=lambda s: (s.start, -s.end)):
        placed += _without(span, placed)
    quotes = tuple(placed)
    for kind in _ALONE:
        for span in (s for s in spans if s.kind == kind):
            others = [p for p in placed if p.kind in _ALONE]
            placed += [piece for part in _without(span, others) for piece in _cut(part, quotes, whole=False)]
    plain = [p for p in placed if p.kind in _PLAIN]
    for span in _merged([s for s in spans if s.kind not in _QUOTES and s.kind not in _ALONE]):
        for part in _without(span, plain):
            placed += _cut(part, tuple(placed), whole=True)
    return placed


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Spans of one kind that overlap as one: bold twice is bold."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: (_RANK.get(s.kind, len(_RANK)), s.kind, s.start, s.end)):
        if found and found[-1].kind == span.kind and span.start <= found[-1].end:
            found[-1] = Span(span.kind, found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def _without(span: Span, others: Sequence[Span]) -> list[Span]:
    """What is left of the span outside the others."""
    parts = [span]
    for other in others:
        parts = [
            Span(p.kind, start, end, p.url)
            for p in parts
            for start, end in ((p.start, min(p.end, other.start)), (max(p.start, other.end), p.end))
            if start < end
        ]
    return parts


def _cut(span: Span, others: Sequence[Span], *, whole: bool) -> list[Span]:
    """The span in pieces, cut at borders of the others that lie in it; `whole`: not where it holds the other altogether."""
    borders = {span.start, span.end}
    for other in others:
        if whole and span.start <= other.start and other.end <= span.end:
            continue
        borders |= {b for b in (other.start, other.end) if span.start < b < span.end}
    ordered = sorted(borders)
    return [Span(span.kind, a, b, span.url) for a, b in pairwise(ordered)]
