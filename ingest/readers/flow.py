"""Markup to blocks in one pass: a format says what its elements are, and the walk cuts the running text into blocks.

The walk is iterative, so a deeply nested document costs no Python stack.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from ingest.document import Block, BlockKind
from ingest.readers.markup import Element, local_name
from ingest.readers.tables import Table, row_blocks
from ingest.text import squeeze

_SUPERSCRIPT = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_NEW_PARAGRAPH = re.compile(r"^(?:[(（\[]|\d+[.)、．]|[A-Z§—•●·\-*\u3400-\u9fff\uac00-\ud7a3])")
_ENDED = re.compile(r"[.:;!?。：；！？)）」』”\"]$")
MARKER = re.compile(
    r"[(（\[‘'“]?(?:\d{1,4}[a-z]{0,2}|[a-zA-Z]{1,2}|[ivxlcdmIVXLCDM]{1,7}|[一二三四五六七八九十百零〇]{1,5})(?:\.\d{1,3}){0,5}[)）\].、．:°]{0,2}|[—–•●▪◦·*\-□○►▼▲◄►]{1,2}(?:[A-Z]\d{0,3})?"
)


@dataclass(frozen=True)
class Context:
    """What an element is: a block of this kind and level, or a wrapper (kind None) that only ends the block before it.

    `attributes` hold for all blocks inside, `own` only for text directly inside. A `marker` holds a number or label ("(a)", "Authority:") that opens the block after it; `cell` is a cell of a layout
    table, whose text is a marker where it reads like one.
    """

    kind: BlockKind | None = None
    level: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    marker: bool = False
    cell: bool = False
    row: bool = False
    aside: bool = False  # a footnote inside running text: read apart, after the block it interrupts


@dataclass(frozen=True)
class GridOfCells:
    """A data table as found: header cells (may be empty), rows and caption."""

    header: tuple[str, ...]
    rows: list[list[str]]
    caption: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """What a format's elements mean. `context` gets the element and the contexts around it; None means inline text.

    `drop` leaves an element and all in it out; `table` gives the cells of a data table, or None for what is no data
    table; `inline` gives replacement text for an element (a quotation mark, a superscript), or None; `page` reads a page
    number from a processing instruction.
    """

    context: Callable[[Element, list[Context]], Context | None]
    drop: Callable[[Element], bool] = lambda _: False
    table: Callable[[Element], GridOfCells | None] = lambda _: None
    inline: Callable[[Element], str | None] = lambda _: None
    page: Callable[[Element], int | None] = lambda _: None


class _Walk:
    """The state of one pass: the blocks so far, the text and marker being gathered, the contexts around."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.buffer: list[str] = []
        self.marker = ""
        self.page: int | None = None
        self.tables = 0
        self.stack: list[Context] = []
        self.held: list[tuple[list[str], str, int, int]] = []  # text that a footnote interrupts, and where blocks stood
        self.notes: list[Block] = []

    def flush(self) -> None:
        """Ends the block being gathered."""
        lines = [line for line in (squeeze(part) for part in "".join(self.buffer).split("\v")) if line]
        self.buffer.clear()
        if not lines:
            return
        around = self.stack[-1] if self.stack else Context()
        if around.marker or (self._in_cell() and MARKER.fullmatch(" ".join(lines)) and not self.marker):
            self.marker = " ".join([self.marker, *lines]).strip()
            return
        kind, level, attributes = self._nature()
        for text in _paragraphs(lines, kind):
            said = f"{self.marker} {text}" if self.marker else text
            self.marker = ""
            self.blocks.append(Block(kind, said, level=level, page=self.page, attributes=attributes))

    def end_marker(self) -> None:
        """A marker with nothing after it is a block by itself."""
        self.flush()
        if self.marker:
            kind, level, attributes = self._nature()
            self.blocks.append(Block(kind, self.marker, level=level, page=self.page, attributes=attributes))
            self.marker = ""

    def _nature(self) -> tuple[BlockKind, int, dict[str, str]]:
        kind, level = BlockKind.PARAGRAPH, 0
        attributes: dict[str, str] = {}
        for context in self.stack:
            attributes.update(context.attributes)
            if context.kind is not None and not (kind is BlockKind.NOTE and context.kind is BlockKind.PARAGRAPH):
                kind, level = context.kind, context.level
        attributes.update(self.stack[-1].own if self.stack else {})
        return kind, level, attributes

    def _in_cell(self) -> bool:
        """Whether the text stands in a cell of a layout table."""
        innermost = next((context for context in reversed(self.stack) if context.cell or context.row), None)
        return innermost is not None and innermost.cell

    def open(self, context: Context) -> None:
        """Enters a block element; a footnote sets the interrupted text aside."""
        if context.aside:
            self.held.append((self.buffer, self.marker, len(self.blocks), len(self.stack)))
            self.buffer, self.marker = [], ""
        else:
            self.flush()
        self.stack.append(context)

    def close(self) -> None:
        """Leaves a block element."""
        context = self.stack[-1]
        if context.row:
            self.end_marker()
        elif context.aside:
            self.end_marker()
            self.buffer, self.marker, start, _ = self.held.pop()
            self.notes += self.blocks[start:]
            del self.blocks[start:]
        else:
            self.flush()
        self.stack.pop()
        if self.notes and not self.held and not self.buffer:
            self.blocks += self.notes
            self.notes = []

    def add_table(self, cells: GridOfCells) -> None:
        """Adds a data table's rows, its caption first."""
        self.end_marker()
        self.tables += 1
        attributes = self._nature()[2]
        if cells.caption:
            self.blocks.append(
                Block(
                    BlockKind.PARAGRAPH,
                    cells.caption,
                    page=self.page,
                    attributes={**attributes, "table": str(self.tables)},
                )
            )
        self.blocks += row_blocks(Table(self.tables, cells.header, cells.caption, attributes), cells.rows, self.page)


