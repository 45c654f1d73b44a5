"""Rows of a table as blocks that can be read, found and cited one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.document import Block, BlockKind
from ingest.reasons import Quarantined, Reason
from ingest.text import squeeze

MAX_COLUMNS = 200


@dataclass(frozen=True)
class Table:
    """A table found in a document: its number from 1, the column headers (empty where it has none) and what it is called."""

    number: int
    header: tuple[str, ...] = ()
    caption: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def row_block(table: Table, row: int, cells: Sequence[str], page: int | None = None) -> Block | None:
    """One row as a TABLE_ROW block, or None for an empty row.

    The text reads by itself: "header: value; header: value", an empty cell left out; values alone where the column has
    no header. Attributes are `table`, `row` (from 1), `caption` where there is one and one `cell:<header>` a cell, with
    the column's number for a header that is missing or used twice. Raises Quarantined with OVER_LIMIT for more columns than
    anybody could read.
    """
    if any(cell.strip() for cell in cells[MAX_COLUMNS:]):
        detail = f"a table of {len(cells)} columns, more than {MAX_COLUMNS}; send the table in parts"
        raise Quarantined(Reason.OVER_LIMIT, detail)
    values = [squeeze(cell) for cell in cells[:MAX_COLUMNS]]
    if not any(values):
        return None
    attributes = {**table.attributes, "table": str(table.number), "row": str(row)}
    if table.caption:
        attributes["caption"] = table.caption
    said: list[str] = []
    spanned = len(values) > 1 and len({value for value in values if value}) == 1 and sum(map(bool, values)) > 1
    for index, value in enumerate(values):
        header = table.header[index] if index < len(table.header) else ""
        key = f"cell:{header or index + 1}"
        attributes[key if key not in attributes else f"{key} ({index + 1})"] = value
        if value and spanned:
            said = [value]  # one cell across the row: a heading inside the table
        elif value:
            said.append(f"{header.rstrip(': ')}: {value}" if header and header != value else value)
    return Block(BlockKind.TABLE_ROW, "; ".join(said), page=page, attributes=attributes)


def row_blocks(table: Table, rows: Iterable[Sequence[str]], page: int | None = None, first: int = 1) -> list[Block]:
    """Every row that is not empty, numbered from `first`."""
    blocks = (row_block(table, number, cells, page) for number, cells in enumerate(rows, first))
    return [block for block in blocks if block]


def merged_header(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Header rows laid over each other, a column's words joined top down and repeats left out."""
    width = min(MAX_COLUMNS, max((len(row) for row in rows), default=0))
    columns = ([squeeze(row[index]) for row in rows if index < len(row)] for index in range(width))
    return tuple(" ".join(dict.fromkeys(word for word in column if word)) for column in columns)


def looks_like_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a first row names the columns: every cell said, short, no numbers; and the rows below are not all alike."""
    names = [squeeze(cell) for cell in first]
    if len(names) < 2 or not rest or sum(map(bool, names)) < max(2, len(names) - 1):
        return False
    if any(len(name) > 80 for name in names) or len(set(names)) < sum(map(bool, names)):
        return False
    digits = sum(
        1 for name in names if any(char.isdigit() for char in name) and not any(char.isalpha() for char in name)
    )
    return digits == 0
