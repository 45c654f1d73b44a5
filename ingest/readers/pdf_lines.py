"""Lines of a PDF page with their type size, by pypdf; and how many ruling strokes the page draws."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ingest.readers.flow import superscript
from ingest.readers.pages import Line, set_apart
from ingest.text import clean, squeeze

_CLIPS = re.compile(rb"\bre\s+W\*?\s+n\b")
_NUMBER = rb"(-?[\d.]{1,12})\s+"
_DRAWN = re.compile(_NUMBER + _NUMBER + rb"(?:" + _NUMBER + _NUMBER + rb"(re)|([ml]))\b")
_MOST = 4_000_000  # bytes of drawing that are searched for rules
_DRAWING = 20_000  # strokes on one page: a drawing, not a table
_THIN, _SHORT, _LONG = 3.0, 5.0, 30.0  # points


@dataclass(frozen=True)
class Marks:
    """How many horizontal and vertical rules a page draws."""

    across: int = 0
    down: int = 0

    @property
    def may_hold_table(self) -> bool:
        """At least two rules across and one down; no more than a drawing has."""
        return self.across >= 2 and self.down >= 1 and self.across + self.down <= _DRAWING


@dataclass
class _Piece:
    text: str
    size: float
    bold: bool
    height: float


def lines_of(page: Any) -> list[Line]:
    """The page's lines in the order they are drawn. Raises what pypdf raises on a damaged page."""
    pieces: list[_Piece] = []

    def visit(text: str, user: list[float], matrix: list[float], font: dict[str, Any] | None, size: float) -> None:
        if not text:
            return
        height = matrix[5] * user[3] + matrix[4] * user[1] + user[5]
        scale = abs(matrix[3] or matrix[1] or 1) * abs(user[3] or user[1] or 1)
        name = str((font or {}).get("/BaseFont", "")) if isinstance(font, dict) else ""
        pieces.append(_Piece(text, round(float(size or 0) * scale, 1), "bold" in name.lower(), height))

    page.extract_text(visitor_text=visit)
    return _lines(pieces)


def _lines(pieces: list[_Piece]) -> list[Line]:
    rows: list[list[_Piece]] = [[]]
    for piece in pieces:
        for index, part in enumerate(clean(piece.text).split("\n")):
            if index:
                rows.append([])
            if part:
                rows[-1].append(_Piece(part, piece.size, piece.bold, piece.height))
    rows = _whole([row for row in rows if any(piece.text.strip() for piece in row)])
    lines = [_line(row) for row in rows]
    return set_apart(lines, [_baseline(row, line.size) for row, line in zip(rows, lines, strict=True)])


def _whole(rows: list[list[_Piece]]) -> list[list[_Piece]]:
    """Rows with raised figures that pypdf set on lines of their own put back ("m", "3", "/hour")."""
    out: list[list[_Piece]] = []
    raised = False
    for row in rows:
        before = out[-1][0] if out else None
        small = before is not None and all(
            piece.text.strip().isdigit() and piece.size < 0.8 * before.size for piece in row if piece.text.strip()
        )
        near = before is not None and abs(row[0].height - before.height) < 0.6 * before.size
        if near and (small or raised):
            out[-1] += row
        else:
            out.append(list(row))
        raised = near and small
    return out


def _baseline(row: list[_Piece], size: float) -> float:
    return next((piece.height for piece in row if piece.text.strip() and piece.size == size), row[0].height)


def _line(pieces: list[_Piece]) -> Line:
    sizes: Counter[float] = Counter()
    for piece in pieces:
        sizes[piece.size] += len(piece.text.strip())
    size = sizes.most_common(1)[0][0]
    base = _baseline(pieces, size)
    said = ""
    for piece in pieces:
        small = piece.size < 0.8 * size and piece.text.strip().isdigit()
        raised = small and piece.height > base + 0.1 * size
        if small and said.rstrip()[-1:].isalnum() and (raised or said.rstrip()[-1:].isdigit()):
            said = said.rstrip() + superscript(piece.text)
        else:
            said += piece.text
    return Line(squeeze(said), size, all(piece.bold for piece in pieces if piece.text.strip()))


def marks_of(page: Any) -> Marks:
    """Counts rules in the page's own drawing, cheaply: clipping paths left out, scaling not followed.

    Never raises: a page whose drawing cannot be unpacked again has no tables to offer.
    """
    try:
        contents = page.get_contents()
        data = _CLIPS.sub(b" n ", contents.get_data()[:_MOST]) if contents is not None else b""
    except Exception:
        return Marks()
    across = down = 0
    x = y = 0.0
    for index, found in enumerate(_DRAWN.finditer(data)):
        if index > 4 * _DRAWING:
            return Marks(index, index)
        try:
            first, other = float(found[1]), float(found[2])
            wide, high = (float(found[3]), float(found[4])) if found[5] else (first - x, other - y)
        except ValueError:  # "1.2.3" is no number
            continue
        if found[6] == b"m":
            x, y = first, other
            continue
        wide, high = abs(wide), abs(high)
        across += (wide > _LONG and high < _THIN) + 2 * bool(found[5] and wide > _LONG and high > _SHORT)
        down += (high > _SHORT and wide < _THIN) + 2 * bool(found[5] and wide > _LONG and high > _SHORT)
        x, y = first, other
    return Marks(across, down)
