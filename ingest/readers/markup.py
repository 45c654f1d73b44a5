"""What the HTML and XML readers share: safe parsing, text of an element, grids of table cells with spans."""

from collections.abc import Callable, Iterator
from typing import Any

from ingest.reasons import Quarantined, Reason
from ingest.text import squeeze

Element = Any  # lxml has no types of its own
MAX_SPAN = 200
_HUGE = 10_000_000  # lxml's own limit for one text node; deeper checks stay on below it


def parse_xml(data: bytes, media_type: str = "application/xml", declared: str | None = None) -> Element:
    """The root of an XML document; no entity is expanded, nothing is fetched, lxml's depth and size limits stay on.

    `declared` is the charset that came with the bytes, used where the document does not parse as it says itself. Raises
    Quarantined with UNREADABLE where no root can be had; a document that is broken further down is read up to
    what libxml2 can recover.
    """
    from lxml import etree

    from ingest.text import decode

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as cause:
        reason = str(cause)[:200]
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
        root = etree.fromstring(body.encode("utf-8", "replace"), soft)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        detail = (
            f"the file says it is {media_type} and does not parse: {reason}; send the file as its publisher serves it"
        )
        raise Quarantined(Reason.UNREADABLE, detail)
    return root


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
        line: list[str] = []
        cells = iter(row)
        current = next(cells, None)
        while current is not None or any(column >= len(line) for column in below):
            column = len(line)
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
            for offset in range(across):
                line.append(text)
                if down > 1:
                    below[column + offset] = (text, down - 1)
            current = next(cells, None)
        laid.append(line[:MAX_SPAN])
    return laid


def number(value: str | None, default: int = 1) -> int:
    """A span attribute as a positive number."""
    return int(value) if value and value.strip().isdigit() and len(value) < 6 else default
