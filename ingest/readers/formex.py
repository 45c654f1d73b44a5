"""Formex 4, the Publications Office's XML for the Official Journal and for consolidated acts.

Element names and their meaning: Formex 4 schema, https://op.europa.eu/en/web/eu-vocabularies/formex
"""

import re
from collections.abc import Callable

from ingest.document import BlockKind, Document
from ingest.readers.flow import Context, GridOfCells, Vocabulary, blocks_of, superscript
from ingest.readers.markup import Element, grid, local_name, number, parse_xml, words
from ingest.readers.tables import merged_header
from ingest.text import language, squeeze

_HEADINGS = {"TI", "STI", "TI.ART", "STI.ART", "TI.CJT", "TI.BLK", "STI.BLK", "TI.GR.SEQ", "TI.ANNEX", "TI.SECT"}
_MARKERS = {"NO.P", "NO.PARAG", "NO.GR.SEQ", "TERM", "NO.SUBPARAG", "NO.CAT"}
_TEXT = {
    "P",
    "ALINEA",
    "TXT",
    "VISA",
    "CONSID",
    "PREAMBLE.INIT",
    "PREAMBLE.FINAL",
    "GR.CONSID.INIT",
    "GR.VISA.INIT",
    "PL.DATE",
    "SIGNATORY",
    "DEFINITION",
    "INTRO",
    "PARAG",
    "SUBPARAG",
    "COMMENT",
}
_WRAPPERS = {"ACT", "CONS.ACT", "TITLE", "PREAMBLE", "GR.VISA", "GR.CONSID", "ENACTING.TERMS", "DIVISION", "LIST", "NP", "FINAL", "SIGNATURE", "ANNEX", "CONS.ANNEX", "CONTENTS", "GR.SEQ", "DLIST", "DLIST.ITEM", "QUOT.S", "BLK", "CONS.DOC", "LEXP.COMBINED", "GENERAL", "AGR", "CORR", "GR.NOTES"}  # fmt: skip
_DEPTH = {"DIVISION", "GR.SEQ", "ARTICLE", "ANNEX", "CONS.ANNEX", "BLK"}
_DROPPED = {"BIB.INSTANCE", "BIB.DATA", "BIB.INSTANCE.CONS", "INFO.CONSLEG", "INFO.PROD", "FAM.COMP", "INCL.ELEMENT", "INCLUSIONS", "TOC", "GR.MOD.ACT", "GR.CORRIG", "IE"}  # fmt: skip
_SCRIPTS: dict[str, Callable[[str], str]] = {"SUP": superscript, "SUB": str, "UC": str.upper}
_BREAKS = frozenset(("P", "ITEM", "NP", "TXT", "ALINEA", "LIST"))


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """Blocks with their Formex `tag`, the IDENTIFIER of the article and paragraph around them, and OJ page numbers.

    "NO.P" and "NO.PARAG" open the text they number; footnotes are NOTE blocks after the text that carries them. Raises
    Quarantined with UNREADABLE.
    """
    warnings: list[str] = []
    root = parse_xml(data, "Formex XML", declared, warnings)
    blocks = blocks_of(root, _VOCABULARY)
    metadata = _metadata(root)
    titles = [block.text for block in blocks[:12] if block.attributes.get("tag") == "TI" and block.level == 1]
    return Document(
        media_type="application/vnd.formex+xml",
        title=" ".join(titles)[:1000] or name,
        language=metadata.get("language") or language("\n".join(block.text for block in blocks[:100])),
        blocks=tuple(blocks),
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _metadata(root: Element) -> dict[str, str]:
    """Language, number, dates, OJ reference and CELEX number, from the bibliographic part."""
    found: dict[str, str] = {}
    for key, tag in (
        ("language", "LG.DOC"),
        ("oj_series", "COLL"),
        ("oj_number", "NO.OJ"),
        ("year", "YEAR"),
        ("celex", "NO.CELEX"),
        ("number", "NO.CURRENT"),
        ("body", "COM"),
    ):
        node = next(root.iter(tag), None)
        if node is not None and (said := words(node)):
            found[key] = said.lower() if key == "language" else said
    date = next((node.get("ISO") for node in root.iter("DATE") if re.fullmatch(r"\d{8}", node.get("ISO") or "")), None)
    if date:
        found["date"] = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    consolidation = next(root.iter("INFO.CONSLEG"), None)
    if consolidation is not None:
        found |= {f"consleg_{key.lower()}": value for key, value in consolidation.attrib.items()}
    return found


def _context(node: Element, around: list[Context]) -> Context | None:
    name = local_name(node)
    identifier = {"IDENTIFIER": node.get("IDENTIFIER")} if node.get("IDENTIFIER") else {}
    if name in _MARKERS:
        return Context(None, marker=True)
    if name == "NOTE":
        own = {"tag": "NOTE", **({"NOTE.ID": node.get("NOTE.ID")} if node.get("NOTE.ID") else {})}
        return Context(BlockKind.NOTE, attributes=own, aside=True)
    if name in _HEADINGS:
        depth = sum(1 for context in around if context.level < 0)
        return Context(BlockKind.HEADING, depth + 1, {"tag": name})
    if name == "ITEM":
        depth = sum(1 for context in around if context.attributes.get("tag") == "LIST")
        return Context(BlockKind.LIST_ITEM, max(1, depth), {"tag": name})
    if name in _DEPTH:
        return Context(None, -1, identifier)  # a negative level counts depth only
    if name in _WRAPPERS:
        return Context(None, 0, {"tag": "LIST"} if name == "LIST" else identifier)
    if name in _TEXT:
        inside = any(context.kind in {BlockKind.HEADING, BlockKind.LIST_ITEM} for context in around)
        if name in {"P", "TXT", "ALINEA"} and inside:
            return None if around and around[-1].kind is BlockKind.HEADING and len(node.getparent()) == 1 else Context()
        if name in {"P", "TXT"}:
            return Context()
        return Context(BlockKind.PARAGRAPH, 0, {**identifier, "tag": name})
    return None


def _inline(node: Element) -> str | None:
    name = local_name(node)
    if name in {"QUOT.START", "QUOT.END"}:
        code = node.get("CODE") or ""
        return chr(int(code, 16)) if re.fullmatch(r"[0-9A-Fa-f]{4}", code) else '"'
    change = _SCRIPTS.get(node.get("TYPE") or "") if name == "HT" else None
    if change and not any(local_name(part) in {"NOTE", "QUOT.START"} for part in node.iter()):
        lead = " " if (node.text or "")[:1].isspace() else ""
        return lead + change(words(node)) + (" " if (node.text or "")[-1:].isspace() else "")
    return None


def _cells(node: Element) -> GridOfCells | None:
    if local_name(node) != "TBL":
        return None
    rows: list[list[tuple[str, int, int]]] = []
    heads = 0
    for row in node.iter("ROW", "TI.BLK"):
        if local_name(row) == "TI.BLK":
            rows.append([(words(row), number(node.get("COLS")), 1)])
            continue
        cells = [cell for cell in row if local_name(cell) == "CELL"]
        rows.append([(_cell(cell), number(cell.get("COLSPAN")), number(cell.get("ROWSPAN"))) for cell in cells])
        heads += row.get("TYPE") == "HEADER" and heads == len(rows) - 1
    laid = grid(rows)
    title = next((words(child, breaks=_BREAKS) for child in node if local_name(child) == "TITLE"), "")
    return GridOfCells(merged_header(laid[:heads]), laid[heads:], title)


def _cell(cell: Element) -> str:
    return squeeze(words(cell, skip=lambda part: local_name(part) in _DROPPED | {"NOTE"}, breaks=_BREAKS))


def _page(node: Element) -> int | None:
    found = re.match(r"""\s*NO=["'](\d{1,5})["']""", node.text or "") if node.target == "PAGE" else None
    return int(found[1]) if found else None


def _note_dropped(node: Element) -> bool:
    return local_name(node) in _DROPPED


_VOCABULARY = Vocabulary(context=_context, drop=_note_dropped, table=_cells, inline=_inline, page=_page)
