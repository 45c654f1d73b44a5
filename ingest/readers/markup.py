"""What the HTML and XML readers share: safe parsing, text of an element, grids of table cells with spans."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ingest.reasons import Quarantined, Reason
from ingest.text import squeeze

Element = Any  # lxml has no types of its own
MAX_SPAN = 200
RESOURCE_LIMIT, _BREAKS_OFF = (
    114,
    77,
)  # libxml2: XML_ERRRESOURCE_LIMIT; XML_ERR_TAG_NOT_FINISHED, its first error where a file is cut
_CHARACTER = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|(\d{1,9}));")


def parse_xml(
    data: bytes,
    media_type: str = "application/xml",
    declared: str | None = None,
    warnings: list[str] | None = None,
) -> Element:
    """The root of an XML document; no entity is expanded, nothing is fetched, lxml's depth and size limits stay on.

    `declared` is the charset that came with the bytes, used where the document does not parse as it says itself. Raises
    Quarantined with UNREADABLE where no root can be had or the document breaks off, with OVER_LIMIT where it goes past
    libxml2's limits: what could be read then is a part that nobody can tell from the whole. Faulty markup is read as far
    as libxml2 can follow it, which `warnings` is told.
    """
    from lxml import etree

    from ingest.text import decode

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    said = [] if warnings is None else warnings
    if b"<!ENTITY" in data:
        said.append("entities that the file defines itself are never expanded: what they stand for is missing")
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as cause:
        reason = squeeze(str(cause))[:200]
        _refuse(cause, reason)
    text = decode(data, declared)[0].lstrip("\ufeff \t\r\n")
    body = text[text.find("?>") + 2 :] if text.startswith("<?xml") else text
    soft = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(_CHARACTER.sub(_allowed, body).encode("utf-8", "replace"), soft)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    for error in soft.error_log:
        _refuse(error, squeeze(error.message))
    if root is None:
        detail = (
            f"the file says it is {media_type} and does not parse: {reason}; send the file as its publisher serves it"
        )
        raise Quarantined(Reason.UNREADABLE, detail)
    if soft.error_log:
        said.append(
            f"the markup is faulty ({squeeze(soft.error_log[0].message)[:100]}): compare the text with its source"
        )
    return root


def _refuse(error: Any, reason: str) -> None:
    """Raises Quarantined where what could still be read is only the document's beginning."""
    kind = getattr(error, "type", None) or getattr(error, "code", None)
    if kind == RESOURCE_LIMIT:
        detail = f"the markup goes past what is safe to follow ({reason}); send a plainer copy, such as the PDF"
        raise Quarantined(Reason.OVER_LIMIT, detail)
    if kind == _BREAKS_OFF and hasattr(error, "code"):
        detail = f"the file breaks off before its end ({reason}); download it again, whole"
        raise Quarantined(Reason.UNREADABLE, detail)


def _allowed(found: re.Match[str]) -> str:
    """A character reference where XML allows the character, else nothing (libxml2 would put out a lone surrogate)."""
    number = int(found[1], 16) if found[1] else int(found[2])
    allowed = (
        number in {9, 10, 13} or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    )
    return found[0] if allowed else ""


def local_name(element: Element) -> str:
    """The tag without its namespace; "" for comments, processing instructions and entities."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def words(
    element: Element, skip: Callable[[Element], bool] = lambda _: False, breaks: frozenset[str] = frozenset()
) -> str:
    """All text in an element on one line, inline markup kept inline; elements where `skip` holds are left out.

    Elements named in `breaks` (such as `br`, `p`) put a space before and after.
    """
    return squeeze("".join(_pieces(element, skip, breaks)))


def _pieces(top: Element, skip: Callable[[Element], bool], breaks: frozenset[str]) -> Iterator[str]:
    """Text in document order, without recursion: depth is bounded by the parser, not by Python's stack."""
    from lxml import etree

    walk = etree.iterwalk(top, events=("start", "end", "pi", "comment"))
    for event, node in walk:
        if event in {"pi", "comment"}:
            yield node.tail or ""
            continue
        name = local_name(node)
        if event == "start":
            if node is not top and (not name or skip(node)):
                walk.skip_subtree()
                continue
            if name in breaks:
                yield " "
            yield node.text or ""
        elif node is not top:
            if name in breaks:
                yield " "
            yield node.tail or ""


def grid(rows: list[list[tuple[str, int, int]]]) -> list[list[str]]:
    """Cells (text, columns spanned, rows spanned) laid out as a rectangle, a spanning cell's text in each place it covers."""
    laid: list[list[str]] = []
    below: dict[int, tuple[str, int]] = {}
    for row in rows:
        if len(row) > MAX_SPAN:
            detail = f"a table of {len(row)} columns, more than {MAX_SPAN}; send the table in parts"
            raise Quarantined(Reason.OVER_LIMIT, detail)
        line: list[str] = []
        cells = iter(row)
        current = next(cells, None)
        while current is not None or any(column >= len(line) for column in below):
            column = len(line)
            if column >= MAX_SPAN:
                break
            if column in below:
                text, left = below.pop(column)
                line.append(text)
                if left > 1:
                    below[column] = (text, left - 1)
                continue
            if current is None:
                line.append("")
                continue
            text, across, down = current
            across, down = max(1, min(across, MAX_SPAN)), max(1, min(down, 10_000))
            for offset in range(min(across, MAX_SPAN - column)):
                line.append(text)
                if down > 1:
                    below[column + offset] = (text, down - 1)
            current = next(cells, None)
        laid.append(line[:MAX_SPAN])
    return laid


def number(value: str | None, default: int = 1) -> int:
    """A span attribute as a positive number."""
    return int(value) if value and value.strip().isdecimal() and len(value) < 6 else default
