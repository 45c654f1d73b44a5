"""A scope's text cut into clauses: what stands in parentheses, what an "except" takes out, where a condition begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.controllists.catalogue import stem

_SPLIT = re.compile(
    r"(?P<anew>[.;]?,?\s+(?:and\s+)?\b[A-Z]{2}\s+(?:also\s+)?(?:does\s+)?appl(?:y|ies)\s+to\s+)"
    r"|(?P<point>\s*;\s*(?:(?:and|AND|or)\s+)?(?:to\s+|for\s+)?)"
    r"|,?\s+and\s+(?:also\s+)?(?:to|for)\s+(?=(?:all |any |items|“|those|equipment|chemical|valves|\d[A-E]))"
    r"|\s+AND\s+(?:to\s+)?"
    r"|(?P<comma>,\s+(?:and\s+)?(?=(?:[“”\w-]+\s+){1,4}[Cc]ontrolled\s+by))"
    r"|,?\s+as\s+well\s+as\s+"
    r"|(?P<note>\.\s+Note:\s+(?:[A-Z]{2}\s+applies\s+to\s+)?)"
)
_EXCEPT = re.compile(r",?\s*\b(?:except(?:\s+(?:for|that))?|excluding|other\s+than|but\s+not)\b:?\s*", re.IGNORECASE)
_LIST_AFTER = re.compile(r"\bexcept(?:\s+for)?\s*:|\bEXCEPT\b")
_NEGATED = re.compile(r"\.?\s*(?:\b[A-Z]{2}\s+)?does\s+not\s+apply\s+to\s+", re.IGNORECASE)
CONDITION = re.compile(
    r"\b(?:when(?:ever)?|if|(?<!for )(?<!and )(?<!or )that(?!\s+(?:are|is)\s+(?:controlled|specified|described))|which|having|with|capable|whose|meeting"
    r"|exceeding|unless|provided|usable|combining|being\s+(?:ex|re)ported|(?:ex|re)ported|for\s+use|for\s+sale|regardless|where"
    r"|immediately|incorporating|in\s+the\s+form)\b",
    re.IGNORECASE,
)
_NEUTRAL = frozenset(
    stem(word)
    for word in """technology software item items commodity commodities equipment material materials article paragraph
    paragraphs controlled specified described listed classified enumerated identified defined included under by in of for the
    to this that these those entry entries eccn eccns as and or required only applies apply applicable all any other its an is
    are therefor such both also on from related reason reasons control controls each code reasons respectively subject goods
    function functions feature features characteristic characteristics entire system systems component components part parts
    which accessory accessories attachment attachments it them""".split()
)
_HANGING = re.compile(r"(?:[\s,]+(?:in|of|for|controlled by|controlled under|in ECCNs?|or|and|“))+$|^(?:and|or|AND)\s+")
_WORD = re.compile(r"[A-Za-z]{2,}")
_CODE = re.compile(r"\d[A-E]\d{3}")


BLANK = "\x01"
"""Stands where a parenthesis was: no white space, so that no pattern runs over it."""


@dataclass(frozen=True)
class Aside:
    """What stands in parentheses and where the parenthesis begins."""

    start: int
    text: str


def masked(text: str) -> tuple[str, list[Aside]]:
    """The text with what is in parentheses blanked out (positions kept), and the outermost parentheses."""
    out, asides, start = list(text), list[Aside](), 0
    while start < len(text):
        depth, opened, stop = 0, 0, len(text)
        for i in range(start, len(text)):
            if text[i] == "(":
                opened, depth = (i, 1) if depth == 0 else (opened, depth + 1)
            elif text[i] == ")" and depth:
                depth -= 1
                if depth == 0:
                    asides.append(Aside(opened, text[opened + 1 : i]))
                    out[opened : i + 1] = BLANK * (i + 1 - opened)
        if depth:  # never closed: it ends at the next comma, the first time; after that with the text
            comma = text.find(",", opened) if start == 0 else -1
            stop = comma if comma > 0 else len(text)
            asides.append(Aside(opened, text[opened + 1 : stop]))
            out[opened:stop] = BLANK * (stop - opened)
        start = stop
    return "".join(out), asides


def clauses(text: str) -> list[tuple[str, str]]:
    """(what is reached, what is taken out of it) for each clause of a scope; parentheses stay with their clause."""
    flat, _ = masked(text)
    negated = _NEGATED.search(flat)
    if negated:
        after = _SPLIT.search(flat, negated.end())
        stop = after.start() if after and re.search(r"[A-Z]{2}\s+(?:does\s+)?appl", after[0]) else len(text)
        first = clauses(text[: negated.start()]) or [("", "")]
        first[-1] = (first[-1][0], " and ".join(t for t in (first[-1][1], text[negated.end() : stop]) if t))
        return first + (clauses(text[after.end() :]) if after and stop < len(text) else [])
    if opening := _LIST_AFTER.search(flat):  # what follows "except:" is one list, whatever parts its points
        return [(text[: opening.start()].rstrip(" ,"), text[opening.end() :].strip())]
    found = list[tuple[str, str]]()
    for piece in _cut(text, flat):
        outside = _EXCEPT.search(masked(piece)[0])
        found.append((_trimmed(piece[: outside.start()]), _trimmed(piece[outside.end() :])) if outside else (piece, ""))
    return found


def _cut(text: str, flat: str) -> list[str]:
    """The text cut where another subject begins; not inside a list of characteristics or in what is taken out."""
    found, start = list[str](), 0
    for cut in [*_SPLIT.finditer(flat), None]:
        stop = cut.start() if cut else len(text)
        so_far = flat[start:stop]
        if cut:
            listing = ":" in so_far and CONDITION.search(so_far) is not None
            taken_out = _EXCEPT.search(so_far) is not None and not (cut["point"] or cut["anew"] or cut["note"])
            if taken_out or (listing and not cut["anew"]) or (cut["comma"] and not _CODE.search(so_far)):
                continue
        if piece := _trimmed(text[start:stop]):
            found.append(piece)
        start = cut.end() if cut else stop
    return found


def _trimmed(text: str) -> str:
    """Without the commas and stops around it; a path keeps its leading dot."""
    return text.strip(" ,").rstrip(".").strip(" ,")


def points(text: str) -> list[str]:
    """The points of a list after "except": parted by semicolons, or by "and" before another noun."""
    flat, _ = masked(text)
    cuts = [(m.start(), m.end()) for m in re.finditer(r"\s*;\s*(?:and\s+|or\s+)?|,?\s+and\s+(?=“?[a-z]{3,})", flat)]
    found, start = [], 0
    for stop, after in [*cuts, (len(text), len(text))]:
        found.append(_trimmed(text[start:stop]))
        start = after
    return [point for point in found if point]


def said(text: str, known: Sequence[frozenset[str]]) -> str:
    """The words of `text` where they say more than that the items are what the list calls them; else empty."""
    words = [stem(word) for word in _WORD.findall(text)]
    telling = [word for word in words if word not in _NEUTRAL]
    told = frozenset[str]().union(*known)
    return (
        ""
        if all(word in told for word in telling)
        else _HANGING.sub("", " ".join(text.replace(BLANK, " ").split())).strip(" ,:")
    )
