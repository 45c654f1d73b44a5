"""Documents for the readers' tests, made here byte by byte: PDFs with text, rules and passwords, Word files."""

import io
import zipfile
from collections.abc import Sequence

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(pages: Sequence[str | Sequence[str]], extra: str = "") -> bytes:
    """A PDF with a page for each list of lines (a string is a page's raw drawing), Helvetica 11 on a leading of 14."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    kids = []
    for page in pages:
        drawing = page if isinstance(page, str) else text(page)
        raw = drawing.encode("cp1252")
        objects.append(f"<</Length {len(raw)}>>stream\n{raw.decode('latin-1')}\nendstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, 2)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets))
    out.write(f"trailer<</Size {len(objects) + 1}/Root 1 0 R{extra}>>\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def text(lines: Sequence[str], left: int = 60, top: int = 780, size: int = 11) -> str:
    """Drawing for lines under one another; an empty line leaves the space of a line."""
    return "".join(line_at(line, left, top - 14 * index, size) for index, line in enumerate(lines) if line)


def line_at(line: str, left: float, height: float, size: int = 11) -> str:
    """Drawing for one line at a place."""
    escaped = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {size} Tf 1 0 0 1 {left} {height} Tm ({escaped}) Tj ET\n"


def table(rows: Sequence[Sequence[str]], top: int, left: int = 60, wide: int = 160, sides: bool = True) -> str:
    """Drawing for a ruled table; `sides` False leaves the outer rules at left and right out, as the Official Journal does."""
    columns = len(rows[0])
    right, high = left + wide * columns, 20
    drawn = ""
    for index in range(len(rows) + 1):
        drawn += f"{left} {top - index * high} m {right} {top - index * high} l S\n"
    for column in range(columns + 1):
        if sides or 0 < column < columns:
            drawn += f"{left + column * wide} {top} m {left + column * wide} {top - high * len(rows)} l S\n"
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            drawn += line_at(cell, left + column * wide + 4, top - index * high - 14, 10)
    return drawn


def encrypted(data: bytes, user: str, owner: str = "owner") -> bytes:
    """The PDF protected with passwords."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A Word file with this body XML and these further parts ("styles", "numbering", "footnotes")."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
        for name, inner in parts.items():
            archive.writestr(f"word/{name}.xml", f'<w:{name} xmlns:w="{W}">{inner}</w:{name}>')
    return out.getvalue()


def paragraph(said: str, properties: str = "") -> str:
    """A Word paragraph."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{said}</w:t></w:r></w:p>"
