"""Comma, semicolon and tab separated tables: a row a block."""

import csv
import re
from io import StringIO

from ingest.document import Document
from ingest.readers.tables import Table, looks_like_header, row_blocks
from ingest.reasons import Quarantined, Reason
from ingest.text import clean, decode, language

_FIELD = 1_000_000  # characters in one field
MAX_ROWS = 1_000_000


def read(data: bytes, name: str = "", declared: str | None = None) -> Document:
    """Each row as a TABLE_ROW block; the first row is the header where it names columns and the rows below do not look like it.

    Raises Quarantined with UNREADABLE for broken quoting, OVER_LIMIT for more than a million rows.
    """
    text, _, warning = decode(data, declared)
    text = clean(text)
    first = text.split("\n", 1)[0]
    separator = max("\t,;|", key=first.count)
    csv.field_size_limit(_FIELD)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text), delimiter=separator):
            if len(rows) >= MAX_ROWS:
                raise Quarantined(Reason.OVER_LIMIT, f"more than {MAX_ROWS} rows; send the table in parts")
            rows.append(row)
    except csv.Error as cause:
        raise Quarantined(
            Reason.UNREADABLE, f"the table's quoting is broken ({cause}); save it again as CSV"
        ) from cause
    header = tuple(cell.strip() for cell in rows[0]) if rows and _names_columns(rows) else ()
    blocks = row_blocks(Table(1, header), rows[1:] if header else rows)
    return Document(
        media_type="text/csv",
        title=name,
        language=language("\n".join(block.text for block in blocks[:200])),
        blocks=tuple(blocks),
        metadata={"columns": ", ".join(header)} if header else {},
        warnings=(warning,) if warning else (),
    )


def _names_columns(rows: list[list[str]]) -> bool:
    """A header is short, without numbers, and at least one of its cells is unlike its column (other length, figures below)."""
    if not looks_like_header(rows[0], rows[1:]):
        return False
    if any(re.match(r"[A-Z]{0,3}\d", cell) for cell in rows[0]):
        return False
    for column, cell in enumerate(rows[0]):
        below = [row[column] for row in rows[1:50] if len(row) > column and row[column]]
        if cell in below:
            return False
        if below and cell and all(any(char.isdigit() for char in other) for other in below):
            return True
    spread = [len(cell) for row in rows[1:50] for cell in row]
    return (
        all("_" in cell or cell == cell.upper() or cell.islower() or cell.istitle() for cell in rows[0] if cell)
        or max(spread, default=0) > 60
    )
