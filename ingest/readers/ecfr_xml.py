"""The eCFR's XML (`DIV1` title to `DIV9` appendix, as its versioner serves it) and the Federal Register's kin of it."""

import json
import re

from ingest.document import Block, BlockKind, Document
from ingest.readers.flow import Context, GridOfCells, Vocabulary, blocks_of, superscript
from ingest.readers.markup import Element, grid, local_name, number, parse_xml, words
from ingest.readers.tables import merged_header
from ingest.text import language

_DIVISION = re.compile(r"DIV([1-9])")
_TEXT = re.compile(
    r"F?P\d?(?:-\w+)*|PSPACE|FRP|LDRFIG|PARAUTH|APPRO|STARS|BCAP|SECAUTH|CROSSREF|SUBJECT|RESERVED|SECTNO|TITLE", re.I
)
_HEADINGS = re.compile(r"HEAD|HD(\d)|RESERVED|SUBJECT|TCAP|TTITLE")
_NOTES = {
    "NOTE",
    "NOTES",
    "EDNOTE",
    "EFFDNOT",
    "EFFDNOTP",
    "AUTH",
    "SOURCE",
    "CITA",
    "FTNT",
    "SECAUTH",
    "APPRO",
    "CROSSREF",
    "EFFDATE",
    "PARAUTH",
}
_MARKERS = {"HED", "FTREF"}
_DROPPED = {"CITATION-METADATA", "AMDDATE", "IDNO", "FDSYS", "CFRTOC", "PRTPAGE", "FRDOC", "BILCOD"}
_RAISED = {"51", "53"}  # GPO typeface codes for superior figures; 52 and 54 are inferior
_BREAKS = frozenset(("br", "P", "LI"))


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """Blocks with the format's own attributes: a division's heading carries its N and TYPE, every block its `tag`.

    Italics stay inline ("Reason for Control: NS"), raised figures become superscripts, a note's or an authority's label
    opens its text. Raises Quarantined with UNREADABLE.
    """
    warnings: list[str] = []
    root = parse_xml(data, "eCFR XML", declared, warnings)
    blocks = blocks_of(root, _VOCABULARY)
    pictures = sum(1 for node in root.iter("img", "GPH", "GID", "MATH"))
    if pictures:
        warnings.append(f"{pictures} pictures (formulas, figures) hold content that was not read")
    metadata = {key.lower(): value for key, value in root.attrib.items() if key in {"N", "TYPE", "VOLUME"}}
    citation = _citation(root)
    return Document(
        media_type="application/vnd.ecfr+xml",
        title=_title(blocks, name),
        language=language("\n".join(block.text for block in blocks[:200])),
        blocks=tuple(blocks),
        metadata={**metadata, **({"citation": citation} if citation else {})},
        warnings=tuple(warnings),
    )


def _title(blocks: list[Block], name: str) -> str:
    return next((block.text for block in blocks if block.kind is BlockKind.HEADING), name)


def _citation(node: Element) -> str:
    """The citation in a division's `hierarchy_metadata`, which is JSON, in some captures escaped twice."""
    try:
        said = json.loads((node.get("hierarchy_metadata") or "{}").replace("&quot;", '"'))
    except ValueError:
        return ""
    return str(said.get("citation", "")) if isinstance(said, dict) else ""


def _context(node: Element, around: list[Context]) -> Context | None:
    name = local_name(node)
    if division := _DIVISION.fullmatch(name):
        return Context(None, int(division[1]))
    upper = name.upper()
    if upper in _MARKERS:
        return Context(None, marker=True)
    if upper in _NOTES:
        return Context(BlockKind.NOTE, 0, own={"tag": upper}, attributes={"within": upper})
    if found := _HEADINGS.fullmatch(upper):
        return _heading(node, int(found[1] or 0), around)
    if _TEXT.fullmatch(upper):
        indent = re.search(r"-(\d)", name)
        return Context(BlockKind.PARAGRAPH, int(indent[1]) if indent else 0, own={"tag": upper})
    if upper in {"EXTRACT", "EXAMPLE", "LI", "UL", "OL", "DIV", "CAPTION"} or (
        name.isupper() and len(node) and len(name) > 3
    ):
        return Context(None, attributes={"within": upper} if upper in {"EXTRACT", "EXAMPLE"} else {})
    return None


def _heading(node: Element, sub: int, around: list[Context]) -> Context:
    """A division's HEAD is a heading of the division's depth with its N and TYPE; HD1.. are headings below it."""
    depth = max([0, *(context.level for context in around if context.kind is None)])
    if sub:
        return Context(BlockKind.HEADING, depth + sub, own={"tag": local_name(node)})
    own = {"tag": "HEAD"}
    parent = node.getparent()
    if parent is not None and _DIVISION.fullmatch(local_name(parent)):
        own |= {key: parent.get(key) for key in ("N", "TYPE") if parent.get(key)}
        own |= {"citation": _citation(parent)} if _citation(parent) else {}
    return Context(BlockKind.HEADING, max(1, depth), own=own)


def _inline(node: Element) -> str | None:
    name = local_name(node)
    if name in {"br", "BR"}:
        return " "
    if (name == "E" and node.get("T") in _RAISED) or name in {"sup", "SUP", "SU"}:
        return superscript(words(node))
    return None


def _cells(node: Element) -> GridOfCells | None:
    if local_name(node) not in {"TABLE", "table"}:
        return None
    rows: list[list[tuple[str, int, int]]] = []
    heads = 0
    foot: list[str] = []
    for row in node.iter("TR", "tr"):
        part = local_name(row.getparent()).upper()
        cells = [cell for cell in row if local_name(cell).upper() in {"TD", "TH"}]
        if part == "TFOOT":
            foot += [words(cell, breaks=_BREAKS) for cell in cells]
            continue
        rows.append([(_cell(cell), number(cell.get("colspan")), number(cell.get("rowspan"))) for cell in cells])
        heads += part == "THEAD"
    laid = grid(rows) + ([[text] for text in foot if text])
    caption = next((words(child) for child in node if local_name(child).upper() == "CAPTION"), "")
    return GridOfCells(merged_header(laid[:heads]), laid[heads:], caption)


def _cell(cell: Element) -> str:
    """A cell's text with its raised figures marked."""
    for node in cell.iter("sup", "SU", "E"):
        if len(node) == 0 and node.text and (said := _inline(node)) is not None:
            node.text = said
    return words(cell, breaks=_BREAKS)


_VOCABULARY = Vocabulary(context=_context, drop=lambda node: local_name(node) in _DROPPED, table=_cells, inline=_inline)
