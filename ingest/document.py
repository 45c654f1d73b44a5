"""What a reader makes of a file: blocks in reading order, before anyone asks what the law's structure is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block is on the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    NOTE = "note"


@dataclass(frozen=True)
class Block:
    """One heading, paragraph, list item, table row or note.

    `text` is clean (`ingest.text.clean`): no NUL, no lone surrogate, no control characters but newline and tab.
    `level` is the depth of a heading from 1, or of a list item or indented paragraph from 1; 0 elsewhere.
    `page` counts from 1 where the format has pages. `attributes` is what the format itself says of the block, in the
    format's own words: eCFR `{"N": "§ 740.2", "TYPE": "SECTION"}`, a table row `{"table": "3", "row": "5"}` with one
    `"cell:<column header>"` key a cell.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A file as read. `media_type` is found from the bytes, never from the name.

    `language` is a BCP 47 code ("en", "zh", "ko", ...) declared by the format or found from the letters. `metadata` is
    what the format carries (title, author, dates, CELEX, canonical address). `warnings` are sentences for the admin
    ("read by the second reader", "encoding taken to be gb18030").
    """

    media_type: str
    title: str
    language: str
    blocks: tuple[Block, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    pages: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Every block's text, a blank line between."""
        return "\n\n".join(block.text for block in self.blocks)