def blocks_of(root: Element, vocabulary: Vocabulary) -> list[Block]:
    """Every block under `root`, in document order."""
    from lxml import etree

    walk = _Walk()
    opened: list[Element] = []
    events = etree.iterwalk(root, events=("start", "end", "pi", "comment"))
    for event, node in events:
        if event in {"pi", "comment"}:
            if event == "pi" and (page := vocabulary.page(node)):
                walk.page = page
            walk.buffer.append(node.tail or "")
        elif event == "start":
            if not local_name(node):  # an entity, which is not expanded
                continue
            entered = _enter(walk, vocabulary, node)
            if entered is _Entered.BLOCK:
                opened.append(node)
            elif entered is _Entered.DONE:
                events.skip_subtree()
        else:
            if opened and opened[-1] is node:
                opened.pop()
                walk.close()
            if node is not root:
                walk.buffer.append(node.tail or "")
    walk.end_marker()
    return walk.blocks + walk.notes


class _Entered(Enum):
    """What a start tag led to: a block opened, running text, or nothing left to read inside."""

    BLOCK = "block"
    INLINE = "inline"
    DONE = "done"


def _enter(walk: _Walk, vocabulary: Vocabulary, node: Element) -> _Entered:
    if vocabulary.drop(node):
        return _Entered.DONE
    cells = vocabulary.table(node)
    if cells is not None:
        walk.add_table(cells)
        return _Entered.DONE
    said = vocabulary.inline(node)
    if said is not None:
        walk.buffer.append(said)
        return _Entered.DONE
    context = vocabulary.context(node, walk.stack)
    if context is not None:
        walk.open(context)
    walk.buffer.append(node.text or "")
    return _Entered.INLINE if context is None else _Entered.BLOCK


def superscript(text: str) -> str:
    """Raised text as Unicode superscripts, so that ten to the sixth is never read as one hundred and six."""
    text = text.strip()
    raised = text.translate(_SUPERSCRIPT)
    if not text or not any(char.isdigit() for char in text):
        return text
    return raised if not any(char.isalnum() and char.isascii() for char in raised) else f"^({text})"


def _paragraphs(lines: list[str], kind: BlockKind) -> list[str]:
    """Lines set apart by `br`: a new paragraph where one line ends a sentence or the next opens one, else one paragraph."""
    if kind is BlockKind.HEADING:
        return [" ".join(lines)]
    out = [lines[0]]
    for before, line in pairwise(lines):
        if _ENDED.search(before) or _NEW_PARAGRAPH.match(line):
            out.append(line)
        else:
            out[-1] = f"{out[-1]} {line}"
    return out
