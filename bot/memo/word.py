"""A memo as DOCX, to be edited. Only importer of python-docx."""

import io
import zipfile
from datetime import datetime
from typing import Any

from bot.memo import qr
from bot.memo.model import Block, Facts, Grid, Heading, Lines, Memo, Quoted, Signatures, Source
from bot.memo.text import Line

_FONT = {"en": ("Calibri", "Microsoft YaHei"), "zh": ("Calibri", "Microsoft YaHei")}
_TAGS = {"en": "en-GB", "zh": "zh-CN"}
_ACCENT, _SOFT, _WARN, _UNSURE = "1F3A5F", "56606E", "8A4B00", "A4262C"


def docx(memo: Memo) -> bytes:
    """The file; the same bytes from the same memo."""
    from docx import Document
    from docx.shared import Mm

    document: Any = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(22)
    _styles(document, memo)
    document.add_heading(memo.title, 0)
    _said(document.add_paragraph(), memo.subtitle, colour=_SOFT)
    first, *rest = memo.verdict
    _said(document.add_paragraph(), first, size=14, bold=True, colour=_ACCENT)
    for line in rest:
        document.add_paragraph(line)
    _facts(document, memo.summary)
    picture = document.add_picture(io.BytesIO(qr.png(memo.check)), width=Mm(26))
    picture._inline.docPr.set("descr", memo.alt)
    _said(document.add_paragraph(), f"{memo.code_name}: {memo.code}", size=9)
    number = 0
    for block in memo.parts:
        if isinstance(block, Heading) and block.level == 1:
            number += 1
            document.add_heading(f"{number}. {block.text}", 1)
        else:
            _block(document, block)
    _said(page.footer.paragraphs[0], f"{memo.footer}  {memo.code}", size=8, colour=_SOFT)
    out = io.BytesIO()
    document.save(out)
    return _settled(out.getvalue(), memo.issued_at)


def _styles(document: Any, memo: Memo) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    latin, chinese = _FONT[memo.lang]
    normal = document.styles["Normal"]
    normal.font.size = Pt(10)
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name = latin
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), chinese)
        if name != "Normal":
            style.font.color.rgb = RGBColor.from_string(_ACCENT)
    language = normal.element.get_or_add_rPr().makeelement(qn("w:lang"), {})
    language.set(qn("w:val"), _TAGS["en"])
    language.set(qn("w:eastAsia"), _TAGS["zh"])
    normal.element.rPr.append(language)
    about = document.core_properties
    about.title, about.author = f"{memo.title} · {memo.subtitle}", "Navicert"
    about.last_modified_by, about.comments, about.language = "Navicert", "", _TAGS[memo.lang]
    about.created = about.modified = memo.issued_at.replace(tzinfo=None, microsecond=0)


def _said(paragraph: Any, text: str, *, size: float | None = None, bold: bool = False, colour: str = "") -> None:
    from docx.shared import Pt, RGBColor

    for n, part in enumerate(text.split("\n")):
        run = paragraph.add_run(part)
        run.bold = bold or None
        if n < text.count("\n"):
            run.add_break()
        if size:
            run.font.size = Pt(size)
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)


def _line(paragraph: Any, line: Line, *, size: float | None = None, colour: str = "") -> None:
    for piece in line:
        _said(paragraph, piece.text, size=size, bold=piece.strong, colour=_ACCENT if piece.mark else colour)


def _block(document: Any, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(block.text, 2)
    elif isinstance(block, Lines):
        for line in block.lines:
            paragraph = document.add_paragraph(style="List Bullet" if block.bullets else None)
            _line(paragraph, line, size=9 if block.quiet else None, colour=_SOFT if block.quiet else "")
    elif isinstance(block, Facts):
        _facts(document, block)
    elif isinstance(block, Grid):
        _grid(document, block)
    elif isinstance(block, Quoted):
        _quoted(document, block)
    elif isinstance(block, Source):
        _source(document, block)
    else:
        _signatures(document, block)


def _facts(document: Any, facts: Facts) -> None:
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for name, values in facts.rows:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Mm(42), Mm(124)
        _said(cells[0].paragraphs[0], name, size=9, colour=_SOFT)
        for n, value in enumerate(values):
            _line(cells[1].paragraphs[0] if n == 0 else cells[1].add_paragraph(), value, size=9.5)


def _grid(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.head), style="Table Grid")
    for cell, name in zip(table.rows[0].cells, grid.head, strict=True):
        _said(cell.paragraphs[0], name, size=8.5, bold=True)
    for row in grid.rows:
        for cell, line in zip(table.add_row().cells, row, strict=True):
            _line(cell.paragraphs[0], line, size=8.5)


def _quoted(document: Any, block: Quoted) -> None:
    from docx.shared import Mm

    if block.label:
        label = document.add_paragraph()
        label.paragraph_format.keep_with_next = True
        _said(label, block.label, bold=True)
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.left_indent = Mm(6)
    _said(paragraph, block.text, size=9.5)


def _source(document: Any, block: Source) -> None:
    _said(document.add_paragraph(), f"[{block.n}] {block.title}", bold=True)
    _said(document.add_paragraph(), block.about, size=9)
    standing = document.add_paragraph()
    _said(standing, f"{block.kind} · ", size=9, colour=_WARN if block.digest else "")
    _said(standing, block.standing, size=9, bold=block.unconfirmed, colour=_UNSURE if block.unconfirmed else "")
    if block.url:
        _said(document.add_paragraph(), block.url, size=9, colour=_ACCENT)
    _quoted(document, block.quote)
    _said(document.add_paragraph(), block.hash, size=7.5, colour=_SOFT)


def _signatures(document: Any, block: Signatures) -> None:
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for name in block.lines:
        row = table.add_row()
        row.height = Mm(11)
        _said(row.cells[0].paragraphs[0], name, size=9, colour=_SOFT)


def _settled(data: bytes, at: datetime) -> bytes:
    """The same ZIP file with one time on every part, so that it depends on nothing but the memo."""
    stamp = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as held, zipfile.ZipFile(out, "w") as made:
        for info in held.infolist():
            entry = zipfile.ZipInfo(info.filename, stamp)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            made.writestr(entry, held.read(info.filename))
    return out.getvalue()
