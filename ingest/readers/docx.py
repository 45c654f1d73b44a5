"""Word documents: .docx, and Word's single-file XML (2003, flat OPC), whose paragraphs use the same element names.

Read from the XML itself: python-docx does not give list numbers, footnotes, text boxes or content controls.
"""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from ingest.document import Block, BlockKind, Document
from ingest.readers.docx_numbers import Numbering, Style, styles_of
from ingest.readers.markup import Element, grid, local_name, number, parse_xml
from ingest.readers.tables import Table, looks_like_header, merged_header, row_blocks
from ingest.reasons import Quarantined, Reason
from ingest.text import language, squeeze

MAX_UNPACKED = 200 * 1024 * 1024  # bytes, the sum that the archive's directory declares
MAX_PARTS = 5_000
_BODY = re.compile(r"word/document\d{0,2}\.xml")  # Word numbers it where a file was repaired
_TEXT = {"t": None, "delText": "", "tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """Headings by style or outline level, numbered paragraphs with their numbers, table rows, footnotes as notes.

    Deleted text of tracked changes is left out. Raises Quarantined: OVER_LIMIT for an archive that unpacks too large,
    ENCRYPTED, UNREADABLE for a broken one.
    """
    parts = _parts(data) if data.startswith(b"PK") else {"word/document.xml": data}
    body = next((part for key, part in parts.items() if _BODY.fullmatch(key)), None)
    if body is None:
        raise Quarantined(Reason.UNREADABLE, "the Word file holds no document part; open it in Word and save it again")
    warnings: list[str] = []
    root = parse_xml(body, "Word XML", declared, warnings)
    styles = styles_of(parse_xml(parts["word/styles.xml"])) if "word/styles.xml" in parts else styles_of(root)
    numbering = Numbering(parse_xml(parts["word/numbering.xml"]) if "word/numbering.xml" in parts else root)
    reader = _Reader(styles, numbering)
    top = next((node for node in root.iter() if local_name(node) == "body"), root)
    blocks = list(reader.blocks(top))
    for part in ("word/footnotes.xml", "word/endnotes.xml"):
        if part in parts:
            blocks += _notes(parse_xml(parts[part]), reader)
    metadata = _core(parts.get("docProps/core.xml"))
    heading = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
    return Document(
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        title=metadata.get("title") or heading or (blocks[0].text[:200] if blocks else name),
        language=language("\n".join(block.text for block in blocks[:300])),
        blocks=tuple(blocks),
        metadata=metadata,
        warnings=tuple(warnings),
    )


def _parts(data: bytes) -> dict[str, bytes]:
    """The parts that are read, unpacked once the declared sizes are known to be small enough."""
    wanted = (
        "word/styles.xml",
        "word/numbering.xml",
        "word/footnotes.xml",
        "word/endnotes.xml",
        "docProps/core.xml",
    )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            listed = archive.infolist()
            total = sum(entry.file_size for entry in listed)
            if total > MAX_UNPACKED or len(listed) > MAX_PARTS:
                raise Quarantined(
                    Reason.OVER_LIMIT,
                    f"the file unpacks to {total} bytes in {len(listed)} parts; save it again without attachments",
                )
            found = {entry.filename.replace("\\", "/").lstrip("/"): entry for entry in listed}
            for entry in listed:
                if entry.flag_bits & 1:
                    raise Quarantined(
                        Reason.ENCRYPTED, "the Word file asks for a password; send a copy saved without one"
                    )
            bodies = sorted(key for key in found if _BODY.fullmatch(key))[:1]
            return {key: _bounded(archive, found[key]) for key in (*bodies, *wanted) if key in found}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as cause:
        detail = f"the Word file is damaged ({str(cause)[:100]}); download it again, or open it in Word and save it"
        raise Quarantined(Reason.UNREADABLE, detail) from cause
    except Exception as cause:
        if type(cause).__module__ == "zlib":
            raise Quarantined(Reason.UNREADABLE, f"the Word file is damaged ({cause}); download it again") from cause
        raise


def _bounded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A part's bytes; the declared size may lie, so the reading is bounded too."""
    with archive.open(entry) as stream:
        data = stream.read(MAX_UNPACKED + 1)
    if len(data) > MAX_UNPACKED:
        raise Quarantined(Reason.OVER_LIMIT, "the file unpacks to more than it declares; save it again in Word")
    return data


class _Reader:
    """Walks a body once, counting list numbers as Word would."""

    def __init__(self, styles: dict[str, Style], numbering: Numbering) -> None:
        self._styles = styles
        self._numbering = numbering
        self._tables = 0

    def blocks(self, top: Element) -> Iterator[Block]:
        """Blocks of paragraphs and tables, content controls and text boxes entered."""
        from lxml import etree

        walk = etree.iterwalk(top, events=("start",))
        for _, node in walk:
            name = local_name(node)
            if name == "tbl":
                yield from self._table(node)
                walk.skip_subtree()
            elif name == "p":
                yield from self.paragraph(node)
            elif node is not top and (name in {"Fallback", "del", "moveFrom", "txbxContent"} or not name):
                walk.skip_subtree()  # a fallback repeats what the choice says; text boxes are read with their paragraph

    def paragraph(self, node: Element) -> Iterator[Block]:
        """One paragraph, then what text boxes anchored in it hold."""
        properties = _child(node, "pPr")
        style = self._styles.get(_value(properties, "pStyle"), Style())
        label, depth = self._numbering.label(properties, style)
        lines = [line for line in (squeeze(part) for part in _run_text(node).split("\n")) if line]
        level = _outline(properties, style)
        for index, line in enumerate(lines):
            text = f"{label} {line}" if label and index == 0 else line
            if level:
                yield Block(
                    BlockKind.HEADING, text, level=level, attributes={"style": style.name} if style.name else {}
                )
            elif label or depth:
                yield Block(BlockKind.LIST_ITEM, text, level=depth)
            else:
                yield Block(BlockKind.PARAGRAPH, text)
        for box in _boxes(node):
            yield from self.blocks(box)

    def _table(self, table: Element) -> Iterator[Block]:
        rows = [row for row in table.iter() if local_name(row) == "tr" and _owner(row) is table]
        cells = [[cell for cell in row.iter() if local_name(cell) == "tc" and _row_of(cell) is row] for row in rows]
        if all(len(row) == 1 for row in cells):  # a frame around text
            for row in cells:
                for cell in row:
                    for child in cell:
                        yield from self.blocks(child) if local_name(child) != "p" else self.paragraph(child)
            return
        laid = grid([[(_cell_text(cell), _span(cell), 1) for cell in row] for row in cells])
        heads = 0
        while heads < len(rows) and _child(_child(rows[heads], "trPr"), "tblHeader") is not None:
            heads += 1
        if not heads and len(laid) > 1 and looks_like_header(laid[0], laid[1:]):
            heads = 1
        self._tables += 1
        yield from row_blocks(Table(self._tables, merged_header(laid[:heads])), laid[heads:])


def _run_text(node: Element) -> str:
    """The paragraph's own text, deletions and nested text boxes left out; field codes are not text."""
    from lxml import etree

    said: list[str] = []
    walk = etree.iterwalk(node, events=("start",))
    for _, part in walk:
        name = local_name(part)
        if name in {"txbxContent", "del", "moveFrom", "Fallback", "pPr", "rPr", "instrText"} or (
            name == "p" and part is not node
        ):
            walk.skip_subtree()
        elif name == "t":
            said.append(part.text or "")
        elif name in _TEXT:
            said.append(_TEXT[name] or "")
        elif name in {"footnoteReference", "endnoteReference"} and (mark := _attribute(part, "id")):
            said.append(f"[{mark}]")
    return "".join(said)


def _boxes(node: Element) -> list[Element]:
    """The text boxes anchored in a paragraph; a box inside a box is read with the paragraph of that box."""
    from lxml import etree

    found: list[Element] = []
    walk = etree.iterwalk(node, events=("start",))
    for _, part in walk:
        name = local_name(part)
        if name == "txbxContent":
            found.append(part)
        if part is not node and name in {"txbxContent", "Fallback", "p"}:
            walk.skip_subtree()
    return found


def _cell_text(cell: Element) -> str:
    return squeeze(" ".join(_run_text(part) for part in cell.iter() if local_name(part) == "p"))


def _span(cell: Element) -> int:
    return number(_value(_child(cell, "tcPr"), "gridSpan"))


def _owner(row: Element) -> Element:
    return next((up for up in row.iterancestors() if local_name(up) == "tbl"), None)


def _row_of(cell: Element) -> Element:
    return next((up for up in cell.iterancestors() if local_name(up) == "tr"), None)


def _outline(properties: Element, style: Style) -> int:
    """Heading depth from the paragraph, its style's outline level or its style's name; 0 for text."""
    own = _value(properties, "outlineLvl")
    if own.isdecimal() and len(own) < 3 and int(own) < 9:
        return int(own) + 1
    return style.outline


def _notes(root: Element, reader: _Reader) -> list[Block]:
    found: list[Block] = []
    for note in root:
        mark = _attribute(note, "id")
        if local_name(note) not in {"footnote", "endnote"} or _attribute(note, "type"):
            continue
        text = squeeze(" ".join(block.text for block in reader.blocks(note)))
        if text:
            found.append(Block(BlockKind.NOTE, f"[{mark}] {text}", attributes={"id": mark}))
    return found


def _core(data: bytes | None) -> dict[str, str]:
    if data is None:
        return {}
    pairs = ((local_name(node), squeeze(node.text or "")) for node in parse_xml(data) if local_name(node))
    return {key: value for key, value in pairs if value}


def _child(node: Element, name: str) -> Element:
    return next((child for child in node if local_name(child) == name), None) if node is not None else None


def _attribute(node: Element, name: str) -> str:
    return next((str(value) for key, value in node.attrib.items() if re.fullmatch(rf"(?:\{{.*\}})?{name}", key)), "")


def _value(properties: Element, name: str) -> str:
    found = _child(properties, name)
    return _attribute(found, "val") if found is not None else ""
